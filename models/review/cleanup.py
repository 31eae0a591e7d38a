"""What a model would move out of a category: counted, in groups of look-alikes, and one by one."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from models.dataset import Dataset, DatasetRevision
from models.review.queue import QueueFilters, Rows, filtered
from models.review.tables import CONFIDENT, CONFLICT, DECIDED, MISMATCH, SECOND, ReviewItem
from models.suggestion import StoredSuggestion
from models.tag import CATEGORY, Tag

SETTLED = (SECOND, CONFLICT, DECIDED)
"""The queues of what somebody decided on."""


class GroupRow(NamedTuple):
    """Flagged datasets whose titles are one but for places, periods and numbers, and that would move to one category.

    Attributes:
        sure: how many of them have at least the confidence that was asked for.
        publishers: how many agencies they are of.
        confidence: the mean of their suggested category, 0 to 1.
    """

    title_pattern: str
    suggested_code: str
    datasets: int
    sure: int
    publishers: int
    confidence: float

    @property
    def position(self) -> "GroupPosition":
        """Where it stands."""
        return GroupPosition(self.datasets, self.title_pattern, self.suggested_code)


class GroupPosition(NamedTuple):
    """A place in the list of groups: the group that was there last."""

    datasets: int
    title_pattern: str
    suggested_code: str


class GroupCounts(NamedTuple):
    """How many groups there are.

    Attributes:
        alike: those of two datasets or more.
        alike_datasets: how many datasets are in these; each other group is one dataset.
    """

    groups: int
    alike: int
    alike_datasets: int


class QueueCount(NamedTuple):
    """How many datasets stand in which queue, and which category is suggested for them."""

    queue: str
    suggested_code: str
    datasets: int


class CleanupRow(NamedTuple):
    """A dataset of a category, decided on or not.

    Attributes:
        decided_code: the category that a decision gave it; None where there is none.
        reason: the model's sentence against the declared category; None where it has none.
    """

    dataset_id: int
    identifier: str
    title: str
    publisher: str | None
    queue: str
    suggested_code: str
    confidence: float
    level: str | None
    title_pattern: str
    decided_code: str | None
    reason: str | None


def group_rows(
    session: Session,
    filters: QueueFilters,
    sure: float,
    after: GroupPosition | None = None,
    limit: int | None = None,
) -> list[GroupRow]:
    """The groups of what a filter finds, the largest first, from the one after a position on; in one statement.

    Args:
        sure: from this confidence on a dataset is counted as sure.
    """
    pattern, suggested, number = ReviewItem.title_pattern, ReviewItem.suggested_code, func.count()
    wanted: Rows = select(
        pattern,
        suggested,
        number,
        number.filter(ReviewItem.confidence >= sure),
        func.count(ReviewItem.publisher.distinct()),
        func.avg(ReviewItem.confidence),
    )
    wanted = _moving(wanted, filters).group_by(pattern, suggested)
    if after is not None:
        later = tuple_(pattern, suggested) > tuple_(after.title_pattern, after.suggested_code)
        wanted = wanted.having(or_(number < after.datasets, and_(number == after.datasets, later)))
    wanted = wanted.order_by(number.desc(), pattern, suggested).limit(limit)
    return [GroupRow(*row) for row in session.execute(wanted)]


def count_groups(session: Session, filters: QueueFilters) -> GroupCounts:
    """How many groups a filter finds, and how much is in those of two or more; in one statement."""
    wanted: Rows = select(func.count().label("datasets"))
    sizes = _moving(wanted, filters).group_by(ReviewItem.title_pattern, ReviewItem.suggested_code).subquery()
    alike = sizes.c.datasets > 1
    row = session.execute(
        select(
            func.count(),
            func.count().filter(alike),
            func.coalesce(func.sum(sizes.c.datasets).filter(alike), 0),
        ).select_from(sizes)
    ).one()
    return GroupCounts(row[0], row[1], int(row[2]))


def sample_titles(
    session: Session, filters: QueueFilters, groups: Sequence[GroupRow], most: int
) -> dict[tuple[str, str], list[str]]:
    """For each group, by its pattern and its suggested category, the first titles; in one statement."""
    if not groups:
        return {}
    key = ReviewItem.title_pattern, ReviewItem.suggested_code
    place = func.row_number().over(partition_by=key, order_by=ReviewItem.dataset_id).label("place")
    wanted: Rows = select(ReviewItem.dataset_id, *key, place)
    ranked = (
        _moving(wanted, filters)
        .where(tuple_(*key).in_([(group.title_pattern, group.suggested_code) for group in groups]))
        .subquery()
    )
    rows = session.execute(
        select(ranked.c.title_pattern, ranked.c.suggested_code, DatasetRevision.title)
        .join(Dataset, Dataset.id == ranked.c.dataset_id)
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .where(ranked.c.place <= most)
        .order_by(ranked.c.dataset_id)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for pattern, suggested, title in rows:
        found.setdefault((pattern, suggested), []).append(title)
    return found


def evidence_of(session: Session, suggestion_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The evidence of suggestions, as the tagger gave it, by their keys; in one statement."""
    rows = session.execute(
        select(StoredSuggestion.id, StoredSuggestion.content["evidence"]).where(
            StoredSuggestion.id.in_(suggestion_ids)
        )
    )
    return {row[0]: row[1] for row in rows}


