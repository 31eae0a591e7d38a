"""Tagging stored datasets, a chunk a transaction; only suggestions change, decisions stand."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from pydantic import ValidationError
from sqlalchemy.orm import Session

from api.services import Progress, Services
from api.services.datasets import to_suggestion_record
from api.services.indexing import index_datasets
from api.services.jobs.lasting import lasting
from api.services.suggesting import suggest_each
from models.base import now
from models.job import COUNTED
from models.job_dispatch import job_of_chunk
from models.job_items import Claim, Item, Wanted, items_after, items_of
from models.job_listing import keys_wanted
from models.job_state import JobRow, find_job
from models.jobs import (
    add_job,
    claim_chunk,
    claim_next,
    cut_list,
    cut_range,
    end_job,
    give_chunk_back,
    holds,
    release_chunk,
    settle_chunk,
)
from models.planning import refresh_statistics
from models.tagging import SuggestionRecord, store_suggestions
from tagger import DatasetMetadata

KIND = "retag"
CHUNK = 500
"""Datasets in a chunk; it takes a second or less."""
TAGGED, UNCHANGED, CHANGED, MISMATCHED, FAILED = COUNTED
"""What is counted: got a suggestion; had one of this model; of the tagged, suggested another category than before,
and are flagged where they were not; could not be tagged."""
log = structlog.get_logger(__name__)


class RetagAsked(NamedTuple):
    """What an operator asks for.

    Attributes:
        wanted: filters, for the whole catalogue or a part of it.
        dataset_ids: only these of them.
        again: whether datasets that this model has tagged are tagged again.
        query: the search that chose `dataset_ids`, for those who look at the job.
    """

    wanted: Wanted = Wanted()
    dataset_ids: tuple[int, ...] | None = None
    again: bool = False
    query: str | None = None


class _Tagged(NamedTuple):
    records: list[SuggestionRecord]
    counts: Counter[str]
    failures: dict[int, str]
    dataset_ids: list[int]


def make_retag(
    services: Services,
    asked: RetagAsked,
    account_id: int | None = None,
    size: int | None = None,
    *,
    for_workers: bool = True,
) -> int:
    """Make a job with its chunks, in one transaction; its key. Nothing is tagged yet.

    Args:
        size: of a chunk; None for `CHUNK`.
        for_workers: whether workers take it up by themselves; else whoever made it does it.
    """
    model = Model(services.model_version_id, services.model_version)
    with services.database.writing() as session:
        return add_retag(session, model, asked, account_id, size, for_workers=for_workers)


class Model(NamedTuple):
    """The loaded model: its key in the store and its version."""

    key: int
    version: str


def add_retag(
    session: Session,
    model: Model,
    asked: RetagAsked,
    account_id: int | None = None,
    size: int | None = None,
    *,
    for_workers: bool = True,
) -> int:
    """Make a job in a transaction that does more; else as `make_retag`."""
    wanted = asked.wanted
    listed = None if asked.dataset_ids is None or asked.query is not None else len(asked.dataset_ids)
    parameters: dict[str, Any] = {
        "publisher": wanted.publisher,
        "categoryCode": wanted.category_code,
        "changed": wanted.changed,
        "query": asked.query,
        "listed": listed,
        "again": asked.again,
        "modelVersion": model.version,
        "forWorkers": for_workers,
    }
    job_id = add_job(session, KIND, parameters, account_id)
    if asked.dataset_ids is None:
        cut_range(session, job_id, wanted, model.key, size or CHUNK)
    else:
        keys = keys_wanted(session, asked.dataset_ids, wanted, model.key)
        cut_list(session, job_id, keys, size or CHUNK)
    end_job(session, job_id, now())
    return job_id


class WrongModel(Exception):
    """The worker has another model loaded than the job was made for."""


def check_model(services: Services, parameters: Mapping[str, Any]) -> None:
    """Raise `WrongModel`, with the version that is wanted, where a job was made for another than the loaded one."""
    if parameters["modelVersion"] != services.model_version:
        raise WrongModel(parameters["modelVersion"])


def run_next(services: Services, job_id: int) -> Claim | None:
    """Do the next chunk of a job; None where none is free.

    Reading and tagging hold nothing; what was made is written in one transaction, which first looks whether the
    chunk is still this worker's. Done twice it changes nothing.

    Raises:
        WrongModel: the job was made for another model.
    """
    return _run(services, job_id, None)


def run_chunk(services: Services, chunk_id: int) -> Claim | None:
    """Do a certain chunk, if it waits or was left behind; else as `run_next`."""

    def job() -> int | None:
        with services.database.reading() as session:
            return job_of_chunk(session, chunk_id)

    job_id = lasting(job)
    return None if job_id is None else _run(services, job_id, chunk_id)


def _run(services: Services, job_id: int, chunk_id: int | None) -> Claim | None:
    taken = lasting(lambda: _take(services, job_id, chunk_id))
    if taken is None:
        return None
    claim, job = taken
    try:
        _do(services, claim, job)
    except Exception as error:
        log.exception("chunk_failed", job=job_id, chunk=claim.chunk_id)
        reason = type(error).__name__
        lasting(lambda: _give_back(services, claim, reason))
    except (KeyboardInterrupt, SystemExit):
        # Asked to stop: whoever goes on with the job need not wait for the lease.
        with services.database.writing() as session:
            release_chunk(session, claim)
        raise
    return claim


def _take(services: Services, job_id: int, chunk_id: int | None) -> tuple[Claim, JobRow] | None:
    with services.database.writing() as session:
        job = find_job(session, job_id)
        if job is None:
            return None
        check_model(services, job.parameters)
        moment = now()
        until = moment + timedelta(seconds=services.settings.job_lease_seconds)
        if chunk_id is None:
            claim = claim_next(session, job_id, moment, until)
        else:
            claim = claim_chunk(session, chunk_id, moment, until)
    return None if claim is None else (claim, job)


def _give_back(services: Services, claim: Claim, reason: str) -> None:
    with services.database.writing() as session:
        if holds(session, claim):
            give_chunk_back(session, claim, reason, now())


def _do(services: Services, claim: Claim, job: JobRow) -> None:
    asked = job.parameters
    items = lasting(lambda: _items(services, claim, job))
    waiting = items if asked["again"] else [item for item in items if not item.tagged]
    made = _tag(services, waiting)
    counts = made.counts + Counter({UNCHANGED: len(items) - len(waiting)})
    lasting(lambda: _write(services, claim, made, counts))
    lasting(lambda: refresh_statistics(services.database, claim.number + 1))


def _items(services: Services, claim: Claim, job: JobRow) -> list[Item]:
    asked = job.parameters
    wanted = Wanted(asked["publisher"], asked["categoryCode"], asked["changed"])
    with services.database.reading() as session:
        return items_of(session, claim, wanted, services.model_version_id, job.created_at)


def _write(services: Services, claim: Claim, made: _Tagged, counts: Counter[str]) -> None:
    with services.database.writing() as session:
        if not holds(session, claim):
            log.warning("chunk_taken_over", job=claim.job_id, chunk=claim.chunk_id)
            return
        revisions = [record.revision_id for record in made.records]
        store_suggestions(session, services.model_version_id, made.records, revisions)
        suggestions = {record.revision_id: record.content for record in made.records}
        index_datasets(services, session, made.dataset_ids, suggestions)
        settle_chunk(session, claim, counts, made.failures, now())


def _tag(services: Services, items: Sequence[Item]) -> _Tagged:
    """Suggestions for the datasets of a chunk; one that cannot be tagged costs no other."""
    readable, failures = _read(items)
    suggestions = suggest_each(services.tagger, [metadata for _, metadata in readable])
    counts: Counter[str] = Counter({TAGGED: 0, CHANGED: 0, MISMATCHED: 0})
    records, done = [], []
    for (item, _), suggestion in zip(readable, suggestions, strict=True):
        if isinstance(suggestion, str):
            failures[item.dataset_id] = suggestion
            continue
        record = to_suggestion_record(item.revision_id, suggestion)
        counts[TAGGED] += 1
        counts[CHANGED] += item.category_code not in (None, record.category_code)
        counts[MISMATCHED] += record.mismatched and not item.mismatched
        records.append(record)
        done.append(item.dataset_id)
    counts[FAILED] = len(failures)
    return _Tagged(records, counts, failures, done)


def _read(items: Sequence[Item]) -> tuple[list[tuple[Item, DatasetMetadata]], dict[int, str]]:
    readable, failures = [], {}
    for item in items:
        try:
            readable.append((item, DatasetMetadata.model_validate(item.content)))
        except ValidationError as error:
            failures[item.dataset_id] = f"詮釋資料不符規定：{error.error_count()} 處"
    return readable, failures


class Difference(NamedTuple):
    """What tagging would change of a dataset."""

    dataset_id: int
    title: str
    before: str | None
    after: str


class Preview(NamedTuple):
    """What a job would do: datasets looked at, what would be counted, and some that would change category."""

    datasets: int
    counts: Counter[str]
    differences: list[Difference]


def preview_retag(services: Services, asked: RetagAsked, progress: Progress, most: int = 10) -> Preview:
    """What a job would do; nothing is written."""
    found = Preview(0, Counter(), [])
    for items in _batches(services, asked):
        waiting = items if asked.again else [item for item in items if not item.tagged]
        made = _tag(services, waiting)
        counts = found.counts + made.counts + Counter({UNCHANGED: len(items) - len(waiting)})
        codes = {record.revision_id: record.category_code for record in made.records}
        changed = [
            Difference(item.dataset_id, item.content["title"], item.category_code, codes[item.revision_id])
            for item in waiting
            if codes.get(item.revision_id) not in (None, item.category_code)
        ]
        found = Preview(found.datasets + len(items), counts, (found.differences + changed)[:most])
        progress(found.datasets, found.datasets)
    return found


def _batches(services: Services, asked: RetagAsked) -> Iterator[list[Item]]:
    """What is asked for, a few hundred datasets at a time."""
    version_id = services.model_version_id
    if asked.dataset_ids is not None:
        for start in range(0, len(asked.dataset_ids), CHUNK):
            listed = asked.dataset_ids[start : start + CHUNK]
            with services.database.reading() as session:
                items = items_after(session, asked.wanted, listed, version_id, 0, CHUNK)
            yield items
        return
    after = 0
    while True:
        with services.database.reading() as session:
            items = items_after(session, asked.wanted, None, version_id, after, CHUNK)
        if not items:
            return
        yield items
        after = items[-1].dataset_id
