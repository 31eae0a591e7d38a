"""Doing jobs on this machine: a process a core, each taking chunk after chunk."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import time
from collections.abc import Callable, Iterable
from multiprocessing.process import BaseProcess
from types import FrameType

from api.services import Progress, Services
from api.services.jobs.ending import settled
from api.services.jobs.lasting import lasting
from api.services.jobs.retag import KIND, check_model, run_next
from models.job import ENDED
from models.job_dispatch import open_jobs
from models.job_state import JobRow, Sums, find_job, sums_of

LOOK_EVERY = 0.5
"""Seconds between two looks at how far a job is."""
_WAIT = 1.0
"""Seconds until what a killed worker left behind is looked for again."""


class WorkersFailed(Exception):
    """Every worker ended with an error of its own; the log has it."""


def _never() -> bool:
    return False


def work(
    services: Services, job_id: int, workers: int, progress: Progress, stopped: Callable[[], bool] = _never
) -> JobRow:
    """Do a job to its end, with others that work on it or alone; as it then stands.

    A worker that is killed costs nothing but time: its chunk comes up again when its lease has run out. So does
    a database that is restarted.

    Args:
        stopped: whether to leave off; what was begun is ended first.

    Raises:
        LookupError: there is no such job.
        WrongModel: the job was made for another model.
        WorkersFailed: nobody could work.
    """
    while True:
        job = _do_what_is_free(services, job_id, workers, progress, stopped)
        if job.state in ENDED or stopped():
            return job
        time.sleep(_WAIT)


def work_on_all(services: Services, workers: int, stopped: Callable[[], bool]) -> int:
    """Do what is free of the jobs that wait for workers, the oldest first; how many have not ended.

    A job of which somebody else's chunk has to be waited for does not keep the later ones.

    Raises:
        WorkersFailed: nobody could work on one of them; the others were worked on.
    """
    left, failed = 0, False
    for job_id in lasting(lambda: _open(services)):
        if stopped():
            break
        try:
            left += _do_what_is_free(services, job_id, workers, None, stopped).state not in ENDED
        except WorkersFailed:
            failed = True
    if failed:
        raise WorkersFailed
    return left


def _do_what_is_free(
    services: Services, job_id: int, workers: int, progress: Progress | None, stopped: Callable[[], bool]
) -> JobRow:
    """Do chunks of a job until none is free; as it then stands. Its rows tell how far it is where nobody watches."""
    job = lasting(lambda: settled(services, job_id))
    if job.state in ENDED or stopped():
        return job
    check_model(services, job.parameters)
    if workers == 1:
        _here(services, job_id, progress, stopped)
    else:
        _in_processes(services, job_id, workers, progress, stopped)
    return lasting(lambda: settled(services, job_id))


def _open(services: Services) -> list[int]:
    with services.database.reading() as session:
        return open_jobs(session, KIND, services.model_version)


def _here(services: Services, job_id: int, progress: Progress | None, stopped: Callable[[], bool]) -> None:
    looked = 0.0
    while not stopped() and run_next(services, job_id) is not None:
        if time.monotonic() - looked >= LOOK_EVERY:
            _show(services, job_id, progress)
            looked = time.monotonic()
    _show(services, job_id, progress)


def _in_processes(
    services: Services, job_id: int, workers: int, progress: Progress | None, stopped: Callable[[], bool]
) -> None:
    services.load_to_share()
    context = multiprocessing.get_context("fork")
    made = [context.Process(target=_loop, args=(services, job_id, os.getpid())) for _ in range(workers)]
    for process in made:
        process.start()
    try:
        while (alive := [process.sentinel for process in made if process.is_alive()]) and not stopped():
            closed = multiprocessing.connection.wait(alive, LOOK_EVERY)
            _join(process for process in made if process.sentinel in closed)
            _show(services, job_id, progress)
    finally:
        # Interrupted: each ends what it is at, and what it has not begun waits.
        for process in made:
            if process.is_alive():
                process.terminate()
        _join(made)
    if all(process.exitcode == 1 for process in made):
        raise WorkersFailed


def _join(processes: Iterable[BaseProcess]) -> None:
    """Wait until processes have ended: their files are closed a moment before it shows."""
    for process in processes:
        process.join()


def _loop(services: Services, job_id: int, parent: int) -> None:
    # A forked process must not use the connections of the one it was forked from.
    services.database.dispose()
    asked_to_end = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked_to_end
        asked_to_end = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Where the one that made it was killed, nobody would be there to stop this one.
    while not asked_to_end and os.getppid() == parent and run_next(services, job_id) is not None:
        pass


def look(services: Services, job_id: int) -> tuple[JobRow, Sums]:
    """A job and how far it is. Raises LookupError where there is none."""

    def seen() -> tuple[JobRow, Sums]:
        with services.database.reading() as session:
            job = find_job(session, job_id)
            if job is None:
                raise LookupError(job_id)
            return job, sums_of(session, job_id)

    return lasting(seen)


def _show(services: Services, job_id: int, progress: Progress | None) -> None:
    if progress is not None:
        job, sums = look(services, job_id)
        progress(sums.datasets, job.total)
