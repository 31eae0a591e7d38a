"""Workbooks whose cells are what they say: no text ever becomes a formula, a number or a link.

A title that begins with = would otherwise be run by whoever opens the file.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, NamedTuple

import xlsxwriter  # type: ignore[import-untyped]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | bool | None
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": True,
}
_LONGEST_CELL = 32_767
"""Characters that a cell may hold."""
_MOST_ROWS = 1_048_576
"""Rows that a sheet may hold."""
_CUT_OFF = "試算表的列數已滿，其餘未列出；總數見「摘要」。"


class Sheet(NamedTuple):
    """A sheet of a workbook.

    Attributes:
        name: at most 31 characters.
        columns: heading and width in characters of each column.
        rows: as many cells as there are columns. A sheet holds about a million; then its last row says that
            there are more.
    """

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Cell]]


def workbook(sheets: Iterable[Sheet], created_at: datetime) -> bytes:
    """An XLSX file, made in memory; the same sheets give the same bytes.

    Args:
        sheets: in their order.
        created_at: what the file says of its making.
    """
    file = BytesIO()
    with xlsxwriter.Workbook(file, {**_OPTIONS, "in_memory": True}) as book:
        _fill(book, sheets, created_at)
    return file.getvalue()


def write_sheets(stream: BinaryIO, sheets: Iterable[Sheet], created_at: datetime) -> None:
    """Write an XLSX file of any length: rows go to temporary files as they come, one at a time in memory.

    Args:
        stream: takes the file as a whole at the end; it need not be seekable.
        sheets: in their order; their rows are asked for once.
        created_at: what the file says of its making.
    """
    with xlsxwriter.Workbook(stream, {**_OPTIONS, "constant_memory": True}) as book:
        _fill(book, sheets, created_at)


def _fill(book: xlsxwriter.Workbook, sheets: Iterable[Sheet], created_at: datetime) -> None:
    book.set_properties({"created": created_at.replace(tzinfo=None)})
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        page.freeze_panes(1, 0)
        for column, (name, width) in enumerate(sheet.columns):
            page.set_column(column, column, width)
            page.write_string(0, column, name, heading)
        last = 0
        for last, row in enumerate(sheet.rows, 1):
            if last == _MOST_ROWS - 1:
                page.write_string(last, 0, _CUT_OFF, plain)
                break
            for column, cell in enumerate(row):
                _write(page, last, column, cell, plain)
        page.autofilter(0, 0, max(last, 1), len(sheet.columns) - 1)


def _write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, style: object) -> None:
    if cell is None:
        page.write_blank(row, column, None, style)
    elif isinstance(cell, bool):
        page.write_string(row, column, "是" if cell else "否", style)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell, style)
    else:
        page.write_string(row, column, cell[:_LONGEST_CELL], style)
