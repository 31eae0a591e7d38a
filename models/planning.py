"""Statistics for PostgreSQL's planner, counted anew by whoever fills the tables.

Autovacuum counts too, but not before a minute has passed, and only where it is on. Until then a table that was just
filled is planned for as if it were empty: looking five hundred rows up by their keys reads all of it, and a catalogue
comes in ever more slowly.
"""

from sqlalchemy import text

from models.database import Database
from models.patience import allow_long

_TABLES = ("dataset", "dataset_revision", "suggestion", "search_document", "review_item", "job_chunk")
_TIMES = 4


def refresh_statistics(database: Database, batches: int) -> None:
    """Have the tables that grow with the catalogue counted, when four times as much was stored as the last time.

    So it is done a dozen times for millions of rows, each in about a second. SQLite plans by its indexes alone.

    Args:
        batches: how many were stored by now; called after each.
    """
    if database.engine.dialect.name != "postgresql" or not _is_power(batches):
        return
    with database.writing() as session:
        allow_long(session)
        # Where somebody else is counting, that will do.
        session.execute(text(f"ANALYZE (SKIP_LOCKED) {', '.join(_TABLES)}"))


def _is_power(number: int) -> bool:
    while number > 1 and number % _TIMES == 0:
        number //= _TIMES
    return number == 1
