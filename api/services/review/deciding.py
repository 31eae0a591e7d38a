"""Deciding on a dataset, alone or as one of several people, and taking decisions back."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.services import Services
from api.services.accounts import Person
from api.services.datasets import StoredDataset, stored_dataset
from api.services.indexing import index_datasets
from api.services.review.blindness import hidden, is_blind
from api.services.review.choosing import Choice, checked
from api.services.webhooks import enqueue_events
from models.base import now
from models.catalogue import dataset_key, find_dataset
from models.deciding import DecisionRecord, Recorded, record_decisions
from models.decision import FLAG, UNDO
from models.idempotency import Done, RequestKey, claim, remember
from models.review.history import DecisionRow, decision_rows, decisions_of, undoable
from models.review.items import Opinions, opinions_of
from models.review.leases import LEASE, Held, end_lease, own_lease
from models.review.tables import FOR_SAMPLE, FOR_SECOND

UNDOABLE = 10
"""So many of one's own decisions can be taken back by themselves; of a batch, all at once."""


class StaleDecision(Exception):
    """Somebody decided, or the dataset changed, since the caller read it.

    Args:
        current: the dataset as it now stands.
        last: the last decision on it, if there is any that the caller may see.
    """

    def __init__(self, current: StoredDataset, last: DecisionRow | None) -> None:
        super().__init__(current.identifier)
        self.current = current
        self.last = last


class NotYours(Exception):
    """A decision that the person may not take back: somebody else's, or too long ago, or taken back already."""


class ThirdNeeded(Exception):
    """Two people's opinions differ, and the person is one of them."""


class OtherAgency(Exception):
    """The person may only decide on the datasets of one agency, and this is another's."""


class Decided(NamedTuple):
    """A decision that was taken.

    Attributes:
        decision_id: its key.
        dataset_id, identifier: what it is about.
        kind: of the decision, or of the one that was taken back.
        etag: of the dataset after it; None where the request was sent again and others may have decided since.
    """

    decision_id: int
    dataset_id: int
    identifier: str
    kind: str
    etag: str | None


def decide(
    services: Services,
    person: Person,
    identifier: str,
    choice: Choice,
    expected: str,
    *,
    batch: str | None = None,
    request_key: RequestKey | None = None,
) -> Decided | None:
    """Take a decision, in one transaction; None where there is no such dataset.

    Args:
        expected: the etag of the dataset that the person saw.
        batch: the batch that it belongs to, if any.
        request_key: names the request; sent again it gives the decision that it made before.

    Raises:
        StaleDecision: the dataset has another etag by now.
        WrongChoice: the choice does not fit the dataset.
        ThirdNeeded: the person is one of the two whose opinions differ.
        OtherAgency: the person's account is limited to another agency.
        KeyReused: another request had this key.
    """
    moment = now()
    # Before the transaction: it may have to read the vocabulary, and whoever waits for a lock must not.
    thesaurus = services.thesaurus
    with services.database.writing() as session:
        key = dataset_key(session, identifier, lock=True)
        found = find_dataset(session, identifier) if key is not None else None
        if key is None or found is None:
            return None
        before = claim(session, person.id, request_key)
        if before is not None and before.decision_id is not None:
            return Decided(before.decision_id, key, identifier, choice.kind, None)
        dataset = stored_dataset(session, found)
        _check_agency(person, dataset.metadata.get("publisher"))
        held = own_lease(session, key, person.id)
        opinions = opinions_of(session, [key]).get(key)
        if dataset.etag != expected:
            raise _stale(session, person, dataset, held, opinions)
        record = checked(thesaurus, person, found.current_revision_id or 0, dataset, choice)
        record = _placed(services, record._replace(batch=batch), opinions, held, moment)
        [recorded] = write_decisions(services, session, [record])
        remember(session, person.id, request_key, Done(recorded.decision_id, batch))
        if choice.kind != FLAG:
            end_lease(session, key, person.id)
    after = dataset._replace(version=dataset.version + 1)
    return Decided(recorded.decision_id, key, identifier, choice.kind, after.etag)


