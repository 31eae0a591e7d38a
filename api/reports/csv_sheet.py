"""A sheet as CSV: UTF-8 with a byte order mark, without which Excel takes it for cp950; no cell runs as a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import BinaryIO

from api.csv_quoting import quoted
from api.reports.cells import REPLACEMENT, cell_text
from api.reports.sheets import Cell, Sheet

MEDIA_TYPE = "text/csv; charset=utf-8"
_BATCH = 500
_HALVES = re.compile("[\ud800-\udfff]")


def write_csv(stream: BinaryIO, sheet: Sheet) -> None:
    """Write a sheet, some rows at a time; its widths and formats are passed over, its texts are never cut."""
    for piece in csv_pieces(sheet):
        stream.write(piece)


def csv_pieces(sheet: Sheet) -> Iterator[bytes]:
    """The same for who takes the file piece by piece."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([quoted(name) for name, _width in sheet.columns])
    for number, row in enumerate(sheet.rows, 1):
        writer.writerow(_texts(row, booleans=sheet.booleans))
        if number % _BATCH == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _texts(row: Sequence[Cell], *, booleans: bool) -> Iterable[str]:
    # What is no text of somebody's is a number or a date, and begins with nothing dangerous but its own minus.
    return [quoted(cell) if isinstance(cell, str) else cell_text(cell, booleans=booleans) for cell in row]


def _taken(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Half a character has no bytes.
        return _HALVES.sub(REPLACEMENT, text).encode()
