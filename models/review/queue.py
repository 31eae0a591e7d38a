"""Reading the queue: what comes next for a reviewer, pages of it, and how much is left."""

from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.dataset import Dataset, DatasetRevision
from models.decision import FLAG, SETTLING, SKIP, Decision
from models.review.tables import (
    CONFIDENT,
    CONFLICT,
    DECIDED,
    MISMATCH,
    QUEUES,
    SECOND,
    Assignment,
    Lease,
    Mention,
    Note,
    ReviewItem,
)
from models.suggestion import ModelVersion

Rows: TypeAlias = Select[*tuple[Any, ...]]
# Made once: an alias costs more than a statement.
_UNDOING, _OWN, _HOLDER = aliased(Decision), aliased(Decision), aliased(Account)
_SECONDS = 500
MINE = "mine"
"""The queue of what is assigned to a reviewer, flagged by him, or calls him."""


class QueueFilters(NamedTuple):
    """Which items are wanted; None asks for any.

    Attributes:
        queue: one of `models.review.tables.QUEUES`, or `MINE`.
        publisher: exactly this one.
        declared_code, suggested_code: service categories.
        level: how firmly the declaration is flagged.
        model_version: name of the model that made the suggestion.
        title_pattern: exactly this one.
        confidence_from: the suggested category has at least this confidence, 0 to 1.
    """

    queue: str = MISMATCH
    publisher: str | None = None
    declared_code: str | None = None
    suggested_code: str | None = None
    level: str | None = None
    model_version: str | None = None
    title_pattern: str | None = None
    confidence_from: float | None = None


class Position(NamedTuple):
    """A place in the queue: the item that was there last."""

    gain: float
    dataset_id: int


class QueueRow(NamedTuple):
    """An item of the queue.

    Attributes:
        holder: who looks at it just now, by name.
        due_on: until when it is to be decided, ISO 8601, if it is assigned.
    """

    dataset_id: int
    identifier: str
    title: str
    publisher: str | None
    queue: str
    gain: float
    level: str | None
    confidence: float
    declared_code: str | None
    suggested_code: str
    holder: str | None
    due_on: str | None

    @property
    def position(self) -> Position:
        """Where it stands."""
        return Position(self.gain, self.dataset_id)


def queue_rows(
    session: Session, filters: QueueFilters, account_id: int, after: Position | None, limit: int, at: datetime
) -> list[QueueRow]:
    """Items in the order of what a decision is expected to gain, from the one after a position on.

    Without those that this account skipped or must not decide: a second opinion is not the first reviewer's, a
    conflict is for a third. In one statement.
    """
    held = and_(
        Lease.dataset_id == ReviewItem.dataset_id, Lease.expires_at > at, Lease.account_id != account_id
    )
    wanted: Rows = (
        select(
            ReviewItem.dataset_id,
            Dataset.identifier,
            DatasetRevision.title,
            DatasetRevision.publisher,
            ReviewItem.queue,
            ReviewItem.gain,
            ReviewItem.level,
            ReviewItem.confidence,
            ReviewItem.declared_code,
            ReviewItem.suggested_code,
            _HOLDER.display_name,
            Assignment.due_on,
        )
        .join(Dataset, Dataset.id == ReviewItem.dataset_id)
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .outerjoin(Lease, held)
        .outerjoin(_HOLDER, _HOLDER.id == Lease.account_id)
        .outerjoin(Assignment, Assignment.dataset_id == ReviewItem.dataset_id)
    )
    wanted = _ordered(_allowed(filtered(wanted, filters, account_id), filters, account_id), after)
    return [QueueRow(*row) for row in session.execute(wanted.limit(limit))]


