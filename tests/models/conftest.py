"""The store's tests run on SQLite, and on PostgreSQL where a server answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import Database
from tests.databases import ENGINES, copied_store, postgresql_database, postgresql_server


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


@pytest.fixture(scope="session", params=ENGINES)
def migrated_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated store, to be copied."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('store')}/migrated.sqlite3"
        _migrate(address)
        yield address
        return
    with postgresql_database(postgresql_server()) as address:
        _migrate(address)
        yield address


def _migrate(address: str) -> None:
    database = Database(address)
    database.migrate()
    database.engine.dispose()


@pytest.fixture
def database(migrated_store: str, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty database."""
    with copied_store(migrated_store, tmp_path) as address:
        database = Database(address)
        yield database
        database.engine.dispose()
