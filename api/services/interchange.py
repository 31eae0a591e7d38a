"""The catalogue for other systems: as DCAT, and in the dialects of the national standard."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import orjson
from sqlalchemy.orm import Session

from api.interchange.dcat import (
    Catalogue,
    DatasetRecord,
    Subject,
    dataset_triples,
    stream,
)
from api.interchange.national import DIALECTS, with_decisions
from api.interchange.rdf import WRITERS, RdfFormat, Triple
from api.services import Services
from models.deciding import NOTHING_STANDS, standing_of
from models.exporting import ExportedDataset, exported_dataset, exported_datasets
from models.naming import names_of
from tagger import DatasetMetadata

_CHUNK = 500


class CataloguePage(NamedTuple):
    """Some of the catalogue's datasets, and the key to continue after, None at the end."""

    datasets: list[DatasetRecord]
    last: int | None


def find_record(services: Services, identifier: str) -> DatasetRecord | None:
    """One dataset with what was decided of it, or None."""
    with services.database.reading() as session:
        found = exported_dataset(session, identifier)
        return _records(session, [found])[0] if found else None


def dataset_document(about: Catalogue, record: DatasetRecord, form: RdfFormat) -> bytes:
    """One dataset as DCAT."""
    return b"".join(WRITERS[form]([dataset_triples(about, record)]))


def catalogue_page(services: Services, after_id: int, limit: int) -> CataloguePage:
    """A page of the catalogue in the order in which datasets were stored."""
    with services.database.reading() as session:
        found = exported_datasets(session, after_id, limit + 1)
        page = found[:limit]
        return CataloguePage(_records(session, page), page[-1].dataset_id if len(found) > limit else None)


def catalogue_document(
    about: Catalogue, page: CataloguePage, view: list[Triple], form: RdfFormat
) -> Iterator[bytes]:
    """A page of the catalogue as DCAT; `view` says which page it is."""
    yield from WRITERS[form](_with_view(about, page, view))


def _with_view(about: Catalogue, page: CataloguePage, view: list[Triple]) -> Iterator[list[Triple]]:
    yield view
    yield from stream(about, page.datasets)


def export_dcat(
    services: Services,
    about: Catalogue,
    form: RdfFormat,
    publisher: str | None,
    progress: Callable[[int], None],
) -> Iterator[bytes]:
    """The catalogue, or one publisher's part of it, as DCAT; a chunk of datasets in memory at a time."""
    yield from WRITERS[form](stream(about, _each(services, publisher, progress)))


def export_dialect(
    services: Services,
    dialect: str,
    publisher: str | None,
    progress: Callable[[int], None],
    *,
    approved: bool = False,
    lines: bool = False,
) -> Iterator[bytes]:
    """The catalogue, or one publisher's part of it, in a dialect of the national standard.

    Args:
        approved: whether approved categories and labels take the place of what was declared.
        lines: one object a line, else one array.
    """
    write = DIALECTS[dialect]
    separator = b"" if lines else b"[\n"
    for record in _each(services, publisher, progress):
        metadata = record.metadata
        if approved:
            labels = [*(subject.label for subject in record.subjects), *record.labels]
            metadata = with_decisions(metadata, record.category_code, labels)
        yield separator + orjson.dumps(write(metadata))
        separator = b"\n" if lines else b",\n"
    if lines:
        yield b"" if separator == b"" else b"\n"
    else:
        yield b"[]\n" if separator == b"[\n" else b"\n]\n"


def _each(
    services: Services, publisher: str | None, progress: Callable[[int], None]
) -> Iterator[DatasetRecord]:
    after = done = 0
    while True:
        with services.database.reading() as session:
            found = exported_datasets(session, after, _CHUNK, publisher)
            records = _records(session, found)
        if not found:
            return
        yield from records
        after, done = found[-1].dataset_id, done + len(found)
        progress(done)


def _records(session: Session, found: list[ExportedDataset]) -> list[DatasetRecord]:
    """What was decided of datasets, beside what they say; concepts under the names that they have today."""
    standing = standing_of(session, [dataset.dataset_id for dataset in found])
    named = {choice.concept for stands in standing.values() for choice in stands.approved if choice.concept}
    names = names_of(session, named) if named else {}
    records: list[DatasetRecord] = []
    for dataset in found:
        stands = standing.get(dataset.dataset_id, NOTHING_STANDS)
        subjects = {
            names[choice.concept]: None
            for choice in stands.approved
            if choice.concept and choice.concept in names
        }
        labels = [
            choice.label for choice in stands.approved if not choice.concept or choice.concept not in names
        ]
        records.append(
            DatasetRecord(
                DatasetMetadata.model_validate(dataset.content),
                stands.category_code,
                tuple(Subject(*name) for name in subjects),
                tuple(labels),
            )
        )
    return records
