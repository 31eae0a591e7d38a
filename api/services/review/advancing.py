"""What a reviewer gets next: the queue in its order, with random checks and second opinions among it."""

import random
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.accounts import Person
from api.services.review.viewing import ItemView, open_item
from models.base import now
from models.catalogue import dataset_key
from models.review.leases import take_lease
from models.review.queue import (
    MINE,
    Choices,
    Counts,
    Position,
    QueueFilters,
    QueueRow,
    count_filtered,
    count_queues,
    decided_since,
    next_key,
    position_of,
    previous_key,
    queue_choices,
    queue_rows,
)
from models.review.tables import CONFIDENT, CONFLICT, FOR_QUEUE, FOR_SAMPLE, FOR_SECOND, SECOND

_MOST_TRIES = 20
"""So often somebody else may have been faster."""
_MIXED_SECONDS = 0.1
"""Of a reviewer's items, the share that are second opinions while some wait."""


class Next(NamedTuple):
    """The item that comes next.

    Attributes:
        position: where the queue goes on after it.
        purpose: why it comes, of `models.review.tables`.
    """

    identifier: str
    position: Position | None
    purpose: str = FOR_QUEUE


class Progress(NamedTuple):
    """How far a reviewer is.

    Attributes:
        counts: what waits in each queue.
        today: how many the person decided since midnight in Taiwan.
        median_milliseconds: how long the middle one of these took, if known.
    """

    counts: Counts
    today: int
    median_milliseconds: int | None


def next_item(
    services: Services, person: Person, filters: QueueFilters, after: Position | None = None
) -> Next | None:
    """The next item for a person; from the start again at the end; None where none is left.

    A share of the items (`TAGGER_RANDOM_SHARE`) is drawn from the confident ones, and while second opinions
    wait, some of those are mixed in, so that a reviewer cannot tell them from others. Whoever shows the item
    takes its lease for the purpose.
    """
    moment = now()
    with services.database.reading() as session:
        for asked, place, purpose in _tries(services, person, own_filters(person, filters), after):
            found = next_key(session, asked, person.id, place, moment)
            if found is not None:
                key, identifier = found
                mixed_in = asked.queue != filters.queue
                return Next(identifier, after if mixed_in else position_of(session, key), purpose)
    return None


def take(services: Services, person: Person, item: Next) -> bool:
    """Take the lease of an item that somebody is sent to; whether nobody else was faster."""
    with services.database.writing() as session:
        key = dataset_key(session, item.identifier)
        if key is None:
            return False
        return take_lease(session, key, person.id, item.purpose, now()).account_id == person.id


def taken_next(
    services: Services, person: Person, filters: QueueFilters, after: Position | None = None
) -> Next | None:
    """The next item, taken in lease: of several people at once each gets another one."""
    for _ in range(_MOST_TRIES):
        found = next_item(services, person, filters, after)
        if found is None or take(services, person, found):
            return found
    return None


def opened_next(
    services: Services, person: Person, filters: QueueFilters, after: Position | None = None
) -> tuple[Next, ItemView] | None:
    """The next item, taken in lease and opened."""
    for _ in range(_MOST_TRIES):
        found = next_item(services, person, filters, after)
        view = open_item(services, person, found.identifier, found.purpose) if found else None
        if found is None or view is None:
            return None
        if view.held is not None and view.held.account_id == person.id:
            return found, view
    return None


def own_filters(person: Person, filters: QueueFilters) -> QueueFilters:
    """The filters, narrowed to the agency that a person is limited to."""
    return filters if person.publisher is None else filters._replace(publisher=person.publisher)


def _tries(
    services: Services, person: Person, filters: QueueFilters, after: Position | None
) -> list[tuple[QueueFilters, Position | None, str]]:
    """The queues to look into, in order, each with the place to begin at and the purpose."""
    purpose = {CONFIDENT: FOR_SAMPLE, SECOND: FOR_SECOND}.get(filters.queue, FOR_QUEUE)
    own: list[tuple[QueueFilters, Position | None, str]] = [(filters, after, purpose)]
    if after is not None:
        own.append((filters, None, purpose))
    if filters.queue in (CONFIDENT, SECOND, CONFLICT, MINE):
        return own
    agency = person.publisher
    drawn = random.random()  # noqa: S311 - a sample, not a secret
    share = services.settings.random_share
    # Drawn from all that are confident, whatever the reviewer filters by: else they would measure something else.
    if drawn < share:
        return [(QueueFilters(CONFIDENT, agency), None, FOR_SAMPLE), *own]
    if drawn < share + _MIXED_SECONDS:
        return [(QueueFilters(SECOND, agency), None, FOR_SECOND), *own]
    return own


def previous_item(services: Services, person: Person, filters: QueueFilters, before: Position) -> Next | None:
    """The item before a position; None at the start."""
    with services.database.reading() as session:
        found = previous_key(session, own_filters(person, filters), person.id, before)
        if found is None:
            return None
        key, identifier = found
        return Next(identifier, position_of(session, key))


def position(services: Services, identifier: str) -> Position | None:
    """Where a dataset stands in its queue; None where it is unknown or not tagged."""
    with services.database.reading() as session:
        key = dataset_key(session, identifier)
        return position_of(session, key) if key is not None else None


def queue_page(
    services: Services, person: Person, filters: QueueFilters, after: Position | None, limit: int
) -> tuple[list[QueueRow], Position | None]:
    """A page of the queue, and the position to go on after, None at the end."""
    with services.database.reading() as session:
        rows = queue_rows(session, own_filters(person, filters), person.id, after, limit + 1, now())
    return rows[:limit], rows[limit - 1].position if len(rows) > limit else None


def queue_filters(services: Services, person: Person, filters: QueueFilters) -> tuple[int, Choices]:
    """How many items are filtered, and what they can be narrowed to further."""
    own = own_filters(person, filters)
    with services.database.reading() as session:
        return count_filtered(session, own, person.id), queue_choices(session, own, person.id)


def progress(services: Services, person: Person, since: datetime) -> Progress:
    """How far a person is, counting own decisions from a moment on."""
    with services.database.reading() as session:
        return _progress(session, person, since)


def _progress(session: Session, person: Person, since: datetime) -> Progress:
    return Progress(
        count_queues(session, person.id, person.publisher), *decided_since(session, person.id, since)
    )
