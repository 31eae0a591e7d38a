"""Many look-alikes in one decision: chosen by a filter, looked at in a sample, taken as one batch."""

import hashlib
import random
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.accounts import Person
from api.services.review.blindness import blind_datasets
from api.services.review.choosing import LONGEST_REASON, WrongChoice, checked_text
from api.services.review.deciding import NotYours, OtherAgency, take_back, write_decisions
from api.services.review.queueing import SURE
from models.deciding import DecisionRecord, LabelChoice
from models.decision import DECIDE, KEEP
from models.idempotency import Done, RequestKey, claim, remember
from models.review.bulk import BulkRow, bulk_rows
from models.review.history import BatchRow, DecisionRow, batches_of, decisions_of_batch
from models.review.queue import QueueFilters
from models.review.tables import CONFLICT, DECIDED, SECOND
from tagger.vocabulary import CONCEPT_BASE

MOST = 2_000
"""Datasets in one batch."""
SAMPLES = 5
ACCEPT, KEEP_DECLARED = "accept", "keep"
"""What a batch does: take the suggestions as they are, or keep the declared categories."""


class Wanted(NamedTuple):
    """What a batch is to be about.

    Attributes:
        filters: which datasets it decides.
        action: `ACCEPT` or `KEEP_DECLARED`.
        excluded: identifiers of datasets that the filter finds and that are left out; they stay undecided.
    """

    filters: QueueFilters
    action: str
    excluded: Collection[str] = ()


class Bulk(NamedTuple):
    """What a batch would decide.

    Attributes:
        rows: the datasets, those of most gain first.
        more: whether the filter finds more than fit one batch.
        samples: five of them at random, or all where there are fewer.
        selection: names exactly what the filter found, excluded ones too, in exactly this state.
        moves: how many go from which declared to which decided category.
    """

    rows: list[BulkRow]
    more: bool
    samples: list[BulkRow]
    selection: str
    moves: list[tuple[str | None, str, int]]


class SelectionChanged(Exception):
    """What the filter finds is no longer what was looked at."""


class Batch(NamedTuple):
    """A batch: its name, and how many datasets it decided or gave back."""

    batch: str
    datasets: int


def preview_bulk(services: Services, wanted: Wanted) -> Bulk:
    """What a batch would decide; nothing is changed.

    Raises:
        WrongChoice: the filter is too wide to be decided at once, or does not find what is excluded.
    """
    with services.database.reading() as session:
        return preview_in(session, wanted)


def preview_in(session: Session, wanted: Wanted) -> Bulk:
    """As `preview_bulk`, for who looks at more of the same state of the store.

    Raises:
        WrongChoice: likewise.
    """
    found = _selected(session, wanted)
    left = _without(found.rows, wanted.excluded)
    chosen = sorted(random.sample(range(len(left)), min(SAMPLES, len(left))))
    samples = [left[place] for place in chosen]
    return Bulk(left, found.more, samples, found.selection, _moves(left, wanted.action))


def apply_bulk(
    services: Services,
    person: Person,
    wanted: Wanted,
    selection: str,
    *,
    reason: str | None = None,
    request_key: RequestKey | None = None,
) -> Batch:
    """Take a batch that was looked at, in one transaction.

    Args:
        selection: what the preview named.
        request_key: names the request; sent again it gives the batch that it made before.

    Raises:
        KeyReused: another request had this key.
        SelectionChanged: the filter finds something else by now.
        WrongChoice: the filter is too wide, finds nothing but what is excluded, or does not find that; or the
            reason is too long.
        OtherAgency: the person's account is limited to an agency, and not all datasets are its.
    """
    reason = checked_text(reason, "reason", LONGEST_REASON)
    with services.database.writing() as session:
        before = claim(session, person.id, request_key)
        if before is not None and before.batch is not None:
            return Batch(before.batch, len(decisions_of_batch(session, before.batch)))
        found = _selected(session, wanted, lock=True)
        left = [row for row in found.rows if row.identifier not in wanted.excluded]
        if any(person.publisher not in (None, row.publisher) for row in left):
            raise OtherAgency
        if found.selection != selection:
            raise SelectionChanged
        if not _without(found.rows, wanted.excluded):
            raise _nothing(wanted.excluded)
        batch = str(uuid.uuid4())
        records = [_record(row, person, wanted.action, reason, batch) for row in left]
        write_decisions(services, session, records)
        remember(session, person.id, request_key, Done(None, batch))
    return Batch(batch, len(records))


