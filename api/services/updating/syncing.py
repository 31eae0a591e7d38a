"""Keeping in step with a catalogue at an address: fetched when it has changed, then brought in as any file."""

from datetime import date, datetime, timedelta, timezone
from typing import IO

from api.outgoing.fetching import Fetched, Known, Limits, fetch
from api.services import Services
from api.services.updating.catalogue import Asked
from models.imports import Series, is_undone, last_import_of

DAY = "{date}"
"""Stands for the day in the address of daily changes."""
_TAIPEI = timezone(timedelta(hours=8))


def today() -> date:
    """The day in Taipei, by which the portal counts."""
    return datetime.now(_TAIPEI).date()


def days_up_to(last: date, count: int) -> list[date]:
    """So many days up to the last one, the oldest first."""
    return [last - timedelta(days=back) for back in reversed(range(count))]


def of_day(name: str, day: date) -> str:
    """An address, or a file's name, for a day; as it is where it names none."""
    return name.replace(DAY, day.isoformat())


def known_state(services: Services, url: str, day: date, asked: Asked) -> Known:
    """What the server called the catalogue when it was last brought in, in the way that is asked now.

    Unknown where the changes of a day have to be taken again, since a snapshot or an earlier day came in later.

    Args:
        url: with `DAY` where it has one.
    """
    with services.database.reading() as session:
        last = last_import_of(session, of_day(url, day))
        if last is None or last.options != asked.options:
            return Known()
        series = Series(url.partition(DAY)[0], url.rpartition(DAY)[2])
        if DAY in url and is_undone(session, last, series):
            return Known()
    return Known(last.etag, last.last_modified)


def fetch_catalogue(
    services: Services, url: str, stream: IO[bytes], known: Known, limits: Limits
) -> Fetched | None:
    """Fetch a catalogue; None where it has not changed. Raises FetchError."""
    return fetch(url, stream, known=known, limits=limits, allowed=services.settings.sync_hosts)
