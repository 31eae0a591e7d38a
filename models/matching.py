"""Reading the catalogue to be matched against somebody else's list: what names a dataset and what is known of it."""

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dataset import Dataset, DatasetRevision
from models.deciding import NOTHING_STANDS, Standing, standing_of
from models.suggestion import StoredSuggestion


class CatalogueEntry(NamedTuple):
    """A current dataset.

    Attributes:
        dataset_id: the store's key.
        declared: the category that its publisher declares, or None.
        suggestion: the current one, or None where the dataset is not tagged.
        standing: what reviewers' decisions leave standing.
    """

    dataset_id: int
    identifier: str
    title: str
    publisher: str | None
    declared: str | None
    suggestion: dict[str, Any] | None
    standing: Standing


def catalogue_entries(session: Session, after_id: int, limit: int) -> list[CatalogueEntry]:
    """The next current datasets in the order of their keys; in two statements."""
    rows = session.execute(
        select(
            Dataset.id,
            Dataset.identifier,
            DatasetRevision.title,
            DatasetRevision.publisher,
            DatasetRevision.category_code,
            StoredSuggestion.content,
        )
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .outerjoin(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
        .where(Dataset.id > after_id)
        .order_by(Dataset.id)
        .limit(limit)
    ).all()
    standing = standing_of(session, [row[0] for row in rows])
    return [
        CatalogueEntry(
            key, identifier, title, publisher, declared, suggestion, standing.get(key, NOTHING_STANDS)
        )
        for key, identifier, title, publisher, declared, suggestion in rows
    ]
