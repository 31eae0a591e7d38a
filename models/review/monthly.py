"""What stood at the end of each month, told from what was only ever added to. Each function is one statement.

A revision holds from when it was written until the next one, or until its dataset was withdrawn; a suggestion until the
next one of its revision, at most as long as that; a decision until it is taken back. Each end of a month has a place in
the given list; what holds from place a to place b stood at the ends a, a + 1, … b - 1.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, and_, case, func, select, true
from sqlalchemy.orm import Session, aliased

from models.base import Moment
from models.dataset import Dataset, DatasetRevision
from models.decision import DECIDE, FLAG, KEEP, REJECT, SETTLING, SKIP, UNDO, Decision, is_unset
from models.review.statistics import ACCEPTED, KEPT, OTHERWISE, REJECTED
from models.suggestion import StoredSuggestion

SECOND, SKIPPED, MARKED, UNDONE = "second", "skipped", "marked", "undone"
"""Kinds of decisions beside the outcomes of first opinions: blind second ones; left to others; marked for discussion;
earlier ones taken back."""


class Stock(NamedTuple):
    """So many datasets of an agency stood at the ends from one place to another.

    Attributes:
        declared: the category that they declare.
    """

    publisher: str | None
    declared: str | None
    first: int
    behind: int
    datasets: int


class Suggested(NamedTuple):
    """So many datasets of an agency had such a suggestion from one place to another.

    Attributes:
        mismatched: whether it speaks against the declared category.
        labelled: whether it has labels.
        decided: bit i says that a decision on the dataset stood at the end i; 0 where it is not flagged.
    """

    publisher: str | None
    mismatched: bool
    labelled: bool
    first: int
    behind: int
    decided: int
    datasets: int


class Labelled(NamedTuple):
    """So many datasets of an agency stood from one place to another.

    Attributes:
        approved: bit i says that at the end i a decision stood that approved a label.
    """

    publisher: str | None
    first: int
    behind: int
    approved: int
    datasets: int


class Taken(NamedTuple):
    """So many decisions of a kind on an agency's datasets between the end before a place and the one at it."""

    publisher: str | None
    place: int
    kind: str
    decisions: int


def catalogue_stock(session: Session, ends: Sequence[datetime]) -> list[Stock]:
    """The catalogue by agency and declared category."""
    spans = _revisions(ends)
    columns = (spans.c.publisher, spans.c.category_code, spans.c.first, spans.c.behind)
    return [Stock(*row) for row in session.execute(_counted(spans, columns))]


def suggestion_stock(session: Session, ends: Sequence[datetime]) -> list[Suggested]:
    """The suggestions that held, by agency, flag and whether they have labels, with when a decision stood."""
    spans = _suggestions(session, ends)
    decided = _masks(ends, true()).subquery()
    mask = case((spans.c.mismatched, func.coalesce(decided.c.mask, 0)), else_=0)
    joined = (
        select(
            spans.c.publisher,
            spans.c.mismatched,
            spans.c.labelled,
            spans.c.first,
            spans.c.behind,
            mask.label("mask"),
        )
        .select_from(spans)
        .outerjoin(decided, decided.c.dataset_id == spans.c.dataset_id)
        .subquery()
    )
    rows = session.execute(_counted(joined, tuple(joined.c)))
    return [Suggested(row[0], bool(row[1]), bool(row[2]), *row[3:]) for row in rows]


def label_stock(session: Session, ends: Sequence[datetime]) -> list[Labelled]:
    """The datasets of which a label was approved at some time, by agency."""
    length = func.jsonb_array_length if _is_postgresql(session) else func.json_array_length
    approved = _masks(ends, length(Decision.accepted_labels) > 0).subquery()
    spans = _revisions(ends)
    joined = (
        select(spans.c.publisher, spans.c.first, spans.c.behind, approved.c.mask)
        .select_from(spans)
        .join(approved, approved.c.dataset_id == spans.c.dataset_id)
        .subquery()
    )
    return [Labelled(*row) for row in session.execute(_counted(joined, tuple(joined.c)))]


def decisions_taken(session: Session, ends: Sequence[datetime]) -> list[Taken]:
    """The decisions of each month by agency and kind; one that was taken back within its month is not counted.

    The agency is the one that the dataset had when the decision was taken.
    """
    undoing = aliased(Decision)
    taken, undone = _place(Decision.created_at, ends), _place(undoing.created_at, ends)
    found = (
        select(DatasetRevision.publisher, taken.label("place"), _kind().label("kind"))
        .select_from(Decision)
        .join(DatasetRevision, DatasetRevision.id == Decision.revision_id)
        .outerjoin(
            StoredSuggestion,
            and_(StoredSuggestion.id == Decision.suggestion_id, Decision.kind == DECIDE),
        )
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(Decision.created_at >= ends[0], Decision.created_at < ends[-1], taken < undone)
        .subquery()
    )
    return [Taken(*row) for row in session.execute(_counted(found, tuple(found.c)))]


