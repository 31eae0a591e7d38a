"""Tagging what is stored: a job that is made, done here or by workers, and reported."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from api.services import Progress, Services
from api.services.jobs.local import LOOK_EVERY, look, work
from api.services.jobs.retag import (
    CHANGED,
    FAILED,
    KIND,
    MISMATCHED,
    TAGGED,
    UNCHANGED,
    RetagAsked,
    check_model,
    make_retag,
)
from models.job import COUNTED, ENDED, WAITING
from models.job_state import JobRow, failed_chunks, failures_of, find_job, sums_of
from models.jobs import reopen_job
from models.themes import datasets_called

_SHOWN = 1_000
"""Failures that a report lists."""


class RetagReport(NamedTuple):
    """What re-tagging did; `tagged + unchanged + failed == datasets`.

    Attributes:
        job_id: of the job, to go on with what failed.
        state: of `models.job`; done, failed or cancelled.
        datasets: how many were looked at.
        tagged: how many got a new suggestion.
        unchanged: how many this model had tagged already.
        changed: of the tagged, how many are suggested another category than before.
        mismatched: of the tagged, how many are flagged and were not.
        failed: how many could not be tagged.
        failures: identifier and reason of these, the first thousand.
        chunks: number and error of chunks that were given up.
        started_at, finished_at: of the job, where it has come so far.
    """

    job_id: int
    state: str
    datasets: int
    tagged: int
    unchanged: int
    changed: int
    mismatched: int
    failed: int
    failures: list[tuple[str, str]]
    chunks: list[tuple[int, str]]
    started_at: datetime | None = None
    finished_at: datetime | None = None

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "job": self.job_id,
            "state": self.state,
            "datasets": self.datasets,
            "tagged": self.tagged,
            "unchanged": self.unchanged,
            "changedCategory": self.changed,
            "newMismatches": self.mismatched,
            "failed": self.failed,
            "failures": [{"identifier": one, "reason": reason} for one, reason in self.failures],
            "failedChunks": [{"number": number, "error": error} for number, error in self.chunks],
        }


class NoSuchJob(Exception):
    """There is no job of this number."""


def retag_all(services: Services, progress: Progress) -> RetagReport:
    """Tag every stored dataset that the loaded model has not tagged, in this process.

    Stopped in the middle it can be run again: what is done is not done twice.
    """
    job_id = make_retag(services, RetagAsked(), for_workers=False)
    return do_retag(services, job_id, progress)


def do_retag(services: Services, job_id: int, progress: Progress, workers: int = 1) -> RetagReport:
    """Do a job on this machine with so many processes.

    Raises:
        WrongModel: another model is loaded than it was made for.
        WorkersFailed: nobody could work.
    """
    return report_of(services, work(services, job_id, workers, progress))


def watch_retag(
    services: Services, job_id: int, progress: Progress, waited: Callable[[float], None]
) -> RetagReport:
    """Wait until workers have done a job.

    Args:
        waited: called with the seconds that nobody has worked on it since it was made.
    """
    began = time.monotonic()
    while True:
        job, sums = look(services, job_id)
        progress(sums.datasets, job.total)
        if job.state in ENDED:
            return report_of(services, job)
        if job.state == WAITING:
            waited(time.monotonic() - began)
        time.sleep(LOOK_EVERY)


def reopen_retag(services: Services, job_id: int, *, for_workers: bool = False) -> None:
    """Let what a job has not done, or could not do, wait again. Of one that has not ended only `for_workers` changes.

    Args:
        for_workers: whether workers take it up from now on; else whoever asked does it.

    Raises:
        NoSuchJob: there is none.
        WrongModel: another model is loaded than it was made for.
    """
    with services.database.writing() as session:
        job = find_job(session, job_id)
        if job is None or job.kind != KIND:
            raise NoSuchJob(job_id)
        check_model(services, job.parameters)
        reopen_job(session, job_id, {**job.parameters, "forWorkers": for_workers})


def known_datasets(services: Services, identifiers: Sequence[str]) -> tuple[list[int], list[str]]:
    """The keys of datasets by their identifiers, and which identifiers are unknown."""
    with services.database.reading() as session:
        found = datasets_called(session, identifiers)
    return sorted(found.values()), [one for one in identifiers if one not in found]


def report_of(services: Services, job: JobRow) -> RetagReport:
    """What a job did so far."""
    with services.database.reading() as session:
        counts = sums_of(session, job.id, COUNTED).counts
        failures = failures_of(session, job.id, _SHOWN)
        chunks = failed_chunks(session, job.id, _SHOWN)
    return RetagReport(
        job.id,
        job.state,
        counts[TAGGED] + counts[UNCHANGED] + counts[FAILED],
        counts[TAGGED],
        counts[UNCHANGED],
        counts[CHANGED],
        counts[MISMATCHED],
        counts[FAILED],
        failures,
        chunks,
        job.started_at,
        job.finished_at,
    )
