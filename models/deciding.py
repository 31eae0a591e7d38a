"""Recording decisions and what they leave standing, each in a fixed number of statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models.concept import StoredConcept
from models.dataset import Dataset
from models.decision import DECIDE, REJECT, SETTLING, Decision
from models.event import EventRecord, append_events
from models.tag import CATEGORY, LABEL, Tag


class LabelChoice(NamedTuple):
    """A label that somebody accepted or rejected; `concept` is the identifier of what it means, if known."""

    label: str
    concept: str | None = None


class DecisionRecord(NamedTuple):
    """A decision to be recorded; the fields are those of `models.decision.Decision`."""

    dataset_id: int
    revision_id: int
    suggestion_id: int | None = None
    account_id: int | None = None
    category_code: str | None = None
    accepted: tuple[LabelChoice, ...] = ()
    rejected: tuple[LabelChoice, ...] = ()
    reason: str | None = None
    batch: str | None = None
    undoes_id: int | None = None
    kind: str = DECIDE
    doubles_id: int | None = None
    second_wanted: bool = False
    sampled: bool = False
    milliseconds: int | None = None

    @property
    def settles(self) -> bool:
        """Whether the dataset needs no other decision after this one."""
        return self.kind in SETTLING


class Recorded(NamedTuple):
    """A decision as it was recorded: its key and its event's."""

    decision_id: int
    event_id: int


class Standing(NamedTuple):
    """What decisions leave standing for one dataset; empty where nobody decided.

    Attributes:
        category_code: the approved category.
        approved: the approved labels.
        rejected: labels that must not be suggested again.
    """

    category_code: str | None = None
    approved: tuple[LabelChoice, ...] = ()
    rejected: tuple[LabelChoice, ...] = ()


NOTHING_STANDS = Standing()
RECORDED, UNDONE = "decision.recorded", "decision.undone"
"""Kinds of events."""


def record_decisions(session: Session, records: Sequence[DecisionRecord]) -> list[Recorded]:
    """Record decisions with their events, and bring the tags and versions of their datasets up to date.

    Later decisions of a dataset override earlier ones where they speak of the same thing; an undone one is as
    if it had never been. A decision can be undone once, and doubled once.

    Returns:
        One entry a record, in their order.

    Args:
        records: no dataset twice.

    Raises:
        IntegrityError: a dataset, revision or decision is not stored, or is undone or doubled already.
    """
    if not records:
        return []
    if len({record.dataset_id for record in records}) != len(records):
        raise ValueError("a dataset occurs twice in one batch")
    added = session.execute(
        insert(Decision).returning(Decision.dataset_id, Decision.id), [_row(record) for record in records]
    )
    made = {row.dataset_id: row.id for row in added}
    keys = [made[record.dataset_id] for record in records]
    events = append_events(
        session,
        [
            EventRecord(
                UNDONE if record.undoes_id else RECORDED,
                f"dataset/{record.dataset_id}",
                {"decision": key, **_content(record)},
                record.account_id,
            )
            for key, record in zip(keys, records, strict=True)
        ],
    )
    datasets = {record.dataset_id for record in records}
    _restate(session, datasets)
    # Who read a dataset before must not write over what was decided since.
    session.execute(
        update(Dataset)
        .where(Dataset.id.in_(datasets))
        .values(version=Dataset.version + 1)
        .execution_options(synchronize_session=False)
    )
    return [Recorded(*pair) for pair in zip(keys, events, strict=True)]


def _row(record: DecisionRecord) -> dict[str, Any]:
    row = record._asdict()
    for name in ("accepted", "rejected"):
        row[f"{name}_labels"] = [choice._asdict() for choice in row.pop(name)]
    return row


def _content(record: DecisionRecord) -> dict[str, Any]:
    return event_content(_row(record))


