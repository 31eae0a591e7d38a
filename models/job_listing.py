"""Reading jobs for those who watch them: with who asked, and where their datasets are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.dataset import Dataset, DatasetRevision
from models.job import CANCELLED, DONE, ENDED, FAILED, Job, JobChunk, JobFailure
from models.job_items import Wanted, conditions, untagged_by
from models.suggestion import StoredSuggestion

_LISTED = 5_000


class ListedJob(NamedTuple):
    """A job as it stands; the fields are those of `models.job.Job`.

    Attributes:
        before: datasets that were settled when it was opened again; 0 in its first run.
        asked_by: the name to show of the account that asked for it; None where nobody did.
    """

    id: int
    kind: str
    state: str
    parameters: dict[str, Any]
    report: dict[str, Any] | None
    error: str | None
    total: int
    before: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    asked_by: str | None


class Extent(NamedTuple):
    """Where the datasets of a job are: chunks by state, datasets by their chunk's state, sums of what was counted."""

    chunks: dict[str, int]
    datasets: dict[str, int]
    counts: dict[str, int]


class Failure(NamedTuple):
    """A dataset that a job could not do; without a title where it has no revision."""

    dataset_id: int
    identifier: str
    title: str | None
    reason: str


def _jobs() -> Select[*tuple[Any, ...]]:
    return select(
        Job.id,
        Job.kind,
        Job.state,
        Job.parameters,
        Job.report,
        Job.error,
        Job.total,
        Job.done,
        Job.created_at,
        Job.started_at,
        Job.finished_at,
        Account.display_name,
    ).outerjoin(Account, Account.id == Job.account_id)


def listed_job(session: Session, job_id: int) -> ListedJob | None:
    """One job, or None."""
    found = session.execute(_jobs().where(Job.id == job_id)).one_or_none()
    return ListedJob(*found) if found else None


def list_jobs(
    session: Session, states: Sequence[str] | None, before_id: int | None, limit: int
) -> list[ListedJob]:
    """Jobs, the newest first.

    Args:
        states: only those that are in one of them; None for any.
        before_id: only those that were made before this one.
    """
    wanted = _jobs().order_by(Job.id.desc()).limit(limit)
    if states is not None:
        wanted = wanted.where(Job.state.in_(states))
    if before_id is not None:
        wanted = wanted.where(Job.id < before_id)
    return [ListedJob(*row) for row in session.execute(wanted)]


def count_open_jobs(session: Session) -> int:
    """How many jobs that workers are to do have not ended; those of commands come and go with these."""
    open_ones = Job.state.not_in(ENDED) & Job.parameters["forWorkers"].as_boolean()
    return session.scalars(select(func.count()).where(open_ones)).one()


def count_wanted(session: Session, wanted: Wanted, model_version_id: int, most: int) -> tuple[int, int]:
    """How many datasets a job would be about, and how many of them the model has not tagged; in one statement.

    Args:
        most: where there are more, counting ends at one more than this.
    """
    untagged = untagged_by(model_version_id)
    flagged = select(case((untagged, 1), else_=0).label("untagged"))
    chosen = _wanted(flagged, wanted, untagged).limit(most + 1).subquery()
    found = session.execute(
        select(func.count(), func.coalesce(func.sum(chosen.c.untagged), 0)).select_from(chosen)
    ).one()
    return int(found[0]), int(found[1])


def keys_wanted(
    session: Session, dataset_ids: Sequence[int], wanted: Wanted, model_version_id: int
) -> list[int]:
    """Those of a list of datasets that fit the filters, in a statement for every few thousand."""
    ordered = sorted(set(dataset_ids))
    chosen = _wanted(select(Dataset.id), wanted, untagged_by(model_version_id)).order_by(Dataset.id)
    return [
        key
        for start in range(0, len(ordered), _LISTED)
        for key in session.scalars(chosen.where(Dataset.id.in_(ordered[start : start + _LISTED])))
    ]


def _wanted(
    chosen: Select[*tuple[Any, ...]], wanted: Wanted, untagged: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    chosen = (
        chosen.select_from(Dataset)
        .outerjoin(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
        .where(Dataset.current_revision_id.is_not(None))
    )
    if wanted.publisher is not None or wanted.category_code is not None:
        chosen = chosen.join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
    chosen = chosen.where(*conditions(wanted))
    return chosen.where(untagged) if wanted.changed else chosen


def extents_of(session: Session, job_ids: Sequence[int], names: Sequence[str]) -> dict[int, Extent]:
    """Where the datasets of jobs are; in one statement that adds up in the database.

    Args:
        names: of what the chunks counted.
    """
    extents = {job_id: Extent({}, {}, dict.fromkeys(names, 0)) for job_id in job_ids}
    counted = [func.coalesce(func.sum(JobChunk.counts[name].as_integer()), 0) for name in names]
    rows = session.execute(
        select(JobChunk.job_id, JobChunk.state, func.count(), func.sum(JobChunk.size), *counted)
        .where(JobChunk.job_id.in_(job_ids))
        .group_by(JobChunk.job_id, JobChunk.state)
    )
    for job_id, state, chunks, datasets, *sums in rows:
        extent = extents[job_id]
        extent.chunks[state], extent.datasets[state] = chunks, int(datasets)
        # A chunk that is to be done again still holds what it counted before.
        if state == DONE:
            extent.counts.update(zip(names, map(int, sums), strict=True))
    return extents


def list_failures(session: Session, job_id: int, after_id: int, limit: int) -> list[Failure]:
    """Datasets that a job could not do, in the order of their keys, from behind one of them."""
    rows = session.execute(
        select(Dataset.id, Dataset.identifier, DatasetRevision.title, JobFailure.reason)
        .select_from(JobFailure)
        .join(Dataset, Dataset.id == JobFailure.dataset_id)
        .outerjoin(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .where(JobFailure.job_id == job_id, JobFailure.dataset_id > after_id)
        .order_by(JobFailure.dataset_id)
        .limit(limit)
    )
    return [Failure(*row) for row in rows]


def has_undone(session: Session, job_id: int) -> bool:
    """Whether anything of a job failed or was left out."""
    chunks = select(JobChunk.id).where(JobChunk.job_id == job_id, JobChunk.state.in_((FAILED, CANCELLED)))
    failures = select(JobFailure.dataset_id).where(JobFailure.job_id == job_id)
    return bool(session.scalars(select(chunks.exists() | failures.exists())).one())
