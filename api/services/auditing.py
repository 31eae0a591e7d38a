"""Auditing: whether what is stored is what happened, and what happened, for others to keep."""

from collections.abc import Iterator
from datetime import datetime

from api.services import Services
from models.catalogue import dataset_key
from models.review.auditing import Audit, Head, LoggedEvent, audit, last_event, logged_events

_CHUNK = 1_000


class UnknownDataset(Exception):
    """There is no dataset of this identifier."""


def verify(services: Services, kept: tuple[int, str] | None = None) -> tuple[Audit, Head | None]:
    """Audit the store; the last event beside it.

    Args:
        kept: number and hash of an event that was the last one once.
    """
    with services.database.reading() as session:
        found = audit(session, kept)
        return found, last_event(session)


def head(services: Services) -> Head | None:
    """The last event, or None where nothing happened yet."""
    with services.database.reading() as session:
        return last_event(session)


def log(services: Services, identifier: str | None, since: datetime | None) -> Iterator[LoggedEvent]:
    """Events in their order, of one dataset or of all, from a moment on.

    Raises:
        UnknownDataset: there is no such dataset.
    """
    subject = _subject(services, identifier) if identifier is not None else None
    after = 0
    while True:
        with services.database.reading() as session:
            events = logged_events(session, subject, since, after, _CHUNK)
        yield from events
        if len(events) < _CHUNK:
            return
        after = events[-1].id


def _subject(services: Services, identifier: str) -> str:
    with services.database.reading() as session:
        key = dataset_key(session, identifier)
    if key is None:
        raise UnknownDataset(identifier)
    return f"dataset/{key}"
