"""The store's tests run on SQLite, and on PostgreSQL where a server answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import Database
from tests.databases import ENGINES, postgresql_database, postgresql_server


@pytest.fixture(params=ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/test.sqlite3")
        yield database
        database.engine.dispose()
        return
    with postgresql_database(postgresql_server()) as address:
        database = Database(address)
        yield database
        database.engine.dispose()


@pytest.fixture
def database(empty_database: Database) -> Database:
    """A migrated, empty database."""
    empty_database.migrate()
    return empty_database
