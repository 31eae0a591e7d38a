"""An XLSX or ODS, read by a process of its own that has little memory and little time.

What is in a stranger's workbook nobody knows before it is parsed, and a parser's memory grows with it. The process that
parses it (`api.workbooks.reading`) may fail or be ended; this one never holds more than some rows.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import orjson

import api
from api.readers.tables.header import (
    Head,
    Likely,
    Required,
    find_header,
    header_texts,
    likeliest,
    missing_columns,
)
from api.readers.tables.results import Cell, Table, TableError
from api.readers.tables.rows import fitted

WAIT_SECONDS = 30.0
"""How long the reading process may keep others waiting, all in all."""

_ROOT = Path(api.__file__).parents[1]
# The process is given no secret of ours: these only say where Python and its libraries are.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
# What a process returns that its limit of processor time ended; no number where there is no such signal.
_OUT_OF_TIME = -getattr(signal, "SIGXCPU", 0) or None
_TOO_SLOW = (
    f"試算表在 {WAIT_SECONDS:.0f} 秒內沒有讀完，不再讀取。請刪除多餘的列、欄與工作表，或另存為 CSV 後再試。"
)
_FAILED = "試算表展開後太大或內容有誤，無法讀取。請刪除多餘的列、欄與工作表，或另存為 CSV 後再試。"


@contextmanager
def open_workbook(path: Path, required: Required, most_bytes: int) -> Iterator[Table]:
    """The first sheet that has the columns; only text and values are read, never formulas.

    Columns that hold something without having a name are kept under the name "": their cells stand where they stood.
    """
    child = _Child(path, most_bytes)
    try:
        yield _table(child, required)
    finally:
        child.end()


def _table(child: "_Child", required: Required) -> Table:
    likely: Likely | None = None
    while "sheet" in (said := child.hear()):
        head = Head(said["sheet"], _rows(said["head"]))
        place = find_header(head, required)
        if place is None:
            other = likeliest(head, required)
            # Of all that was passed over one row is kept.
            likely = max(filter(None, (likely, other)), key=lambda one: one.having, default=None)
            child.say("next")
            continue
        child.say(str(place))
        rows = child.rows()
        columns = header_texts(next(rows))
        return Table(head.sheet, columns, fitted(rows, len(columns), place + 2, None), place + 1)
    raise missing_columns(likely, required)


class _Child:
    """The process, and what is said between it and us.

    Args:
        path: of the workbook.
        most_bytes: that its parts may take together.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # `-P`: nothing is imported from wherever the service was started.
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", "api.workbooks.reading", str(path.absolute()), str(most_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
        )
        self._left = WAIT_SECONDS
        self._late = False

    def say(self, answer: str) -> None:
        """Answer what it asked."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        try:
            self._process.stdin.write(answer.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            # It has died; hearing it tells why.
            return

    def hear(self) -> Any:
        """What it says next.

        Raises:
            TableError: the workbook cannot be read, or the process failed or took too long.
        """
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        begun = time.monotonic()
        # A timer works wherever threads do; waiting for a pipe with a limit does not.
        timer = threading.Timer(max(self._left, 0.0), self._give_up)
        timer.daemon = True
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        self._left -= time.monotonic() - begun
        if not line.endswith(b"\n"):
            raise self._failure()
        said = orjson.loads(line)
        if "error" in said:
            raise TableError(said["error"])
        return said

    def rows(self) -> Iterator[list[Cell]]:
        """The rows that it sends, up to the last."""
        while isinstance(batch := self.hear(), list):
            yield from _rows(batch)

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close(pipe)

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()

    def _failure(self) -> TableError:
        code = self._process.wait()
        # Its time on the processor has a limit of its own.
        slow = self._late or code == _OUT_OF_TIME
        return TableError(_TOO_SLOW if slow else _FAILED)


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return


def _rows(batch: list[list[Any]]) -> list[list[Cell]]:
    return [[_cell(cell) if type(cell) is dict else cell for cell in row] for row in batch]


def _cell(cell: dict[str, Any]) -> Cell:
    [(kind, value)] = cell.items()
    if kind == "datetime":
        return datetime.fromisoformat(value)
    if kind == "date":
        return date.fromisoformat(value)
    return clock_time.fromisoformat(value) if kind == "time" else timedelta(seconds=value)
