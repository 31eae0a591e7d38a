"""What the cells of a portal's statistics mean: numbers with commas, identifiers that a workbook made numbers."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from api.readers.tables import Cell, find_column

AGENCY, TITLE = ("提供機關名稱", "提供機關"), ("資料集名稱", "資料集標題")
NEEDED = (AGENCY, TITLE)
"""Columns without which there is nothing to join by, each with the names that it may have."""
VIEWS, DOWNLOADS, SCORE = ("瀏覽人次", "瀏覽次數"), ("下載次數", "下載人次"), ("資料集評分", "評分")
# Not 識別碼 alone: what has that name may number the rows of a file.
IDENTIFIER = ("資料集識別碼",)
_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]+)?")
_MOST = 1e15
"""Up to here a spreadsheet holds whole numbers exactly."""


class Columns(NamedTuple):
    """Where the columns stand that the report uses; None where a file does not have one."""

    agency: int
    title: int
    views: int | None
    downloads: int | None
    score: int | None
    identifier: int | None


def find_columns(header: Sequence[str]) -> Columns | None:
    """The columns of a header; None where a needed one is lacking."""
    agency, title = find_column(header, AGENCY), find_column(header, TITLE)
    if agency is None or title is None:
        return None
    return Columns(
        agency, title, *(find_column(header, names) for names in (VIEWS, DOWNLOADS, SCORE, IDENTIFIER))
    )


def number_of(cell: Cell) -> int | float | None:
    """A cell as a number: 7472 of "7,472"; None where it is none."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        # Neither an infinity nor what is none is within.
        return _whole(cell) if -_MOST < cell < _MOST else None
    if not isinstance(cell, str):
        return None
    text = unicodedata.normalize("NFKC", cell).strip()
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text.replace(",", ""))
    return _whole(value) if -_MOST < value < _MOST else None


def text_of(cell: Cell) -> str:
    """A cell as text: 6017 of 6017.0, empty where it holds nothing."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
