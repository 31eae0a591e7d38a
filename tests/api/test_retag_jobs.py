"""Jobs in chunks: complete, each dataset once, whatever happens to those who work on them."""

import itertools
import multiprocessing
import os
import random
import signal
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from api.services import Services
from api.services.jobs import local
from api.services.jobs import retag as retagging
from api.services.jobs.local import WorkersFailed, work, work_on_all
from api.services.jobs.retag import RetagAsked, make_retag, preview_retag, run_next
from api.services.jobs.watching import JobWatch
from api.services.retagging import NoSuchJob, RetagReport, do_retag, known_datasets, reopen_retag
from models.base import now
from models.catalogue import Record, store_records
from models.database import Database
from models.dataset import Dataset
from models.deciding import DecisionRecord, record_decisions, standing_of
from models.job import CANCELLED, COUNTED, DONE, JobChunk
from models.job_items import Claim, Wanted
from models.job_listing import listed_job
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


def test_a_list_may_be_longer_than_a_statement_has_parameters(services: Services) -> None:
    keys = _stored(services, 2)
    found, unknown = known_datasets(services, ["D1", *map(str, range(70_000)), "D0"])
    assert (found, len(unknown)) == (sorted(keys), 70_000)


def _listed(services: Services, job_id: int) -> list[list[int] | None]:
    """The datasets that each chunk of a job lists."""
    with services.database.reading() as session:
        chosen = select(JobChunk.dataset_ids).where(JobChunk.job_id == job_id).order_by(JobChunk.number)
        return [None if keys is None else sorted(keys) for keys in session.scalars(chosen)]


def test_a_chunk_lists_its_datasets_where_few_of_its_range_are_meant(services: Services) -> None:
    first, *_ = _stored(services, 1, prefix="M", publisher="內政部")
    ours = _stored(services, 30)
    last, *_ = _stored(services, 1, prefix="N", publisher="內政部")
    assert _listed(services, make_retag(services, RetagAsked(Wanted(publisher="內政部")))) == [[first, last]]
    assert _listed(services, make_retag(services, RetagAsked(Wanted(publisher="勞動部")))) == [None]
    assert _listed(services, make_retag(services, RetagAsked(Wanted(changed=True)), size=31)) == [
        [first, *sorted(ours)],
        [last],
    ]
    assert _listed(services, make_retag(services, RetagAsked())) == [None]


def test_what_changed_and_was_tagged_still_counts_when_the_rest_is_tried_again(services: Services) -> None:
    keys = _stored(services, 4)
    _retagged(services)
    with services.database.writing() as session:
        # As another model leaves it, of which there is nothing any more when the first one comes back.
        session.execute(update(Dataset).where(Dataset.id.in_(keys[1:])).values(current_suggestion_id=None))
        store_records(session, [Record("BAD", "壞", None, None, {"identifier": "BAD"})])
    report = _retagged(services, RetagAsked(Wanted(changed=True)))
    assert (report.tagged, report.failed) == (3, 1)
    again = _resumed(services, report.job_id)
    assert (again.datasets, again.unchanged, again.failed) == (4, 3, 1)


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


def test_a_job_that_has_to_wait_does_not_keep_the_others(services: Services) -> None:
    _stored(services, 4)
    waits = make_retag(services, RetagAsked())
    with services.database.writing() as session:
        assert claim_next(session, waits, now(), now() + timedelta(hours=1)) is not None
    others = [make_retag(services, RetagAsked(again=True), size=2) for _ in range(2)]
    looks = itertools.count()
    assert work_on_all(services, 1, lambda: next(looks) > 20) == 1, "the one that waits is left"
    with services.database.reading() as session:
        assert [job.state for key in others if (job := find_job(session, key))] == [DONE, DONE]


def test_a_job_on_which_nobody_can_work_does_not_keep_the_others(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stored(services, 2)
    broken, good = make_retag(services, RetagAsked()), make_retag(services, RetagAsked())

    def run(services: Services, job_id: int) -> Claim | None:
        if job_id == broken:
            raise RuntimeError
        return run_next(services, job_id)

    monkeypatch.setattr(local, "run_next", run)
    with pytest.raises(WorkersFailed):
        work_on_all(services, 2, lambda: False)
    with services.database.reading() as session:
        assert [find_job(session, key).state for key in (broken, good)] == ["waiting", DONE]  # type: ignore[union-attr]


def test_who_waits_for_the_last_process_does_not_look_all_the_time(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stored(services, 1)
    job_id = make_retag(services, RetagAsked())
    context = multiprocessing.get_context("fork")
    first, may_end = context.Lock(), context.Event()
    looks = []

    def run(services: Services, job_id: int) -> Claim | None:
        # Of two processes one ends at once.
        if first.acquire(block=False):
            return None
        may_end.wait()
        return run_next(services, job_id)

    def look(_done: int, _total: int) -> None:
        if not looks:
            threading.Timer(0.3, may_end.set).start()
        looks.append(1)

    monkeypatch.setattr(local, "run_next", run)
    monkeypatch.setattr(local, "LOOK_EVERY", 60)
    assert work(services, job_id, 2, look).state == DONE
    assert len(looks) <= 2


def test_what_an_ended_job_came_to_is_not_added_up_again(services: Services) -> None:
    _stored(services, 5)
    done = _retagged(services).job_id
    cancelled = make_retag(services, RetagAsked(again=True), size=2)
    run_next(services, cancelled)
    with services.database.writing() as session:
        cancel_job(session, cancelled, now())
    statements = []
    event.listen(
        services.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    with services.database.reading() as session:
        jobs = [job for key in (done, cancelled) if (job := listed_job(session, key))]
        found = JobWatch().look(session, jobs)
    assert [(state.done, state.failed, state.left_out) for state in found] == [(5, 0, 0), (2, 0, 3)]
    assert found[0].extent.counts["tagged"] == 5
    assert not [one for one in statements if "job_chunk" in one]


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
