"""JSON Lines of metadata to suggest for: nothing is stored, so an identifier may be missing.

A line may use the standard's names, the portal's columns or the names of the platform's interface.
"""

from collections.abc import Iterator
from typing import BinaryIO

import orjson
from pydantic import ValidationError

from api.readers.json_file import DECODER, MALFORMED
from api.readers.records import has_other_names, in_other_names
from api.readers.results import RowProblem
from api.readers.source import RECORD_BYTES
from api.validation import InputError, input_errors
from tagger import DatasetMetadata

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_lines(stream: BinaryIO) -> Iterator[DatasetMetadata | RowProblem]:
    """The metadata of each line, or what is wrong with it; blank lines are passed over.

    Constant memory: a line over `RECORD_BYTES` is a problem of its own and is not held.

    Args:
        stream: UTF-8, with or without a byte order mark; the standard's names, the portal's or the platform's.
    """
    number = 0
    while line := stream.readline(RECORD_BYTES):
        number += 1
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if len(line) >= RECORD_BYTES and not line.endswith(b"\n"):
            _skip_line(stream)
            detail = f"這一行超過 {RECORD_BYTES // 1024**2} MB 的上限，請檢查是否漏了換行"
            yield _problem(number, InputError("", detail, "too_long"))
        elif line.strip():
            yield _parse(number, line)


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(RECORD_BYTES)) and not rest.endswith(b"\n"):
        pass


def _parse(number: int, line: bytes) -> DatasetMetadata | RowProblem:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        detail = f"第 {error.start + 1} 位元組起不是 UTF-8，請以 UTF-8 重新輸出"
        return _problem(number, InputError("", detail, "encoding"))
    found = _in_other_names(text)
    if found is not None:
        return _problem(number, *found) if isinstance(found, list) else found
    try:
        return DatasetMetadata.model_validate_json(text)
    except ValidationError as error:
        return _problem(number, *input_errors(error))


def _in_other_names(text: str) -> DatasetMetadata | list[InputError] | None:
    try:
        # orjson, for most lines have the standard's names and are read by pydantic alone.
        return in_other_names(DECODER.decode(text)) if has_other_names(orjson.loads(text)) else None
    except MALFORMED:
        return None  # pydantic says why


def _problem(number: int, *errors: InputError) -> RowProblem:
    return RowProblem(number, None, list(errors), number)
