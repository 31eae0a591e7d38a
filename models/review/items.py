"""Writing the queue, and what decisions say of where a dataset stands in it."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from models.decision import SETTLING, Decision, is_unset
from models.review.tables import NewTerm, ReviewItem

# Made once: an alias costs more than a statement.
_UNDOING = aliased(Decision)


class ItemRecord(NamedTuple):
    """A dataset on its way into the queue; the fields are those of `ReviewItem`."""

    dataset_id: int
    queue: str
    gain: float
    level: str | None
    confidence: float
    declared_code: str | None
    suggested_code: str
    publisher: str | None
    model_version_id: int
    title_pattern: str


class TermRecord(NamedTuple):
    """A new term of a dataset; the fields are those of `NewTerm`."""

    dataset_id: int
    form: str
    term: str
    publisher: str | None


class Opinion(NamedTuple):
    """A decision that settles a dataset; the fields are those of `Decision`."""

    decision_id: int
    account_id: int | None
    kind: str
    category_code: str | None
    second_wanted: bool


class Opinions(NamedTuple):
    """What people think of one dataset.

    Attributes:
        first: the last decision that is not undone; it stands.
        second: the blind second opinion on it, if there is one.
    """

    first: Opinion
    second: Opinion | None = None

    @property
    def differ(self) -> bool:
        """Whether the two chose different categories."""
        return self.second is not None and self.second.category_code != self.first.category_code


def store_items(
    session: Session, dataset_ids: Sequence[int], items: Sequence[ItemRecord], terms: Sequence[TermRecord]
) -> None:
    """Put datasets into the queue in place of what stood there for `dataset_ids`; in four statements."""
    if not dataset_ids:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    # Into the tables, not the mapped classes: nobody holds these rows as objects, and that takes twice as long.
    queued = {item.dataset_id for item in items}
    gone = [key for key in dataset_ids if key not in queued]
    # Two writers of one dataset may meet here: each row takes the place of what it finds.
    if gone:
        session.execute(delete(ReviewItem).where(ReviewItem.dataset_id.in_(gone)))
    if items:
        added = dialect.insert(ReviewItem.__table__)
        columns = {name: added.excluded[name] for name in ItemRecord._fields if name != "dataset_id"}
        session.execute(
            added.on_conflict_do_update(index_elements=["dataset_id"], set_=columns),
            [item._asdict() for item in items],
        )
    session.execute(delete(NewTerm).where(NewTerm.dataset_id.in_(dataset_ids)))
    if terms:
        session.execute(
            dialect.insert(NewTerm.__table__).on_conflict_do_nothing(index_elements=["dataset_id", "form"]),
            [term._asdict() for term in terms],
        )


def opinions_of(session: Session, dataset_ids: Collection[int]) -> dict[int, Opinions]:
    """The opinions on each dataset that somebody settled and nobody reopened; in one statement."""
    rows = session.execute(
        select(
            Decision.dataset_id,
            Decision.doubles_id,
            Decision.id,
            Decision.account_id,
            Decision.kind,
            Decision.category_code,
            Decision.second_wanted,
        )
        .outerjoin(_UNDOING, _UNDOING.undoes_id == Decision.id)
        .where(
            Decision.dataset_id.in_(dataset_ids),
            Decision.kind.in_(SETTLING),
            is_unset(Decision.undoes_id),
            _UNDOING.id.is_(None),
        )
        .order_by(Decision.id)
    ).all()
    found = {row[0]: Opinions(Opinion(*row[2:])) for row in rows if row[1] is None}
    for row in rows:
        opinions = found.get(row[0])
        if opinions and row[1] == opinions.first.decision_id:
            found[row[0]] = opinions._replace(second=Opinion(*row[2:]))
    return found
