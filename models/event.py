"""What happened, in order, and never rewritten: each event carries the hash of the one before it."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, String, Text, func, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, now

_FIRST = "0" * 64
_CHAIN_LOCK = 7214301


class Event(Base):
    """One thing that happened. The database refuses to change or remove it.

    `event_hash` is the SHA-256, in hex, of the previous event's hash and this one's content, so a changed,
    removed or inserted event breaks every hash behind it.
    """

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    event_hash: Mapped[str] = mapped_column(String(64), unique=True)

    __table_args__ = (Index(None, "subject"),)


class EventRecord(NamedTuple):
    """An event to be written.

    Attributes:
        kind: what happened, `decision.recorded`.
        subject: what it happened to, `dataset/6289`.
        content: the details, JSON types.
        account_id: who did it; None for the service itself.
    """

    kind: str
    subject: str
    content: dict[str, Any]
    account_id: int | None = None


def append_events(session: Session, records: Sequence[EventRecord]) -> list[int]:
    """Write events at the end of the chain, in three statements; their keys, without a gap.

    Writers take their turn: the chain has one end.
    """
    if not records:
        return []
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    last = session.execute(
        select(Event.id, Event.event_hash).order_by(Event.id.desc()).limit(1)
    ).one_or_none()
    number, previous = (last.id, last.event_hash) if last else (0, _FIRST)
    moment = now()
    rows: list[dict[str, Any]] = []
    for record in records:
        number += 1
        row = {"id": number, **record._asdict(), "created_at": moment, "previous_hash": previous}
        previous = event_hash(row)
        rows.append({**row, "event_hash": previous})
    session.execute(insert(Event), rows)
    return [row["id"] for row in rows]


def event_hash(row: dict[str, Any]) -> str:
    """SHA-256, in hex, of an event's columns but the hash itself."""
    canonical = json.dumps(
        [
            row["previous_hash"],
            row["id"],
            row["kind"],
            row["subject"],
            row["account_id"],
            row["created_at"].isoformat(timespec="microseconds"),
            row["content"],
        ],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def first_broken_event(session: Session) -> int | None:
    """The key of the first event that is missing or whose hash does not fit; None where all stand as written.

    Keys have no gap, so a removed event is named too; one removed at the end leaves no trace here.
    """
    previous = _FIRST
    columns = Event.__table__.columns
    rows = session.execute(select(*columns).order_by(Event.id)).yield_per(1_000).mappings()
    for number, row in enumerate(rows, 1):
        if row["id"] != number:
            return number
        if row["previous_hash"] != previous or event_hash(dict(row)) != row["event_hash"]:
            return number
        previous = row["event_hash"]
    return None


def count_events(session: Session) -> int:
    """How many events there are."""
    return session.scalars(select(func.count(Event.id))).one()
