"""Precedents: declared categories that reviewers kept against a suggestion, and why."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.dataset import Dataset, DatasetRevision
from models.decision import KEEP, Decision, is_unset
from models.search.document import SearchDocument

# Made once: an alias costs more than a statement.
_UNDOING = aliased(Decision)


class PrecedentRow(NamedTuple):
    """A declaration that was kept, with the reason.

    Attributes:
        vector: the meaning of its dataset, one signed byte a dimension.
    """

    decision_id: int
    dataset_id: int
    identifier: str
    title: str
    publisher: str | None
    category_code: str | None
    reason: str | None
    created_at: datetime
    vector: bytes


def precedents_of(
    session: Session, category_code: str, dataset_id: int, limit: int = 2_000
) -> list[PrecedentRow]:
    """Reasoned decisions to keep a category, of other datasets, the newest first; in one statement."""
    rows = session.execute(
        select(
            Decision.id,
            Decision.dataset_id,
            Dataset.identifier,
            DatasetRevision.title,
            DatasetRevision.publisher,
            Decision.category_code,
            Decision.reason,
            Decision.created_at,
            SearchDocument.vector,
        )
        .join(Dataset, Dataset.id == Decision.dataset_id)
        .join(DatasetRevision, DatasetRevision.id == Decision.revision_id)
        .join(SearchDocument, SearchDocument.dataset_id == Decision.dataset_id)
        .outerjoin(_UNDOING, _UNDOING.undoes_id == Decision.id)
        .where(
            Decision.kind == KEEP,
            Decision.category_code == category_code,
            Decision.reason.is_not(None),
            Decision.dataset_id != dataset_id,
            is_unset(Decision.doubles_id),
            _UNDOING.id.is_(None),
        )
        .order_by(Decision.id.desc())
        .limit(limit)
    )
    return [PrecedentRow(*row) for row in rows]
