"""Bringing records of a catalogue in."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.readers import CatalogueError, CatalogueRow, Entry, RowProblem, Withdrawal
from api.services import Services
from api.services.datasets import to_record
from api.services.indexing import index_datasets
from api.services.updating.merging import changed_fields, merged
from models.catalogue import CHANGED, CREATED, RESTORED, UNCHANGED, Merge, Record, Stored, store_records
from models.contention import in_turn
from models.imports import see
from models.planning import refresh_statistics
from models.withdrawing import Withdrawn, withdraw_datasets
from tagger import DatasetMetadata

WITHDRAWN, ABSENT, FAILED = "withdrawn", "absent", "failed"
_CHUNK = 1_000
"""Ordinary datasets that are held in memory, and written in a transaction, at a time."""
_RESOURCES, _CHARACTERS = 10, 4_000
"""What an ordinary dataset has at most; one that has more counts as several."""


class Change(NamedTuple):
    """What an import did to one dataset.

    Attributes:
        identifier: the dataset's.
        title: what it is called now; None of one that is withdrawn.
        kind: created, changed, restored or withdrawn.
        fields: the standard's names of the fields that changed, where it was changed or restored.
    """

    identifier: str
    title: str | None
    kind: str
    fields: tuple[str, ...] = ()


class ImportReport(NamedTuple):
    """What an import did; all but `rows` and `fields` add up to `rows`.

    Attributes:
        rows: records read.
        created, changed, unchanged: what became of the datasets. A record that a later one of the same dataset
            completes or takes the place of counts as unchanged.
        restored: were withdrawn, and are back.
        withdrawn: taken back, as the record says.
        absent: should be taken back, but were never stored.
        failed: could not be used.
        fields: the standard's name of a field → how many datasets it changed in.
    """

    rows: int
    created: int
    changed: int
    unchanged: int
    restored: int
    withdrawn: int
    absent: int
    failed: int
    fields: Mapping[str, int]


class Taking(NamedTuple):
    """How records are taken.

    Attributes:
        merges: whether a field that a record leaves empty keeps what is stored (`updating.merging`); else the
            record is stored as it is.
        on_change: called with each dataset that changed, after it is stored.
        import_id: the import that names the datasets, where it wants to know which it named.
    """

    merges: bool = False
    on_change: Callable[[Change], None] = lambda change: None
    import_id: int | None = None

    @property
    def merge(self) -> Merge:
        """What comes of a record and one after it."""
        return _merged if self.merges else _replaced


def import_catalogue(
    services: Services,
    rows: Iterable[Entry],
    on_problem: Callable[[RowProblem], None],
    progress: Callable[[int], None],
    taking: Taking = Taking(),  # noqa: B008 - it cannot change
) -> ImportReport:
    """Take the records of a catalogue, a chunk at a time. A bad one is reported and costs no other.

    Records of one dataset that come in one chunk are first made one, which says what all of them come to. Run
    again it changes nothing then. Where they are further apart each makes a revision if it says something else than
    the one before it, each time.

    Args:
        rows: from `api.readers.read_catalogue`.
        on_problem: called with each row that cannot be used.
        progress: called with how many rows are done.
        taking: how they are taken; by default as they are.
    """
    counts: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    for number, chunk in enumerate(_chunks(rows), 1):
        problems = [row for row in chunk if isinstance(row, RowProblem)]
        for problem in problems:
            on_problem(problem)
        counts[FAILED] += len(problems)
        _see(services, taking, [problem.identifier for problem in problems if problem.identifier])
        batch = _folded(chunk, taking)
        changes, done = _take(services, batch, taking)
        counts += done
        counts[UNCHANGED] += len(chunk) - len(problems) - len(batch.records) - len(batch.withdrawals)
        for change in changes:
            fields.update(change.fields if change.kind == CHANGED else ())
            taking.on_change(change)
        refresh_statistics(services.database, number)
        progress(counts.total())
    return ImportReport(
        counts.total(),
        counts[CREATED],
        counts[CHANGED],
        counts[UNCHANGED],
        counts[RESTORED],
        counts[WITHDRAWN],
        counts[ABSENT],
        counts[FAILED],
        dict(fields.most_common()),
    )


def _see(services: Services, taking: Taking, identifiers: Sequence[str]) -> None:
    """A record that cannot be used names its dataset all the same."""
    if taking.import_id is None or not identifiers:
        return
    key = taking.import_id

    def transaction() -> None:
        with services.database.writing() as session:
            see(session, key, identifiers)

    in_turn(transaction)


def _chunks(rows: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The rows in chunks. Where the file breaks off, what was read before comes first, then the error."""
    chunk: list[Entry] = []
    weight = 0
    try:
        for row in rows:
            chunk.append(row)
            weight += _weight(row)
            if weight >= _CHUNK:
                yield chunk
                chunk, weight = [], 0
    except CatalogueError:
        yield chunk
        raise
    yield chunk


