"""The numbers of reviewing: how much is decided, how right suggestions are, how far reviewers agree, what changes."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.review.measures import Agreement, Share, agreement_of, share_of
from models.base import now
from models.review.statistics import (
    OUTCOMES,
    TAIPEI,
    Checked,
    DayCount,
    Move,
    Pace,
    PublisherCount,
    category_moves,
    checked_decisions,
    daily_decisions,
    opinion_pairs,
    paces,
    publisher_counts,
)
from models.review.tables import CONFIDENT, MISMATCH, UNCERTAIN
from tagger.categories import PUBLIC_INFORMATION, category_names

DAYS, WEEKS, PACE_DAYS = 30, 12, 7
"""How far back days, weeks and the time that a decision takes are shown."""
LEAST_CHECKED = 10
"""A category's precision is told from so many checked decisions on."""
MOST_PUBLISHERS = 30


class Day(NamedTuple):
    """The decisions of a day in Taiwan, ISO 8601, by outcome, in the order of `OUTCOMES`."""

    day: str
    accepted: int = 0
    otherwise: int = 0
    kept: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.accepted + self.otherwise + self.kept + self.rejected


class Precision(NamedTuple):
    """How often the random check of confident suggestions chose the suggested category.

    Attributes:
        categories: suggested ones with at least `LEAST_CHECKED` decisions, in the order of the official list.
        weeks: the last `WEEKS`, by the ISO 8601 day of their Monday, also those without decisions.
        model_versions: by the model that made the suggestions.
    """

    overall: Share
    categories: list[tuple[str, Share]]
    weeks: list[tuple[str, Share]]
    model_versions: list[tuple[str, Share]]


class ReviewerPace(NamedTuple):
    """How many decisions of the last `PACE_DAYS` were timed, and how long the middle one took, in seconds.

    Attributes:
        name: of the reviewer; None for all of them, and for decisions of no account.
        median_seconds: None where no decision was timed.
    """

    name: str | None
    decisions: int
    median_seconds: float | None


class Change(NamedTuple):
    """How many datasets are of a category: declared, and approved or else declared. None: of none."""

    category_code: str | None
    before: int
    now: int


class Campaign(NamedTuple):
    """What becomes of the datasets that are declared 公共資訊.

    Attributes:
        moved: decided for other categories, with the number of each, the most first.
        kept: decided to stay.
        undetermined: decided without a category (退回).
        flagged, unflagged: not decided; a model speaks against the declaration, or does not.
    """

    declared: int
    moved: list[tuple[str, int]]
    kept: int
    undetermined: int
    flagged: int
    unflagged: int


class Statistics(NamedTuple):
    """All numbers at one moment.

    Attributes:
        at: when they were counted.
        datasets: how many are stored.
        open: how many are flagged or of low confidence and wait for a decision.
        pace: of each reviewer; `overall_pace` of all.
        publishers: those with the most flagged datasets; `all_publishers` the sum of all, whether shown or not.
        changes: by category, in the order of the official list.
    """

    at: datetime
    datasets: int
    open: int
    days: list[Day]
    precision: Precision
    agreement: Agreement
    pace: list[ReviewerPace]
    overall_pace: ReviewerPace
    publishers: list[PublisherCount]
    all_publishers: PublisherCount
    campaign: Campaign
    changes: list[Change]


def statistics(services: Services) -> Statistics:
    """The numbers, at most a minute old."""

    def count() -> Statistics:
        with services.database.reading() as session:
            return _counted(session, now())

    return services.statistics.get(count)


