"""Counting decisions: how many, how right the suggestions, how far reviewers agree. Each function is one statement.

A decision that was taken back is not counted anywhere.
"""

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.dataset import Dataset, DatasetRevision
from models.decision import DECIDE, KEEP, REJECT, SETTLING, Decision, is_unset
from models.review.history import Rows
from models.review.tables import MISMATCH, ReviewItem
from models.suggestion import ModelVersion, StoredSuggestion
from models.tag import CATEGORY, Tag

# Taiwan has kept one time all year since 1980, so this needs no time zone database.
TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")
ACCEPTED, OTHERWISE, KEPT, REJECTED = "accepted", "otherwise", "kept", "rejected"
OUTCOMES = (ACCEPTED, OTHERWISE, KEPT, REJECTED)
"""How a decision answers its suggestion: takes the suggested category; another one; keeps the declared one against it
(維持原分類); takes none (退回)."""


class DayCount(NamedTuple):
    """So many decisions of an outcome on a day in Taiwan, ISO 8601."""

    day: str
    outcome: str
    decisions: int


class Checked(NamedTuple):
    """Decisions of the random check on suggestions of one model and one category, on a day in Taiwan.

    Attributes:
        right: how many of them chose the suggested category.
    """

    day: str
    model_version: str
    category_code: str
    decisions: int
    right: int


class Pair(NamedTuple):
    """How often a first opinion chose one category and its blind second another; None where none was chosen."""

    first: str | None
    second: str | None
    datasets: int


class Pace(NamedTuple):
    """How long a reviewer's decisions took.

    Attributes:
        name: the account's; None for decisions of no account.
        median_milliseconds: the middle time, between the two middle ones where their number is even.
        middle: what this account adds to the middle of all accounts together: the sum of the one or two middle
            times that are its, and how many these are.
    """

    name: str | None
    decisions: int
    median_milliseconds: float
    middle: tuple[int, int]


class PublisherCount(NamedTuple):
    """The datasets of a publisher that a model tagged.

    Attributes:
        flagged: those whose declared category is thought not to fit, decided or not.
        open: flagged ones that nobody decided.
        corrected: flagged ones decided for another category than the declared one.
        kept: flagged ones decided for the declared one.
    """

    publisher: str | None
    datasets: int
    flagged: int
    open: int
    corrected: int
    kept: int


class Move(NamedTuple):
    """How many datasets of a declared category hold which decided one and stand in which queue; None where none."""

    declared: str | None
    decided: str | None
    queue: str | None
    datasets: int


def daily_decisions(session: Session, since: datetime) -> list[DayCount]:
    """Decisions by day and outcome from a moment on, second opinions too."""
    same = Decision.category_code == StoredSuggestion.category_code
    outcome = case(
        (Decision.kind == KEEP, KEPT), (Decision.kind == REJECT, REJECTED), (same, ACCEPTED), else_=OTHERWISE
    )
    day = _day(session)
    wanted: Rows = select(day, outcome, func.count()).outerjoin(
        StoredSuggestion, and_(StoredSuggestion.id == Decision.suggestion_id, Decision.kind == DECIDE)
    )
    rows = session.execute(_counted(wanted).where(Decision.created_at >= since).group_by(day, outcome))
    return [DayCount(*row) for row in rows]


def checked_decisions(session: Session) -> list[Checked]:
    """First opinions of the random check, which is drawn from the confident suggestions."""
    day = _day(session)
    right = case((Decision.category_code == StoredSuggestion.category_code, 1), else_=0)
    wanted: Rows = (
        select(day, ModelVersion.name, StoredSuggestion.category_code, func.count(), func.sum(right))
        .join(StoredSuggestion, StoredSuggestion.id == Decision.suggestion_id)
        .join(ModelVersion, ModelVersion.id == StoredSuggestion.model_version_id)
        .where(Decision.sampled, is_unset(Decision.doubles_id))
        .group_by(day, ModelVersion.name, StoredSuggestion.category_code)
    )
    return [Checked(*row) for row in session.execute(_counted(wanted))]


