"""Jobs and their chunks: cut, claimed and settled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, insert, literal, null, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import Document, now
from models.dataset import Dataset, DatasetRevision
from models.job import CANCELLED, COUNTED, DONE, ENDED, FAILED, RUNNING, WAITING, Job, JobChunk, JobFailure
from models.job_items import Claim, Wanted, conditions, untagged_by
from models.job_listing import extents_of
from models.patience import allow_long
from models.suggestion import StoredSuggestion

MOST_ATTEMPTS = 3
"""So often a chunk is begun before an error in it counts as its last."""
MOST_BEGUN = 10
"""So often a chunk is begun when those who work on it vanish without a word, killed by it perhaps."""
_SPARSE = 10
"""A chunk lists its datasets where its range holds so many times more keys."""
# The first of the two numbers that name a lock; the second is the job's.
_CONTROL_LOCK = 7214302


def add_job(session: Session, kind: str, parameters: dict[str, Any], account_id: int | None) -> int:
    """Add a job without chunks; its key."""
    row = {
        "kind": kind,
        "parameters": parameters,
        "account_id": account_id,
        "version": 1,
        "created_at": now(),
    }
    defaults = {"state": WAITING, "total": 0, "done": 0, "failed": 0}
    [key] = session.scalars(insert(Job).returning(Job.id), [{**defaults, **row}]).all()
    return key


def cut_range(session: Session, job_id: int, wanted: Wanted, model_version_id: int, size: int) -> int:
    """Cut the wanted datasets into chunks, in the order of their keys; how many datasets. In two statements."""
    allow_long(session)
    number = (func.row_number().over(order_by=Dataset.id) - 1) // size
    chosen = select(Dataset.id.label("id"), number.label("chunk")).where(
        Dataset.current_revision_id.is_not(None)
    )
    if wanted.publisher is not None or wanted.category_code is not None:
        chosen = chosen.join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        chosen = chosen.where(*conditions(wanted))
    if wanted.changed:
        chosen = chosen.outerjoin(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
        chosen = chosen.where(untagged_by(model_version_id))
    numbered = chosen.subquery()
    cut = select(
        literal(job_id),
        numbered.c.chunk,
        func.min(numbered.c.id),
        func.max(numbered.c.id),
        _listed(session, wanted, numbered.c.id),
        func.count(),
        literal(WAITING),
        literal(0),
        literal(0),
        literal({}, JobChunk.__table__.c.counts.type),
    ).group_by(numbered.c.chunk)
    names = (
        "job_id",
        "number",
        "first_id",
        "last_id",
        "dataset_ids",
        "size",
        "state",
        "attempt",
        "token",
        "counts",
    )
    session.execute(insert(JobChunk).from_select(names, cut, include_defaults=False))
    return _count_total(session, job_id)


def _listed(session: Session, wanted: Wanted, key: ColumnElement[int]) -> ColumnElement[Any]:
    """The list of a chunk's datasets, or NULL where its range of keys says enough.

    What changed is listed always: few changed, and the only index that finds them is that of the keys.
    """
    if wanted == Wanted():
        return null()
    postgres = session.get_bind().dialect.name == "postgresql"
    listed = (func.jsonb_agg if postgres else func.json_group_array)(key, type_=Document)
    if wanted.changed:
        return listed
    return case((func.max(key) - func.min(key) >= _SPARSE * func.count(), listed), else_=null())


def cut_list(session: Session, job_id: int, dataset_ids: Sequence[int], size: int) -> int:
    """Cut a list of datasets into chunks; how many datasets."""
    ordered = sorted(set(dataset_ids))
    rows = [
        {
            "job_id": job_id,
            "number": number,
            "first_id": part[0],
            "last_id": part[-1],
            "dataset_ids": part,
            "size": len(part),
            "state": WAITING,
            "attempt": 0,
            "token": 0,
            "counts": {},
        }
        for number, part in enumerate(ordered[start : start + size] for start in range(0, len(ordered), size))
    ]
    if rows:
        session.execute(insert(JobChunk), rows)
    return _count_total(session, job_id)


def _count_total(session: Session, job_id: int) -> int:
    total = session.scalars(
        select(func.coalesce(func.sum(JobChunk.size), 0)).where(JobChunk.job_id == job_id)
    ).one()
    session.execute(update(Job).where(Job.id == job_id).values(total=total))
    return int(total)


def claim_next(session: Session, job_id: int, at: datetime, until: datetime) -> Claim | None:
    """The next chunk of a job that waits, else one whose lease has run out; None where there is none.

    Args:
        at: now.
        until: the end of the new lease.
    """
    mine = select(JobChunk.id).where(JobChunk.job_id == job_id)
    # Two look-ups in one index: with OR between them all that is done already would be walked over each time.
    for free in (JobChunk.state == WAITING, left_behind(at)):
        found = mine.where(free).order_by(JobChunk.number).limit(1).with_for_update(skip_locked=True)
        key = session.scalars(found).one_or_none()
        if key is not None:
            return _leased(session, key, at, until)
    return None


def claim_chunk(session: Session, chunk_id: int, at: datetime, until: datetime) -> Claim | None:
    """A certain chunk, if it waits or its lease has run out; arguments as for `claim_next`."""
    free = or_(JobChunk.state == WAITING, left_behind(at))
    found = select(JobChunk.id).where(JobChunk.id == chunk_id, free).with_for_update(skip_locked=True)
    key = session.scalars(found).one_or_none()
    return None if key is None else _leased(session, key, at, until)


def left_behind(at: datetime) -> ColumnElement[bool]:
    """The condition that whoever worked on a chunk has said nothing since its lease ran out."""
    return (JobChunk.state == RUNNING) & (JobChunk.lease_until <= at) & (JobChunk.attempt < MOST_BEGUN)


def _leased(session: Session, chunk_id: int, at: datetime, until: datetime) -> Claim:
    row = session.execute(
        update(JobChunk)
        .where(JobChunk.id == chunk_id)
        .values(
            state=RUNNING,
            attempt=JobChunk.attempt + 1,
            token=JobChunk.token + 1,
            lease_until=until,
            error=None,
        )
        .returning(*_CLAIM)
        .execution_options(synchronize_session=False)
    ).one()
    claim = Claim(*row)
    session.execute(
        update(Job).where(Job.id == claim.job_id, Job.state == WAITING).values(state=RUNNING, started_at=at)
    )
    return claim


_CLAIM = (
    JobChunk.id,
    JobChunk.job_id,
    JobChunk.first_id,
    JobChunk.last_id,
    JobChunk.dataset_ids,
    JobChunk.token,
    JobChunk.number,
)


def holds(session: Session, claim: Claim) -> bool:
    """Whether a claim is still the last one; until the transaction ends nobody takes the chunk over."""
    found = session.execute(
        select(JobChunk.token, JobChunk.state).where(JobChunk.id == claim.chunk_id).with_for_update()
    ).one_or_none()
    return found is not None and found[0] == claim.token and found[1] == RUNNING


def settle_chunk(
    session: Session, claim: Claim, counts: Mapping[str, int], failures: Mapping[int, str], at: datetime
) -> None:
    """A chunk is done; what of it failed is written down. The last one ends the job."""
    _end_chunk(session, claim, DONE, dict(counts), None)
    if failures:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        added = dialect.insert(JobFailure)
        session.execute(
            added.on_conflict_do_update(
                index_elements=["job_id", "dataset_id"], set_={"reason": added.excluded.reason}
            ),
            [
                {"job_id": claim.job_id, "dataset_id": key, "reason": reason}
                for key, reason in failures.items()
            ],
        )
    end_job(session, claim.job_id, at)


def give_chunk_back(session: Session, claim: Claim, error: str, at: datetime) -> None:
    """A chunk could not be done: it waits again, or has failed for good after `MOST_ATTEMPTS`."""
    attempt = session.scalars(select(JobChunk.attempt).where(JobChunk.id == claim.chunk_id)).one()
    state = FAILED if attempt >= MOST_ATTEMPTS else WAITING
    _end_chunk(session, claim, state, {}, error)
    end_job(session, claim.job_id, at)


def release_chunk(session: Session, claim: Claim) -> None:
    """Whoever works on a chunk was asked to stop: it waits again, as if it had not been begun."""
    session.execute(
        update(JobChunk)
        .where(JobChunk.id == claim.chunk_id, JobChunk.token == claim.token, JobChunk.state == RUNNING)
        .values(state=WAITING, lease_until=None, attempt=JobChunk.attempt - 1)
        .execution_options(synchronize_session=False)
    )


def give_up_chunks(session: Session, job_id: int, at: datetime, error: str) -> int:
    """Let chunks fail that were begun `MOST_BEGUN` times and left behind each time; how many."""
    given_up = session.execute(
        update(JobChunk)
        .where(
            JobChunk.job_id == job_id,
            JobChunk.state == RUNNING,
            JobChunk.lease_until <= at,
            JobChunk.attempt >= MOST_BEGUN,
        )
        .values(state=FAILED, lease_until=None, counts={}, error=error)
        .returning(JobChunk.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(given_up)


def _end_chunk(session: Session, claim: Claim, state: str, counts: dict[str, int], error: str | None) -> None:
    session.execute(
        update(JobChunk)
        .where(JobChunk.id == claim.chunk_id, JobChunk.token == claim.token)
        .values(state=state, lease_until=None, counts=counts, error=error)
        .execution_options(synchronize_session=False)
    )


def end_job(session: Session, job_id: int, at: datetime) -> bool:
    """End a job of which no chunk is left; whether it has ended. In three statements at most."""
    left = select(JobChunk.id).where(JobChunk.job_id == job_id, JobChunk.state.in_((WAITING, RUNNING)))
    failed = select(JobChunk.id).where(JobChunk.job_id == job_id, JobChunk.state == FAILED)
    ended = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.not_in(ENDED), ~left.exists())
        .values(state=case((failed.exists(), FAILED), else_=DONE), finished_at=at)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if ended is not None:
        _report(session, job_id)
    return ended is not None


def _report(session: Session, job_id: int) -> None:
    """Write down what a job that has ended came to, so that nobody has to add up its chunks again."""
    report = extents_of(session, [job_id], COUNTED)[job_id]._asdict()
    session.execute(update(Job).where(Job.id == job_id).values(report=report))


def _control(session: Session, job_id: int) -> None:
    """Until the transaction ends nobody else cancels a job or opens it again; those who work on it go on.

    A lock of its own, not the row's: whoever settles the last chunk has its row when it asks for the job's, and
    cancelling asks for the chunks' rows.
    """
    if session.get_bind().dialect.name == "postgresql":
        names = {"kind": _CONTROL_LOCK, "job": job_id % 2**31}
        session.execute(text("SELECT pg_advisory_xact_lock(:kind, :job)"), names)


def cancel_job(session: Session, job_id: int, at: datetime) -> bool:
    """Leave out what has not begun; what is under way is not written. Whether the job was not over yet."""
    _control(session, job_id)
    # The chunks first, as settling them does it: else the two could wait for each other.
    session.execute(
        update(JobChunk)
        .where(JobChunk.job_id == job_id, JobChunk.state.in_((WAITING, RUNNING)))
        .values(state=CANCELLED, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    found = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.not_in(ENDED))
        .values(state=CANCELLED, finished_at=at)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if found is not None:
        _report(session, job_id)
    return found is not None


def reopen_job(session: Session, job_id: int, parameters: dict[str, Any]) -> None:
    """Let what of a job failed or was left out wait again.

    A chunk in which single datasets failed is done again as a whole: what is done is not done twice. Of a job that
    has not ended only the parameters change: what fails in it meanwhile would be forgotten, and never done again.

    Args:
        parameters: the job's from now on.
    """
    _control(session, job_id)
    changes: dict[str, Any] = {"parameters": parameters}
    if session.scalars(select(Job.state).where(Job.id == job_id)).one() in ENDED:
        changes |= _reopened(session, job_id)
    session.execute(
        update(Job).where(Job.id == job_id).values(changes).execution_options(synchronize_session=False)
    )


def _reopened(session: Session, job_id: int) -> dict[str, Any]:
    """Let the chunks wait; what changes of the job itself."""
    failed = (
        select(JobFailure.dataset_id)
        .where(
            JobFailure.job_id == job_id,
            JobFailure.dataset_id.between(JobChunk.first_id, JobChunk.last_id),
        )
        .correlate(JobChunk)
    )
    session.execute(
        update(JobChunk)
        .where(
            JobChunk.job_id == job_id,
            or_(JobChunk.state.in_((FAILED, CANCELLED)), (JobChunk.state == DONE) & failed.exists()),
        )
        .values(state=WAITING, attempt=0, lease_until=None, error=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(JobFailure).where(JobFailure.job_id == job_id))
    waiting = session.scalars(
        select(func.count()).where(JobChunk.job_id == job_id, JobChunk.state.in_((WAITING, RUNNING)))
    ).one()
    settled = (
        select(func.coalesce(func.sum(JobChunk.size), 0))
        .where(JobChunk.job_id == job_id, JobChunk.state == DONE)
        .scalar_subquery()
    )
    if not waiting:
        return {"done": settled}
    return {"done": settled, "state": WAITING, "finished_at": None, "report": None}
