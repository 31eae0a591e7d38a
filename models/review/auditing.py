"""Holding the store against what happened: the chain of events, each decision, and the tags that all of them give.

Everything is read a chunk at a time, each in a fixed number of statements.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.account import Account
from models.catalogue import identifiers_of
from models.concept import StoredConcept
from models.dataset import Dataset
from models.deciding import RECORDED, UNDONE, event_content, standing_tags
from models.decision import DECIDE, Decision
from models.event import Event, count_events, first_broken_event
from models.review.history import Rows
from models.tag import Tag

EVENT, DECISION, DATASET = "event", "decision", "dataset"
"""What a fault is in."""
MISSING, CHANGED, UNLINKED, CUT_OFF, REWRITTEN = "missing", "changed", "unlinked", "cut-off", "rewritten"
"""An event or a decision is not there; is not as it was written; an event does not follow the one before it; the
chain ends before the event that was kept elsewhere; that event has another hash."""
UNRECORDED, REPEATED, TAGS = "unrecorded", "repeated", "tags"
"""No event tells of a decision; several do; the tags of a dataset are not what its decisions give."""
_CHUNK = 500
_KINDS = (RECORDED, UNDONE)
_SUBJECT = "dataset/"
_CLOCK = timedelta(minutes=1)
"""A decision and its event are written in one transaction, so their times are no further apart."""


class Head(NamedTuple):
    """The last event: to be kept elsewhere, where whoever can rewrite the store cannot reach it."""

    number: int
    event_hash: str
    created_at: datetime


class Fault(NamedTuple):
    """Something that is not as it was written.

    Attributes:
        part: `EVENT`, `DECISION` or `DATASET`.
        key: its key.
        what: what is wrong with it, one of the names above.
        differs: of a changed decision the columns, of tags those that are there and should not be (`+`) or are
            lacking (`-`).
        identifier: of the dataset that it is about, if any.
    """

    part: str
    key: int
    what: str
    differs: tuple[str, ...] = ()
    identifier: str | None = None


class Audit(NamedTuple):
    """What an audit found.

    Attributes:
        events, decisions, datasets: how many were looked at, up to the first fault in each.
        faults: the first of each part; empty where all is as it was written.
    """

    events: int
    decisions: int
    datasets: int
    faults: list[Fault]


def audit(session: Session, kept: tuple[int, str] | None = None) -> Audit:
    """Hold events against their hashes, decisions against events, and tags against decisions.

    Args:
        session: in which nothing was read yet: on PostgreSQL all has to be read in one state.
        kept: number and hash of an event that was the last one once.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    events = count_events(session)
    broken = _broken_event(session) or _lost_event(session, kept)
    decisions, differing = _first(_decided(session))
    datasets, untrue = _first(_datasets(session))
    faults = [fault for fault in (broken, differing, untrue) if fault]
    return Audit(events, decisions, datasets, _named(session, faults))


def last_event(session: Session) -> Head | None:
    """The last event, or None where nothing happened yet."""
    found = session.execute(
        select(Event.id, Event.event_hash, Event.created_at).order_by(Event.id.desc()).limit(1)
    ).one_or_none()
    return Head(*found) if found else None


def _broken_event(session: Session) -> Fault | None:
    number = first_broken_event(session)
    if number is None:
        return None
    previous = _hash_of(session, number - 1) if number > 1 else None
    found = session.execute(select(Event.previous_hash).where(Event.id == number)).scalar_one_or_none()
    if found is None:
        return Fault(EVENT, number, MISSING)
    return Fault(EVENT, number, UNLINKED if previous not in (None, found) else CHANGED)


def _lost_event(session: Session, kept: tuple[int, str] | None) -> Fault | None:
    if kept is None:
        return None
    number, expected = kept
    found = _hash_of(session, number)
    if found is None:
        return Fault(EVENT, number, CUT_OFF)
    return Fault(EVENT, number, REWRITTEN) if found != expected else None


def _hash_of(session: Session, number: int) -> str | None:
    return session.scalars(select(Event.event_hash).where(Event.id == number)).one_or_none()


def _first(checked: Iterator[Fault | None]) -> tuple[int, Fault | None]:
    """How many were looked at up to the first fault, and that."""
    count = 0
    for count, fault in enumerate(checked, 1):
        if fault is not None:
            return count, fault
    return count, None


def _decided(session: Session) -> Iterator[Fault | None]:
    """For each event that tells of a decision what is wrong with that, or None."""
    after = 0
    while True:
        events = session.execute(
            select(*Event.__table__.columns)
            .where(Event.id > after, Event.kind.in_(_KINDS))
            .order_by(Event.id)
            .limit(_CHUNK)
        ).all()
        if not events:
            return
        keys = [event.content.get("decision") for event in events]
        rows = session.execute(
            select(*Decision.__table__.columns).where(
                Decision.id.in_([key for key in keys if isinstance(key, int)])
            )
        )
        stored = {row["id"]: row for row in rows.mappings()}
        for key, event in zip(keys, events, strict=True):
            if key not in stored:
                yield Fault(DECISION, key if isinstance(key, int) else 0, MISSING, (f"event/{event.id}",))
                continue
            differs = _differing(dict(stored[key]), event._asdict())
            yield Fault(DECISION, key, CHANGED, differs) if differs else None
        after = events[-1].id


