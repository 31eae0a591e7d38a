"""What the cells of every format have in common."""

import math
import re
from datetime import date, datetime, time, timedelta

from api.readers.tables import Cell

REPLACEMENT = "\ufffd"
# What XML 1.0 cannot hold, and halves of characters, which no encoding can.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EXACT_INTEGERS = 2**53
_FIRST_YEAR = 1900


def legal(text: str) -> str:
    """A text without what no spreadsheet can hold; `REPLACEMENT` stands in its place."""
    return _ILLEGAL.sub(REPLACEMENT, text) if _ILLEGAL.search(text) else text


def is_number(cell: Cell) -> bool:
    """Whether a spreadsheet can hold a cell as the number that it is."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return False
    return math.isfinite(cell) and (isinstance(cell, float) or abs(cell) <= _EXACT_INTEGERS)


def is_moment(cell: Cell) -> bool:
    """Whether a spreadsheet can hold a cell as the date, time or duration that it is.

    They know no time zones, nothing before 1900, and no negative time.
    """
    if isinstance(cell, timedelta):
        return cell >= timedelta()
    if isinstance(cell, datetime):
        return cell.tzinfo is None and cell.year >= _FIRST_YEAR
    if isinstance(cell, time):
        return cell.tzinfo is None
    return isinstance(cell, date) and cell.year >= _FIRST_YEAR


def cell_text(cell: Cell, *, booleans: bool) -> str:
    """A cell in words, as a CSV has it.

    Args:
        cell: any.
        booleans: whether True and False are TRUE and FALSE, else 是 and 否.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return boolean_text(cell, booleans=booleans)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return _duration(cell) if isinstance(cell, timedelta) else str(cell)


def boolean_text(cell: bool, *, booleans: bool) -> str:
    """True or False in words."""
    if booleans:
        return "TRUE" if cell else "FALSE"
    return "是" if cell else "否"


def _duration(cell: timedelta) -> str:
    seconds, sign = abs(cell.total_seconds()), "-" if cell < timedelta() else ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{sign}{hours}:{minutes:02}:{rest:09.6f}".removesuffix(".000000")
