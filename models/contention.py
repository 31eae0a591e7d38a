"""Writers that were in each other's way, and statements that waited too long."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

T = TypeVar("T")
# PostgreSQL's codes, appendix A of its manual: serialization failure, deadlock detected.
_AGAIN = frozenset({"40001", "40P01"})
# Query cancelled.
_STOPPED = "57014"
_LOCKED = "database is locked"
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.05


def is_contention(error: BaseException) -> bool:
    """Whether an error says only that another writer was in the way, so that the same transaction can be tried
    again."""
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.orig, "sqlstate", None) in _AGAIN or _LOCKED in str(error.orig)


def took_too_long(error: BaseException) -> bool:
    """Whether a statement was stopped since it took longer than it may: it waited for a lock, or had too much to do."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) == _STOPPED


def in_turn(transaction: Callable[[], T]) -> T:
    """Run a transaction; where another writer was in the way, again, up to 20 times.

    On SQLite each attempt already waits ten seconds for its turn: a writer that comes back at once may take it
    from one that has waited long.
    """
    for attempt in range(1, _ATTEMPTS):
        try:
            return transaction()
        except OperationalError as error:
            if not is_contention(error):
                raise
        time.sleep(_PAUSE_SECONDS * attempt)
    return transaction()
