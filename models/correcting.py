"""Which datasets of an agency may need another category than the declared one."""

from collections.abc import Collection

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from models.dataset import Dataset, DatasetRevision
from models.suggestion import StoredSuggestion
from models.tag import CATEGORY, Tag


def correctable_datasets(session: Session, publisher: str, undecided: Collection[int]) -> list[int]:
    """Keys of a publisher's datasets whose declared category is doubted, in their order; in one statement.

    What reviewers approved comes before what the model says: a category that they kept is not doubted, and
    one that they changed is, whether the model flagged it or not.

    Args:
        publisher: exactly this one.
        undecided: keys of datasets that are taken as if nobody had decided on them.
    """
    hidden = Dataset.id.in_(undecided)
    flagged = and_(StoredSuggestion.mismatched, or_(Tag.id.is_(None), hidden))
    changed = and_(Tag.value != DatasetRevision.category_code, ~hidden)
    return list(
        session.scalars(
            select(Dataset.id)
            .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
            .outerjoin(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
            .outerjoin(Tag, and_(Tag.dataset_id == Dataset.id, Tag.kind == CATEGORY))
            .where(
                DatasetRevision.publisher == publisher,
                DatasetRevision.category_code.is_not(None),
                or_(flagged, changed),
            )
            .order_by(Dataset.id)
        )
    )


def count_of_publisher(session: Session, publisher: str) -> int:
    """How many datasets a publisher has, without what is withdrawn; in one statement."""
    return session.scalars(
        select(func.count())
        .select_from(Dataset)
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .where(DatasetRevision.publisher == publisher)
    ).one()
