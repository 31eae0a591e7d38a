"""Reading the catalogue for a comparison of models: a chunk a statement, nothing is written."""

from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from models.dataset import Dataset, DatasetRevision
from models.decision import Decision
from models.job_items import Wanted, conditions
from models.patience import allow_long
from models.suggestion import StoredSuggestion
from models.tag import CATEGORY, Tag


class ComparedRow(NamedTuple):
    """A dataset as it stands.

    Attributes:
        identifier: names it.
        content: its current revision, under the standard's names.
        suggestion: the current one, or None.
        decided: the category that reviewers' decisions leave standing, or None.
        sampled: whether the dataset came up in the random check of confident suggestions when it was decided.
    """

    identifier: str
    content: dict[str, Any]
    suggestion: dict[str, Any] | None
    decided: str | None
    sampled: bool


def count_wanted(session: Session, wanted: Wanted) -> int:
    """How many datasets are wanted; in one statement."""
    allow_long(session)
    return session.scalars(_wanted(select(func.count()).select_from(Dataset), wanted)).one()


def wanted_keys(session: Session, wanted: Wanted, after_id: int, limit: int) -> list[int]:
    """The next keys of wanted datasets in their order; in one statement."""
    chosen = _wanted(select(Dataset.id), wanted).where(Dataset.id > after_id)
    return list(session.scalars(chosen.order_by(Dataset.id).limit(limit)))


def compared_rows(session: Session, wanted: Wanted, first_id: int, last_id: int) -> list[ComparedRow]:
    """The wanted datasets of a range of keys, both ends included, in their order; in one statement."""
    chosen = (
        select(
            Dataset.identifier,
            DatasetRevision.content,
            StoredSuggestion.content,
            Tag.value,
            func.coalesce(Decision.sampled, False),
        )
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .outerjoin(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
        .outerjoin(Tag, and_(Tag.dataset_id == Dataset.id, Tag.kind == CATEGORY))
        .outerjoin(Decision, Decision.id == Tag.decision_id)
        .where(Dataset.id.between(first_id, last_id), *conditions(wanted))
        .order_by(Dataset.id)
    )
    return [ComparedRow(*row) for row in session.execute(chosen)]


def _wanted(chosen: Select[int], wanted: Wanted) -> Select[int]:
    met = conditions(wanted)
    if not met:
        return chosen.where(Dataset.current_revision_id.is_not(None))
    return chosen.join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id).where(*met)
