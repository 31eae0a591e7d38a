"""The database goes away in the middle of a job and comes back: nothing is lost, nothing doubled."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.services import Services
from api.services.jobs.retag import RetagAsked, make_retag
from models.job import DONE, ENDED
from tests.api.jobs.conftest import (
    Workers,
    assert_complete,
    fill,
    job_of,
    opened,
    pause,
    prepare,
    settled,
    wait_for_end,
    wait_for_progress,
)
from tests.brokers import broker, wait_for
from tests.clusters import Cluster, stoppable_postgresql

_TAGGER = Path(sys.executable).parent / "tagger"
_DATASETS = 2_000


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that may be stopped, with an empty store."""
    with stoppable_postgresql() as cluster:
        prepare(cluster.address)
        yield cluster


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_a_command_waits_for_a_restarted_database_and_ends_well(
    mode: str, cluster: Cluster, loaded: Services
) -> None:
    with opened(cluster.address, loaded) as services:
        fill(services, _DATASETS)
        environment = {"DATABASE_URL": cluster.address, "PATH": os.environ["PATH"]}
        command = [_TAGGER, "retag", "--all", "--workers", "2", "--json"]
        running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: _under_way(services), 120)
        cluster.stop(mode)
        pause(1)
        cluster.start()
        output, errors = running.communicate(timeout=240)
        assert running.returncode == 0, errors.decode()[-2000:]
        assert f'"datasets":{_DATASETS}' in output.decode()
        assert_complete(services, 1, _DATASETS)


def _under_way(services: Services) -> bool:
    return settled(services, 1) > 0


def test_workers_wait_for_a_restarted_database(
    cluster: Cluster, loaded: Services, make_workers: Callable[..., Workers]
) -> None:
    workers = make_workers(broker("rabbitmq"), lease_seconds=5, address=cluster.address)
    started = workers.start(2)
    with opened(cluster.address, loaded) as services:
        fill(services, _DATASETS)
        job_id = make_retag(services, RetagAsked(), size=50)
        wait_for_progress(services, job_id, 100)
        cluster.stop("immediate")
        pause(3)
        cluster.start()
        assert wait_for_end(services, job_id).state == DONE
        assert_complete(services, job_id, _DATASETS)
    assert started.poll() is None, "the worker outlives it"


def test_a_command_that_is_terminated_leaves_its_job_to_be_gone_on_with(store: str, loaded: Services) -> None:
    environment = {"DATABASE_URL": store, "PATH": os.environ["PATH"]}
    with opened(store, loaded) as services:
        fill(services, 2 * _DATASETS)
        command = [_TAGGER, "retag", "--all", "--workers", "2"]
        running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: _under_way(services), 120)
        running.send_signal(signal.SIGTERM)
        _, errors = running.communicate(timeout=60)
        assert (running.returncode, "--resume 1" in errors.decode()) == (1, True)
        assert job_of(services, 1).state not in ENDED
        resumed = subprocess.run(
            [_TAGGER, "retag", "--resume", "1"],
            env=environment,
            capture_output=True,
            check=False,
            timeout=240,
        )
        assert resumed.returncode == 0, resumed.stderr.decode()[-2000:]
        assert_complete(services, 1, 2 * _DATASETS)


def test_a_worker_that_is_to_come_once_does_what_waits_and_ends(store: str, loaded: Services) -> None:
    environment = {"DATABASE_URL": store, "PATH": os.environ["PATH"]}
    with opened(store, loaded) as services:
        fill(services, 30)
        job_id = make_retag(services, RetagAsked())
        by_command = make_retag(services, RetagAsked(), for_workers=False)
        command = [_TAGGER, "worker", "--once", "--workers", "1"]
        ended = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=120)
        assert ended.returncode == 0, ended.stderr.decode()[-2000:]
        assert job_of(services, job_id).state == DONE
        assert job_of(services, by_command).state not in ENDED, "it is its command's"
        assert_complete(services, job_id, 30)
