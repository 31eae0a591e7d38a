"""Workbooks whose cells are what they say: no text ever becomes a formula, a number or a link.

A title that begins with = would otherwise be run by whoever opens the file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from api.readers.tables import Cell
from api.reports.cells import boolean_text, cell_text, is_moment, is_number, legal

__all__ = ["CUT_OFF", "MEDIA_TYPE", "MOST_ROWS", "Cell", "Sheet", "workbook", "write_sheets"]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_576
"""Rows that a sheet may hold."""
CUT_OFF = "試算表的列數已滿，其餘未列出。"
"""What the last row says where there are more."""
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "constant_memory": True,
}
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_MOMENTS = {
    datetime: "yyyy-mm-dd hh:mm:ss",
    date: "yyyy-mm-dd",
    time: "hh:mm:ss",
    timedelta: "[h]:mm:ss",
}


class Sheet(NamedTuple):
    """A sheet of a workbook.

    Attributes:
        name: at most 31 characters.
        columns: heading and width in characters of each column.
        rows: as many cells as there are columns. A sheet holds about a million; then its last row says that
            there are more.
        formats: place of a column, from 0, to how its numbers are shown: `0`, `#,##0`, `0.0`, `0.0%` and their like.
        booleans: whether True and False are written as such, else as 是 and 否.
    """

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Cell]]
    formats: Mapping[int, str] = {}
    booleans: bool = False


def workbook(sheets: Iterable[Sheet], created_at: datetime) -> bytes:
    """An XLSX file, made in memory; the same sheets give the same bytes.

    Args:
        sheets: in their order.
        created_at: what the file says of its making.
    """
    file = BytesIO()
    write_sheets(file, sheets, created_at)
    return file.getvalue()


def write_sheets(stream: BinaryIO, sheets: Iterable[Sheet], created_at: datetime) -> None:
    """Write an XLSX file of any length: rows go to temporary files as they come, one at a time in memory.

    A text of more than 32,767 characters is cut there: no more fit in a cell.

    Args:
        stream: takes the file as a whole at the end; it need not be seekable.
        sheets: in their order; their rows are asked for once.
        created_at: what the file says of its making.
    """
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        book.set_properties({"created": created_at.replace(tzinfo=None)})
        styles = _Styles(book)
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.name, worksheet_class=_Page), sheet, styles)


class _Page(Worksheet):  # type: ignore[misc]
    """Writes texts as texts and numbers as they are, where the library would not.

    It takes a text between <r> and </r> for markup of its own making and writes it as it is, so that a title could
    bring a formula; it escapes only every other one of two `_x0041_` that share an underscore; and it rounds numbers
    to 16 digits, where some need 17.
    """

    @staticmethod
    def _escape_control_characters(data: object) -> object:
        # No other one is left: `legal` has replaced them.
        return _ESCAPE.sub("_x005F_", data).replace("\r", "_x000D_") if isinstance(data, str) else data

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, True, attributes)

    def _xml_number_element(self, number: float, attributes: Any = ()) -> None:
        self._xml_start_tag("c", attributes)
        self._xml_data_element(
            "v", str(number) if isinstance(number, int) else repr(float(number)).removesuffix(".0")
        )
        self._xml_end_tag("c")


class _Styles:
    """The formats of a book, each made once.

    Args:
        book: to which they belong.

    Attributes:
        heading: of the first row.
        plain: of texts, and of numbers that are shown as they are.
    """

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[str, object] = {}
        self.heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.plain = book.add_format({"text_wrap": True, "valign": "top"})

    def shown_as(self, number_format: str | None) -> object:
        """The format that shows numbers or moments in a way; None for the plain one."""
        if number_format is None:
            return self.plain
        if number_format not in self._made:
            options = {"num_format": number_format, "valign": "top"}
            self._made[number_format] = self._book.add_format(options)
        return self._made[number_format]


def _fill(page: Worksheet, sheet: Sheet, styles: _Styles) -> None:
    page.freeze_panes(1, 0)
    for column, (name, width) in enumerate(sheet.columns):
        page.set_column(column, column, width)
        page.write_string(0, column, legal(name), styles.heading)
    last = 0
    for last, row in enumerate(sheet.rows, 1):
        if last == MOST_ROWS - 1:
            page.write_string(last, 0, CUT_OFF, styles.plain)
            break
        for column, cell in enumerate(row):
            _write(page, last, column, cell, sheet, styles)
    page.autofilter(0, 0, max(last, 1), max(len(sheet.columns), 1) - 1)


def _write(page: Worksheet, row: int, column: int, cell: Cell, sheet: Sheet, styles: _Styles) -> None:
    if cell is None or cell == "":
        page.write_blank(row, column, None, styles.plain)
    elif isinstance(cell, bool):
        if sheet.booleans:
            page.write_boolean(row, column, cell, styles.plain)
        else:
            page.write_string(row, column, boolean_text(cell, booleans=False), styles.plain)
    elif is_number(cell):
        page.write_number(row, column, cell, styles.shown_as(sheet.formats.get(column)))
    elif is_moment(cell):
        page.write_datetime(row, column, cell, styles.shown_as(_MOMENTS[type(cell)]))
    else:
        text = cell if isinstance(cell, str) else cell_text(cell, booleans=sheet.booleans)
        page.write_string(row, column, legal(text), styles.plain)
