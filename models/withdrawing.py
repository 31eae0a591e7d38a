"""Datasets that their publisher took back."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, true, update
from sqlalchemy.orm import Session

from models.base import now
from models.dataset import Dataset, DatasetRevision


class Withdrawn(NamedTuple):
    """What withdrawing did.

    Attributes:
        gone: identifiers of what was there and is withdrawn now → keys.
        already: identifiers of what had been withdrawn before.
    """

    gone: dict[str, int]
    already: frozenset[str]


def withdraw_datasets(
    session: Session, identifiers: Sequence[str], before: datetime | None = None
) -> Withdrawn:
    """Withdraw datasets; unknown identifiers are passed over. In two statements.

    Their revisions, suggestions, decisions and events stay. The search index and the review queue are the
    caller's to bring in step.

    Args:
        before: only those that were not changed since this moment; the others are passed over too.
    """
    unchanged = Dataset.updated_at < before if before is not None else true()
    rows = session.execute(
        select(Dataset.identifier, Dataset.id, Dataset.current_revision_id)
        .where(Dataset.identifier.in_(identifiers), unchanged)
        # In the order in which `store_records` locks: neither can wait for the other in a circle.
        .order_by(Dataset.id)
        .with_for_update()
    ).all()
    gone = {row.identifier: row.id for row in rows if row.current_revision_id is not None}
    if gone:
        moment = now()
        session.execute(
            update(Dataset)
            .where(Dataset.id.in_(gone.values()))
            .values(
                current_revision_id=None,
                current_suggestion_id=None,
                withdrawn_at=moment,
                version=Dataset.version + 1,
                updated_at=moment,
            )
            .execution_options(synchronize_session=False)
        )
    return Withdrawn(gone, frozenset(row.identifier for row in rows) - gone.keys())


def withdrawn_at(session: Session, identifier: str) -> datetime | None:
    """When a dataset was withdrawn; None where it is not, or was never stored."""
    return session.scalars(select(Dataset.withdrawn_at).where(Dataset.identifier == identifier)).one_or_none()


def last_publisher(session: Session, identifier: str) -> tuple[str | None, bool]:
    """Whose dataset an identifier names, or named before it was withdrawn; and whether anybody's at all."""
    found = session.execute(
        select(DatasetRevision.publisher)
        .join(Dataset, Dataset.id == DatasetRevision.dataset_id)
        .where(Dataset.identifier == identifier)
        .order_by(DatasetRevision.id.desc())
        .limit(1)
    ).one_or_none()
    return (found.publisher, True) if found else (None, False)
