"""Soft leases: who looks at a dataset just now."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.account import Account
from models.review.tables import Lease

LEASE = timedelta(minutes=10)


class Held(NamedTuple):
    """A lease that holds; the fields are those of `Lease`, `name` is the account's."""

    account_id: int
    name: str
    purpose: str
    started_at: datetime
    expires_at: datetime


def take_lease(session: Session, dataset_id: int, account_id: int, purpose: str, at: datetime) -> Held:
    """Take or prolong the lease of a dataset, unless somebody else holds it; whoever holds it then.

    Taken again by its holder it keeps its purpose: a random check stays one when the page is loaded again.
    In three statements.
    """
    held = held_lease(session, dataset_id, at)
    if held is not None and held.account_id != account_id:
        return held
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {
        "account_id": account_id,
        "purpose": held.purpose if held else purpose,
        "started_at": held.started_at if held else at,
        "expires_at": at + LEASE,
    }
    statement = dialect.insert(Lease).values(dataset_id=dataset_id, **values)
    # Of two at once the first one gets it.
    free = (Lease.account_id == account_id) | (Lease.expires_at <= at)
    session.execute(statement.on_conflict_do_update(index_elements=["dataset_id"], set_=values, where=free))
    taken = held_lease(session, dataset_id, at)
    assert taken is not None  # noqa: S101 - it was written just now, in this transaction
    return taken


def held_lease(session: Session, dataset_id: int, at: datetime) -> Held | None:
    """The lease of a dataset, if somebody holds one; in one statement."""
    found = session.execute(
        select(Lease.account_id, Account.display_name, Lease.purpose, Lease.started_at, Lease.expires_at)
        .join(Account, Account.id == Lease.account_id)
        .where(Lease.dataset_id == dataset_id, Lease.expires_at > at)
    ).one_or_none()
    return Held(*found) if found else None


def end_lease(session: Session, dataset_id: int, account_id: int) -> None:
    """Give an account's lease of a dataset back."""
    session.execute(
        delete(Lease)
        .where(Lease.dataset_id == dataset_id, Lease.account_id == account_id)
        .execution_options(synchronize_session=False)
    )
