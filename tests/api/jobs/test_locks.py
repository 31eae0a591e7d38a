"""Two at one job at the same moment, and tables that somebody holds, in PostgreSQL."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, select, text

import models.database
from api.cli import cli
from api.services import Services
from api.services.jobs.control import Asked, cancel, preview, start_retag
from api.services.jobs.ending import settled
from api.services.jobs.lasting import lasting
from api.services.jobs.retag import RetagAsked, make_retag, preview_retag
from api.services.retagging import reopen_retag
from models.base import now
from models.database import Database
from models.dataset import Dataset
from models.job import COUNTED, WAITING
from models.job_items import Claim, Wanted
from models.job_state import failures_of, sums_of
from models.jobs import claim_next, holds, settle_chunk
from tests.api.job_requests import nobody
from tests.api.jobs.conftest import fill, job_of, opened
from tests.api.people import make_person
from tests.brokers import wait_for


@contextmanager
def _before(database: Database, words: str, action: Callable[[], None]) -> Iterator[None]:
    """Do something in the middle of something else: before a statement with these words, at the end where none comes."""
    waiting = [action]

    def come_between(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if waiting and words in statement:
            waiting.pop()()

    event.listen(database.engine, "before_cursor_execute", come_between)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", come_between)
    if waiting:
        action()


def _claimed(services: Services, job_id: int) -> Claim:
    with services.database.writing() as session:
        claim = claim_next(session, job_id, now(), now().replace(year=now().year + 1))
    assert claim is not None
    return claim


def _settle_with_a_failure(services: Services, claim: Claim) -> None:
    with services.database.writing() as session:
        bad = session.scalars(select(Dataset.id).where(Dataset.identifier == "BAD0")).one()
        assert holds(session, claim)
        settle_chunk(session, claim, {"tagged": 1, "failed": 1}, {bad: "壞了"}, now())


def test_a_failure_that_is_written_while_its_job_is_gone_on_with_is_kept(
    store: str, loaded: Services
) -> None:
    with opened(store, loaded) as services:
        fill(services, 3, poison=1)
        job_id = make_retag(services, RetagAsked(), size=2, for_workers=False)
        claim = _claimed(services, job_id)
        settling = _before(
            services.database, "DELETE FROM job_failure", lambda: _settle_with_a_failure(services, claim)
        )
        with settling:
            reopen_retag(services, job_id, for_workers=True)
        with services.database.reading() as session:
            assert sums_of(session, job_id, COUNTED).counts["failed"] == 1
            assert failures_of(session, job_id, 10) == [("BAD0", "壞了")]
        assert job_of(services, job_id).parameters["forWorkers"]


def test_a_job_that_is_tried_again_while_it_is_cancelled_is_not_left_half_dead(
    store: str, loaded: Services
) -> None:
    with opened(store, loaded) as services:
        root = make_person(services, "root", "administrator")
        fill(services, 3, poison=1)
        job_id = make_retag(services, RetagAsked(), size=2)
        _settle_with_a_failure(services, _claimed(services, job_id))
        retrying = threading.Thread(target=reopen_retag, args=(services, job_id))

        def retry() -> None:
            retrying.start()
            wait_for(lambda: not retrying.is_alive() or _somebody_waits(services))

        with _before(services.database, "UPDATE job SET", retry):
            cancel(services, root, job_id)
        retrying.join()
        with services.database.reading() as session:
            chunks = sums_of(session, job_id).chunks
        assert (job_of(services, job_id).state, chunks) == (WAITING, {WAITING: 2})


def _somebody_waits(services: Services) -> bool:
    here = "(SELECT oid FROM pg_database WHERE datname = current_database())"
    with services.database.reading() as session:
        waiting = f"SELECT count(*) FROM pg_locks WHERE NOT granted AND database = {here}"  # noqa: S608
        return bool(session.scalar(text(waiting)))


def test_who_works_waits_for_a_table_that_is_locked(
    store: str, loaded: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(store, loaded) as services, services.database.engine.connect() as other:
        fill(services, 1)
        job_id = make_retag(services, RetagAsked())
        other.execute(text("LOCK TABLE job_chunk IN ACCESS EXCLUSIVE MODE"))
        monkeypatch.setattr(models.database, "_STATEMENT_MILLISECONDS", 200)
        looks = []

        def look() -> str:
            looks.append(1)
            if len(looks) == 2:
                other.rollback()
            return settled(hurried, job_id).state

        with opened(store, loaded) as hurried:
            assert lasting(look) == WAITING
        assert len(looks) > 1


def test_migrating_does_not_let_everybody_wait_behind_a_backup(
    store: str, loaded: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.database, "_LOCK_MILLISECONDS", 50)
    monkeypatch.setenv("DATABASE_URL", store)
    with opened(store, loaded) as services:
        services.database.migrate("0004")
        with services.database.reading() as backup:
            backup.execute(text("SELECT id FROM dataset"))
            refused = CliRunner().invoke(cli, ["migrate"])
            assert (refused.exit_code, "沒有做任何更新" in refused.output) == (1, True)
        assert CliRunner().invoke(cli, ["migrate"]).exit_code == 0
        assert services.database.is_migrated()


def test_what_is_looked_for_for_a_job_may_take_longer_than_a_request(store: str, loaded: Services) -> None:
    limits = []

    def note(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith(("SELECT search_document", "SELECT dataset.id, dataset_revision.id")):
            limits.append(connection.exec_driver_sql("SHOW statement_timeout").scalar_one())

    with opened(store, loaded) as services:
        root = make_person(services, "root", "administrator")
        event.listen(services.database.engine, "before_cursor_execute", note)
        start_retag(services, root, Asked(query="公車"))
        preview_retag(services, RetagAsked(Wanted(changed=True)), nobody)
        assert limits == ["10min", "10min"]
        preview(services, root, Asked(query="公車"))
        assert limits[2:] == ["10s"]