def opinion_pairs(session: Session) -> list[Pair]:
    """First and blind second opinions of the same datasets, neither of them taken back."""
    first, undoing = aliased(Decision), aliased(Decision)
    wanted: Rows = (
        select(first.category_code, Decision.category_code, func.count())
        .join(first, first.id == Decision.doubles_id)
        .outerjoin(undoing, undoing.undoes_id == first.id)
        .where(undoing.id.is_(None))
        .group_by(first.category_code, Decision.category_code)
    )
    return [Pair(*row) for row in session.execute(_counted(wanted))]


def paces(session: Session, since: datetime) -> list[Pace]:
    """How long decisions took from a moment on, by account; without those of batches, which nobody timed."""
    account, spent = Decision.account_id, Decision.milliseconds
    timed = _counted(
        select(
            account,
            spent.label("spent"),
            func.row_number().over(partition_by=account, order_by=spent).label("own_rank"),
            func.count().over(partition_by=account).label("own_total"),
            func.row_number().over(order_by=spent).label("rank"),
            func.count().over().label("total"),
        ).where(Decision.created_at >= since, spent.is_not(None))
    ).subquery()
    of_own = case((_is_middle(timed.c.own_rank, timed.c.own_total), timed.c.spent))
    of_all = case((_is_middle(timed.c.rank, timed.c.total), timed.c.spent))
    rows = session.execute(
        select(
            Account.display_name,
            func.count(),
            func.sum(of_own),
            func.count(of_own),
            func.coalesce(func.sum(of_all), 0),
            func.count(of_all),
        )
        .select_from(timed)
        .outerjoin(Account, Account.id == timed.c.account_id)
        .group_by(timed.c.account_id, Account.display_name)
        .order_by(func.count().desc(), Account.display_name)
    )
    return [Pace(row[0], row[1], int(row[2]) / row[3], (int(row[4]), row[5])) for row in rows]


def publisher_counts(session: Session) -> list[PublisherCount]:
    """Flagged datasets by publisher, those with the most first."""
    flagged = ReviewItem.level.is_not(None)
    standing = and_(Tag.dataset_id == ReviewItem.dataset_id, Tag.kind == CATEGORY, flagged)

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    rows = session.execute(
        select(
            ReviewItem.publisher,
            func.count(),
            number(flagged),
            number(and_(flagged, ReviewItem.queue == MISMATCH)),
            number(Tag.value != ReviewItem.declared_code),
            number(Tag.value == ReviewItem.declared_code),
        )
        .outerjoin(Tag, standing)
        .group_by(ReviewItem.publisher)
        .order_by(number(flagged).desc(), func.count().desc(), ReviewItem.publisher)
    )
    return [PublisherCount(*row) for row in rows]


def category_moves(session: Session) -> list[Move]:
    """All datasets by declared category, decided category and queue."""
    standing = and_(Tag.dataset_id == Dataset.id, Tag.kind == CATEGORY)
    rows = session.execute(
        select(DatasetRevision.category_code, Tag.value, ReviewItem.queue, func.count())
        .select_from(Dataset)
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .outerjoin(ReviewItem, ReviewItem.dataset_id == Dataset.id)
        .outerjoin(Tag, standing)
        .group_by(DatasetRevision.category_code, Tag.value, ReviewItem.queue)
    )
    return [Move(*row) for row in rows]


def _counted(wanted: Rows) -> Rows:
    """A selection of decisions, narrowed to those that settle a dataset and were not taken back."""
    undoing = aliased(Decision)
    return wanted.outerjoin(undoing, undoing.undoes_id == Decision.id).where(
        Decision.kind.in_(SETTLING), undoing.id.is_(None)
    )


def _is_middle(rank: ColumnElement[int], total: ColumnElement[int]) -> ColumnElement[bool]:
    return (2 * rank).between(total, total + 2)


def _day(session: Session) -> ColumnElement[str]:
    """The day in Taiwan on which a decision was taken, ISO 8601."""
    offset = TAIPEI.utcoffset(None)
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone(offset, Decision.created_at), "YYYY-MM-DD")
    return func.date(Decision.created_at, f"+{offset.total_seconds():.0f} seconds")