def declared_counts(session: Session, publisher: str | None = None) -> dict[str | None, int]:
    """How many tagged datasets are declared for each category; None where none is declared; in one statement."""
    wanted: Rows = select(ReviewItem.declared_code, func.count()).group_by(ReviewItem.declared_code)
    if publisher is not None:
        wanted = wanted.where(ReviewItem.publisher == publisher)
    return {row[0]: row[1] for row in session.execute(wanted)}


def decided_moves(
    session: Session, publisher: str | None = None, undecided: Collection[int] = ()
) -> dict[tuple[str | None, str], int]:
    """How many datasets were decided from which declared to which category, kept ones too; in one statement.

    Args:
        undecided: keys of datasets that are taken as if nobody had decided on them.
    """
    wanted: Rows = (
        select(ReviewItem.declared_code, Tag.value, func.count())
        .join(Tag, and_(Tag.dataset_id == ReviewItem.dataset_id, Tag.kind == CATEGORY))
        .where(ReviewItem.queue.in_(SETTLED))
        .group_by(ReviewItem.declared_code, Tag.value)
    )
    if undecided:
        wanted = wanted.where(ReviewItem.dataset_id.not_in(undecided))
    if publisher is not None:
        wanted = wanted.where(ReviewItem.publisher == publisher)
    return {(row[0], row[1]): row[2] for row in session.execute(wanted)}


def queue_counts(
    session: Session, declared_code: str, publisher: str | None = None, undecided: Collection[int] = ()
) -> list[QueueCount]:
    """Where the datasets that are declared for a category stand, and where they would move; in one statement.

    Args:
        undecided: as for `decided_moves`.
    """
    queue: ColumnElement[str] = ReviewItem.queue.expression
    if undecided:
        hidden = ReviewItem.dataset_id.in_(undecided)
        # Of what is not flagged it is enough to say that nobody decided.
        queue = case(
            (and_(hidden, ReviewItem.level.is_not(None)), MISMATCH), (hidden, CONFIDENT), else_=queue
        )
    # Grouped by name: PostgreSQL takes the same words with other parameters for another expression.
    wanted: Rows = (
        select(queue.label("stands"), ReviewItem.suggested_code, func.count())
        .where(ReviewItem.declared_code == declared_code)
        .group_by("stands", ReviewItem.suggested_code)
    )
    if publisher is not None:
        wanted = wanted.where(ReviewItem.publisher == publisher)
    return [QueueCount(*row) for row in session.execute(wanted)]


def cleanup_rows(
    session: Session, declared_code: str, publisher: str | None, after_id: int, limit: int
) -> list[CleanupRow]:
    """The next datasets that are declared for a category, in order of key; in one statement."""
    wanted: Rows = (
        select(
            ReviewItem.dataset_id,
            Dataset.identifier,
            DatasetRevision.title,
            ReviewItem.publisher,
            ReviewItem.queue,
            ReviewItem.suggested_code,
            ReviewItem.confidence,
            ReviewItem.level,
            ReviewItem.title_pattern,
            Tag.value,
            StoredSuggestion.content["mismatch"]["reason"].as_string(),
        )
        .join(Dataset, Dataset.id == ReviewItem.dataset_id)
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .join(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
        .outerjoin(Tag, and_(Tag.dataset_id == ReviewItem.dataset_id, Tag.kind == CATEGORY))
        .where(ReviewItem.declared_code == declared_code, ReviewItem.dataset_id > after_id)
        .order_by(ReviewItem.dataset_id)
        .limit(limit)
    )
    if publisher is not None:
        wanted = wanted.where(ReviewItem.publisher == publisher)
    return [CleanupRow(*row) for row in session.execute(wanted)]


def _moving(wanted: Rows, filters: QueueFilters) -> Rows:
    """Review items that a filter finds and whose suggested category is another than the declared one."""
    return filtered(wanted, filters, 0).where(ReviewItem.suggested_code != ReviewItem.declared_code)
