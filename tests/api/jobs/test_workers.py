"""Workers of a real broker and a real PostgreSQL: complete, each dataset once, whatever happens to them."""

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from api.services import Services
from api.services.jobs.retag import RetagAsked, make_retag
from models.job import DONE, ENDED
from models.job_state import failures_of, sums_of
from tests.api.jobs.conftest import (
    Workers,
    assert_complete,
    children,
    fill,
    job_of,
    opened,
    pause,
    wait_for_end,
    wait_for_progress,
)
from tests.brokers import broker, stoppable_broker, wait_for

Make = Callable[..., Workers]
KINDS = ["redis", "rabbitmq"]


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_of_a_thousand_with_one_poisoned_999_are_done(
    kind: str | None, store: str, loaded: Services, make_workers: Make
) -> None:
    make_workers(broker(kind) if kind else None).start()
    with opened(store, loaded) as services:
        fill(services, 999, poison=1)
        job_id = make_retag(services, RetagAsked(), size=100)
        job = wait_for_end(services, job_id)
        assert (job.state, job.total) == (DONE, 1_000)
        assert_complete(services, job_id, 999)
        with services.database.reading() as session:
            [(identifier, reason)] = failures_of(session, job_id, 10)
        assert (identifier, "詮釋資料不符規定" in reason) == ("BAD0", True)


@pytest.mark.parametrize("kind", KINDS)
def test_two_commands_share_a_job_and_end_when_they_are_asked_to(
    kind: str, store: str, loaded: Services, make_workers: Make
) -> None:
    workers = make_workers(broker(kind))
    first, second = workers.start(1), workers.start(1)
    with opened(store, loaded) as services:
        fill(services, 6_000)
        job_id = make_retag(services, RetagAsked(), size=25)
        wait_for_progress(services, job_id, 200)
        first.terminate()
        assert first.wait(timeout=30) == 0
        assert job_of(services, job_id).state not in ENDED, "the other one goes on"
        assert wait_for_end(services, job_id).state == DONE
        assert_complete(services, job_id, 6_000)
    second.terminate()
    assert second.wait(timeout=30) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_thirty_random_points_a_job_still_ends_complete(
    kind: str, store: str, loaded: Services, make_workers: Make
) -> None:
    workers = make_workers(broker(kind), lease_seconds=1)
    started = workers.start(2)
    draw = random.Random(11)  # noqa: S311
    killed = 0
    with opened(store, loaded) as services:
        fill(services, 5_000)
        job_id = make_retag(services, RetagAsked(), size=20)
        wait_for_progress(services, job_id, 20)
        while killed < 30:
            pause(draw.uniform(0.01, 0.25))
            assert job_of(services, job_id).state not in ENDED, "it was over too soon for this test"
            victims = children(started)
            if killed % 10 == 9 or not victims:
                started.kill()
                started.wait()
                started = workers.start(2)
                killed += 1
            elif victims:
                os.kill(draw.choice(victims), signal.SIGKILL)
                killed += 1
        assert wait_for_end(services, job_id).state == DONE
        assert_complete(services, job_id, 5_000)


def test_a_worker_that_wakes_after_its_lease_writes_nothing(
    store: str, loaded: Services, make_workers: Make
) -> None:
    workers = make_workers(broker("redis"), lease_seconds=2)
    sleeper = workers.start(1)
    with opened(store, loaded) as services:
        fill(services, 2_000)
        job_id = make_retag(services, RetagAsked(), size=400)
        wait_for(lambda: job_of(services, job_id).state == "running")
        stopped = [sleeper.pid, *children(sleeper)]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        pause(2.5)
        awake = workers.start(1)
        # Where it was stopped while it was writing, its chunk stays locked until it wakes.
        wait_for(lambda: _left(services, job_id) <= 1, 120)
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        assert wait_for_end(services, job_id).state == DONE
        for one in (sleeper, awake):
            one.terminate()
            assert one.wait(timeout=30) == 0
        assert_complete(services, job_id, 2_000)


def _left(services: Services, job_id: int) -> int:
    with services.database.reading() as session:
        chunks = sums_of(session, job_id).chunks
    return chunks.get("waiting", 0) + chunks.get("running", 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_broker_that_stops_and_forgets_costs_no_chunk(
    kind: str, store: str, loaded: Services, make_workers: Make, tmp_path: Path
) -> None:
    with stoppable_broker(kind, tmp_path) as server, opened(store, loaded) as services:
        make_workers(server.address).start()
        fill(services, 1_500)
        job_id = make_retag(services, RetagAsked(), size=10)
        wait_for_progress(services, job_id, 100)
        server.stop()
        # Whoever asks for work does not need the broker.
        later = make_retag(services, RetagAsked(again=True), size=500)
        pause(2)
        assert job_of(services, job_id).state not in ENDED
        server.start()
        assert wait_for_end(services, job_id).state == DONE
        assert wait_for_end(services, later).state == DONE
        assert_complete(services, job_id, 1_500)
