"""Notes on datasets, the people they call, assignments and saved replies."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.account import Account
from models.review.tables import Assignment, Mention, Note, SavedReply


class NoteRow(NamedTuple):
    """A note as it is shown; `name` is its writer's."""

    id: int
    name: str
    text: str
    created_at: datetime


class AssignmentRow(NamedTuple):
    """To whom a dataset is assigned; `due_on` is an ISO 8601 day."""

    account_id: int
    name: str
    due_on: str | None


def add_note(
    session: Session, dataset_id: int, account_id: int, text: str, called: Collection[int], at: datetime
) -> int:
    """Write a note that calls accounts; its key."""
    [key] = session.scalars(
        insert(Note).returning(Note.id),
        [{"dataset_id": dataset_id, "account_id": account_id, "text": text, "created_at": at}],
    ).all()
    if called:
        session.execute(insert(Mention), [{"note_id": key, "account_id": one} for one in sorted(called)])
    return key


def notes_of(session: Session, dataset_id: int) -> list[NoteRow]:
    """The notes on a dataset, the oldest first."""
    rows = session.execute(
        select(Note.id, Account.display_name, Note.text, Note.created_at)
        .join(Account, Account.id == Note.account_id)
        .where(Note.dataset_id == dataset_id)
        .order_by(Note.id)
    )
    return [NoteRow(*row) for row in rows]


def see_mentions(session: Session, dataset_id: int, account_id: int, at: datetime) -> None:
    """Note that an account has seen what called it to a dataset."""
    notes = select(Note.id).where(Note.dataset_id == dataset_id)
    session.execute(
        update(Mention)
        .where(Mention.account_id == account_id, Mention.seen_at.is_(None), Mention.note_id.in_(notes))
        .values(seen_at=at)
        .execution_options(synchronize_session=False)
    )


def assign(
    session: Session, dataset_ids: Sequence[int], account_id: int, assigned_by_id: int, due_on: str | None
) -> None:
    """Assign datasets to an account, whoever had them before; in one statement."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Assignment)
    changed = {
        name: statement.excluded[name] for name in ("account_id", "assigned_by_id", "due_on", "created_at")
    }
    session.execute(
        statement.on_conflict_do_update(index_elements=["dataset_id"], set_=changed),
        [
            {
                "dataset_id": key,
                "account_id": account_id,
                "assigned_by_id": assigned_by_id,
                "due_on": due_on,
            }
            for key in dataset_ids
        ],
    )


def unassign(session: Session, dataset_ids: Sequence[int]) -> None:
    """Assign datasets to nobody."""
    session.execute(
        delete(Assignment)
        .where(Assignment.dataset_id.in_(dataset_ids))
        .execution_options(synchronize_session=False)
    )


def assignment_of(session: Session, dataset_id: int) -> AssignmentRow | None:
    """To whom a dataset is assigned, or None."""
    found = session.execute(
        select(Assignment.account_id, Account.display_name, Assignment.due_on)
        .join(Account, Account.id == Assignment.account_id)
        .where(Assignment.dataset_id == dataset_id)
    ).one_or_none()
    return AssignmentRow(*found) if found else None


def saved_replies(session: Session, account_id: int) -> list[tuple[int, str]]:
    """Key and text of an account's saved replies, the oldest first."""
    rows = session.execute(
        select(SavedReply.id, SavedReply.text)
        .where(SavedReply.account_id == account_id)
        .order_by(SavedReply.id)
    )
    return [(key, text) for key, text in rows]


def save_reply(session: Session, account_id: int, text: str) -> None:
    """Save a reply; the same text is saved once."""
    if text not in {known for _, known in saved_replies(session, account_id)}:
        session.execute(insert(SavedReply), [{"account_id": account_id, "text": text}])


def remove_reply(session: Session, account_id: int, key: int) -> None:
    """Remove one of an account's replies, if it is there."""
    session.execute(delete(SavedReply).where(SavedReply.account_id == account_id, SavedReply.id == key))
