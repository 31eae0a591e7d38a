"""Doing a job on this machine: a process a core, each taking chunk after chunk."""

import multiprocessing
import signal
import time
from types import FrameType

from api.services import Progress, Services
from api.services.jobs.retag import run_chunk
from models.base import now
from models.job import ENDED
from models.job_state import JobRow, find_job, sums_of
from models.jobs import end_job

_LOOK_EVERY = 0.5
_WAIT = 1.0
"""Seconds until what a killed worker left behind is looked for again."""


def work(services: Services, job_id: int, workers: int, progress: Progress) -> JobRow:
    """Do a job to its end, with others that work on it or alone; as it then stands.

    A worker that is killed costs nothing but time: its chunk comes up again when its lease has run out.

    Raises:
        LookupError: there is no such job.
        WrongModel: the job was made for another model.
    """
    while True:
        if workers == 1:
            _here(services, job_id, progress)
        else:
            _in_processes(services, job_id, workers, progress)
        with services.database.writing() as session:
            end_job(session, job_id, now())
            job = find_job(session, job_id)
        if job is None:
            raise LookupError(job_id)
        if job.state in ENDED:
            return job
        time.sleep(_WAIT)


def _here(services: Services, job_id: int, progress: Progress) -> None:
    looked = 0.0
    while run_chunk(services, job_id) is not None:
        if time.monotonic() - looked >= _LOOK_EVERY:
            progress(*_done(services, job_id))
            looked = time.monotonic()


def _in_processes(services: Services, job_id: int, workers: int, progress: Progress) -> None:
    # Loaded before the workers are made, so that they share one copy of it.
    _ = services.tagger, services.meaning, services.model_version_id
    context = multiprocessing.get_context("fork")
    made = [context.Process(target=_loop, args=(services, job_id)) for _ in range(workers)]
    for process in made:
        process.start()
    try:
        while any(process.is_alive() for process in made):
            made[0].join(_LOOK_EVERY)
            progress(*_done(services, job_id))
    finally:
        # Interrupted: each ends what it is at, and what it has not begun waits.
        for process in made:
            if process.is_alive():
                process.terminate()
        for process in made:
            process.join()


def _loop(services: Services, job_id: int) -> None:
    # A forked process must not use the connections of the one it was forked from.
    services.database.dispose()
    asked_to_end = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked_to_end
        asked_to_end = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while not asked_to_end and run_chunk(services, job_id) is not None:
        pass


def _done(services: Services, job_id: int) -> tuple[int, int]:
    with services.database.reading() as session:
        job = find_job(session, job_id)
        return sums_of(session, job_id).datasets, job.total if job else 0