def next_key(
    session: Session, filters: QueueFilters, account_id: int, after: Position | None, at: datetime
) -> tuple[int, str] | None:
    """The key and identifier of the next item that nobody else looks at, or None; in one statement."""
    held = select(Lease.dataset_id).where(
        Lease.dataset_id == ReviewItem.dataset_id, Lease.expires_at > at, Lease.account_id != account_id
    )
    wanted: Rows = select(ReviewItem.dataset_id, Dataset.identifier).join(
        Dataset, Dataset.id == ReviewItem.dataset_id
    )
    wanted = _allowed(filtered(wanted, filters, account_id), filters, account_id).where(~held.exists())
    if filters.queue == SECOND:
        # Where one person decides alone all of these are hers; they are not all looked through each time.
        first = select(ReviewItem.dataset_id).where(ReviewItem.queue == SECOND)
        first = first.order_by(ReviewItem.gain.desc(), ReviewItem.dataset_id.desc()).limit(_SECONDS)
        wanted = wanted.where(ReviewItem.dataset_id.in_(first))
    found = session.execute(_ordered(wanted, after).limit(1)).one_or_none()
    return None if found is None else (found[0], found[1])


def previous_key(
    session: Session, filters: QueueFilters, account_id: int, before: Position
) -> tuple[int, str] | None:
    """The key and identifier of the item before a position, or None; in one statement."""
    wanted: Rows = select(ReviewItem.dataset_id, Dataset.identifier).join(
        Dataset, Dataset.id == ReviewItem.dataset_id
    )
    wanted = _allowed(filtered(wanted, filters, account_id), filters, account_id)
    wanted = wanted.where(tuple_(ReviewItem.gain, ReviewItem.dataset_id) > tuple_(*before))
    found = session.execute(wanted.order_by(ReviewItem.gain, ReviewItem.dataset_id).limit(1)).one_or_none()
    return None if found is None else (found[0], found[1])


def position_of(session: Session, dataset_id: int) -> Position | None:
    """Where a dataset stands in its queue, or None where it is not tagged."""
    found = session.execute(
        select(ReviewItem.gain, ReviewItem.dataset_id).where(ReviewItem.dataset_id == dataset_id)
    ).one_or_none()
    return Position(*found) if found else None


def pattern_of(session: Session, dataset_id: int) -> str | None:
    """The title pattern of a dataset, or None where it is not tagged."""
    return session.scalars(
        select(ReviewItem.title_pattern).where(ReviewItem.dataset_id == dataset_id)
    ).one_or_none()


def _ordered(wanted: Rows, after: Position | None) -> Rows:
    if after is not None:
        wanted = wanted.where(tuple_(ReviewItem.gain, ReviewItem.dataset_id) < tuple_(*after))
    return wanted.order_by(ReviewItem.gain.desc(), ReviewItem.dataset_id.desc())


def filtered(wanted: Rows, filters: QueueFilters, account_id: int) -> Rows:
    """A selection of review items, narrowed to a filter; `account_id` matters for `MINE` only."""
    if filters.queue == MINE:
        wanted = wanted.where(ReviewItem.dataset_id.in_(_mine(account_id)))
    else:
        wanted = wanted.where(ReviewItem.queue == filters.queue)
    for name in ("publisher", "declared_code", "suggested_code", "level", "title_pattern"):
        value = getattr(filters, name)
        if value is not None:
            wanted = wanted.where(getattr(ReviewItem, name) == value)
    if filters.model_version is not None:
        version = select(ModelVersion.id).where(ModelVersion.name == filters.model_version)
        wanted = wanted.where(ReviewItem.model_version_id == version.scalar_subquery())
    if filters.confidence_from is not None:
        wanted = wanted.where(ReviewItem.confidence >= filters.confidence_from)
    return wanted


def _mine(account_id: int) -> Any:
    """Keys of the datasets in an account's own queue."""
    assigned = (
        select(Assignment.dataset_id)
        .join(ReviewItem, ReviewItem.dataset_id == Assignment.dataset_id)
        .where(Assignment.account_id == account_id, ReviewItem.queue.not_in((DECIDED, SECOND)))
    )
    # Whoever decided on what he flagged is done with it.
    settled = select(_OWN.id).where(
        _OWN.dataset_id == Decision.dataset_id,
        _OWN.account_id == account_id,
        _OWN.kind.in_(SETTLING),
        _OWN.id > Decision.id,
    )
    flagged = (
        select(Decision.dataset_id)
        .outerjoin(_UNDOING, _UNDOING.undoes_id == Decision.id)
        .where(
            # By the kind, of which there are few, and not by the account, which may have decided thousands.
            func.coalesce(Decision.account_id, 0) == account_id,
            Decision.kind == FLAG,
            _UNDOING.id.is_(None),
            ~settled.exists(),
        )
    )
    called = (
        select(Note.dataset_id)
        .join(Mention, Mention.note_id == Note.id)
        .where(Mention.account_id == account_id, Mention.seen_at.is_(None))
    )
    return assigned.union(flagged, called)


