"""Bringing a catalogue in."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from api.readers import CatalogueError, CatalogueRow, RowProblem
from api.services import Services
from api.services.datasets import to_record
from api.services.indexing import index_datasets
from models.catalogue import Record, store_records

_CHUNK = 1_000


class ImportReport(NamedTuple):
    """What an import did; `created + changed + unchanged + failed == rows`."""

    rows: int
    created: int
    changed: int
    unchanged: int
    failed: int


def import_catalogue(
    services: Services,
    rows: Iterable[CatalogueRow | RowProblem],
    on_problem: Callable[[RowProblem], None],
    progress: Callable[[int], None],
) -> ImportReport:
    """Store the rows of a catalogue, a chunk a transaction. A bad row is reported and costs no other row.

    Where an identifier occurs twice the later row is the newer revision. Run again it changes nothing.

    Args:
        rows: from `api.readers.read_catalogue`.
        on_problem: called with each row that cannot be stored.
        progress: called with how many rows are done.
    """
    counts: Counter[str] = Counter()
    for chunk in _chunks(rows):
        for row in chunk:
            if isinstance(row, RowProblem):
                counts["failed"] += 1
                on_problem(row)
        records = [to_record(row.metadata) for row in chunk if isinstance(row, CatalogueRow)]
        with services.database.writing() as session:
            for batch in _without_repeats(records):
                stored = store_records(session, batch)
                counts.update(one.change for one in stored)
                changed = [one.dataset_id for one in stored if one.change != "unchanged"]
                index_datasets(services, session, changed)
        progress(counts.total())
    return ImportReport(
        counts.total(), counts["created"], counts["changed"], counts["unchanged"], counts["failed"]
    )


def _chunks(rows: Iterable[CatalogueRow | RowProblem]) -> Iterator[list[CatalogueRow | RowProblem]]:
    """The rows in chunks. Where the file breaks off, what was read before comes first, then the error."""
    chunk: list[CatalogueRow | RowProblem] = []
    try:
        for row in rows:
            chunk.append(row)
            if len(chunk) == _CHUNK:
                yield chunk
                chunk = []
    except CatalogueError:
        yield chunk
        raise
    yield chunk


def _without_repeats(records: Iterable[Record]) -> Iterator[list[Record]]:
    """The records in order, in batches that name each identifier once."""
    batch: dict[str, Record] = {}
    for record in records:
        if record.identifier in batch:
            yield list(batch.values())
            batch = {}
        batch[record.identifier] = record
    if batch:
        yield list(batch.values())
