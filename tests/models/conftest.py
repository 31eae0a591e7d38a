"""The store's tests run on SQLite, and on PostgreSQL where a server answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import Database
from tests.databases import ENGINES, copied_store, empty_store


@pytest.fixture(params=ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    with empty_store(request.param, tmp_path) as address:
        database = Database(address)
        yield database
        database.engine.dispose()


@pytest.fixture(scope="session", params=ENGINES)
def migrated_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated store, to be copied."""
    with empty_store(request.param, tmp_path_factory.mktemp("store")) as address:
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
