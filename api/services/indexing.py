"""Keeping the search index and the review queue in step with the store."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from api.services import Progress, Services
from api.services.review.queueing import Tagged, new_terms, review_item
from models.catalogue import CurrentDataset, current_datasets, outdated_documents
from models.deciding import NOTHING_STANDS, Standing, standing_of
from models.review.items import opinions_of, store_items
from models.search.document import (
    APPROVED,
    MISMATCHED,
    SUGGESTED,
    UNTAGGED,
    Document,
    remove_documents,
    store_documents,
)
from tagger import DatasetMetadata
from tagger.facets import facets
from tagger.retrieval.indexing import Labelled, index, index_scheme
from tagger.vocabulary import CONCEPT_BASE

_CHUNK = 500
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class _Seen(NamedTuple):
    """What is known of one dataset, from all sides."""

    dataset: CurrentDataset
    metadata: DatasetMetadata
    standing: Standing

    @property
    def flagged(self) -> bool:
        """Whether the declared category is thought not to fit."""
        mismatch = (self.dataset.suggestion or {}).get("mismatch")
        return bool(mismatch and mismatch["flagged"])


def index_datasets(
    services: Services,
    session: Session,
    dataset_ids: Sequence[int],
    suggestions: Mapping[int, dict[str, Any]] | None = None,
) -> None:
    """Index datasets, and queue them for review, as they now stand in the session's transaction.

    Those that are withdrawn are taken out of the index and the queue. In a fixed number of statements.

    Args:
        suggestions: as for `models.catalogue.current_datasets`.
    """
    if not dataset_ids:
        return
    standing = standing_of(session, dataset_ids)
    seen = [
        _Seen(
            dataset,
            DatasetMetadata.model_validate(dataset.content),
            standing.get(dataset.dataset_id, NOTHING_STANDS),
        )
        for dataset in current_datasets(session, dataset_ids, suggestions)
    ]
    store_documents(session, _documents(services, seen))
    standing_there = {one.dataset.dataset_id for one in seen}
    remove_documents(session, [key for key in dataset_ids if key not in standing_there])
    opinions = opinions_of(session, dataset_ids)
    tagged = [
        Tagged(
            one.dataset.dataset_id,
            one.metadata.title,
            one.metadata.publisher or one.metadata.organization,
            one.metadata.category_code,
            one.dataset.suggestion,
            one.dataset.model_version_id,
            opinions.get(one.dataset.dataset_id),
        )
        for one in seen
        if one.dataset.suggestion is not None and one.dataset.model_version_id is not None
    ]
    store_items(
        session,
        dataset_ids,
        [review_item(one) for one in tagged],
        [term for one in tagged for term in new_terms(one)],
    )


def index_outdated(services: Services, progress: Progress) -> int:
    """Index what was never indexed, or by other rules than today's, a chunk a transaction; how many.

    Stopped in the middle it can be run again and goes on.
    """
    scheme = index_scheme(services.meaning)
    done = after = 0
    while True:
        with services.database.writing() as session:
            chunk = outdated_documents(session, scheme, after, _CHUNK)
            index_datasets(services, session, chunk)
        if not chunk:
            return done
        done, after = done + len(chunk), chunk[-1]
        progress(done, done)


def _documents(services: Services, seen: Sequence[_Seen]) -> list[Document]:
    scheme = index_scheme(services.meaning)
    labels = [_labels(one) for one in seen]
    covers = [_facets(one) for one in seen]
    indexed = index(
        services.meaning, [one.metadata for one in seen], labels, [found["spatial"] for found in covers]
    )
    return [
        Document(
            one.dataset.dataset_id,
            made.title_words,
            _category(one),
            _status(one),
            one.metadata.publisher or one.metadata.organization,
            made.concepts,
            found["spatial"],
            _day(one.metadata.temporal_coverage_from) or found["temporalCoverageFrom"],
            _day(one.metadata.temporal_coverage_to) or found["temporalCoverageTo"],
            made.vector,
            scheme,
            made.lexemes,
        )
        for one, made, found in zip(seen, indexed, covers, strict=True)
    ]


def _category(one: _Seen) -> str | None:
    """The category that holds: approved, else declared where nothing speaks against it, else suggested."""
    if one.standing.category_code:
        return one.standing.category_code
    declared = one.metadata.category_code
    suggestion = one.dataset.suggestion
    if suggestion is None or (declared and not one.flagged):
        return declared
    code: str = suggestion["categories"][0]["categoryCode"]
    return code


def _status(one: _Seen) -> str:
    if one.standing.category_code or one.standing.approved:
        return APPROVED
    if one.dataset.suggestion is None:
        return UNTAGGED
    return MISMATCHED if one.flagged else SUGGESTED


def _labels(one: _Seen) -> list[Labelled]:
    """The approved labels; where nobody decided on labels, the suggested ones."""
    if one.standing.approved:
        return [Labelled(choice.label, choice.concept) for choice in one.standing.approved]
    rejected = {choice.label for choice in one.standing.rejected}
    suggested = (one.dataset.suggestion or {}).get("labels", ())
    return [
        Labelled(label["label"], label["concept"].removeprefix(CONCEPT_BASE))
        for label in suggested
        if label["label"] not in rejected
    ]


def _facets(one: _Seen) -> dict[str, Any]:
    """Places and period: those of the suggestion, else read now."""
    if one.dataset.suggestion is not None and "facets" in one.dataset.suggestion:
        found: dict[str, Any] = one.dataset.suggestion["facets"]
        return found
    read = facets(one.metadata)
    return {
        "spatial": list(read.spatial),
        "temporalCoverageFrom": read.temporal_coverage_from,
        "temporalCoverageTo": read.temporal_coverage_to,
    }


def _day(text: str | None) -> str | None:
    """The day that a declared period begins or ends with, where it is written as ISO 8601 has it."""
    found = _DAY.match(text) if text else None
    return found.group() if found else None
