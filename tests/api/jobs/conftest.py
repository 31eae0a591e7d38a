"""A filled store in PostgreSQL, and workers as an operator starts them: processes of their own."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.config import Settings
from api.services import Services
from api.services.migrating import migrate
from models.catalogue import Record, store_records
from models.job import COUNTED, ENDED
from models.job_state import JobRow, find_job, sums_of
from models.suggestion import StoredSuggestion
from tests.brokers import wait_for
from tests.databases import postgresql_database, postgresql_server

_TAGGER = Path(sys.executable).parent / "tagger"
_TITLES = ("職業災害統計", "公車路線時刻表", "醫療院所名冊")
END_SECONDS = 240


@pytest.fixture(scope="session")
def prepared_postgresql() -> Iterator[str]:
    """A store with schema and vocabulary, to be copied."""
    with postgresql_database(postgresql_server()) as address:
        prepare(address)
        yield address


def prepare(address: str) -> None:
    """Make the schema."""
    services = Services(Settings(database_url=address))
    migrate(services)
    services.database.engine.dispose()


@pytest.fixture
def store(prepared_postgresql: str) -> Iterator[str]:
    """The address of an empty store in PostgreSQL."""
    with postgresql_database(postgresql_server(), prepared_postgresql.rpartition("/")[2]) as address:
        yield address


@contextmanager
def opened(address: str, loaded: Services) -> Iterator[Services]:
    """A store with the models that are loaded already."""
    services = Services(Settings(database_url=address))
    services.tagger, services.meaning = loaded.tagger, loaded.meaning
    try:
        yield services
    finally:
        services.database.engine.dispose()


def fill(services: Services, count: int, poison: int = 0) -> None:
    """Store so many datasets that can be tagged, and some that cannot."""
    good = [_record(f"D{number}", f"{_TITLES[number % 3]}{number}") for number in range(count)]
    bad = [
        Record(f"BAD{number}", "壞", None, None, {"identifier": f"BAD{number}"}) for number in range(poison)
    ]
    with services.database.writing() as session:
        store_records(session, good[: count // 2] + bad + good[count // 2 :])


def _record(identifier: str, title: str) -> Record:
    content = {"identifier": identifier, "title": title, "publisher": "勞動部", "categoryCode": "I00"}
    return Record(identifier, title, "勞動部", "I00", content)


class Workers:
    """Started `tagger worker` commands of one store and one queue."""

    def __init__(
        self, address: str, broker_url: str | None, folder: Path, lease_seconds: float = 120
    ) -> None:
        self._environment = {
            "DATABASE_URL": address,
            "TAGGER_JOB_LEASE_SECONDS": str(lease_seconds),
            "TAGGER_BROKER_QUEUE": f"tagger_test_{uuid.uuid4().hex}",
            "PATH": os.environ["PATH"],
            "PYTHONWARNINGS": "ignore",
            **({"TAGGER_BROKER_URL": broker_url} if broker_url else {}),
        }
        self.log = folder / "workers.log"
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, processes: int = 2) -> subprocess.Popen[bytes]:
        """Start one command."""
        with self.log.open("ab") as log:
            command = [_TAGGER, "worker", "--workers", str(processes)]
            started = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        self.started.append(started)
        return started

    def end(self) -> None:
        """Ask all to end; kill what does not."""
        for one in self.started:
            one.send_signal(signal.SIGCONT)
            one.terminate()
        for one in self.started:
            try:
                one.wait(timeout=30)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


@pytest.fixture
def make_workers(store: str, tmp_path: Path) -> Iterator[Callable[..., Workers]]:
    """Makes the workers of a broker on the test's store; all are ended with the test."""
    made: list[Workers] = []

    def make(broker_url: str | None, lease_seconds: float = 120, address: str = store) -> Workers:
        made.append(Workers(address, broker_url, tmp_path, lease_seconds))
        return made[-1]

    yield make
    for workers in made:
        workers.end()


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes that a process has made and that still run."""
    try:
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    except FileNotFoundError:
        return []
    return [int(number) for number in listed.split()]


def job_of(services: Services, job_id: int) -> JobRow:
    """A job as it stands."""
    with services.database.reading() as session:
        job = find_job(session, job_id)
    assert job is not None
    return job


def wait_for_end(services: Services, job_id: int, seconds: float = END_SECONDS) -> JobRow:
    """Wait until a job has ended."""
    wait_for(lambda: job_of(services, job_id).state in ENDED, seconds)
    return job_of(services, job_id)


def wait_for_progress(services: Services, job_id: int, datasets: int) -> None:
    """Wait until so many datasets of a job are done."""
    wait_for(lambda: settled(services, job_id) >= datasets, END_SECONDS)


def settled(services: Services, job_id: int) -> int:
    """How many datasets of a job are done."""
    with services.database.reading() as session:
        return sums_of(session, job_id).datasets


def assert_complete(services: Services, job_id: int, datasets: int) -> None:
    """Each dataset was done once and counted once, and has one suggestion."""
    with services.database.reading() as session:
        counts = sums_of(session, job_id, COUNTED).counts
        suggestions = session.scalars(select(func.count(StoredSuggestion.id))).one()
        revisions = session.scalars(select(func.count(StoredSuggestion.revision_id.distinct()))).one()
    assert (suggestions, revisions) == (datasets, datasets)
    assert counts["tagged"] + counts["unchanged"] == datasets


def pause(seconds: float) -> None:
    """Let others work."""
    time.sleep(seconds)
