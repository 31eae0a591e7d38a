"""Which chunks a broker is told of next. The rows are the truth: a message lost or doubled does no harm."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.job import ENDED, WAITING, Job, JobChunk
from models.jobs import left_behind


def open_jobs(session: Session, kind: str, model_version: str) -> list[int]:
    """Jobs that workers are to do with the model that they have loaded, the oldest first."""
    return list(
        session.scalars(
            select(Job.id)
            .where(
                Job.state.not_in(ENDED),
                Job.kind == kind,
                Job.parameters["forWorkers"].as_boolean(),
                Job.parameters["modelVersion"].as_string() == model_version,
            )
            .order_by(Job.id)
        )
    )


def chunks_to_send(
    session: Session, job_ids: Sequence[int], at: datetime, until: datetime, limit: int, *, lost: bool
) -> list[int]:
    """Chunks to send a message of, now marked as sent until a moment; in two statements a job and one more.

    The mark of a waiting chunk is its `lease_until`. Several dispatchers at once take different chunks.

    Args:
        lost: whether the marks count for nothing, since the broker has no message any more.
    """
    unsent = JobChunk.state == WAITING
    if not lost:
        unsent &= or_(JobChunk.lease_until.is_(None), JobChunk.lease_until <= at)
    keys: list[int] = []
    # One look-up in the index each: with OR between them all that is done already would be walked over.
    for wanted in (left_behind(at), unsent):
        for job_id in job_ids:
            found = (
                select(JobChunk.id)
                .where(JobChunk.job_id == job_id, wanted)
                .order_by(JobChunk.number)
                .limit(limit - len(keys))
                .with_for_update(skip_locked=True)
            )
            keys += session.scalars(found).all()
    session.execute(
        update(JobChunk)
        .where(JobChunk.id.in_(keys), JobChunk.state == WAITING)
        .values(lease_until=until)
        .execution_options(synchronize_session=False)
    )
    return keys


def job_of_chunk(session: Session, chunk_id: int) -> int | None:
    """The job that a chunk belongs to, or None where there is no such chunk."""
    return session.scalars(select(JobChunk.job_id).where(JobChunk.id == chunk_id)).one_or_none()
