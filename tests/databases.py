"""Databases for tests: SQLite always, PostgreSQL where a server answers."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.missing import missing

_SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
ENGINES = ["sqlite", "postgresql"]


def postgresql_server() -> str:
    """The address of a PostgreSQL server on which databases may be made.

    Skips the test where none answers; in CI that is a failure.
    """
    server = create_engine(_SERVER, connect_args={"connect_timeout": 3})
    try:
        with server.connect():
            return _SERVER
    except OperationalError as error:
        missing(f"no PostgreSQL at {_SERVER} (TEST_DATABASE_URL): {error}")
    finally:
        server.dispose()


@contextmanager
def postgresql_database(server: str, template: str | None = None) -> Iterator[str]:
    """The address of a database of its own, empty or a copy of another, removed at the end."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"tagger_test_{uuid.uuid4().hex}"
    copied = f' TEMPLATE "{template}"' if template else ""
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"{copied}'))
    try:
        yield engine.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        engine.dispose()
