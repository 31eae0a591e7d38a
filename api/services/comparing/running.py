"""Comparing two models over a catalogue: nothing is written, and memory does not grow with the catalogue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from api.services.comparing.crew import crew
from api.services.comparing.findings import About, Findings, Seen, seen
from api.services.comparing.sources import Source, StoreSource, Task, Unreadable
from api.services.suggesting import suggest_each
from models.base import now
from models.comparing import ComparedRow
from tagger import DatasetMetadata, Suggestion, Tagger

EXAMPLES = 3
Progress = Callable[[int, int | None], None]
"""Called with how many datasets are done, and how many there are where that is known."""


class Candidate(NamedTuple):
    """One side of a comparison: a model, or the suggestions that are in the store where `tagger` is None.

    `name` is what the operator calls it.
    """

    name: str
    tagger: Tagger | None


class Comparison(NamedTuple):
    """What came of comparing.

    Attributes:
        name_a, name_b: what the operator called the two.
        versions_a, versions_b: of the models; of stored suggestions those that were met.
        same: whether the two are the same model, or both what is stored.
        findings: what was counted.
        broken: why the rest of the catalogue file was not read, if it was not.
        started_at, finished_at: when.
    """

    name_a: str
    name_b: str
    versions_a: tuple[str, ...]
    versions_b: tuple[str, ...]
    same: bool
    findings: Findings
    broken: str | None
    started_at: datetime
    finished_at: datetime


class _Row(NamedTuple):
    about: About
    metadata: DatasetMetadata
    stored: dict[str, object] | None


Answer = Seen | str | None
"""What a side says of a dataset, or why it says nothing, or None where the store has nothing."""


def compare(
    a: Candidate,
    b: Candidate,
    source: Source,
    progress: Progress,
    *,
    workers: int = 1,
    examples: int = EXAMPLES,
) -> Comparison:
    """Hold what two models suggest for each dataset against each other.

    The findings do not depend on the number of workers. The same model twice is asked once.

    Args:
        a: what is there today, say.
        b: what may take its place.
        source: the datasets. Only a `StoreSource` has stored suggestions and decisions.
        progress: told after each chunk.
        workers: how many processes.
        examples: how many datasets are kept for each pair of categories.

    Raises:
        CrewLost: a process was killed from outside.
    """
    with prepared(a, b, source, workers=workers, examples=examples) as run:
        return run(progress)


@contextmanager
def prepared(
    a: Candidate, b: Candidate, source: Source, *, workers: int = 1, examples: int = EXAMPLES
) -> Iterator[Callable[[Progress], Comparison]]:
    """A comparison whose processes are made and stand by; arguments and errors as for `compare`.

    For who shows progress from a thread: a process that is forked while another thread holds a lock never gets it.
    """
    same = _version(a) == _version(b)

    def do(task: Task) -> Findings:
        return _compare_chunk(a, a if same else b, source, task, examples)

    with crew(do, workers, lambda: _begin(source)) as in_order:

        def run(progress: Progress) -> Comparison:
            started_at = now()
            found = Findings(examples)
            total = source.total()
            for part in in_order(source.tasks()):
                found.add(part)
                progress(found.datasets, total)
            return _made(a, b, found, source.broken, started_at)

        yield run


def _made(
    a: Candidate, b: Candidate, found: Findings, broken: str | None, started_at: datetime
) -> Comparison:
    versions = _versions(a, found.versions_a), _versions(b, found.versions_b)
    same = _version(a) == _version(b)
    return Comparison(a.name, b.name, *versions, same, found, broken, started_at, now())


def _begin(source: Source) -> None:
    if isinstance(source, StoreSource):
        # A forked process must not use the connections of the one it was forked from.
        source.database.dispose()


def _version(candidate: Candidate) -> str | None:
    return candidate.tagger.model_version if candidate.tagger else None


def _versions(candidate: Candidate, met: dict[str, int]) -> tuple[str, ...]:
    return (candidate.tagger.model_version,) if candidate.tagger else tuple(sorted(met))


def _compare_chunk(a: Candidate, b: Candidate, source: Source, task: Task, examples: int) -> Findings:
    found = Findings(examples)
    entries = [_read(row) for row in source.rows(task)]
    readable = [entry for entry in entries if isinstance(entry, _Row)]
    answers_a = iter(_answers(a, readable))
    answers_b = iter(_answers(b, readable)) if b is not a else None
    for entry in entries:
        if isinstance(entry, Unreadable):
            found.fail(*entry)
            continue
        one = next(answers_a)
        _count(found, entry.about, one, next(answers_b) if answers_b else one)
    return found


def _read(row: ComparedRow | Unreadable) -> _Row | Unreadable:
    if isinstance(row, Unreadable):
        return row
    try:
        metadata = DatasetMetadata.model_validate(row.content)
    except ValidationError as error:
        return Unreadable(row.identifier, f"詮釋資料不符規定：{error.error_count()} 處")
    about = About(
        row.identifier, metadata.title, metadata.publisher, metadata.category_code, row.decided, row.sampled
    )
    return _Row(about, metadata, row.suggestion)


def _answers(candidate: Candidate, rows: list[_Row]) -> list[Answer]:
    if candidate.tagger is None:
        return [None if row.stored is None else _seen(row.stored) for row in rows]
    return [
        one if isinstance(one, str) else _seen(one)
        for one in suggest_each(candidate.tagger, [row.metadata for row in rows])
    ]


def _seen(suggestion: Suggestion | dict[str, object]) -> Seen | str:
    try:
        return seen(suggestion)  # type: ignore[arg-type]
    except (KeyError, IndexError, TypeError):
        return "已儲存的建議無法解讀，請重新標註"


def _count(found: Findings, about: About, a: Answer, b: Answer) -> None:
    if isinstance(a, str):
        found.fail(about.identifier, f"模型 A：{a}")
    elif isinstance(b, str):
        found.fail(about.identifier, f"模型 B：{b}")
    elif a is None or b is None:
        found.leave_out()
    else:
        found.compare(about, a, b)
