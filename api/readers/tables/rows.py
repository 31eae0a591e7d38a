"""Rows below a header: as wide as it, blank ones at the end left out."""

from collections.abc import Iterator, Sequence

from api.readers.tables.results import Cell, TableError

MOST_ROWS = 1_048_576
"""Rows of a table, its header and what stands above it included; no spreadsheet program holds more."""


def fitted(rows: Iterator[Sequence[Cell]], width: int, first: int, blank: Cell) -> Iterator[list[Cell]]:
    """Each row with as many cells as the header has; blank rows at the end are left out.

    Args:
        rows: below the header.
        width: of the header.
        first: the number of the first of the rows in the file.
        blank: what a cell that is not there is.

    Raises:
        TableError: there are too many rows, or one has something beyond the header's last column.
    """
    waiting = 0
    for number, row in enumerate(rows, first):
        if number > MOST_ROWS:
            raise TableError(f"檔案超過 {MOST_ROWS:,} 列的上限，無法讀取。請分成幾個檔案後再試。")
        if _is_blank(row):
            waiting += 1
            continue
        for _ in range(waiting):
            yield [blank] * width
        waiting = 0
        if len(row) > width and not _is_blank(row[width:]):
            raise TableError(
                f"第 {number:,} 列有 {len(row)} 格，表頭只有 {width} 欄。請檢查這一列的逗號與引號，或在表頭補上欄名。"
            )
        yield [*row[:width], *[blank] * (width - len(row))]


def _is_blank(row: Sequence[Cell]) -> bool:
    return all(cell is None or cell == "" for cell in row)