def undo_batch(services: Services, person: Person, batch: str) -> Batch | None:
    """Take a whole batch back, but for what was taken back already; None where there is no such batch.

    Raises:
        NotYours: it is somebody else's and the person no administrator.
    """
    with services.database.writing() as session:
        rows = decisions_of_batch(session, batch)
        if not rows:
            return None
        if person.role != "administrator" and any(row.account_id != person.id for row in rows):
            raise NotYours
        standing = [row for row in rows if not row.undone]
        take_back(services, session, person, standing, batch)
    return Batch(batch, len(standing))


def batch_rows(services: Services, person: Person, batch: str) -> list[DecisionRow]:
    """The decisions of a batch; none where there is no such batch.

    Without those on which the person is asked for a blind second opinion.
    """
    with services.database.reading() as session:
        blind = blind_datasets(session, person)
        return [row for row in decisions_of_batch(session, batch) if row.dataset_id not in blind]


def last_batches(services: Services, person: Person) -> list[BatchRow]:
    """The person's last batches, the newest first."""
    with services.database.reading() as session:
        return batches_of(session, person.id)


class _Selected(NamedTuple):
    """All that a filter finds; the fields are those of `Bulk`."""

    rows: list[BulkRow]
    more: bool
    selection: str


def _selected(session: Session, wanted: Wanted, *, lock: bool = False) -> _Selected:
    _check(wanted.filters, wanted.action)
    rows = bulk_rows(session, wanted.filters, MOST + 1, lock=lock)
    if wanted.action == KEEP_DECLARED:
        rows = [row for row in rows if row.declared_code is not None]
    return _Selected(rows[:MOST], len(rows) > MOST, _named(rows[:MOST], wanted.action))


def _without(rows: Sequence[BulkRow], excluded: Collection[str]) -> list[BulkRow]:
    unknown = set(excluded) - {row.identifier for row in rows}
    if unknown:
        # A slip in what is to be left out would decide on it.
        raise WrongChoice("excluded", f"「{min(unknown)}」不在符合條件的資料集裡，無法排除，請核對識別碼。")
    return [row for row in rows if row.identifier not in excluded]


def _nothing(excluded: Collection[str]) -> WrongChoice:
    if excluded:
        return WrongChoice("excluded", "全部都排除了，沒有可以決定的資料集，請至少留下一筆。")
    return WrongChoice("filter", "沒有符合條件的資料集，請放寬條件。")


def _moves(rows: Sequence[BulkRow], action: str) -> list[tuple[str | None, str, int]]:
    moves = Counter((row.declared_code, decided_code(row, action)) for row in rows)
    found = [(*move, count) for move, count in moves.items()]
    return sorted(found, key=lambda move: (-move[2], move[1]))


def _check(filters: QueueFilters, action: str) -> None:
    if filters.queue in (DECIDED, SECOND, CONFLICT):
        raise WrongChoice("queue", "已有決定的資料集不能整批處理，請選待審的佇列。")
    if not any((filters.publisher, filters.title_pattern, filters.declared_code, filters.suggested_code)):
        raise WrongChoice("filter", "請至少指定機關、名稱樣式、所填分類或建議分類其中一項。")
    if action == ACCEPT and (filters.confidence_from or 0) < SURE:
        raise WrongChoice("confidenceFrom", f"整批核可建議時，信心下限不得低於 {SURE}。")


def decided_code(row: BulkRow, action: str) -> str:
    """The category that a batch decides for."""
    return row.declared_code if action == KEEP_DECLARED and row.declared_code else row.suggested_code


def _named(rows: Sequence[BulkRow], action: str) -> str:
    digest = hashlib.sha256(action.encode())
    for row in rows:
        digest.update(f"{row.dataset_id}:{row.version}:{row.suggestion_id};".encode())
    return digest.hexdigest()[:32]


def _record(row: BulkRow, person: Person, action: str, reason: str | None, batch: str) -> DecisionRecord:
    labels = tuple(
        LabelChoice(label["label"], label["concept"].removeprefix(CONCEPT_BASE)) for label in row.labels
    )
    return DecisionRecord(
        row.dataset_id,
        row.revision_id,
        row.suggestion_id,
        person.id,
        decided_code(row, action),
        labels if action == ACCEPT else (),
        reason=reason,
        batch=batch,
        kind=KEEP if action == KEEP_DECLARED else DECIDE,
    )
