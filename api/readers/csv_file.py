"""The portal's export as CSV."""

import csv
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from api.readers.portal import IDENTIFIER, PORTAL_COLUMNS, TITLE, portal_column, portal_columns
from api.readers.records import to_entry
from api.readers.results import CatalogueError, Entry, RowProblem
from api.readers.source import Source
from api.readers.unreadable import HINT, is_unreadable
from api.validation import InputError

FIELD_CHARACTERS = 1024 * 1024
"""No cell may be longer; the longest text that metadata may hold is far shorter."""
_REQUIRED = (IDENTIFIER, TITLE)
_HEADERS_SHOWN = 50
_HEADER_CHARACTERS = 20

# The module's default, 131,072, is less than a cell of many long URLs. The setting is the whole process's.
csv.field_size_limit(FIELD_CHARACTERS)


class _Row(NamedTuple):
    """A row: its number, the physical line where it begins, its cells or what breaks it."""

    number: int
    line: int
    cells: list[str] | InputError


def read_csv(source: Source) -> Iterator[Entry]:
    """The rows of a CSV whose header names at least 資料集識別碼 and 資料集名稱; unknown columns are ignored.

    Raises:
        CatalogueError: a required column is missing, or a column occurs twice.
    """
    rows = _rows(source)
    columns = _header(next(rows, None))
    for row in rows:
        number, line, cells = row
        if isinstance(cells, InputError):
            yield RowProblem(number, None, [cells], line)
        elif len(cells) != len(columns):
            yield _wrong_width(row, len(cells), len(columns))
        else:
            record = {column: cell for column, cell in zip(columns, cells, strict=True) if column}
            yield to_entry(number, record, line)


def _rows(source: Source) -> Iterator[_Row]:
    """Each row that is not blank; the header is number 0."""
    # Strict: a stray quote is reported; the lenient mode would guess and change the text.
    reader = csv.reader(source.text, strict=True)
    number = 0
    while True:
        line = reader.line_num + 1
        cells: list[str] | InputError | None
        try:
            cells = next(reader, None)
        except csv.Error as error:
            cells = csv_fault(str(error), line, reader.line_num)
        if cells is None:
            return
        source.advance(number)
        if cells:
            yield _Row(number, line, cells)
            number += 1


def csv_fault(reason: str, first: int, last: int) -> InputError:
    """What breaks a CSV.

    Args:
        reason: what the csv module says.
        first: the physical line where the row begins.
        last: the one where it broke.
    """
    # The csv module has no kinds of errors, only words.
    if "field limit" in reason:
        return InputError(
            "",
            f"有一格超過 {FIELD_CHARACTERS:,} 字（第 {first} 行至第 {last} 行），請檢查引號是否成對",
            "too_long",
        )
    if "end of data" in reason:
        return InputError(
            "",
            f"第 {first} 行起的引號沒有結尾，直到檔案結束（第 {last} 行），請補上引號或重新下載",
            "csv_invalid",
        )
    return InputError("", f"第 {last} 行的引號之後應為逗號或換行，請將格內的引號寫成兩個", "csv_invalid")


def _header(row: _Row | None) -> list[str | None]:
    _, line, cells = row or _Row(0, 1, [])
    if isinstance(cells, InputError):
        raise CatalogueError(f"表頭無法解讀：{cells.detail}。")
    columns = portal_columns(cells)
    missing = [column for column in _REQUIRED if column not in columns]
    if missing:
        raise CatalogueError(_missing(missing, line, cells, columns))
    return columns


def _missing(missing: list[str], line: int, cells: list[str], columns: list[str | None]) -> str:
    """Which columns are missing and which were found.

    Where a file has no header its first row stands here, contact person and all: so an unknown name is only
    shown where it looks like a column's.
    """
    if is_unreadable(cells):
        return f"缺少必要欄位：{'、'.join(missing)}。第 {line} 行的表頭含有無法解讀的位元組，{HINT}。"
    shown = [column for column in columns if column]
    shown += [cell.strip() for cell in cells[:_HEADERS_SHOWN] if _looks_like_column(cell)]
    others = len(cells) - len(shown)
    shown += [f"{others} 個不認得的欄位"] if others else []
    return (
        f"缺少必要欄位：{'、'.join(missing)}。第 {line} 行的表頭有：{'、'.join(shown)}。"
        "請確認檔案以逗號分隔、第一列為表頭，並補上缺少的欄位。"
    )


def _looks_like_column(cell: str) -> bool:
    """Whether an unknown header is nearly one of the portal's."""
    name = cell.strip()
    if portal_column(name) or len(name) > _HEADER_CHARACTERS or not name.isprintable():
        return False
    return bool(get_close_matches(name, PORTAL_COLUMNS, n=1, cutoff=0.6))


def _wrong_width(row: _Row, cells: int, columns: int) -> RowProblem:
    # Not even an identifier: with a cell too many or too few none is sure to be what its column says, and it
    # could be a contact person's.
    detail = f"這一列有 {cells} 格，表頭有 {columns} 欄，請檢查逗號、引號與格內的換行"
    return RowProblem(row.number, None, [InputError("", detail, "cell_count")], row.line)
