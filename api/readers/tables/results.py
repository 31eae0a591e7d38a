"""What a table hands back: its columns, its rows as they are, what is wrong with the file."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""A cell as the file has it: a CSV's are all text (an empty one is ""), a workbook's have their types."""


class Table(NamedTuple):
    """One table of a file.

    Attributes:
        sheet: the name of the sheet, None for a CSV.
        columns: the header's texts, in their order, as they are written.
        rows: each row below the header, in the file's order, with as many cells as there are columns; blank rows
            at the end are left out, others are kept.
        line: the physical row where the header stands, from 1; rows above it are a title or notes.
    """

    sheet: str | None
    columns: list[str]
    rows: Iterator[list[Cell]]
    line: int


class TableError(Exception):
    """The file cannot be read as a table.

    The message says in 繁體中文 what is wrong, where and what to do.
    """
