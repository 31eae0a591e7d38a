"""What a request with an Idempotency-Key did, so that sending it again does nothing more."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, now


class IdempotencyKey(Base):
    """A key that an account sent with a request: what the request said, and which decision or batch it made."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[int] = mapped_column(
        Key, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    batch: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(default=now)


class RequestKey(NamedTuple):
    """A key and the SHA-256, in hex, of the request that came with it."""

    key: str
    request_hash: str


class KeyReused(Exception):
    """The key came with another request before."""


class Done(NamedTuple):
    """What a request did when it came first."""

    decision_id: int | None
    batch: str | None


def claim(session: Session, account_id: int, key: RequestKey | None) -> Done | None:
    """What the request did before, or None where it is new and the key is now its own.

    Of two that are sent at once the second waits for the first. Raises KeyReused where another one had its key.
    """
    if key is None:
        return None
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {"account_id": account_id, **key._asdict(), "created_at": now()}
    session.execute(
        dialect.insert(IdempotencyKey).on_conflict_do_nothing(index_elements=["account_id", "key"]), [row]
    )
    return done_before(session, account_id, key)


def done_before(session: Session, account_id: int, key: RequestKey | None) -> Done | None:
    """What the request did before, or None where it is new. Raises KeyReused where another one had its key."""
    if key is None:
        return None
    found = session.execute(
        select(IdempotencyKey.request_hash, IdempotencyKey.decision_id, IdempotencyKey.batch).where(
            IdempotencyKey.account_id == account_id, IdempotencyKey.key == key.key
        )
    ).one_or_none()
    if found is None:
        return None
    if found[0] != key.request_hash:
        raise KeyReused
    return Done(found[1], found[2])


def remember(session: Session, account_id: int, key: RequestKey | None, done: Done) -> None:
    """Write down what a request with a claimed key did."""
    if key is not None:
        session.execute(
            update(IdempotencyKey)
            .where(IdempotencyKey.account_id == account_id, IdempotencyKey.key == key.key)
            .values(**done._asdict())
            .execution_options(synchronize_session=False)
        )
