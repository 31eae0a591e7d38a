"""The connection to SQLite or PostgreSQL, and its schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

import models.tables  # noqa: F401 - a table that another one refers to has to be known

_CONNECT_SECONDS = 3
_LOCK_MILLISECONDS = 5_000
_STATEMENT_MILLISECONDS = 10_000
_IDLE_MILLISECONDS = 300_000
_WORK_MEMORY = "32MB"
_BUSY_MILLISECONDS = 10_000
_CACHE_KIB = 16 * 1024
_MAPPED_BYTES = 2**30
# PostgreSQL's codes, appendix A of its manual: class 08 and the operator's interventions.
_CONNECTION = "08"
_AWAY = frozenset({"57P01", "57P02", "57P03"})
_LOCKED = "55P03"


class SchemaInUse(Exception):
    """A table that is to be changed is read by somebody who does not end."""


class Database:
    """A database by its URL.

    Args:
        url: `sqlite:///file` or `postgresql://…` (psycopg 3 is used for it).
        connections: to PostgreSQL that are kept open; ten more are made where they are needed.
    """

    def __init__(self, url: str, connections: int = 5) -> None:
        self.engine = _make_engine(url, connections)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        # A SQLite transaction that reads first and writes later fails when another one wrote in between;
        # one that will write takes the lock at its start and waits instead.
        writing = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        self._writing = sessionmaker(writing, expire_on_commit=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose reads see one state of the database."""
        with self._reading.begin() as session:
            yield session

    @contextmanager
    def scanning(self) -> Iterator[Session]:
        """A session that reads nearly all there is.

        SQLite's file is not mapped meanwhile: each page that is read would count as the process's memory.
        """
        with self.reading() as session:
            if self.engine.dialect.name != "sqlite":
                yield session
                return
            session.execute(text("PRAGMA mmap_size = 0"))
            yield session
            # Where something fails meanwhile the connection stays slower, which harms nobody.
            session.execute(text(f"PRAGMA mmap_size = {_MAPPED_BYTES}"))

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back when anything is raised."""
        with self._writing.begin() as session:
            yield session

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema to a revision, by default the newest. Does nothing where it is there already.

        Raises:
            SchemaInUse: somebody reads what is to be changed, and goes on; nothing was changed.
        """
        try:
            self._migrate(revision)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCKED:
                raise SchemaInUse from error
            raise

    def _migrate(self, revision: str) -> None:
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                # Making an index takes longer than any statement of the service may, and so may waiting for
                # another host: two that start at once must not both migrate.
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(7214300)"))
                # Everybody else waits behind one that waits to change a table: no longer than their own statements may.
                connection.execute(text(f"SET LOCAL lock_timeout = {_LOCK_MILLISECONDS}"))
            config = _alembic_config(connection)
            if _number(config, revision) < _number(config, self._revision(connection)):
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)

    def is_migrated(self) -> bool:
        """Whether the schema is the one that this code expects. Raises SQLAlchemyError when unreachable."""
        with self.engine.connect() as connection:
            return self._revision(connection) == _script(_alembic_config(connection)).get_current_head()

    def dispose(self) -> None:
        """Drop the pooled connections; a forked process must not share its parent's."""
        self.engine.dispose(close=False)

    @staticmethod
    def _revision(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()


def is_outage(error: BaseException) -> bool:
    """Whether an error says that the server is away, stops or starts, so that trying again later makes sense."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in _AWAY or state.startswith(_CONNECTION)
    # A connection that was never made has no state; SQLite's errors have none either, and are no outage.
    return type(error.orig).__module__.startswith("psycopg") and isinstance(error, OperationalError)


def _make_engine(address: str, connections: int) -> Engine:
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, json_serializer=_to_json, json_deserializer=orjson.loads)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=connections,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            # Whoever falls asleep in a transaction loses its locks in the end.
            # Searching makes bitmaps of many rows, which become inexact in less memory; and compiling a
            # statement takes longer than any of ours runs.
            "options": f"-c statement_timeout={_STATEMENT_MILLISECONDS} "
            f"-c idle_in_transaction_session_timeout={_IDLE_MILLISECONDS} "
            f"-c work_mem={_WORK_MEMORY} -c jit=off",
        },
    )


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions start too late for a consistent read; SQLAlchemy begins them instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    cursor.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _script(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)


def _number(config: Config, revision: str | None) -> int:
    """How many migrations lie behind a revision; 0 for the empty database."""
    if revision in {None, "base"}:
        return 0
    return sum(1 for _ in _script(config).iterate_revisions(revision, "base"))
