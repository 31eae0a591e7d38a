"""Storing one dataset with its suggestion, and reading datasets back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.indexing import index_datasets
from models.catalogue import (
    CREATED,
    RESTORED,
    Filters,
    Record,
    Totals,
    count_datasets,
    find_dataset,
    page_of_datasets,
    store_records,
)
from models.dataset import Dataset
from models.deciding import NOTHING_STANDS, Standing, standing_of
from models.tagging import SuggestionRecord, store_suggestions
from models.withdrawing import last_publisher, withdrawn_at
from tagger import DatasetMetadata, Suggestion
from tagger.vocabulary import CONCEPT_BASE

NOT_FOUND, WITHDRAWN = "dataset-not-found", "dataset-withdrawn"
"""Why there is no dataset: nobody stored one of this identifier, or it was taken back."""


class ForeignAgency(Exception):
    """The dataset is another agency's than the one whose datasets the account may store."""


class StaleVersion(Exception):
    """The dataset changed since the caller read it."""


class StoredDataset(NamedTuple):
    """A dataset as people see it.

    Attributes:
        id: the store's key; pages are ordered by it.
        metadata: what the publisher says, under the standard's names.
        suggestion: the current one without labels that somebody rejected, or None where it is not tagged yet.
        whole_suggestion: the same with them.
        standing: what reviewers approved and rejected.
        version: rises with each change of the metadata and each decision.
        revision: number of the current revision, 1 at first.
    """

    id: int
    identifier: str
    metadata: dict[str, Any]
    suggestion: Suggestion | None
    whole_suggestion: Suggestion | None
    suggestion_id: int | None
    standing: Standing
    version: int
    revision: int
    created_at: datetime
    updated_at: datetime

    @property
    def etag(self) -> str:
        """Names this state of the dataset: its version and the model that tagged it."""
        return f"{self.version}-{self.suggestion['modelVersion'] if self.suggestion else 'untagged'}"


def put_dataset(
    services: Services,
    metadata: DatasetMetadata,
    expected: str | None = None,
    only_publisher: str | None = None,
) -> tuple[StoredDataset, bool]:
    """Store a dataset and the suggestion for it, in one transaction. Repeating it changes nothing.

    Args:
        metadata: with an identifier.
        expected: the etag that the caller last saw, if it minds.
        only_publisher: the agency whose datasets may be stored, old ones replaced included; None for any.

    Returns:
        The dataset as stored, and whether it is new; so is one that was withdrawn and is back.

    Raises:
        ForeignAgency: the dataset is or was another agency's.
        StaleVersion: `expected` is not the dataset's etag.
    """
    record = to_record(metadata)
    if only_publisher is not None and metadata.publisher != only_publisher:
        raise ForeignAgency(only_publisher)
    suggestion = services.tagger.suggest(metadata)
    version_id = services.model_version_id
    with services.database.writing() as session:
        _refuse_overwriting(session, record.identifier, expected, only_publisher)
        [outcome] = store_records(session, [record])
        store_suggestions(
            session,
            version_id,
            [to_suggestion_record(outcome.revision_id, suggestion)],
            [outcome.revision_id],
        )
        index_datasets(services, session, [outcome.dataset_id])
        dataset = find_dataset(session, record.identifier)
        if dataset is None:
            raise LookupError(record.identifier)
        return stored_dataset(session, dataset), outcome.change in {CREATED, RESTORED}


def _refuse_overwriting(
    session: Session, identifier: str, expected: str | None, only_publisher: str | None
) -> None:
    if only_publisher is not None:
        owner, exists = last_publisher(session, identifier)
        if exists and owner != only_publisher:
            raise ForeignAgency(only_publisher)
    if expected is not None:
        before = find_dataset(session, identifier)
        if before is None or stored_dataset(session, before).etag != expected:
            raise StaleVersion(identifier)


def get_dataset(services: Services, identifier: str) -> StoredDataset | None:
    """One dataset, or None."""
    with services.database.reading() as session:
        dataset = find_dataset(session, identifier)
        return stored_dataset(session, dataset) if dataset else None


def absence(services: Services, identifier: str) -> str:
    """Why a dataset is not there: `NOT_FOUND` or `WITHDRAWN`."""
    with services.database.reading() as session:
        return NOT_FOUND if withdrawn_at(session, identifier) is None else WITHDRAWN


def list_datasets(
    services: Services, filters: Filters, after_id: int, limit: int
) -> tuple[list[StoredDataset], int | None]:
    """A page of datasets, and the key to continue after, None at the end."""
    with services.database.reading() as session:
        found = _stored(session, page_of_datasets(session, filters, after_id, limit + 1))
    more = len(found) > limit
    return found[:limit], found[limit - 1].id if more else None


def totals(services: Services) -> Totals:
    """How many datasets are stored, tagged and flagged."""
    with services.database.reading() as session:
        return count_datasets(session)


def to_record(metadata: DatasetMetadata) -> Record:
    """Metadata as the store takes it. Raises ValueError without an identifier."""
    if metadata.identifier is None:
        raise ValueError("a stored dataset needs an identifier")
    return Record(
        metadata.identifier,
        metadata.title,
        metadata.publisher,
        metadata.category_code,
        metadata.to_record(),
    )


def to_suggestion_record(revision_id: int, suggestion: Suggestion) -> SuggestionRecord:
    """A suggestion as the store takes it."""
    first = suggestion["categories"][0]
    return SuggestionRecord(
        revision_id,
        first["categoryCode"],
        first["confidence"],
        bool(suggestion["mismatch"] and suggestion["mismatch"]["flagged"]),
        dict(suggestion),
    )


def stored_dataset(session: Session, dataset: Dataset) -> StoredDataset:
    """A dataset of the store as people see it; in one statement more."""
    return _stored(session, [dataset])[0]


def _stored(session: Session, datasets: Sequence[Dataset]) -> list[StoredDataset]:
    standing = standing_of(session, [dataset.id for dataset in datasets])
    return [_as_seen(dataset, standing.get(dataset.id, NOTHING_STANDS)) for dataset in datasets]


def _as_seen(dataset: Dataset, standing: Standing) -> StoredDataset:
    revision = dataset.revision
    if revision is None:
        raise LookupError(f"dataset {dataset.identifier} has no revision")
    content: Any = dataset.suggestion.content if dataset.suggestion else None
    return StoredDataset(
        dataset.id,
        dataset.identifier,
        revision.content,
        content and without_rejected(content, standing),
        content,
        dataset.current_suggestion_id,
        standing,
        dataset.version,
        revision.number,
        dataset.created_at,
        dataset.updated_at,
    )


def without_rejected(suggestion: Suggestion, standing: Standing) -> Suggestion:
    """A suggestion without the labels that somebody rejected for its dataset, whatever they are called now."""
    if not standing.rejected:
        return suggestion
    words = {choice.label for choice in standing.rejected}
    concepts = {CONCEPT_BASE + choice.concept for choice in standing.rejected if choice.concept}
    labels = [
        label
        for label in suggestion["labels"]
        if label["label"] not in words and label["concept"] not in concepts
    ]
    return {**suggestion, "labels": labels}
