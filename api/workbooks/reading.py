"""The process that reads a workbook: `python -m api.workbooks.reading FILE BYTES`.

It speaks lines of JSON. Of each sheet it shows the beginning, `{"sheet": …, "head": [[…]]}`, and waits to be told
`next` or the number of the header's row in that head; then it sends the rows from there on, some in each line, and at
last `{"end": true}`. `{"error": …}` is what is wrong with the file, in 繁體中文. A cell that JSON has no type for is an
object with one member (`typed`).
"""

import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from api.workbooks import MOST_COLUMNS
from api.workbooks.guard import PackageError, check_package

MEMORY_BYTES = 1024**3
"""Address space of the process."""
CPU_SECONDS = 30
HEAD_ROWS = 50
"""Rows at the beginning of a sheet, in one of which the header stands."""
ROW_CHARACTERS = 2 * 1024**2
"""No row may hold more text; the reading process would have to hold it, too."""

_HEAD_CHARACTERS = 4 * 1024**2
_HEADS_CHARACTERS = 2 * _HEAD_CHARACTERS
"""Of all sheets that are shown: who listens looks at each cell."""
_HEAD_CELL = 200
_BATCH_ROWS = 500
_BATCH_CHARACTERS = 256 * 1024
_EXACT_INTEGERS = 2**53
_TOO_LARGE = "試算表展開後太大，無法讀取。請刪除多餘的列、欄與工作表，或另存為 CSV 後再試。"
_TOO_MANY = "工作表太多或太寬，看過前面幾張仍找不到需要的欄位。請只留下需要的工作表，或將它移到最前面後再試。"
_DAMAGED = "試算表的內容有誤，無法讀取。請以試算表軟體開啟，另存為 XLSX、ODS 或 CSV 後再試。"
_PASSWORD = "檔案設有密碼，無法讀取。請在試算表軟體取消密碼後另存再試。"  # noqa: S105 - a message

Row = list[Any]


def main() -> None:
    """Read the workbook that the arguments name."""
    limit_resources()
    path, most_bytes = Path(sys.argv[1]), int(sys.argv[2])
    try:
        check_package(path, most_bytes)
        with path.open("rb") as file:
            _serve(file)
    except PackageError as error:
        _say({"error": str(error)})
    except PasswordError:
        _say({"error": _PASSWORD})
    except MemoryError:
        _say({"error": _TOO_LARGE})
    except BrokenPipeError:
        # Nobody reads any more; Python would complain of it once more at its end.
        sys.stderr.close()
    except (CalamineError, ValueError, OSError):
        _say({"error": _DAMAGED})


def limit_resources() -> None:
    """Limit what the process may take, where the system can: there is no `resource` on Windows."""
    try:
        import resource  # noqa: PLC0415 - not there everywhere
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        # What a broken process would leave behind holds the file's cells.
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(kind)
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            # Only the soft limit: reaching it is told by a signal of its own, where the hard one just kills.
            resource.setrlimit(kind, (wanted, hard))
        except (ValueError, OSError):
            continue


def _serve(file: BinaryIO) -> None:
    book = CalamineWorkbook.from_filelike(file)
    left = _HEADS_CHARACTERS
    for about in book.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet or about.visible != SheetVisibleEnum.Visible:
            continue
        rows = _rows(book.get_sheet_by_name(about.name))
        head = _head(rows)
        left -= sum(map(_shown_characters, head))
        if left < 0:
            raise PackageError(_TOO_MANY)
        shown = [[_shortened(cell) for cell in row[:MOST_COLUMNS]] for row in head]
        _say({"sheet": about.name, "head": shown})
        answer = sys.stdin.buffer.readline().strip()
        if not answer:
            return
        if answer != b"next":
            _check_width(about.name, head)
            _send(chain(islice(head, int(answer), None), rows))
            break
    _say({"end": True})


def _check_width(name: str, head: list[Row]) -> None:
    """All rows of a sheet are as wide as its widest."""
    if len(head[0]) > MOST_COLUMNS:
        raise PackageError(
            f"工作表「{name}」有 {len(head[0]):,} 欄，超過 {MOST_COLUMNS:,} 欄的上限。"
            "請刪除多餘的欄（右方可能有零星的內容）後再試。"
        )


def _rows(sheet: CalamineSheet) -> Iterator[Row]:
    """All rows from the sheet's first on, so that the number of a row is its place here."""
    if sheet.start is None:
        return
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_cell(cell) for cell in row]
        if sum(len(cell) for cell in cells if type(cell) is str) > ROW_CHARACTERS:
            raise PackageError(
                f"第 {number:,} 列的文字超過 {ROW_CHARACTERS:,} 字的上限。請精簡這一列後再試。"
            )
        yield cells


def _cell(cell: Any) -> Any:
    if cell == "":
        return None
    if type(cell) is float and cell.is_integer() and abs(cell) <= _EXACT_INTEGERS:
        # The formats know one kind of number; 7 is written as 7.
        return int(cell)
    return cell


def _head(rows: Iterator[Row]) -> list[Row]:
    head: list[Row] = []
    left = _HEAD_CHARACTERS
    for row in islice(rows, HEAD_ROWS):
        head.append(row)
        left -= _shown_characters(row)
        if left < 0:
            break
    return head


def _shown_characters(row: Row) -> int:
    return sum(min(len(cell), _HEAD_CELL) if type(cell) is str else 8 for cell in row[:MOST_COLUMNS])


def _shortened(cell: Any) -> Any:
    return cell[:_HEAD_CELL] if type(cell) is str else cell


def _send(rows: Iterator[Row]) -> None:
    batch: list[Row] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += sum(len(cell) if type(cell) is str else 8 for cell in row)
        if len(batch) == _BATCH_ROWS or characters > _BATCH_CHARACTERS:
            _say(batch)
            batch, characters = [], 0
    if batch:
        _say(batch)


def typed(cell: object) -> dict[str, str | float]:
    """A cell that JSON has no type for, as an object whose member's name says what it is."""
    if isinstance(cell, datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    if isinstance(cell, timedelta):
        return {"seconds": cell.total_seconds()}
    raise TypeError


def _say(message: object) -> None:
    line = orjson.dumps(message, default=typed, option=orjson.OPT_PASSTHROUGH_DATETIME)
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
