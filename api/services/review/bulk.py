"""Many look-alikes in one decision: chosen by a filter, looked at in a sample, taken as one batch."""

import hashlib
import random
import uuid
from collections.abc import Sequence
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


class Bulk(NamedTuple):
    """What a batch would decide.

    Attributes:
        rows: the datasets, those of most gain first.
        more: whether the filter finds more than fit one batch.
        samples: five of them at random, or all where there are fewer.
        selection: names exactly these datasets in exactly this state.
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


def preview_bulk(services: Services, filters: QueueFilters, action: str) -> Bulk:
    """What a batch would decide; nothing is changed.

    Raises:
        WrongChoice: the filter is too wide to be decided at once.
    """
    with services.database.reading() as session:
        return _selected(session, filters, action)


def apply_bulk(
    services: Services,
    person: Person,
    filters: QueueFilters,
    action: str,
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
        WrongChoice: the filter is too wide, or finds nothing; or the reason is too long.
        OtherAgency: the person's account is limited to an agency, and not all datasets are its.
    """
    reason = checked_text(reason, "reason", LONGEST_REASON)
    with services.database.writing() as session:
        before = claim(session, person.id, request_key)
        if before is not None and before.batch is not None:
            return Batch(before.batch, len(decisions_of_batch(session, before.batch)))
        found = _selected(session, filters, action, lock=True)
        if any(person.publisher not in (None, row.publisher) for row in found.rows):
            raise OtherAgency
        if found.selection != selection:
            raise SelectionChanged
        if not found.rows:
            raise WrongChoice("filter", "沒有符合條件的資料集，請放寬條件。")
        batch = str(uuid.uuid4())
        records = [_record(row, person, action, reason, batch) for row in found.rows]
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


def _selected(session: Session, filters: QueueFilters, action: str, *, lock: bool = False) -> Bulk:
    _check(filters, action)
    rows = bulk_rows(session, filters, MOST + 1, lock=lock)
    if action == KEEP_DECLARED:
        rows = [row for row in rows if row.declared_code is not None]
    total = len(rows)
    rows = rows[:MOST]
    moves: dict[tuple[str | None, str], int] = {}
    for row in rows:
        move = row.declared_code, decided_code(row, action)
        moves[move] = moves.get(move, 0) + 1
    chosen = sorted(random.sample(range(len(rows)), min(SAMPLES, len(rows))))
    return Bulk(
        rows,
        total > MOST,
        [rows[place] for place in chosen],
        _named(rows, action),
        sorted(((*move, count) for move, count in moves.items()), key=lambda move: (-move[2], move[1])),
    )


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
