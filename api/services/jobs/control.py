"""Jobs from outside: asked for, looked at, cancelled and tried again. Workers do them; here only rows are written."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from api.services import Services
from api.services.accounts import Person
from api.services.jobs.choosing import datasets_matching
from api.services.jobs.retag import Model, RetagAsked, add_retag, check_model
from api.services.jobs.watching import JobState, JobWatch
from api.services.review.deciding import OtherAgency
from models.base import now
from models.contention import took_too_long
from models.idempotency import Done, RequestKey, claim, done_before, remember
from models.job import ENDED
from models.job import FAILED as GIVEN_UP
from models.job_items import Wanted
from models.job_listing import (
    Failure,
    count_open_jobs,
    count_wanted,
    has_undone,
    keys_wanted,
    list_failures,
    list_jobs,
    listed_job,
)
from models.job_state import failed_chunks, find_job
from models.jobs import cancel_job, reopen_job
from models.themes import datasets_called

MOST_OPEN = 100
"""So many jobs may wait for workers or be worked on by them at once."""
MOST_COUNTED = 1_000_000
"""A preview counts no further: nobody has to wait for the last digits."""
SHOWN = 100
"""Failures, and failed chunks, that are shown with a job."""
log = structlog.get_logger(__name__)


class Asked(NamedTuple):
    """What a retagging is asked to be about; what is given is met all at once.

    Attributes:
        wanted: filters.
        query: only what has every word of this search.
        identifiers: only these.
        again: whether what the model has tagged is tagged again.
    """

    wanted: Wanted = Wanted()
    query: str | None = None
    identifiers: tuple[str, ...] | None = None
    again: bool = False


class UnknownDatasets(Exception):
    """There are no datasets of some identifiers.

    Args:
        places: where in the list they stand.
    """

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(len(places))
        self.places = places


class TooManyJobs(Exception):
    """`MOST_OPEN` jobs have not ended yet."""


class Preview(NamedTuple):
    """What a job would be about.

    Attributes:
        datasets: how many, up to `MOST_COUNTED`; None where counting took longer than the store lets a question take.
        more: whether there are more than that.
        untagged: how many of them the loaded model has not tagged; None where that was not counted.
    """

    datasets: int | None
    more: bool = False
    untagged: int | None = None


class Details(NamedTuple):
    """A job with what of it failed, of which the first are shown.

    Attributes:
        failures: single datasets.
        last: where the next page of them begins; None where there is none.
        chunks: number and error of chunks that were given up.
    """

    state: JobState
    failures: list[Failure]
    last: int | None
    chunks: list[tuple[int, str]]


def start_retag(
    services: Services, person: Person, asked: Asked, request_key: RequestKey | None = None
) -> int:
    """Ask for a retagging, in one transaction; the job's key. Workers take it up.

    Args:
        request_key: names the request; sent again it gives the job that it made before.

    Raises:
        UnknownDatasets: an identifier is none.
        QueryError: the query cannot be read.
        TooManyJobs: others have to end first.
        KeyReused: another request had this key.
        OtherAgency: the person's account is limited to an agency, and the job would not be.
    """
    _check_agency(person, asked.wanted.publisher)
    if request_key is not None and (job_id := _made_before(services, person, request_key)) is not None:
        return job_id
    chosen = _chosen(services, asked)
    model = Model(services.model_version_id, services.model_version)
    with services.database.writing() as session:
        before = claim(session, person.id, request_key)
        if before is not None and before.batch is not None:
            return int(before.batch)
        if count_open_jobs(session) >= MOST_OPEN:
            raise TooManyJobs
        wanted = RetagAsked(asked.wanted, chosen, asked.again, asked.query)
        job_id = add_retag(session, model, wanted, person.id)
        remember(session, person.id, request_key, Done(None, str(job_id)))
    return job_id


def _made_before(services: Services, person: Person, request_key: RequestKey) -> int | None:
    """The job that the request has made. What it named may be gone since, so it is looked up before anything else."""
    with services.database.reading() as session:
        before = done_before(session, person.id, request_key)
    return None if before is None or before.batch is None else int(before.batch)


def _check_agency(person: Person, publisher: str | None) -> None:
    if person.publisher not in (None, publisher):
        raise OtherAgency


def preview(services: Services, person: Person, asked: Asked) -> Preview:
    """How many datasets a job would be about; nothing is tagged or written. Raises as `start_retag`."""
    _check_agency(person, asked.wanted.publisher)
    try:
        return _counted(services, asked)
    except OperationalError as error:
        if not took_too_long(error):
            raise
        return Preview(None)


def _counted(services: Services, asked: Asked) -> Preview:
    version_id = services.model_version_id
    chosen = _chosen(services, asked, patient=False)
    with services.database.reading() as session:
        if chosen is not None:
            return Preview(len(keys_wanted(session, chosen, asked.wanted, version_id)))
        datasets, untagged = count_wanted(session, asked.wanted, version_id, MOST_COUNTED)
    if datasets > MOST_COUNTED:
        return Preview(MOST_COUNTED, more=True)
    return Preview(datasets, untagged=untagged)


def _chosen(services: Services, asked: Asked, *, patient: bool = True) -> tuple[int, ...] | None:
    """The keys of the datasets that a list or a search names, whatever the filters; None where neither is asked."""
    found = None if asked.query is None else datasets_matching(services, asked.query, patient=patient)
    if asked.identifiers is None:
        return found
    named = _named(services, asked.identifiers)
    return tuple(sorted(named if found is None else named.intersection(found)))


def _named(services: Services, identifiers: Sequence[str]) -> set[int]:
    with services.database.reading() as session:
        found = datasets_called(session, identifiers)
    unknown = [place for place, one in enumerate(identifiers) if one not in found]
    if unknown:
        raise UnknownDatasets(unknown)
    return set(found.values())


def jobs(
    services: Services, watch: JobWatch, states: Sequence[str] | None, before_id: int | None, limit: int
) -> tuple[list[JobState], int | None]:
    """A page of jobs, the newest first, and where the next one begins; in two statements."""
    with services.database.reading() as session:
        found = list_jobs(session, states, before_id, limit + 1)
        page = watch.look(session, found[:limit])
    return page, found[limit - 1].id if len(found) > limit else None


def job_details(services: Services, watch: JobWatch, job_id: int) -> Details | None:
    """A job with what of it failed, or None."""
    with services.database.reading() as session:
        return _details(session, watch, job_id)


def _details(session: Session, watch: JobWatch, job_id: int) -> Details | None:
    job = listed_job(session, job_id)
    if job is None:
        return None
    [state] = watch.look(session, [job])
    failures, last = _failures(session, job_id, 0, SHOWN) if state.failed else ([], None)
    chunks = failed_chunks(session, job_id, SHOWN) if GIVEN_UP in state.extent.chunks else []
    return Details(state, failures, last, chunks)


def job_failures(
    services: Services, job_id: int, after_id: int, limit: int
) -> tuple[list[Failure], int | None] | None:
    """A page of the datasets that a job could not do, and where the next begins; None where there is no such job."""
    with services.database.reading() as session:
        if find_job(session, job_id) is None:
            return None
        return _failures(session, job_id, after_id, limit)


def _failures(session: Session, job_id: int, after_id: int, limit: int) -> tuple[list[Failure], int | None]:
    found = list_failures(session, job_id, after_id, limit + 1)
    return found[:limit], found[limit - 1].dataset_id if len(found) > limit else None


def looks(services: Services, watch: JobWatch, job_id: int) -> Iterator[Details | None]:
    """A job as it stands whenever the next one is asked for; None where the store is away at that moment.

    No connection is held between two looks.
    """
    while True:
        try:
            found = job_details(services, watch, job_id)
        except SQLAlchemyError as error:
            log.warning("look_skipped", job=job_id, error=type(error).__name__)
            found = None
        yield found


def cancel(services: Services, person: Person, job_id: int) -> bool:
    """Leave out what of a job has not begun; what has ended stays as it is. Whether there is such a job.

    Raises:
        OtherAgency: the person's account is limited to an agency, and the job is not.
    """
    with services.database.writing() as session:
        job = find_job(session, job_id)
        if job is None:
            return False
        _check_agency(person, job.parameters.get("publisher"))
        if job.state not in ENDED:
            cancel_job(session, job_id, now())
    return True


def retry(services: Services, person: Person, job_id: int) -> bool:
    """Let workers do again what of a job that has ended failed or was left out. Whether there is such a job.

    A job that has not ended, or of which all is done, stays as it is.

    Raises:
        WrongModel: it was made for another model than the loaded one.
        OtherAgency: the person's account is limited to an agency, and the job is not.
    """
    with services.database.writing() as session:
        job = listed_job(session, job_id)
        if job is None:
            return False
        _check_agency(person, job.parameters.get("publisher"))
        check_model(services, job.parameters)
        if job.state in ENDED and has_undone(session, job_id):
            reopen_job(session, job_id, {**job.parameters, "forWorkers": True})
    return True
