"""Tagging what is stored: a job that is made, done on this machine, and reported."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from api.services import Progress, Services
from api.services.jobs.local import work
from api.services.jobs.retag import (
    CHANGED,
    FAILED,
    MISMATCHED,
    TAGGED,
    UNCHANGED,
    RetagAsked,
    WrongModel,
    make_retag,
)
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
    return retag(services, RetagAsked(), progress)


def retag(services: Services, asked: RetagAsked, progress: Progress, workers: int = 1) -> RetagReport:
    """Make a job and do it with so many processes."""
    return _reported(services, work(services, make_retag(services, asked), workers, progress))


def resume_retag(services: Services, job_id: int, progress: Progress, workers: int = 1) -> RetagReport:
    """Go on with a job: what was not begun, what was left behind, and what failed.

    Raises:
        NoSuchJob: there is none.
        WrongModel: another model is loaded than it was made for.
    """
    with services.database.writing() as session:
        job = find_job(session, job_id)
        if job is None:
            raise NoSuchJob(job_id)
        if job.parameters["modelVersion"] != services.tagger.model_version:
            raise WrongModel(job.parameters["modelVersion"])
        reopen_job(session, job_id)
    return _reported(services, work(services, job_id, workers, progress))


def known_datasets(services: Services, identifiers: Sequence[str]) -> tuple[list[int], list[str]]:
    """The keys of datasets by their identifiers, and which identifiers are unknown."""
    with services.database.reading() as session:
        found = datasets_called(session, identifiers)
    return sorted(found.values()), [one for one in identifiers if one not in found]


def _reported(services: Services, job: JobRow) -> RetagReport:
    with services.database.reading() as session:
        counts = sums_of(session, job.id).counts
        failures = failures_of(session, job.id, _SHOWN)
        chunks = failed_chunks(session, job.id, _SHOWN)
    numbers = {name: counts.get(name, 0) for name in (TAGGED, UNCHANGED, CHANGED, MISMATCHED, FAILED)}
    return RetagReport(
        job.id,
        job.state,
        numbers[TAGGED] + numbers[UNCHANGED] + numbers[FAILED],
        numbers[TAGGED],
        numbers[UNCHANGED],
        numbers[CHANGED],
        numbers[MISMATCHED],
        numbers[FAILED],
        failures,
        chunks,
    )
