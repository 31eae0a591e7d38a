"""The store's tests run on SQLite, and on PostgreSQL where a server answers."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from models.database import Database

_SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """The address of a PostgreSQL server on which databases may be made."""
    server = create_engine(_SERVER, connect_args={"connect_timeout": 3})
    try:
        with server.connect():
            return _SERVER
    except OperationalError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs PostgreSQL at TEST_DATABASE_URL: {error}")
        pytest.skip(f"no PostgreSQL at {_SERVER}")
    finally:
        server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/test.sqlite3")
        yield database
        database.engine.dispose()
        return
    server = create_engine(request.getfixturevalue("postgresql_server"), isolation_level="AUTOCOMMIT")
    name = f"tagger_test_{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    database = Database(server.url.set(database=name).render_as_string(hide_password=False))
    yield database
    database.engine.dispose()
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture
def database(empty_database: Database) -> Database:
    """A migrated, empty database."""
    empty_database.migrate()
    return empty_database