def _counted(session: Session, at: datetime) -> Statistics:
    today = at.astimezone(TAIPEI).replace(hour=0, minute=0, second=0, microsecond=0)
    moves = category_moves(session)
    publishers = publisher_counts(session)
    timed = paces(session, at - timedelta(days=PACE_DAYS))
    return Statistics(
        at,
        sum(move.datasets for move in moves),
        sum(move.datasets for move in moves if move.queue in (MISMATCH, UNCERTAIN)),
        _days(daily_decisions(session, today - timedelta(days=DAYS - 1)), today.date()),
        _precision(checked_decisions(session), today.date()),
        agreement_of(opinion_pairs(session)),
        [ReviewerPace(pace.name, pace.decisions, pace.median_milliseconds / 1000) for pace in timed],
        _overall(timed),
        _flagged_most(publishers),
        _sum(publishers),
        _campaign(moves),
        _changes(moves),
    )


def _days(counts: Iterable[DayCount], today: date) -> list[Day]:
    found = {(count.day, count.outcome): count.decisions for count in counts}
    days = [(today - timedelta(days=back)).isoformat() for back in reversed(range(DAYS))]
    return [Day(day, *(found.get((day, outcome), 0) for outcome in OUTCOMES)) for day in days]


def _precision(checked: Sequence[Checked], today: date) -> Precision:
    monday = today - timedelta(days=today.weekday())
    by_category = _shares(checked, lambda one: one.category_code)
    by_week = _shares(checked, lambda one: _monday(one.day))
    weeks = [(monday - timedelta(weeks=back)).isoformat() for back in reversed(range(WEEKS))]
    return Precision(
        share_of(sum(one.right for one in checked), sum(one.decisions for one in checked)),
        [
            (code, by_category[code])
            for code in category_names()
            if code in by_category and by_category[code].decisions >= LEAST_CHECKED
        ],
        [(week, by_week.get(week, share_of(0, 0))) for week in weeks],
        sorted(_shares(checked, lambda one: one.model_version).items(), key=lambda one: -one[1].decisions),
    )


def _shares(checked: Iterable[Checked], group: Callable[[Checked], str]) -> dict[str, Share]:
    decisions, right = Counter[str](), Counter[str]()
    for one in checked:
        decisions[group(one)] += one.decisions
        right[group(one)] += one.right
    return {name: share_of(right[name], count) for name, count in decisions.items()}


def _monday(day: str) -> str:
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()


def _overall(timed: Sequence[Pace]) -> ReviewerPace:
    spent, times = (sum(pace.middle[place] for pace in timed) for place in (0, 1))
    return ReviewerPace(None, sum(pace.decisions for pace in timed), spent / times / 1000 if times else None)


def _flagged_most(publishers: Iterable[PublisherCount]) -> list[PublisherCount]:
    found = [publisher for publisher in publishers if publisher.flagged]
    return sorted(found, key=lambda one: (-one.flagged, -one.datasets, one.publisher or ""))[:MOST_PUBLISHERS]


def _sum(publishers: Sequence[PublisherCount]) -> PublisherCount:
    columns = zip(*(publisher[1:] for publisher in publishers), strict=True)
    return PublisherCount(None, *(map(sum, columns) if publishers else [0] * 5))


def _campaign(moves: Iterable[Move]) -> Campaign:
    ours = [move for move in moves if move.declared == PUBLIC_INFORMATION]
    decided = Counter[str | None]()
    waiting = Counter[str | None]()
    for move in ours:
        if move.decided is None and move.queue in (None, MISMATCH, UNCERTAIN, CONFIDENT):
            waiting[move.queue] += move.datasets
        else:
            decided[move.decided] += move.datasets
    kept, undetermined = decided.pop(PUBLIC_INFORMATION, 0), decided.pop(None, 0)
    flagged = waiting.pop(MISMATCH, 0)
    moved = [(code, decided[code]) for code in category_names() if decided[code]]
    return Campaign(
        sum(move.datasets for move in ours),
        sorted(moved, key=lambda one: -one[1]),
        kept,
        undetermined,
        flagged,
        waiting.total(),
    )


def _changes(moves: Iterable[Move]) -> list[Change]:
    before, after = Counter[str | None](), Counter[str | None]()
    for move in moves:
        before[move.declared] += move.datasets
        after[move.decided or move.declared] += move.datasets
    return [Change(code, before[code], after[code]) for code in (*category_names(), None)]