def event_content(row: Mapping[str, Any]) -> dict[str, Any]:
    """What an event says of a decision: all columns that hold something, but those that the event has itself."""
    skipped = {"id", "dataset_id", "account_id", "created_at"}
    return {name: value for name, value in row.items() if name not in skipped and value}


def _restate(session: Session, dataset_ids: Collection[int]) -> None:
    """Make the tags of datasets anew from all their decisions."""
    decisions = session.scalars(
        select(Decision).where(Decision.dataset_id.in_(dataset_ids)).order_by(Decision.id)
    ).all()
    tags = standing_tags(decisions)
    named = {tag["concept"] for tag in tags if tag["concept"]}
    concepts = {
        row.identifier: row.id
        for row in session.execute(
            select(StoredConcept.identifier, StoredConcept.id).where(StoredConcept.identifier.in_(named))
        )
    }
    session.execute(delete(Tag).where(Tag.dataset_id.in_(dataset_ids)))
    if tags:
        session.execute(
            insert(Tag), [{**tag, "concept_id": concepts.get(tag.pop("concept"))} for tag in tags]
        )


def standing_tags(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """The tags that datasets' decisions, all of them and in order, leave standing.

    Each is a row of `Tag`, with the identifier of its concept as `concept` in place of the concept's key.
    """
    decided = list(decisions)
    undone = {decision.undoes_id for decision in decided}
    standing: dict[tuple[int, str, str], dict[str, Any]] = {}
    categories: dict[int, tuple[int, str, str]] = {}
    for decision in decided:
        if decision.id in undone or decision.kind not in SETTLING or decision.doubles_id is not None:
            continue
        if decision.category_code is not None or decision.kind == REJECT:
            standing.pop(categories.pop(decision.dataset_id, (0, "", "")), None)
        if decision.category_code is not None:
            key = categories[decision.dataset_id] = (decision.dataset_id, CATEGORY, decision.category_code)
            standing[key] = _tag(key, True, None, decision)
        for approved, labels in ((True, decision.accepted_labels), (False, decision.rejected_labels)):
            for choice in labels:
                key = (decision.dataset_id, LABEL, choice["label"])
                standing[key] = _tag(key, approved, choice["concept"], decision)
    return list(standing.values())


def _tag(
    key: tuple[int, str, str], approved: bool, concept: str | None, decision: Decision
) -> dict[str, Any]:
    dataset_id, kind, value = key
    return {
        "dataset_id": dataset_id,
        "kind": kind,
        "value": value,
        "approved": approved,
        "concept": concept,
        "decision_id": decision.id,
    }


def standing_of(session: Session, dataset_ids: Collection[int]) -> dict[int, Standing]:
    """What stands for each dataset that somebody decided on; in one statement."""
    rows = session.execute(
        select(Tag.dataset_id, Tag.kind, Tag.value, Tag.approved, StoredConcept.identifier)
        .outerjoin(StoredConcept, StoredConcept.id == Tag.concept_id)
        .where(Tag.dataset_id.in_(dataset_ids))
        .order_by(Tag.dataset_id, Tag.id)
    )
    found: dict[int, Standing] = {}
    for dataset_id, kind, value, approved, concept in rows:
        before = found.get(dataset_id, NOTHING_STANDS)
        if kind == CATEGORY:
            found[dataset_id] = before._replace(category_code=value)
        elif approved:
            found[dataset_id] = before._replace(approved=(*before.approved, LabelChoice(value, concept)))
        else:
            found[dataset_id] = before._replace(rejected=(*before.rejected, LabelChoice(value, concept)))
    return found


def approved_datasets(session: Session, after_id: int, limit: int) -> list[int]:
    """Keys of datasets for which something approved stands, in their order, from the one after `after_id`."""
    return list(
        session.scalars(
            select(Tag.dataset_id)
            .where(Tag.approved, Tag.dataset_id > after_id)
            .group_by(Tag.dataset_id)
            .order_by(Tag.dataset_id)
            .limit(limit)
        )
    )
