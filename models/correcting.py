"""Which datasets of an agency may need another category than the declared one."""

from collections.abc import Collection

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.dataset import Dataset, DatasetRevision
from models.decision import Decision
from models.suggestion import StoredSuggestion
from models.tag import CATEGORY, Tag

# Made once: an alias costs more than a statement.
_REVIEWED = aliased(DatasetRevision)


def correctable_datasets(session: Session, publisher: str, undecided: Collection[int]) -> list[int]:
    """Keys of a publisher's datasets whose declared category is doubted, in their order; in one statement.

    What reviewers approved comes before what the model says: a category that they kept is not doubted, and
    one that they changed is, whether the model flagged it or not. Of one that was declared after they decided
    they said nothing, unless it is the one that they approved.

    Args:
        publisher: exactly this one.
        undecided: keys of datasets that are taken as if nobody had decided on them.
    """
    hidden = Dataset.id.in_(undecided)
    other = Tag.value != DatasetRevision.category_code
    since = _REVIEWED.category_code.is_distinct_from(DatasetRevision.category_code)
    flagged = and_(StoredSuggestion.mismatched, or_(Tag.id.is_(None), hidden, and_(other, since)))
    changed = and_(other, ~since, ~hidden)
    return list(
        session.scalars(
            select(Dataset.id)
            .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
            .outerjoin(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
            .outerjoin(Tag, and_(Tag.dataset_id == Dataset.id, Tag.kind == CATEGORY))
            .outerjoin(Decision, Decision.id == Tag.decision_id)
            .outerjoin(_REVIEWED, _REVIEWED.id == Decision.revision_id)
            .where(
                DatasetRevision.publisher == publisher,
                DatasetRevision.category_code.is_not(None),
                or_(flagged, changed),
            )
            .order_by(Dataset.id)
        )
    )


def reviewed_declarations(session: Session, dataset_ids: Collection[int]) -> dict[int, str | None]:
    """The category that each dataset declared when its approved one was decided; in one statement."""
    rows = session.execute(
        select(Tag.dataset_id, DatasetRevision.category_code)
        .join(Decision, Decision.id == Tag.decision_id)
        .join(DatasetRevision, DatasetRevision.id == Decision.revision_id)
        .where(Tag.kind == CATEGORY, Tag.dataset_id.in_(dataset_ids))
    )
    return {row[0]: row[1] for row in rows}


def count_of_publisher(session: Session, publisher: str) -> int:
    """How many datasets a publisher has, without what is withdrawn; in one statement."""
    return session.scalars(
        select(func.count())
        .select_from(Dataset)
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .where(DatasetRevision.publisher == publisher)
    ).one()
