"""Finding the datasets that one decision is to settle."""

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dataset import Dataset, DatasetRevision
from models.review.queue import QueueFilters, filtered
from models.review.tables import ReviewItem
from models.suggestion import StoredSuggestion


class BulkRow(NamedTuple):
    """A dataset in a batch.

    Attributes:
        version: of the dataset; rises whenever something is decided or changed.
        labels: suggested ones, as the tagger gave them.
    """

    dataset_id: int
    identifier: str
    title: str
    publisher: str | None
    declared_code: str | None
    suggested_code: str
    confidence: float
    version: int
    revision_id: int
    suggestion_id: int
    labels: list[dict[str, Any]]


def bulk_rows(session: Session, filters: QueueFilters, limit: int, *, lock: bool = False) -> list[BulkRow]:
    """The datasets that a filter finds, those of most gain first.

    Args:
        lock: whether others that want to change them wait until this transaction ends.
    """
    wanted = filtered(select(ReviewItem.dataset_id), filters, 0)
    keys = list(
        session.scalars(wanted.order_by(ReviewItem.gain.desc(), ReviewItem.dataset_id.desc()).limit(limit))
    )
    if lock:
        # In one order, so that two batches cannot wait for each other.
        session.execute(
            select(Dataset.id).where(Dataset.id.in_(keys)).order_by(Dataset.id).with_for_update()
        ).all()
    rows = session.execute(
        select(
            Dataset.id,
            Dataset.identifier,
            DatasetRevision.title,
            DatasetRevision.publisher,
            DatasetRevision.category_code,
            StoredSuggestion.category_code,
            StoredSuggestion.confidence,
            Dataset.version,
            DatasetRevision.id,
            StoredSuggestion.id,
            StoredSuggestion.content["labels"],
        )
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .join(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
        .where(Dataset.id.in_(keys))
    )
    found = {row[0]: BulkRow(*row) for row in rows}
    return [found[key] for key in keys if key in found]
