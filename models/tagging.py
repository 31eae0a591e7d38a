"""Storing suggestions."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.dataset import Dataset
from models.suggestion import StoredSuggestion


class SuggestionRecord(NamedTuple):
    """A suggestion as it is stored; `content` is the whole answer, JSON types."""

    revision_id: int
    category_code: str
    confidence: float
    mismatched: bool
    content: dict[str, Any]


def store_suggestions(
    session: Session, model_version_id: int, records: Sequence[SuggestionRecord], revisions: Sequence[int]
) -> None:
    """Add suggestions and make this model's the current one of `revisions`; in two statements.

    A revision that this model has tagged already keeps the suggestion it has. A revision that is no longer
    current is left alone.
    """
    if records:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(
            dialect.insert(StoredSuggestion.__table__).on_conflict_do_nothing(
                index_elements=["revision_id", "model_version_id"]
            ),
            [{**record._asdict(), "model_version_id": model_version_id} for record in records],
        )
    latest = (
        select(StoredSuggestion.id)
        .where(
            StoredSuggestion.revision_id == Dataset.current_revision_id,
            StoredSuggestion.model_version_id == model_version_id,
        )
        .scalar_subquery()
    )
    session.execute(
        update(Dataset)
        .where(Dataset.current_revision_id.in_(revisions))
        .values(current_suggestion_id=latest)
        .execution_options(synchronize_session=False)
    )