def publishers_of(session: Session, dataset_ids: Collection[int]) -> set[str | None]:
    """The agencies that datasets have or had; in one statement."""
    wanted = select(DatasetRevision.publisher).where(DatasetRevision.dataset_id.in_(dataset_ids)).distinct()
    return set(session.scalars(wanted))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _counted(source: FromClause, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    return select(*columns, func.count()).select_from(source).group_by(*columns)


def _place(moment: ColumnElement[Any] | Any, ends: Sequence[datetime]) -> ColumnElement[int]:
    """The place of the first end that lies behind a moment; one more than the last where none does, or no moment is."""
    return case(*((moment < end, place) for place, end in enumerate(ends)), else_=len(ends))


def _revisions(ends: Sequence[datetime]) -> Subquery:
    """Revisions that stood at an end at least, each with its dataset and the places between which it held."""
    following = func.lead(DatasetRevision.created_at, type_=Moment()).over(
        partition_by=DatasetRevision.dataset_id, order_by=DatasetRevision.number
    )
    spans = (
        select(
            DatasetRevision.id,
            DatasetRevision.dataset_id,
            DatasetRevision.publisher,
            DatasetRevision.category_code,
            DatasetRevision.created_at.label("since"),
            func.coalesce(following, Dataset.withdrawn_at).label("until"),
        )
        .select_from(DatasetRevision)
        .join(Dataset, Dataset.id == DatasetRevision.dataset_id)
        .subquery()
    )
    placed = select(
        spans.c.id,
        spans.c.dataset_id,
        spans.c.publisher,
        spans.c.category_code,
        _place(spans.c.since, ends).label("first"),
        _place(spans.c.until, ends).label("behind"),
    ).subquery()
    return select(*placed.c).where(placed.c.first < placed.c.behind).subquery()


def _suggestions(session: Session, ends: Sequence[datetime]) -> Subquery:
    """Suggestions that held at an end at least."""
    revisions = _revisions(ends)
    # Told before anything is sorted: OFFSET keeps PostgreSQL from dragging the whole contents through the sort.
    told = (
        select(
            StoredSuggestion.id,
            StoredSuggestion.revision_id,
            StoredSuggestion.mismatched,
            StoredSuggestion.created_at.label("since"),
            _has_labels(session).label("labelled"),
        )
        .offset(0)
        .subquery()
    )
    following = func.lead(told.c.since, type_=Moment()).over(
        partition_by=told.c.revision_id, order_by=told.c.id
    )
    made = select(*told.c, following.label("until")).subquery()
    until = _place(made.c.until, ends)
    held = (
        select(
            revisions.c.dataset_id,
            revisions.c.publisher,
            made.c.mismatched,
            made.c.labelled,
            _place(made.c.since, ends).label("first"),
            case((until < revisions.c.behind, until), else_=revisions.c.behind).label("behind"),
        )
        .select_from(made)
        .join(revisions, revisions.c.id == made.c.revision_id)
        .subquery()
    )
    return select(*held.c).where(held.c.first < held.c.behind).subquery()


def _has_labels(session: Session) -> ColumnElement[bool]:
    content = StoredSuggestion.content
    if _is_postgresql(session):
        return func.coalesce(func.jsonb_array_length(content["labels"]), 0) > 0
    return func.coalesce(func.json_array_length(content, "$.labels"), 0) > 0


def _masks(ends: Sequence[datetime], condition: ColumnElement[bool]) -> Select[Any]:
    """The datasets with first opinions of some kind; bit i says that one stood at the end i."""
    undoing = aliased(Decision)
    stood = (
        select(
            Decision.dataset_id,
            _place(Decision.created_at, ends).label("first"),
            _place(undoing.created_at, ends).label("behind"),
        )
        .select_from(Decision)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(Decision.kind.in_(SETTLING), is_unset(Decision.doubles_id), condition)
        .subquery()
    )
    bits = [
        func.max(case((and_(stood.c.first <= place, stood.c.behind > place), 1 << place), else_=0))
        for place in range(len(ends))
    ]
    mask: ColumnElement[int] = bits[0]
    for bit in bits[1:]:
        mask = mask + bit
    return select(stood.c.dataset_id, mask.label("mask")).group_by(stood.c.dataset_id)


def _kind() -> ColumnElement[str]:
    other = {SKIP: SKIPPED, FLAG: MARKED, UNDO: UNDONE}
    return case(
        *((Decision.kind == kind, name) for kind, name in other.items()),
        (~is_unset(Decision.doubles_id), SECOND),
        (Decision.kind == KEEP, KEPT),
        (Decision.kind == REJECT, REJECTED),
        (Decision.category_code == StoredSuggestion.category_code, ACCEPTED),
        else_=OTHERWISE,
    )
