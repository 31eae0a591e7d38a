"""Files that are complete or not there, and progress on a terminal."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def whole_file(path: Path | None) -> Iterator[BinaryIO]:
    """A file to write that takes its name only when all is written; without a path, standard output."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.exists() and not path.is_file():
        # A device or a pipe is written to; a file in its place would be there for everybody.
        with path.open("wb") as stream:
            yield stream
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise click.ClickException(
            f"無法寫入 {path}：{error.strerror}。請確認資料夾存在且可寫入。"
        ) from error
    staging = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        staging.chmod(0o644)
        staging.replace(path)
    finally:
        staging.unlink(missing_ok=True)


@contextmanager
def progress_bar(title: str) -> Iterator["Bar"]:
    """A bar with rate and time left on a terminal, one line in ten thousand elsewhere."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    # Drawn when there is news, not by a thread of its own: commands fork while the bar is shown.
    shown = Progress(*columns, console=console, disable=not console.is_terminal, auto_refresh=False)
    with shown as progress:
        yield Bar(progress, title)


class Bar:
    """Shows how far a long command is."""

    _EVERY = 10_000

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._title = title
        self._task = progress.add_task(title, total=None, rate="")
        self._next = self._EVERY

    def update(self, done: int, total: int | None = None) -> None:
        """Say that `done` of `total` are done."""
        speed = self._progress.tasks[self._task].speed
        rate = f"{speed:,.0f} 筆/秒" if speed else ""
        self._progress.update(self._task, completed=done, total=total, rate=rate, refresh=True)
        if self._progress.disable and done >= self._next:
            self._next += self._EVERY
            click.echo(f"{self._title}：{done:,} 筆" + (f"／{total:,}" if total else ""), err=True)
