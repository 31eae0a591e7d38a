"""Reading the catalogue out, a chunk a statement."""

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dataset import Dataset, DatasetRevision


class ExportedDataset(NamedTuple):
    """A dataset's key and what its metadata says now."""

    dataset_id: int
    content: dict[str, Any]


def exported_datasets(
    session: Session, after_id: int, limit: int, publisher: str | None = None
) -> list[ExportedDataset]:
    """The next datasets in order of key, of one publisher or of all; in one statement."""
    wanted = (
        select(Dataset.id, DatasetRevision.content)
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .where(Dataset.id > after_id)
        .order_by(Dataset.id)
        .limit(limit)
    )
    if publisher is not None:
        wanted = wanted.where(DatasetRevision.publisher == publisher)
    return [ExportedDataset(*row) for row in session.execute(wanted)]


def exported_dataset(session: Session, identifier: str) -> ExportedDataset | None:
    """One dataset, or None."""
    row = session.execute(
        select(Dataset.id, DatasetRevision.content)
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .where(Dataset.identifier == identifier)
    ).one_or_none()
    return ExportedDataset(*row) if row else None
