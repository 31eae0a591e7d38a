"""Soft leases: who looks at a dataset just now."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.account import Account
from models.review.tables import FOR_QUEUE, FOR_SECOND, Lease

LEASE = timedelta(minutes=10)


class Held(NamedTuple):
    """A lease that holds; the fields are those of `Lease`, `name` is the account's."""

    account_id: int
    name: str
    purpose: str
    started_at: datetime
    expires_at: datetime


_SELECTED = select(
    Lease.account_id, Account.display_name, Lease.purpose, Lease.started_at, Lease.expires_at
).join(Account, Account.id == Lease.account_id)


def take_lease(session: Session, dataset_id: int, account_id: int, purpose: str, at: datetime) -> Held:
    """Take or prolong the lease of a dataset, unless somebody else holds it; whoever holds it then.

    Taken again by its holder for no other purpose it keeps the one it had: a random check stays one when the page
    is loaded again, while the lease lasts, and a second opinion for good. In three statements.
    """
    known = _lease(session, dataset_id)
    if known is not None and known.account_id != account_id and known.expires_at > at:
        return known
    own = known if known is not None and known.account_id == account_id else None
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {
        "account_id": account_id,
        "purpose": _kept_purpose(own, purpose, at),
        "started_at": own.started_at if own and own.expires_at > at else at,
        "expires_at": at + LEASE,
    }
    statement = dialect.insert(Lease).values(dataset_id=dataset_id, **values)
    # Of two at once the first one gets it.
    free = (Lease.account_id == account_id) | (Lease.expires_at <= at)
    session.execute(statement.on_conflict_do_update(index_elements=["dataset_id"], set_=values, where=free))
    taken = _lease(session, dataset_id)
    assert taken is not None  # noqa: S101 - it was written just now, in this transaction
    return taken


def _kept_purpose(own: Held | None, purpose: str, at: datetime) -> str:
    if own is None or purpose != FOR_QUEUE:
        return purpose
    return own.purpose if own.purpose == FOR_SECOND or own.expires_at > at else purpose


def _lease(session: Session, dataset_id: int) -> Held | None:
    found = session.execute(_SELECTED.where(Lease.dataset_id == dataset_id)).one_or_none()
    return Held(*found) if found else None


def held_lease(session: Session, dataset_id: int, at: datetime) -> Held | None:
    """The lease of a dataset, if somebody holds one; in one statement."""
    known = _lease(session, dataset_id)
    return known if known is not None and known.expires_at > at else None


def own_lease(session: Session, dataset_id: int, account_id: int) -> Held | None:
    """The lease that an account took of a dataset and nobody else has taken since, expired or not.

    What it was shown for is still what was seen.
    """
    known = _lease(session, dataset_id)
    return known if known is not None and known.account_id == account_id else None


def second_leases(session: Session, account_id: int) -> list[int]:
    """Keys of the datasets that an account was last shown for a second opinion."""
    wanted = select(Lease.dataset_id).where(Lease.account_id == account_id, Lease.purpose == FOR_SECOND)
    return list(session.scalars(wanted))


def end_lease(session: Session, dataset_id: int, account_id: int) -> None:
    """Give an account's lease of a dataset back."""
    session.execute(
        delete(Lease)
        .where(Lease.dataset_id == dataset_id, Lease.account_id == account_id)
        .execution_options(synchronize_session=False)
    )
