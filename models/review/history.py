"""Reading decisions: what was decided of a dataset, and what somebody can take back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.dataset import Dataset, DatasetRevision
from models.decision import Decision, is_unset

Rows: TypeAlias = Select[*tuple[Any, ...]]
# Made once: an alias costs more than a statement.
_UNDOING = aliased(Decision)


class DecisionRow(NamedTuple):
    """A decision as it is shown; the fields are those of `Decision`.

    Attributes:
        name: of who took it, if known.
        accepted, rejected: labels as people read them.
        undone: whether it was taken back.
        publisher: of the dataset when it was decided on.
    """

    decision_id: int
    dataset_id: int
    identifier: str
    revision_id: int
    account_id: int | None
    name: str | None
    kind: str
    category_code: str | None
    accepted: tuple[str, ...]
    rejected: tuple[str, ...]
    reason: str | None
    batch: str | None
    undoes_id: int | None
    doubles_id: int | None
    created_at: datetime
    undone: bool
    publisher: str | None


def _selected() -> Rows:
    return (
        select(
            Decision.id,
            Decision.dataset_id,
            Dataset.identifier,
            Decision.revision_id,
            Decision.account_id,
            Account.display_name,
            Decision.kind,
            Decision.category_code,
            Decision.accepted_labels,
            Decision.rejected_labels,
            Decision.reason,
            Decision.batch,
            Decision.undoes_id,
            Decision.doubles_id,
            Decision.created_at,
            _UNDOING.id.is_not(None),
            DatasetRevision.publisher,
        )
        .join(Dataset, Dataset.id == Decision.dataset_id)
        .join(DatasetRevision, DatasetRevision.id == Decision.revision_id)
        .outerjoin(Account, Account.id == Decision.account_id)
        .outerjoin(_UNDOING, _UNDOING.undoes_id == Decision.id)
    )


def _rows(session: Session, wanted: Rows) -> list[DecisionRow]:
    return [
        DecisionRow(*row)._replace(
            accepted=tuple(choice["label"] for choice in row[8]),
            rejected=tuple(choice["label"] for choice in row[9]),
        )
        for row in session.execute(wanted)
    ]


def decision_rows(session: Session, decision_ids: Sequence[int]) -> list[DecisionRow]:
    """Decisions by their keys, in the order of the keys; in one statement."""
    return _rows(session, _selected().where(Decision.id.in_(decision_ids)).order_by(Decision.id))


def decisions_of(session: Session, dataset_id: int, limit: int = 50) -> list[DecisionRow]:
    """The decisions on a dataset, the newest first; in one statement."""
    wanted = _selected().where(Decision.dataset_id == dataset_id)
    return _rows(session, wanted.order_by(Decision.id.desc()).limit(limit))


def undoable(session: Session, account_id: int, limit: int) -> list[DecisionRow]:
    """The last decisions of an account that still stand, the newest first, without those of batches."""
    wanted = _selected().where(
        Decision.account_id == account_id,
        is_unset(Decision.undoes_id),
        Decision.batch.is_(None),
        _UNDOING.id.is_(None),
    )
    return _rows(session, wanted.order_by(Decision.id.desc()).limit(limit))


def decisions_of_batch(session: Session, batch: str) -> list[DecisionRow]:
    """The decisions of a batch in the order of their keys, without those that took others back."""
    wanted = _selected().where(Decision.batch == batch, is_unset(Decision.undoes_id))
    return _rows(session, wanted.order_by(Decision.id))


class BatchRow(NamedTuple):
    """A batch of decisions: how many datasets it decided, and of how many that was taken back."""

    batch: str | None
    created_at: datetime
    reason: str | None
    datasets: int
    undone: int


def batches_of(session: Session, account_id: int, limit: int = 10) -> list[BatchRow]:
    """An account's last batches, the newest first; in one statement."""
    first = func.min(Decision.id)
    rows = session.execute(
        select(
            Decision.batch,
            func.min(Decision.created_at),
            func.min(Decision.reason),
            func.count(Decision.id),
            func.count(_UNDOING.id),
        )
        .outerjoin(_UNDOING, _UNDOING.undoes_id == Decision.id)
        .where(Decision.account_id == account_id, Decision.batch.is_not(None), is_unset(Decision.undoes_id))
        .group_by(Decision.batch)
        .order_by(first.desc())
        .limit(limit)
    )
    return [BatchRow(*row) for row in rows]
