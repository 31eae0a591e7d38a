"""Jobs in chunks: complete, each dataset once, whatever happens to those who work on them."""

import multiprocessing
import os
import random
import signal
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from api.services import Services
from api.services.jobs import retag as retagging
from api.services.jobs.local import work
from api.services.jobs.retag import COUNTED, RetagAsked, make_retag, preview_retag, run_next
from api.services.retagging import NoSuchJob, RetagReport, do_retag, known_datasets, reopen_retag
from models.base import now
from models.catalogue import Record, store_records
from models.database import Database
from models.deciding import DecisionRecord, record_decisions, standing_of
from models.job import CANCELLED, DONE, JobChunk
from models.job_items import Wanted
from models.job_state import find_job, sums_of
from models.jobs import cancel_job, claim_next, holds, settle_chunk
from models.review.tables import ReviewItem
from models.suggestion import StoredSuggestion


def _stored(services: Services, count: int, **more: str) -> list[int]:
    titles = ("職業災害統計", "公車路線時刻表", "醫療院所名冊")
    records = [
        Record(
            f"{more.get('prefix', 'D')}{number}",
            f"{titles[number % 3]}{number}",
            more.get("publisher", "勞動部"),
            "I00",
            {
                "identifier": f"{more.get('prefix', 'D')}{number}",
                "title": f"{titles[number % 3]}{number}",
                "publisher": more.get("publisher", "勞動部"),
                "categoryCode": "I00",
            },
        )
        for number in range(count)
    ]
    with services.database.writing() as session:
        return [one.dataset_id for one in store_records(session, records)]


def _nothing(_done: int, _total: int) -> None:
    """Nobody watches."""


def _retagged(services: Services, asked: RetagAsked | None = None) -> RetagReport:
    return do_retag(services, make_retag(services, asked or RetagAsked()), _nothing)


def _resumed(services: Services, job_id: int) -> RetagReport:
    reopen_retag(services, job_id)
    return do_retag(services, job_id, _nothing)


def _counts(database: Database) -> tuple[int, int]:
    """How many suggestions there are, and how many datasets are queued for review."""
    with database.reading() as session:
        suggestions = session.scalars(select(func.count(StoredSuggestion.id))).one()
        queued = session.scalars(select(func.count(ReviewItem.dataset_id))).one()
    return suggestions, queued


def test_a_job_tags_each_dataset_once_and_a_second_one_finds_nothing_to_do(services: Services) -> None:
    _stored(services, 30)
    first = _retagged(services)
    assert (first.state, first.datasets, first.tagged, first.unchanged, first.failed) == (DONE, 30, 30, 0, 0)
    assert first.mismatched == 30
    second = _retagged(services)
    assert (second.tagged, second.unchanged, second.mismatched) == (0, 30, 0)
    assert _counts(services.database) == (30, 30)


def test_a_job_is_about_what_was_asked_for(services: Services) -> None:
    _stored(services, 4)
    _stored(services, 3, prefix="M", publisher="內政部")
    assert _retagged(services, RetagAsked(Wanted(publisher="內政部"))).tagged == 3
    keys, unknown = known_datasets(services, ["D1", "NOPE"])
    assert unknown == ["NOPE"]
    assert _retagged(services, RetagAsked(dataset_ids=tuple(keys))).tagged == 1
    assert _retagged(services, RetagAsked(Wanted(category_code="500"))).datasets == 0
    assert _counts(services.database) == (4, 4)


def test_a_preview_counts_and_writes_nothing(services: Services) -> None:
    _stored(services, 6)
    found = preview_retag(services, RetagAsked(), _nothing)
    assert (found.datasets, found.counts["tagged"], found.counts["newMismatches"]) == (6, 6, 6)
    assert [one.before for one in found.differences] == [None] * 6
    assert _counts(services.database) == (0, 0)