def _differing(row: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns in which a decision differs from what its event says."""
    expected = {"decision": row["id"], **event_content(row)}
    # Events of before there were kinds tell none.
    told = {"kind": DECIDE, **event["content"]}
    names = [name for name in (*expected, *told) if expected.get(name) != told.get(name)]
    if event["subject"] != f"{_SUBJECT}{row['dataset_id']}":
        names.append("dataset_id")
    if event["account_id"] != row["account_id"]:
        names.append("account_id")
    if event["kind"] != (UNDONE if row["undoes_id"] else RECORDED):
        names.append("kind")
    if abs(event["created_at"] - row["created_at"]) > _CLOCK:
        names.append("created_at")
    return tuple(dict.fromkeys(names))


def _datasets(session: Session) -> Iterator[Fault | None]:
    """For each dataset that has decisions or tags what is wrong with them, or None."""
    decided = exists().where(Decision.dataset_id == Dataset.id)
    tagged = exists().where(Tag.dataset_id == Dataset.id)
    after = 0
    while True:
        keys = session.scalars(
            select(Dataset.id).where(Dataset.id > after, decided | tagged).order_by(Dataset.id).limit(_CHUNK)
        ).all()
        if not keys:
            return
        decisions: dict[int, list[Decision]] = {key: [] for key in keys}
        for decision in session.scalars(
            select(Decision).where(Decision.dataset_id.in_(keys)).order_by(Decision.id)
        ):
            decisions[decision.dataset_id].append(decision)
        told, tags = _told(session, keys), _stored_tags(session, keys)
        for key in keys:
            yield _untold(decisions[key], told) or _untrue(key, decisions[key], tags[key])
        after = keys[-1]


def _told(session: Session, keys: Sequence[int]) -> Counter[int]:
    """How many events tell of each decision on the datasets."""
    contents = session.scalars(
        select(Event.content).where(
            Event.subject.in_([f"{_SUBJECT}{key}" for key in keys]), Event.kind.in_(_KINDS)
        )
    )
    return Counter(content.get("decision") for content in contents)


def _untold(decisions: Sequence[Decision], told: Counter[int]) -> Fault | None:
    for decision in decisions:
        if told[decision.id] != 1:
            return Fault(DECISION, decision.id, REPEATED if told[decision.id] else UNRECORDED)
    return None


class _StoredTag(NamedTuple):
    """A tag as it can be compared."""

    kind: str
    value: str
    approved: bool
    decision_id: int

    @property
    def shown(self) -> str:
        """The tag in one word."""
        return f"{self.kind}:{self.value}{'' if self.approved else ':rejected'}@{self.decision_id}"


def _stored_tags(session: Session, keys: Sequence[int]) -> dict[int, dict[_StoredTag, str | None]]:
    """The tags of each dataset, each with the identifier of its concept."""
    found: dict[int, dict[_StoredTag, str | None]] = {key: {} for key in keys}
    rows = session.execute(
        select(Tag.dataset_id, Tag.kind, Tag.value, Tag.approved, Tag.decision_id, StoredConcept.identifier)
        .outerjoin(StoredConcept, StoredConcept.id == Tag.concept_id)
        .where(Tag.dataset_id.in_(keys))
    )
    for row in rows:
        found[row[0]][_StoredTag(*row[1:5])] = row[5]
    return found


def _untrue(key: int, decisions: Sequence[Decision], stored: Mapping[_StoredTag, str | None]) -> Fault | None:
    given = {
        _StoredTag(tag["kind"], tag["value"], tag["approved"], tag["decision_id"]): tag["concept"]
        for tag in standing_tags(decisions)
    }
    differs = [f"+{tag.shown}" for tag in stored if tag not in given]
    differs += [f"-{tag.shown}" for tag in given if tag not in stored]
    # A label may have come into the vocabulary later; what it means is then not stored with the tag.
    differs += [
        f"±{tag.shown}" for tag, concept in stored.items() if concept not in (None, given.get(tag, concept))
    ]
    return Fault(DATASET, key, TAGS, tuple(sorted(differs))) if differs else None


def _named(session: Session, faults: Sequence[Fault]) -> list[Fault]:
    """Faults with the identifiers of their datasets."""
    decided = [fault.key for fault in faults if fault.part == DECISION]
    rows = session.execute(select(Decision.id, Decision.dataset_id).where(Decision.id.in_(decided)))
    keys = {(DECISION, row[0]): row[1] for row in rows}
    keys |= {(DATASET, fault.key): fault.key for fault in faults if fault.part == DATASET}
    names = identifiers_of(session, list(keys.values()))
    return [fault._replace(identifier=names.get(keys.get((fault.part, fault.key), 0))) for fault in faults]


class LoggedEvent(NamedTuple):
    """An event as it is given out; the fields are those of `Event`.

    Attributes:
        account: the name of who did it, if somebody did.
        identifier: of the dataset that it happened to, if it was one.
    """

    id: int
    kind: str
    subject: str
    account_id: int | None
    content: dict[str, Any]
    created_at: datetime
    previous_hash: str
    event_hash: str
    account: str | None
    identifier: str | None = None


def logged_events(
    session: Session, subject: str | None, since: datetime | None, after: int, limit: int
) -> list[LoggedEvent]:
    """Events in their order, from the one after `after` on, in two statements; None asks for any."""
    wanted: Rows = (
        select(*Event.__table__.columns, Account.name)
        .outerjoin(Account, Account.id == Event.account_id)
        .where(Event.id > after)
    )
    if subject is not None:
        wanted = wanted.where(Event.subject == subject)
    if since is not None:
        wanted = wanted.where(Event.created_at >= since)
    rows = [LoggedEvent(*row) for row in session.execute(wanted.order_by(Event.id).limit(limit))]
    keys = {
        row.subject: int(row.subject[len(_SUBJECT) :]) for row in rows if row.subject.startswith(_SUBJECT)
    }
    names = identifiers_of(session, list(keys.values()))
    return [row._replace(identifier=names.get(keys.get(row.subject, 0))) for row in rows]
