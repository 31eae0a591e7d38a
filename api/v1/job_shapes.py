"""Jobs as JSON."""

from hashlib import sha256
from typing import cast

from api import cursor
from api.services.jobs.control import Details
from api.services.jobs.retag import CHANGED, MISMATCHED, TAGGED, UNCHANGED
from api.services.jobs.retag import FAILED as NOT_TAGGED
from api.services.jobs.watching import JobState
from api.v1.job_schemas import (
    FailedChunk,
    FailureOut,
    JobChunks,
    JobCounts,
    JobOut,
    JobParameters,
    JobSummary,
    State,
)
from models.job import CANCELLED, DONE, FAILED, RUNNING, WAITING
from models.job_listing import Failure, ListedJob


def job_summary(state: JobState) -> JobSummary:
    """One job."""
    job, counts, chunks = state.job, state.extent.counts, state.extent.chunks
    return JobSummary(
        id=job.id,
        kind="retag",
        state=cast(State, job.state),
        parameters=parameters_of(job),
        requestedBy=job.asked_by,
        createdAt=job.created_at,
        startedAt=job.started_at,
        finishedAt=job.finished_at,
        total=job.total,
        done=state.done,
        failed=state.failed,
        leftOut=state.left_out,
        counts=JobCounts(
            tagged=counts[TAGGED],
            unchanged=counts[UNCHANGED],
            changedCategory=counts[CHANGED],
            newMismatches=counts[MISMATCHED],
            failed=counts[NOT_TAGGED],
        ),
        chunks=JobChunks(
            waiting=chunks.get(WAITING, 0),
            running=chunks.get(RUNNING, 0),
            done=chunks.get(DONE, 0),
            failed=chunks.get(FAILED, 0),
            cancelled=chunks.get(CANCELLED, 0),
        ),
        rate=None if state.rate is None else round(state.rate, 1),
        secondsLeft=None if state.seconds_left is None else round(state.seconds_left),
        error=job.error,
    )


def parameters_of(job: ListedJob) -> JobParameters:
    """What was asked."""
    asked = job.parameters
    return JobParameters(
        publisher=asked.get("publisher"),
        categoryCode=asked.get("categoryCode"),
        query=asked.get("query"),
        changed=bool(asked.get("changed")),
        again=bool(asked.get("again")),
        listed=asked.get("listed"),
        modelVersion=asked["modelVersion"],
    )


def job_out(details: Details) -> JobOut:
    """One job with what of it failed."""
    return JobOut(
        **job_summary(details.state),
        failures=[failure_out(one) for one in details.failures],
        failuresNext=None if details.last is None else cursor.encode(details.last),
        failedChunks=[FailedChunk(number=number + 1, error=error) for number, error in details.chunks],
    )


def failure_out(failure: Failure) -> FailureOut:
    """A dataset that could not be tagged."""
    return FailureOut(identifier=failure.identifier, title=failure.title, reason=failure.reason)


def tag_of(*states: JobState) -> str:
    """Names what jobs came to, the same in every process; what only the clock changes does not count."""
    return sha256(repr([state.tag for state in states]).encode()).hexdigest()[:32]
