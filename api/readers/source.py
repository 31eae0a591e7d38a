"""A catalogue file as a stream of text: decompressed, decoded, and never much of it in memory."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from api.readers.results import CatalogueError
from api.readers.unreadable import ERROR_HANDLER

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at to tell its encoding and its format."""
RECORD_BYTES = 8 * 1024 * 1024
"""No record may take more than this; without a limit one record could fill the memory."""
RECORD_CHARACTERS = 2 * 1024 * 1024
"""The same for formats whose records are held as one text; at most `RECORD_BYTES` in UTF-8."""

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
# What the caller may ask for, under the names that people use, to Python's codec.
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "cp950": "cp950",
    # Taiwan's files that call themselves Big5 are cp950, which holds a few more characters.
    "big5": "cp950",
    "big5hkscs": "big5hkscs",
    "utf-16": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}


class _Meter(io.RawIOBase):
    """Bytes of one file, counted for each record and in all; every failure to read is a `CatalogueError`."""

    def __init__(self, stream: io.BufferedIOBase, most_bytes: int | None) -> None:
        self._stream = stream
        self._most = most_bytes
        self._read = 0
        self._pending = b""
        self.records = 0
        self.since_record = 0

    def preview(self, size: int) -> bytes:
        """The first bytes, which are read again later: a pipe cannot be rewound."""
        self._pending = self._fetch(size)
        return self._pending

    def readable(self) -> bool:
        """Yes; what `io` asks before it reads."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """The next bytes, which `io` wants put into a buffer of its own; how many they were, 0 at the end."""
        size = len(buffer)
        if self._pending:
            data, self._pending = self._pending[:size], self._pending[size:]
        else:
            data = self._fetch(size)
        buffer[: len(data)] = data
        self.since_record += len(data)
        self._read += len(data)
        if self._most is not None and self._read > self._most:
            raise CatalogueError(f"檔案解壓縮後超過 {self._most:,} 位元組的上限，不予讀取。")
        if self.since_record > RECORD_BYTES:
            raise CatalogueError(
                f"第 {self.records + 1} 筆超過 {RECORD_BYTES // 1024**2} MB 的上限，無法讀取。"
                "請檢查該筆的引號或標籤是否有頭無尾，修正後再試。"
            )
        return len(data)

    def _fetch(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            message = f"壓縮檔不完整或已損壞，讀到第 {self.records} 筆為止。請重新下載或重新壓縮後再試。"
        except OSError as error:
            message = f"讀取檔案時發生錯誤（{error.strerror}），讀到第 {self.records} 筆為止。請再試一次。"
        raise CatalogueError(message)


class Source(NamedTuple):
    """An open catalogue.

    Attributes:
        text: its characters, line ends as they are, `UNREADABLE` where bytes made no character.
        head: the beginning of it, to tell the format; reading `text` starts at the beginning all the same.
        suffix: of the file's name in lower case, without `.gz`: `.csv`.
    """

    text: io.TextIOWrapper
    head: str
    suffix: str
    meter: _Meter

    def advance(self, number: int) -> None:
        """Say that all is read up to record `number`: what follows counts towards the next one's limit."""
        self.meter.records = number
        self.meter.since_record = 0


@contextmanager
def open_source(path: Path, encoding: str | None, most_bytes: int | None = None) -> Iterator[Source]:
    """Open a catalogue, plain or gzip, in the encoding given or else in the one its content shows.

    Args:
        most_bytes: how long it may be, decompressed; reading more is an error. None for no limit.

    Raises:
        CatalogueError: the file cannot be opened, is empty or a ZIP, or the encoding is none that we read.
    """
    codec = _codec(encoding) if encoding else None
    try:
        file = path.open("rb")
    except OSError as error:
        reason = f"無法開啟檔案 {path.name}（{error.strerror}），請檢查路徑與讀取權限。"
        raise CatalogueError(reason) from None
    with file:
        meter = _Meter(_unpacked(file), most_bytes)
        preview = meter.preview(HEAD_BYTES)
        if preview.startswith(_ZIP):
            raise CatalogueError("這是 ZIP 壓縮檔或試算表（XLSX、ODS）。請解壓縮，或另存為 CSV 後再試。")
        # A byte order mark is no text, so the codec has to be one that takes it away.
        codec = _marked_codec(preview) or codec or detect_encoding(preview)
        decoder = codecs.getincrementaldecoder(codec)(ERROR_HANDLER)
        head = decoder.decode(preview, final=len(preview) < HEAD_BYTES)
        if not head.strip():
            raise CatalogueError("檔案是空的。請確認下載完整後再試。")
        buffered = io.BufferedReader(meter, HEAD_BYTES)
        with closing(io.TextIOWrapper(buffered, codec, ERROR_HANDLER, newline="")) as text:
            yield Source(text, head, _suffix(path), meter)


def _unpacked(file: io.BufferedReader) -> io.BufferedIOBase:
    try:
        packed = file.peek(2)[:2] == _GZIP
    except OSError:
        # The first read meets it again and tells it.
        packed = False
    return gzip.GzipFile(fileobj=file) if packed else file


def detect_encoding(head: bytes) -> str:
    """Python's name of the encoding of a file without a mark: UTF-8 or cp950, whichever errs less.

    Counting errors, not asking for none, keeps a UTF-8 file with one spoilt character a UTF-8 file: its
    Chinese makes no sense in cp950.
    """
    return min(("utf-8", "cp950"), key=lambda codec: _spoilt(head, codec))


def _marked_codec(head: bytes) -> str | None:
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    return next((codec for mark, codec in marks.items() if head.startswith(mark)), None)


def _spoilt(head: bytes, codec: str) -> int:
    # Not final: a character cut by the end of the head is no error.
    return codecs.getincrementaldecoder(codec)("replace").decode(head).count("\ufffd")


def _codec(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        name = ""
    codec = _ENCODINGS.get(name)
    if codec is None:
        known = "、".join(("utf-8", "cp950", "big5hkscs", "utf-16"))
        raise CatalogueError(f"不支援的編碼。請改用其中之一：{known}，或不指定而由程式判斷。")
    return codec


def _suffix(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix
