"""Talking about a dataset: notes that call people, assignments, and reasons that are given often."""

import re
from datetime import date

from api.services import Services
from api.services.accounts import Person, reviewers
from api.services.review.choosing import LONGEST_REASON, WrongChoice, checked_text
from models.base import now
from models.catalogue import dataset_key
from models.review import notes

LONGEST_NOTE = 2_000
_KEYS = 2**63
_CALLED = re.compile(r"@([^\s@,，。、；：!！?？()（）]+)")


def write_note(services: Services, person: Person, identifier: str, text: str) -> list[Person] | None:
    """Write a note; whom it calls by @name. None where there is no such dataset.

    Raises:
        WrongChoice: the note is empty or too long.
    """
    written = checked_text(text, "text", LONGEST_NOTE)
    if written is None:
        raise WrongChoice("text", "備註是空的，請寫些內容再送出。")
    names = set(_CALLED.findall(written))
    called = [one for one in reviewers(services) if one.name in names or one.display_name in names]
    with services.database.writing() as session:
        key = dataset_key(session, identifier)
        if key is None:
            return None
        notes.add_note(session, key, person.id, written, [one.id for one in called], now())
    return called


def assign(
    services: Services, person: Person, identifier: str, name: str | None, due_on: str | None = None
) -> bool:
    """Assign a dataset to a reviewer by name, or to nobody; whether there is such a dataset.

    Raises:
        WrongChoice: nobody of this name may decide, or the day is none.
    """
    chosen = next((one for one in reviewers(services) if one.name == name), None)
    if name is not None and chosen is None:
        raise WrongChoice("account", f"沒有審核者「{name}」，請從清單選擇。")
    try:
        day = date.fromisoformat(due_on).isoformat() if due_on else None
    except ValueError as error:
        raise WrongChoice("dueOn", "期限應為存在的日期，寫法如 2026-01-31。") from error
    with services.database.writing() as session:
        key = dataset_key(session, identifier)
        if key is None:
            return False
        if chosen is None:
            notes.unassign(session, [key])
        else:
            notes.assign(session, [key], chosen.id, person.id, day)
    return True


def save_reply(services: Services, person: Person, text: str) -> None:
    """Keep a reason for the next time."""
    if text.strip():
        with services.database.writing() as session:
            notes.save_reply(session, person.id, text.strip()[:LONGEST_REASON])


def remove_reply(services: Services, person: Person, key: int) -> None:
    """Forget a kept reason, if there is such a one."""
    if not 0 < key < _KEYS:
        return
    with services.database.writing() as session:
        notes.remove_reply(session, person.id, key)


def saved_replies(services: Services, person: Person) -> list[tuple[int, str]]:
    """Key and text of the person's kept reasons."""
    with services.database.reading() as session:
        return notes.saved_replies(session, person.id)
