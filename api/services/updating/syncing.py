"""Keeping in step with a catalogue at an address: fetched when it has changed, then brought in as any file."""

from datetime import date, datetime, timedelta, timezone
from typing import IO

from api.outgoing.fetching import Fetched, Known, Limits, fetch
from api.services import Services
from api.services.updating.catalogue import Asked
from models.imports import last_import_of

DAY = "{date}"
"""Stands for the day in the address of daily changes."""
_TAIPEI = timezone(timedelta(hours=8))


def today() -> date:
    """The day in Taipei, by which the portal counts."""
    return datetime.now(_TAIPEI).date()


def addresses(url: str, last: date, days: int) -> list[str]:
    """The addresses of the days up to the last one, the oldest first; just the one where it names no day."""
    if DAY not in url:
        return [url]
    return [url.replace(DAY, (last - timedelta(days=back)).isoformat()) for back in reversed(range(days))]


def known_state(services: Services, url: str, asked: Asked) -> Known:
    """What the server called the catalogue when it was last brought in, in the way that is asked now."""
    with services.database.reading() as session:
        last = last_import_of(session, url)
    if last is None or last.options != asked.options:
        return Known()
    return Known(last.etag, last.last_modified)


def fetch_catalogue(
    services: Services, url: str, stream: IO[bytes], known: Known, limits: Limits
) -> Fetched | None:
    """Fetch a catalogue; None where it has not changed. Raises FetchError."""
    found = fetch(url, stream, known=known, limits=limits, allowed=services.settings.sync_hosts)
    stream.flush()
    return found
