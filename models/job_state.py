"""Reading how far jobs are, and what of them failed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.dataset import Dataset
from models.job import ENDED, FAILED, Job, JobChunk, JobFailure
from models.job_listing import extents_of


class JobRow(NamedTuple):
    """A job as it stands; the fields are those of `models.job.Job`."""

    id: int
    kind: str
    state: str
    parameters: dict[str, Any]
    report: dict[str, Any] | None
    error: str | None
    total: int
    done: int
    failed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Sums(NamedTuple):
    """How far a job is: datasets in settled chunks, chunks by state, and the sums of what was counted."""

    datasets: int
    chunks: dict[str, int]
    counts: dict[str, int]


_JOB = tuple(getattr(Job, name) for name in JobRow._fields)


def find_job(session: Session, job_id: int) -> JobRow | None:
    """One job, or None."""
    found = session.execute(select(*_JOB).where(Job.id == job_id)).one_or_none()
    return JobRow(*found) if found else None


def sums_of(session: Session, job_id: int, names: Sequence[str] = ()) -> Sums:
    """How far a job is; in one statement that adds up in the database.

    Args:
        names: of what the chunks counted.
    """
    extent = extents_of(session, [job_id], names)[job_id]
    return Sums(sum(extent.datasets.get(state, 0) for state in ENDED), extent.chunks, extent.counts)


def failures_of(session: Session, job_id: int, limit: int) -> list[tuple[str, str]]:
    """Identifier and reason of datasets that a job could not do, in the order of their keys."""
    rows = session.execute(
        select(Dataset.identifier, JobFailure.reason)
        .join(Dataset, Dataset.id == JobFailure.dataset_id)
        .where(JobFailure.job_id == job_id)
        .order_by(JobFailure.dataset_id)
        .limit(limit)
    )
    return [(identifier, reason) for identifier, reason in rows]


def failed_chunks(session: Session, job_id: int, limit: int) -> list[tuple[int, str]]:
    """Number and error of chunks that failed for good."""
    rows = session.execute(
        select(JobChunk.number, func.coalesce(JobChunk.error, ""))
        .where(JobChunk.job_id == job_id, JobChunk.state == FAILED)
        .order_by(JobChunk.number)
        .limit(limit)
    )
    return [(number, error) for number, error in rows]