def _weight(row: Entry) -> int:
    """How many ordinary datasets a row takes the room of."""
    if not isinstance(row, CatalogueRow):
        return 1
    resources = row.metadata.distribution or ()
    characters = _characters(row.metadata) + sum(map(_characters, resources))
    characters += sum(map(len, row.metadata.keyword or ()))
    return 1 + len(resources) // _RESOURCES + characters // _CHARACTERS


def _characters(said: BaseModel) -> int:
    return sum(len(value) for _, value in said if isinstance(value, str))


class _Batch(NamedTuple):
    """Records that name each identifier once, so that their order does not matter."""

    records: list[Record]
    withdrawals: list[str]


def _folded(entries: Iterable[Entry], taking: Taking) -> _Batch:
    """What the records come to: of each dataset one, as the last one leaves it.

    Taken one after the other they would put the dataset back to the first one each time the file is taken.
    """
    records: dict[str, Record] = {}
    is_gone: dict[str, bool] = {}
    for entry in entries:
        if isinstance(entry, RowProblem):
            continue
        if isinstance(entry, Withdrawal):
            is_gone[entry.identifier] = True
            continue
        record = to_record(entry.metadata)
        earlier = records.get(record.identifier)
        records[record.identifier] = taking.merge(earlier.content, record) if earlier else record
        is_gone[record.identifier] = False
    return _Batch(
        [record for identifier, record in records.items() if not is_gone[identifier]],
        [identifier for identifier, gone in is_gone.items() if gone],
    )


def _take(services: Services, batch: _Batch, taking: Taking) -> tuple[list[Change], Counter[str]]:
    """Store and withdraw, a transaction each: one that locks twice could wait for another in a circle."""
    changes: list[Change] = []
    counts: Counter[str] = Counter()
    if batch.records:
        stored = in_turn(lambda: _store(services, batch.records, taking))
        counts.update(one.change for one in stored)
        pairs = zip(batch.records, stored, strict=True)
        changes += [_change(record, one) for record, one in pairs if one.change != UNCHANGED]
    if batch.withdrawals:
        withdrawn = in_turn(lambda: withdraw(services, batch.withdrawals))
        changes += [Change(identifier, None, WITHDRAWN) for identifier in withdrawn.gone]
        counts[WITHDRAWN] = len(withdrawn.gone)
        counts[UNCHANGED] += len(withdrawn.already)
        counts[ABSENT] = len(batch.withdrawals) - len(withdrawn.gone) - len(withdrawn.already)
    return changes, counts


def _store(services: Services, records: Sequence[Record], taking: Taking) -> list[Stored]:
    with services.database.writing() as session:
        stored = store_records(session, records, taking.merge)
        _index_changed(services, session, stored)
        if taking.import_id is not None:
            see(session, taking.import_id, [record.identifier for record in records])
        return stored


def _index_changed(services: Services, session: Session, stored: Sequence[Stored]) -> None:
    index_datasets(services, session, [one.dataset_id for one in stored if one.change != UNCHANGED])


def withdraw(services: Services, identifiers: Sequence[str], before: datetime | None = None) -> Withdrawn:
    """Withdraw datasets, in one transaction: they are neither listed nor found nor queued any more.

    Args:
        before: only those that were not changed since this moment.
    """
    with services.database.writing() as session:
        withdrawn = withdraw_datasets(session, identifiers, before)
        index_datasets(services, session, list(withdrawn.gone.values()))
        return withdrawn


def _merged(stored: dict[str, Any], record: Record) -> Record:
    # Validated once more: each was valid, but nothing else would notice if a merge of the two were not.
    return to_record(DatasetMetadata.model_validate(merged(stored, record.content)))


def _replaced(_stored: dict[str, Any], record: Record) -> Record:
    return record


def _change(record: Record, stored: Stored) -> Change:
    before, after = stored.before, stored.after
    fields = changed_fields(before, after) if before is not None and after is not None else ()
    title = after["title"] if after is not None else record.title
    return Change(record.identifier, title, stored.change, fields)
