"""A CSV with any columns: all of its cells are texts."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import StringIO
from itertools import chain, count, islice
from pathlib import Path

from api.csv_quoting import unquoted
from api.readers.csv_file import csv_fault
from api.readers.results import CatalogueError
from api.readers.source import Source, open_source
from api.readers.tables.header import (
    HEAD_ROWS,
    Head,
    Required,
    find_header,
    header_texts,
    likeliest,
    missing_columns,
)
from api.readers.tables.results import Table, TableError
from api.readers.tables.rows import fitted
from api.readers.unreadable import HINT, UNREADABLE
from api.workbooks import MOST_COLUMNS

# What spreadsheet programs write instead of the comma: the tab in their Unicode text, the semicolon elsewhere.
_DELIMITERS = (",", "\t", ";")


@contextmanager
def open_csv(path: Path, required: Required, encoding: str | None, most_bytes: int) -> Iterator[Table]:
    """A CSV, plain or gzip, with commas, tabs or semicolons.

    A row that has more cells than the header, with something in them, is an error: a comma or a quote too many has
    moved what stands before it, too.
    """
    with ExitStack() as stack:
        try:
            source = stack.enter_context(open_source(path, encoding, most_bytes))
        except CatalogueError as error:
            raise TableError(str(error)) from None
        rows = _rows(source, _delimiter(source.head, required))
        head = Head(None, list(islice(rows, HEAD_ROWS)))
        place = find_header(head, required)
        if place is None:
            raise missing_columns(likeliest(head, required), required)
        columns = header_texts(head.rows[place])
        below = chain(head.rows[place + 1 :], rows)
        yield Table(None, columns, fitted(below, len(columns), place + 2, ""), place + 1)


def _delimiter(head: str, required: Required) -> str:
    """What stands between cells, by what makes the header one."""
    for delimiter in _DELIMITERS:
        rows: list[list[str]] = []
        # Reading the file itself tells what is wrong, and where.
        with suppress(csv.Error):
            rows.extend(islice(csv.reader(StringIO(head, newline=""), delimiter=delimiter), HEAD_ROWS))
        if any(rows) and find_header(Head(None, rows), required) is not None:
            return delimiter
    return _DELIMITERS[0]


def _rows(source: Source, delimiter: str) -> Iterator[list[str]]:
    """All rows, blank ones too, so that the number of a row is its place here."""
    reader = csv.reader(source.text, strict=True, delimiter=delimiter)
    for number in count(1):
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise TableError(f"{csv_fault(str(error), line, reader.line_num).detail}。") from None
        except CatalogueError as error:
            raise TableError(str(error)) from None
        if cells is None:
            return
        if len(cells) > MOST_COLUMNS:
            raise TableError(
                f"第 {number:,} 列（第 {line:,} 行）有 {len(cells):,} 欄，超過 {MOST_COLUMNS:,} 欄的上限。"
                "請刪除多餘的欄與逗號後再試。"
            )
        if any(UNREADABLE in cell for cell in cells):
            raise TableError(f"第 {number:,} 列（第 {line:,} 行）含有無法解讀的位元組，{HINT}。")
        source.advance(number)
        yield [unquoted(cell) for cell in cells]