def _check_agency(person: Person, publisher: str | None) -> None:
    if person.publisher not in (None, publisher):
        raise OtherAgency


def _stale(
    session: Session, person: Person, dataset: StoredDataset, held: Held | None, opinions: Opinions | None
) -> StaleDecision:
    if is_blind(person, held, opinions):
        return StaleDecision(hidden(dataset), None)
    return StaleDecision(dataset, next(iter(decisions_of(session, dataset.id, 1)), None))


def _placed(
    services: Services,
    record: DecisionRecord,
    opinions: Opinions | None,
    held: Held | None,
    moment: datetime,
) -> DecisionRecord:
    """A decision with its part in the work of several: a first, a second or a third opinion, or a check."""
    if not record.settles:
        return record
    spent = moment - held.started_at if held else None
    record = record._replace(
        milliseconds=int(min(spent, LEASE).total_seconds() * 1000) if spent else None,
        sampled=held is not None and held.purpose == FOR_SAMPLE,
    )
    if opinions is None:
        wanted = random.random() < services.settings.second_share  # noqa: S311 - a sample, not a secret
        return record._replace(second_wanted=wanted)
    if opinions.differ and record.account_id in (opinions.first.account_id, _second_account(opinions)):
        raise ThirdNeeded
    blind = held is not None and held.purpose == FOR_SECOND
    if blind and opinions.second is None and record.account_id != opinions.first.account_id:
        return record._replace(doubles_id=opinions.first.decision_id)
    return record


def _second_account(opinions: Opinions) -> int | None:
    return opinions.second.account_id if opinions.second else None


def write_decisions(
    services: Services, session: Session, records: Sequence[DecisionRecord]
) -> list[Recorded]:
    """Record decisions with all that follows: tags, index, queue, and the messages that tell of them."""
    recorded = record_decisions(session, records)
    index_datasets(services, session, [record.dataset_id for record in records])
    told = [one.event_id for one, record in zip(recorded, records, strict=True) if record.doubles_id is None]
    enqueue_events(session, told)
    return recorded


def undo(services: Services, person: Person, decision_id: int | None = None) -> Decided | None:
    """Take a decision back, by default the person's last one; None where there is none to take back.

    Raises:
        NotYours: it is somebody else's and the person no administrator, or not among the last `UNDOABLE`.
        OtherAgency: the person's account is limited to another agency.
    """
    with services.database.writing() as session:
        own = undoable(session, person.id, UNDOABLE)
        wanted = own[:1] if decision_id is None else decision_rows(session, [decision_id])
        if not wanted or wanted[0].undone or wanted[0].kind == UNDO:
            return None
        [chosen] = wanted
        if chosen not in own and person.role != "administrator":
            raise NotYours
        [recorded] = take_back(services, session, person, [chosen])
        found = find_dataset(session, chosen.identifier)
        etag = stored_dataset(session, found).etag if found else None
    return Decided(recorded.decision_id, chosen.dataset_id, chosen.identifier, chosen.kind, etag)


def unflag(services: Services, person: Person, identifier: str) -> bool:
    """Take the person's own flags off a dataset; whether there was one."""
    with services.database.writing() as session:
        key = dataset_key(session, identifier, lock=True)
        flags = [
            row
            for row in (decisions_of(session, key) if key is not None else [])
            if row.kind == FLAG and row.account_id == person.id and not row.undone
        ]
        for flag in flags:
            take_back(services, session, person, [flag])
    return bool(flags)


def take_back(
    services: Services,
    session: Session,
    person: Person,
    chosen: Sequence[DecisionRow],
    batch: str | None = None,
) -> list[Recorded]:
    """Record that decisions are taken back; no dataset twice.

    Raises:
        NotYours: one is taken back already.
        OtherAgency: the person's account is limited to another agency.
    """
    for one in chosen:
        _check_agency(person, one.publisher)
    records = [
        DecisionRecord(
            one.dataset_id,
            one.revision_id,
            account_id=person.id,
            undoes_id=one.decision_id,
            kind=UNDO,
            batch=batch,
        )
        for one in chosen
    ]
    try:
        return write_decisions(services, session, records)
    except IntegrityError as error:
        raise NotYours from error
