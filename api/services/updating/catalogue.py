"""Bringing a whole file of a catalogue in: looked through first, then taken, with a report of what changed.

A file is one of three: a snapshot, which lists all there is; changes, whose records say how each dataset changed;
or a part, which the operator says it is. The history of imports keeps what each was.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from api.readers import RowProblem, Withdrawal, read_catalogue
from api.services import Services
from api.services.importing import ImportReport, Taking, import_catalogue, withdraw
from api.services.updating.journal import Journal
from models.base import now
from models.catalogue import count_datasets
from models.catalogue_import import CHANGES, PART, SNAPSHOT
from models.contention import in_turn
from models.imports import begin_import, finish_import, last_snapshot, unnamed_datasets

LEAST = 20
"""Datasets that a catalogue must have for a smaller file to be suspicious."""
_KEPT_TENTHS = 8
_CHUNK = 1_000


class UpdateRefused(Exception):
    """A file is not taken; nothing of it is stored. The message says why and what to do, in 繁體中文."""


class Asked(NamedTuple):
    """What the operator asks for.

    Attributes:
        encoding: of the file; None to tell it from the content.
        most_bytes: how long the file may be, decompressed; None for no limit.
        part: the file is not the whole catalogue.
        replace: a record is stored as it is: what it leaves empty is cleared.
        force: a snapshot is taken however small it is.
        withdraw_unnamed: datasets that the snapshot does not name are withdrawn.
    """

    encoding: str | None = None
    most_bytes: int | None = None
    part: bool = False
    replace: bool = False
    force: bool = False
    withdraw_unnamed: bool = False

    @property
    def options(self) -> dict[str, bool | str | None]:
        """What of it decides how the store looks afterwards, for the history."""
        return {
            "encoding": self.encoding,
            "part": self.part,
            "replace": self.replace,
            "withdrawUnnamed": self.withdraw_unnamed,
        }


class Look(NamedTuple):
    """What a file is, found by reading it once.

    Attributes:
        kind: snapshot, changes or part.
        rows: its records.
        failed: how many cannot be used.
        nameless: how many of those do not even say which dataset they are about.
    """

    kind: str
    rows: int
    failed: int
    nameless: int

    @property
    def usable(self) -> int:
        """Records that can be used."""
        return self.rows - self.failed


class Origin(NamedTuple):
    """Where a file came from.

    Attributes:
        source: its name or address.
        began_at: a moment before it was fetched or read. What changed since then may be newer than the file.
        etag, last_modified: what the server called this state of it.
    """

    source: str
    began_at: datetime
    etag: str | None = None
    last_modified: str | None = None


class UpdateReport(NamedTuple):
    """What an import of a file did.

    Attributes:
        source: the file's name or its address.
        kind: snapshot, changes or part.
        started_at, finished_at: when.
        done: what became of its records.
        unnamed: stored datasets that a snapshot does not name.
        unnamed_withdrawn: whether these were withdrawn.
        journal: what happened dataset by dataset.
    """

    source: str
    kind: str
    started_at: datetime
    finished_at: datetime
    done: ImportReport
    unnamed: int
    unnamed_withdrawn: bool
    journal: Journal


@contextmanager
def rereadable(path: Path) -> Iterator[Path]:
    """The file, or where it can be read only once (a pipe) a copy of it, which is removed in the end."""
    if path.is_file():
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix="".join(path.suffixes)) as copy:
        with path.open("rb") as stream:
            shutil.copyfileobj(stream, copy)
        copy.flush()
        yield Path(copy.name)


def look_through(path: Path, asked: Asked, progress: Callable[[int], None]) -> Look:
    """Read a file once, in constant memory, and store nothing.

    Raises:
        CatalogueError: the file, or the rest of it, cannot be read.
    """
    rows = failed = nameless = 0
    is_change = False
    for rows, entry in enumerate(
        read_catalogue(path, encoding=asked.encoding, most_bytes=asked.most_bytes), 1
    ):
        if isinstance(entry, Withdrawal):
            is_change = True
        else:
            is_change |= entry.is_change
        if isinstance(entry, RowProblem):
            failed += 1
            nameless += entry.identifier is None
        progress(rows)
    # A day without changes has no record that says so, and no catalogue has none.
    kind = CHANGES if is_change else PART if asked.part or not rows else SNAPSHOT
    return Look(kind, rows, failed, nameless)


def check(services: Services, look: Look, asked: Asked) -> None:
    """Whether a file may be taken as it is asked.

    Raises:
        UpdateRefused: it may not; nothing was stored.
    """
    if asked.withdraw_unnamed and not look.usable:
        raise UpdateRefused("檔案沒有任何可用的資料集，因此不撤回任何資料集，也沒有匯入。請確認檔案內容。")
    if look.kind != SNAPSHOT and asked.withdraw_unnamed:
        raise UpdateRefused(
            "--withdraw-missing 只適用於完整目錄：變動檔與部分資料沒有列出的資料集不表示已下架。"
            "請移除這個選項後再試。"
        )
    if look.kind == CHANGES and asked.replace:
        raise UpdateRefused(
            "--replace 不適用於變動檔：變動檔空白的欄位（例如檔案格式）不表示已清空。請移除這個選項後再試。"
        )
    if asked.withdraw_unnamed and look.nameless:
        raise UpdateRefused(
            f"有 {look.nameless:,} 筆讀不出識別碼，無法確定哪些資料集已不在目錄中，因此不撤回任何資料集，"
            "也沒有匯入。請修正這些列，或不加 --withdraw-missing 再試一次。"
        )
    if look.kind == SNAPSHOT and not asked.force:
        _check_size(services, look)


def _check_size(services: Services, look: Look) -> None:
    with services.database.reading() as session:
        last = last_snapshot(session)
        before = last.rows if last else count_datasets(session).datasets
    if before < LEAST or look.usable * 10 > before * _KEPT_TENTHS:
        return
    than = f"上次的完整目錄 {before:,} 筆" if last else f"已儲存的資料集 {before:,} 筆"
    wrong = f"（另有 {look.failed:,} 筆有誤）" if look.failed else ""
    raise UpdateRefused(
        f"檔案只有 {look.usable:,} 筆可用{wrong}，比{than}少 {1 - look.usable / before:.0%}，"
        "可能下載不完整，因此沒有匯入。"
        "如果這不是完整目錄，只是其中一部分，請加上 --partial；如果目錄確實變小了，請加上 --force。"
    )


def take(
    services: Services,
    path: Path,
    look: Look,
    asked: Asked,
    origin: Origin,
    journal: Journal,
    progress: Callable[[int], None],
) -> UpdateReport:
    """Take a file that was looked through. Cut short, it can be run again and goes on.

    Args:
        progress: called with how many rows are done.
    """

    def begin() -> int:
        with services.database.writing() as session:
            return begin_import(
                session, origin.source, look.kind, asked.options, look.usable, origin.began_at
            )

    import_id = in_turn(begin)
    taking = Taking(not asked.replace, journal.change, import_id if look.kind == SNAPSHOT else None)
    rows = read_catalogue(path, encoding=asked.encoding, most_bytes=asked.most_bytes)
    done = import_catalogue(services, rows, journal.problem, progress, taking)
    if look.kind == SNAPSHOT:
        _unnamed(services, import_id, journal, origin.began_at if asked.withdraw_unnamed else None)
    counts = {name: value for name, value in done._asdict().items() if isinstance(value, int)}

    def finish() -> None:
        with services.database.writing() as session:
            finish_import(session, import_id, counts, origin.etag, origin.last_modified)

    in_turn(finish)
    return UpdateReport(
        origin.source,
        look.kind,
        origin.began_at,
        now(),
        done,
        journal.unnamed,
        asked.withdraw_unnamed,
        journal,
    )


def _unnamed(services: Services, import_id: int, journal: Journal, withdraw_before: datetime | None) -> None:
    """Take down which stored datasets a snapshot does not name, and withdraw them if that is wanted.

    Args:
        withdraw_before: withdraw those that were not changed since; None to withdraw nothing.
    """
    after = 0
    while True:
        with services.database.reading() as session:
            chunk = unnamed_datasets(session, import_id, after, _CHUNK)
        if not chunk:
            return
        identifiers = [one.identifier for one in chunk]
        if withdraw_before is not None:
            withdrawn = in_turn(partial(withdraw, services, identifiers, withdraw_before))
            identifiers = list(withdrawn.gone)
        for identifier in identifiers:
            journal.unnamed_dataset(identifier)
        after = chunk[-1].dataset_id
