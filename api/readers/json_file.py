"""Catalogues as JSON: one array of objects, one object a line (JSONL), or one object."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from api.readers.records import is_dataset, to_entry, unwrapped
from api.readers.results import CatalogueError, Entry, RowProblem
from api.readers.source import RECORD_CHARACTERS, Source
from api.validation import InputError

_CHUNK = 64 * 1024
_WHITESPACE = " \t\r\n"
_ARRAY_WANTED = "應為陣列 [ … ]：請只留資料集的陣列，或改為一行一個物件的 JSONL。"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


# Numbers stay as they are written: 1.10 does not become 1.1, and no number is too long to hold.
# NaN and Infinity, which Python would take, are no JSON.
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_constant)
"""Reads JSON with its numbers as text."""
# What the decoder raises: ValueError for malformed text, RecursionError where it is nested too deep.
MALFORMED = (ValueError, RecursionError)


def read_json_lines(source: Source) -> Iterator[Entry]:
    """The objects of a JSONL file; a malformed line is a problem of its own and the next lines go on."""
    for number, line in enumerate(_lines(source), 1):
        if line is None:
            detail = f"這一行超過 {RECORD_CHARACTERS:,} 字的上限，請檢查是否漏了換行"
            yield RowProblem(number, None, [InputError("", detail, "too_long")], number)
        elif line.strip():
            yield _line_entry(number, line)


def _lines(source: Source) -> Iterator[str | None]:
    """Each line, or None where it is too long."""
    number = 0
    while line := source.text.readline(RECORD_CHARACTERS):
        number += 1
        source.advance(number)
        whole = len(line) < RECORD_CHARACTERS or line.endswith("\n")
        yield line if whole else None
        while not whole:
            rest = source.text.readline(RECORD_CHARACTERS)
            source.advance(number)
            whole = len(rest) < RECORD_CHARACTERS or rest.endswith("\n")


def _line_entry(number: int, line: str) -> Entry:
    try:
        record = DECODER.decode(line)
    except MALFORMED as error:
        # The decoder's own message is English, and some quote the text.
        where = f"第 {error.colno} 字附近有誤" if isinstance(error, json.JSONDecodeError) else "內容無法解讀"
        detail = f"這一行不是有效的 JSON：{where}，請修正後再試"
        return RowProblem(number, None, [InputError("", detail, "json_invalid")], number)
    return to_entry(number, record, number)


def read_json_array(source: Source) -> Iterator[Entry]:
    """The objects of a JSON array, one at a time in memory.

    The standard library decodes each element: ijson's C parser is killed by an integer of 5,000 digits
    and by 100 kB of `[` (3.6.0).

    Raises:
        CatalogueError: malformed, after the rows before it were handed on.
    """
    array = _Array(source)
    array.skip("[")
    number = 0
    while not array.skip("]"):
        if number and not array.skip(","):
            array.fail()
        number += 1
        element = array.element()
        source.advance(number)
        yield to_entry(number, element)
    if array.peek():
        array.fail()


def read_json_object(source: Source) -> Iterator[Entry]:
    """The one dataset of a file that holds one JSON object, as the platform's interface answers it.

    Raises:
        CatalogueError: malformed, too long, or an object that is no dataset.
    """
    text = source.text.read(RECORD_CHARACTERS)
    if len(text) == RECORD_CHARACTERS:
        raise CatalogueError(f"JSON 的最外層是一個超過 {RECORD_CHARACTERS:,} 字的物件。{_ARRAY_WANTED}")
    try:
        record = DECODER.decode(text)
    except MALFORMED as error:
        where = f"第 {error.lineno} 行附近有誤" if isinstance(error, json.JSONDecodeError) else "內容無法解讀"
        message = f"JSON {where}。檔案可能下載不完整，請修正或重新下載後再試。"
    else:
        if is_dataset(unwrapped(record)):
            yield to_entry(1, record)
            return
        message = f"JSON 的最外層是一個物件，但不是資料集。{_ARRAY_WANTED}"
    raise CatalogueError(message)


class _Array:
    """A window on the text of an array that moves from element to element."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._window = ""
        self._at = 0
        self._line = 1

    def peek(self) -> str:
        """The next character that is not white space, or "" at the end of the file."""
        while True:
            while self._at < len(self._window):
                if self._window[self._at] not in _WHITESPACE:
                    return self._window[self._at]
                self._at += 1
            # White space belongs to no record.
            self._source.meter.since_record = 0
            if not self._grow():
                return ""

    def skip(self, character: str) -> bool:
        """Step over the character if it is the next one."""
        found = self.peek() == character
        self._at += found
        return found

    def element(self) -> Any:
        """The next element. The window doubles until it holds all of it."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._window, self._at)
            except MALFORMED as error:
                self._more_or_fail(error)
                continue
            # Else it may be a number that goes on.
            if end < len(self._window) or not self._grow():
                self._at = end
                return value

    def fail(self, at: int | None = None) -> NoReturn:
        """Say where the array is malformed."""
        line = self._line + self._window.count("\n", 0, self._at if at is None else at)
        raise CatalogueError(
            f"JSON 第 {line} 行附近有誤，讀到第 {self._source.meter.records} 筆為止。"
            "檔案可能下載不完整，請修正或重新下載後再試。"
        )

    def _more_or_fail(self, error: Exception) -> None:
        too_long = len(self._window) - self._at >= RECORD_CHARACTERS
        if too_long or isinstance(error, RecursionError) or not self._grow():
            self.fail(error.pos if isinstance(error, json.JSONDecodeError) else None)

    def _grow(self) -> bool:
        """Read on; False at the end of the file. What lies behind is dropped."""
        self._line += self._window.count("\n", 0, self._at)
        self._window = self._window[self._at :]
        self._at = 0
        chunk = self._source.text.read(max(_CHUNK, len(self._window)))
        self._window += chunk
        return bool(chunk)
