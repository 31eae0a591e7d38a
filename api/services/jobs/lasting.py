"""Long work outlasts a database that is restarted, or whose tables are locked for a while."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from models.contention import in_turn, took_too_long
from models.database import is_outage

T = TypeVar("T")
LONGEST = 600.0
"""Seconds that a database may be away or locked before it is told as an error."""
_FIRST, _MOST = 0.2, 5.0
log = structlog.get_logger(__name__)


def lasting(action: Callable[[], T]) -> T:
    """What an action gives, tried again while the database is away or another writer is in the way.

    A statement that was stopped is tried again, too: nobody can tell whether it waited for a lock, as that of a
    migration behind a backup, or is slow.

    Args:
        action: opens its own session, and may be done twice: a commit whose answer was lost is done again.

    Raises:
        SQLAlchemyError: the database was away or locked longer than `LONGEST`, or the error says neither.
    """
    began = time.monotonic()
    wait = _FIRST
    while True:
        try:
            return in_turn(action)
        except Exception as error:
            lasts = is_outage(error) or took_too_long(error)
            if not lasts or time.monotonic() - began > LONGEST:
                raise
            log.warning("database_away", waiting=wait)
        time.sleep(wait)
        wait = min(wait * 2, _MOST)