def test_a_poisoned_row_fails_alone_with_its_reason_and_is_done_when_mended(services: Services) -> None:
    keys = _stored(services, 20)
    bad = Record("BAD", "壞", None, None, {"identifier": "BAD"})
    with services.database.writing() as session:
        store_records(session, [bad])
    report = _retagged(services)
    assert (report.state, report.tagged, report.failed) == (DONE, 20, 1)
    assert report.failures[0][0] == "BAD"
    assert "詮釋資料不符規定" in report.failures[0][1]
    with services.database.writing() as session:
        store_records(
            session, [Record("BAD", "好了", None, None, {"identifier": "BAD", "title": "火災統計"})]
        )
    mended = _resumed(services, report.job_id)
    assert (mended.failed, mended.failures) == (0, [])
    assert _counts(services.database)[0] == len(keys) + 1
    with pytest.raises(NoSuchJob):
        _resumed(services, 10**6)


def test_a_worker_that_comes_back_from_the_dead_writes_nothing(services: Services) -> None:
    _stored(services, 10)
    job_id = make_retag(services, RetagAsked(), size=10)
    with services.database.writing() as session:
        dead = claim_next(session, job_id, now(), now() + timedelta(minutes=2))
    assert dead is not None
    assert run_next(services, job_id) is None, "it is somebody else's"
    with services.database.writing() as session:
        session.execute(update(JobChunk).values(lease_until=now() - timedelta(seconds=1)))
    assert work(services, job_id, 1, _nothing).state == DONE
    with services.database.writing() as session:
        assert not holds(session, dead)
        settle_chunk(session, dead, {"tagged": 999}, {}, now())
    with services.database.reading() as session:
        assert sums_of(session, job_id, COUNTED).counts["tagged"] == 10


def test_a_chunk_that_cannot_be_done_is_given_up_after_three_attempts(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stored(services, 4)
    job_id = make_retag(services, RetagAsked(), size=2)

    def broken(*_arguments: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(retagging, "index_datasets", broken)
        assert work(services, job_id, 1, _nothing).state == "failed"
    assert _counts(services.database) == (0, 0), "nothing is half written"
    assert _resumed(services, job_id).tagged == 4


def test_a_cancelled_job_writes_nothing_more_and_can_be_gone_on_with(services: Services) -> None:
    _stored(services, 6)
    job_id = make_retag(services, RetagAsked(), size=2)
    run_next(services, job_id)
    with services.database.writing() as session:
        assert cancel_job(session, job_id, now())
    assert run_next(services, job_id) is None
    with services.database.reading() as session:
        job = find_job(session, job_id)
    assert job is not None
    assert job.state == CANCELLED
    assert _counts(services.database)[0] == 2
    assert _resumed(services, job_id).tagged == 6


def test_decisions_stand(services: Services) -> None:
    [key] = _stored(services, 1)
    with services.database.writing() as session:
        record_decisions(session, [DecisionRecord(key, 1, category_code="E00")])
    _retagged(services)
    with services.database.reading() as session:
        assert standing_of(session, [key])[key].category_code == "E00"


def test_killed_at_random_points_a_job_still_ends_complete_and_each_dataset_once(
    services: Services,
) -> None:
    services.settings.job_lease_seconds = 0.2
    _stored(services, 120)
    _ = services.tagger, services.meaning, services.model_version_id
    job_id = make_retag(services, RetagAsked(), size=3)
    draw = random.Random(7)  # noqa: S311
    for _ in range(8):
        worker = multiprocessing.get_context("fork").Process(target=_worker, args=(services, job_id))
        worker.start()
        time.sleep(draw.uniform(0.02, 0.35))
        if worker.pid is not None and worker.is_alive():
            os.kill(worker.pid, signal.SIGKILL)
        worker.join()
    assert work(services, job_id, 2, _nothing).state == DONE
    assert _counts(services.database) == (120, 120)
    with services.database.reading() as session:
        counts = sums_of(session, job_id, COUNTED).counts
    assert counts["tagged"] + counts.get("unchanged", 0) == 120


def _worker(services: Services, job_id: int) -> None:
    services.database.dispose()
    while run_next(services, job_id) is not None:
        pass
