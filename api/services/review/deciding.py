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
from api.services.webhooks import enqueue_events
from models.base import now
from models.catalogue import dataset_key, find_dataset
from models.deciding import DecisionRecord, LabelChoice, Recorded, record_decisions
from models.decision import DECIDE, KEEP, REJECT, SKIP, UNDO
from models.idempotency import Done, RequestKey, done_before, remember
from models.review.history import DecisionRow, decision_rows, decisions_of, undoable
from models.review.items import Opinions, opinions_of
from models.review.leases import LEASE, Held, end_lease, held_lease
from models.review.tables import FOR_SAMPLE, FOR_SECOND
from tagger.categories import category_names
from tagger.retrieval.lexemes import compact
from tagger.vocabulary import comparable

LONGEST_REASON = 500
UNDOABLE = 10
"""So many of one's own decisions can be taken back by themselves; of a batch, all at once."""


class Choice(NamedTuple):
    """What somebody decides.

    Attributes:
        kind: one of `models.decision.KINDS` but undo.
        category_code: the category chosen; with `keep` the declared one, with `reject` none.
        accepted, rejected: labels as people read them.
        reason: why; required where an item is skipped.
    """

    kind: str
    category_code: str | None = None
    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    reason: str | None = None


class WrongChoice(Exception):
    """A choice that cannot be taken.

    Args:
        field: what of the choice is wrong, by its name in REST.
        detail: why and what to do, in 繁體中文.
    """

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


class StaleDecision(Exception):
    """Somebody decided, or the dataset changed, since the caller read it.

    Args:
        current: the dataset as it now stands.
        last: the last decision on it, if there is any.
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
    """

    decision_id: int
    dataset_id: int
    identifier: str


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
    with services.database.writing() as session:
        before = done_before(session, person.id, request_key)
        if before is not None and before.decision_id is not None:
            [row] = decision_rows(session, [before.decision_id])
            return Decided(row.decision_id, row.dataset_id, row.identifier)
        key = dataset_key(session, identifier, lock=True)
        found = find_dataset(session, identifier) if key is not None else None
        if key is None or found is None:
            return None
        dataset = stored_dataset(session, found)
        if person.publisher not in (None, dataset.metadata.get("publisher")):
            raise OtherAgency
        if dataset.etag != expected:
            raise StaleDecision(dataset, next(iter(decisions_of(session, key, 1)), None))
        held = held_lease(session, key, moment)
        mine = held if held and held.account_id == person.id else None
        opinions = opinions_of(session, [key]).get(key)
        record = _record(services, person, found.current_revision_id or 0, dataset, choice)
        record = _placed(services, record._replace(batch=batch), opinions, mine, moment)
        [recorded] = write_decisions(services, session, [record])
        remember(session, person.id, request_key, Done(recorded.decision_id, batch))
        end_lease(session, key, person.id)
    return Decided(recorded.decision_id, key, identifier)


def _record(
    services: Services, person: Person, revision_id: int, dataset: StoredDataset, choice: Choice
) -> DecisionRecord:
    """A choice, checked, as it is recorded."""
    if choice.kind == SKIP and not choice.reason:
        raise WrongChoice("reason", "略過時請寫下理由，讓接手的人知道。")
    if choice.reason and len(choice.reason) > LONGEST_REASON:
        raise WrongChoice("reason", f"理由超過 {LONGEST_REASON} 字的上限，請精簡。")
    declared = dataset.metadata.get("categoryCode")
    code = choice.category_code
    if choice.kind == KEEP:
        if declared is None:
            raise WrongChoice("kind", "這筆資料集沒有所填分類可以維持，請選擇一個分類。")
        code = declared
    elif choice.kind == REJECT:
        code = None
    elif choice.kind == DECIDE and code is None:
        raise WrongChoice("categoryCode", "請選擇一個分類；沒有合適的分類時請退回。")
    elif code is not None and code not in category_names():
        raise WrongChoice("categoryCode", "不是 18 個服務分類的代碼，請由 /v1/categories 查詢。")
    return DecisionRecord(
        dataset.id,
        revision_id,
        dataset.suggestion_id,
        person.id,
        code,
        label_choices(services, choice.accepted, "acceptedLabels"),
        label_choices(services, choice.rejected, "rejectedLabels", known_only=False),
        choice.reason,
        kind=choice.kind,
    )


def label_choices(
    services: Services, labels: Sequence[str], field: str, *, known_only: bool = True
) -> tuple[LabelChoice, ...]:
    """Labels with their concepts.

    Raises:
        WrongChoice: an accepted label is not in the vocabulary.
    """
    chosen: dict[str, LabelChoice] = {}
    for label in labels:
        concept = services.thesaurus.find(compact(label))
        if concept is None and known_only:
            raise WrongChoice(field, f"「{label}」不在詞彙表中，請改用詞彙表的標籤，或先在詞彙頁收錄。")
        name = services.thesaurus.label(concept) if concept else label
        chosen[comparable(name)] = LabelChoice(name, concept)
    return tuple(chosen.values())


def _placed(
    services: Services,
    record: DecisionRecord,
    opinions: Opinions | None,
    held: Held | None,
    moment: datetime,
) -> DecisionRecord:
    """A decision with its part in the work of several: a first, a second or a third opinion, or a check."""
    spent = moment - held.started_at if held else None
    record = record._replace(
        milliseconds=int(min(spent, LEASE).total_seconds() * 1000) if spent else None,
        sampled=held is not None and held.purpose == FOR_SAMPLE,
    )
    if not record.settles:
        return record
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
    """
    with services.database.writing() as session:
        own = undoable(session, person.id, UNDOABLE)
        wanted = own[:1] if decision_id is None else decision_rows(session, [decision_id])
        if not wanted or wanted[0].undone:
            return None
        [chosen] = wanted
        if chosen not in own and person.role != "administrator":
            raise NotYours
        [recorded] = take_back(services, session, person, [chosen])
    return Decided(recorded.decision_id, chosen.dataset_id, chosen.identifier)


def take_back(
    services: Services,
    session: Session,
    person: Person,
    chosen: Sequence[DecisionRow],
    batch: str | None = None,
) -> list[Recorded]:
    """Record that decisions are taken back; no dataset twice. Raises NotYours where one is taken back already."""
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
