"""Where a table begins: the row that names all columns that are needed, below titles and notes."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from api.readers.tables.results import Cell, TableError

HEAD_ROWS = 50
"""The header stands in one of so many rows at the beginning."""
Required = Sequence[Sequence[str]]
"""For each column that is needed, the names that it may have, the usual one first."""

_SHOWN = 20
_SHOWN_CHARACTERS = 20


class Head(NamedTuple):
    """The beginning of a table: the sheet's name, None for a CSV, and its first rows."""

    sheet: str | None
    rows: Sequence[Sequence[Cell]]


class Likely(NamedTuple):
    """The row of a head that is most like the header that is needed.

    Attributes:
        having: how many of the columns that are needed it has.
        sheet: None for a CSV.
        number: of the row, from 1.
        columns: its texts.
    """

    having: int
    sheet: str | None
    number: int
    columns: list[str]


def find_column(columns: Sequence[str], names: Sequence[str]) -> int | None:
    """The column that has one of the names, the earlier names first; None where there is none.

    Spaces, full or half width and upper or lower case make no difference.
    """
    written = [_plain(column) for column in columns]
    return next((written.index(name) for name in map(_plain, names) if name in written), None)


def find_header(head: Head, required: Required) -> int | None:
    """The first row that has all columns, None where none has.

    Raises:
        TableError: a column that is needed stands there twice.
    """
    for place, row in enumerate(head.rows):
        columns = header_texts(row)
        if all(find_column(columns, names) is not None for names in required):
            _check_twice(columns, required, place + 1)
            return place
    return None


def header_texts(row: Iterable[Cell]) -> list[str]:
    """A header's cells as texts, as they are written."""
    return [_text(cell) for cell in row]


def likeliest(head: Head, required: Required) -> Likely | None:
    """The first row of those that have most of the columns; None where all are blank."""
    found = (
        Likely(
            sum(find_column(columns, names) is not None for names in required), head.sheet, number, columns
        )
        for number, columns in enumerate(map(header_texts, head.rows), 1)
        if any(columns)
    )
    return max(found, key=lambda one: one.having, default=None)


def missing_columns(likely: Likely | None, required: Required) -> TableError:
    """What to say where no header was found: what is needed, and what the most likely header has."""
    if likely is None:
        return TableError("檔案沒有任何內容。請確認選對檔案與工作表後再試。")
    needed = "、".join(_named(names) for names in required)
    having, sheet, number, columns = likely
    place = f"工作表「{sheet}」第 {number} 列" if sheet else f"第 {number} 列"
    if not having:
        return TableError(
            f"前 {HEAD_ROWS} 列中沒有表頭。需要的欄位：{needed}。{place}是：{_listed(columns)}。"
            "請確認檔案，並將欄名寫在同一列。"
        )
    lacking = "、".join(_named(names) for names in required if find_column(columns, names) is None)
    return TableError(
        f"缺少欄位：{lacking}。需要的欄位：{needed}。{place}有：{_listed(columns)}。請補上欄位或更正欄名。"
    )


def _check_twice(columns: Sequence[str], required: Required, number: int) -> None:
    written = [_plain(column) for column in columns]
    for names in required:
        place = find_column(columns, names)
        if place is not None and written.count(written[place]) > 1:
            raise TableError(f"第 {number} 列的表頭有兩個「{columns[place]}」欄，請只留一欄後再試。")


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _named(names: Sequence[str]) -> str:
    first, *others = names
    return f"「{first}」（或{'、'.join(f'「{name}」' for name in others)}）" if others else f"「{first}」"


def _listed(columns: Sequence[str]) -> str:
    filled = [" ".join(column.split()) for column in columns if column.strip()]
    shown = "、".join(
        name if len(name) <= _SHOWN_CHARACTERS else name[:_SHOWN_CHARACTERS] + "…" for name in filled[:_SHOWN]
    )
    return f"{shown}等 {len(filled)} 欄" if len(filled) > _SHOWN else shown