def _allowed(wanted: Rows, filters: QueueFilters, account_id: int) -> Rows:
    # Who looks through his own list wants to see what he skipped, too.
    kinds = {SECOND: SETTLING, CONFLICT: SETTLING}.get(filters.queue, ())
    if filters.queue != MINE:
        kinds = (*kinds, SKIP)
    if not kinds:
        return wanted
    mine = (
        select(_OWN.id)
        .outerjoin(_UNDOING, _UNDOING.undoes_id == _OWN.id)
        .where(
            _OWN.dataset_id == ReviewItem.dataset_id,
            _OWN.account_id == account_id,
            _OWN.kind.in_(kinds),
            _UNDOING.id.is_(None),
        )
    )
    return wanted.where(~mine.exists())


class Counts(NamedTuple):
    """How many items are in each queue; `mine` is the asking account's."""

    mismatch: int
    uncertain: int
    conflict: int
    second: int
    decided: int
    mine: int


def count_queues(session: Session, account_id: int, publisher: str | None = None) -> Counts:
    """How much waits where, by default of all agencies; in two statements."""
    # Without the confident ones, which are the most and which nobody works off.
    shown = [name for name in QUEUES if name != CONFIDENT]
    rows = session.execute(
        select(ReviewItem.queue, func.count()).where(ReviewItem.queue.in_(shown)).group_by(ReviewItem.queue)
    )
    found = {row[0]: row[1] for row in rows}
    own = session.scalars(select(func.count()).select_from(_mine(account_id).subquery())).one()
    return Counts(**{name: found.get(name, 0) for name in shown}, mine=own)


class Choices(NamedTuple):
    """What a queue can be narrowed to: value and how many, the largest first."""

    publishers: list[tuple[str, int]]
    declared: list[tuple[str, int]]
    suggested: list[tuple[str, int]]
    levels: list[tuple[str, int]]
    model_versions: list[tuple[str, int]]


def queue_choices(session: Session, filters: QueueFilters, account_id: int, most: int = 200) -> Choices:
    """The values that occur in what is filtered, each with its count; in five statements."""

    def spread(column: Any) -> list[tuple[str, int]]:
        wanted: Rows = select(column, func.count()).select_from(ReviewItem)
        wanted = filtered(wanted, filters, account_id)
        if column is ModelVersion.name:
            wanted = wanted.join(ModelVersion, ModelVersion.id == ReviewItem.model_version_id)
        wanted = wanted.where(column.is_not(None)).group_by(column)
        rows = session.execute(wanted.order_by(func.count().desc(), column).limit(most))
        return [(value, count) for value, count in rows]

    return Choices(
        *(
            spread(column)
            for column in (
                ReviewItem.publisher,
                ReviewItem.declared_code,
                ReviewItem.suggested_code,
                ReviewItem.level,
                ModelVersion.name,
            )
        )
    )


def count_filtered(session: Session, filters: QueueFilters, account_id: int) -> int:
    """How many items are filtered."""
    wanted = filtered(select(func.count()).select_from(ReviewItem), filters, account_id)
    return int(session.execute(_allowed(wanted, filters, account_id)).scalar_one())


def decided_since(session: Session, account_id: int, since: datetime) -> tuple[int, int | None]:
    """How many decisions an account took since a moment, and how many milliseconds the middle one took."""
    times = session.scalars(
        select(Decision.milliseconds)
        .outerjoin(_UNDOING, _UNDOING.undoes_id == Decision.id)
        .where(
            Decision.account_id == account_id,
            Decision.created_at >= since,
            Decision.kind.in_(SETTLING),
            or_(Decision.batch.is_(None), Decision.milliseconds.is_not(None)),
            _UNDOING.id.is_(None),
        )
    ).all()
    known = sorted(time for time in times if time is not None)
    return len(times), known[len(known) // 2] if known else None
