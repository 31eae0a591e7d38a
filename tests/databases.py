"""Databases for tests: SQLite always, PostgreSQL where there is one."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from tests.clusters import programs, stoppable_postgresql
from tests.missing import missing

_DEFAULT = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
ENGINES = ["sqlite", "postgresql"]
_started = ExitStack()


@cache
def postgresql_server() -> str:
    """The address of a PostgreSQL server on which databases may be made.

    `TEST_DATABASE_URL`, else a server of this process's own where PostgreSQL is installed, else the one on 127.0.0.1.
    More than a thousand databases come and go in the suite: a server that need not outlive it does not wait for the
    disk, which halves the time.

    Skips the test where there is none; in CI that is a failure.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given is None and programs():
        own = _started.enter_context(stoppable_postgresql())
        return own.address.replace("postgresql://", "postgresql+psycopg://")
    address = given or _DEFAULT
    server = create_engine(address, connect_args={"connect_timeout": 3})
    try:
        with server.connect():
            return address
    except OperationalError as error:
        missing(f"no PostgreSQL at {address} (TEST_DATABASE_URL): {error}")
    finally:
        server.dispose()


def stop_server() -> None:
    """Stop and remove the server of this process's own, if there is one."""
    _started.close()


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


@contextmanager
def empty_store(engine: str, folder: Path) -> Iterator[str]:
    """The address of a store without tables; an SQLite file goes into the folder."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/test.sqlite3"
        return
    with postgresql_database(postgresql_server()) as address:
        yield address


@contextmanager
def copied_store(address: str, folder: Path) -> Iterator[str]:
    """The address of a copy of a store that nobody is connected to; an SQLite file goes into the folder."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        shutil.copy(url.database or "", folder / "test.sqlite3")
        yield f"sqlite:///{folder}/test.sqlite3"
        return
    with postgresql_database(postgresql_server(), url.database) as copied:
        yield copied
