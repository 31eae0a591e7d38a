"""All that a search finds, some at a time: for files, which pages are not made for."""

from collections.abc import Iterator
from typing import NamedTuple

from api.services import Services
from api.services.search.searching import Asked, Everything, concept_labels, find_everything
from models.catalogue import CurrentDataset, current_datasets
from models.deciding import NOTHING_STANDS, Standing, standing_of
from models.search import Candidate, documents_of

MOST = 100_000
"""Datasets that one export holds at most."""
_CHUNK = 500


class Exported(NamedTuple):
    """A dataset as an export has it.

    Attributes:
        dataset: as it now stands.
        document: what the index knows of it.
        labels: of its concepts, best first, and the approved ones that are no concept.
        standing: what was decided.
        score: 0 to 1; None where it was not ranked.
        exact: whether it has every word of the query, or only comes near.
    """

    dataset: CurrentDataset
    document: Candidate
    labels: tuple[str, ...]
    standing: Standing
    score: float | None
    exact: bool


class Export(NamedTuple):
    """What a search found, to be written.

    Attributes:
        number: of datasets; fewer come where some are withdrawn meanwhile.
        more: whether the search found more than `MOST`.
        rows: read from the store some at a time, while they are asked for.
    """

    number: int
    more: bool
    rows: Iterator[Exported]


def export_search(services: Services, asked: Asked, most: int = MOST) -> Export:
    """All that a search finds, in the order of its pages.

    Args:
        asked: its page and its limit count for nothing.
        most: results.

    Raises:
        QueryError: the query cannot be read.
    """
    found = find_everything(services, asked, most)
    return Export(len(found.keys), found.more, _rows(services, found))


def _rows(services: Services, found: Everything) -> Iterator[Exported]:
    for start in range(0, len(found.keys), _CHUNK):
        keys = found.keys[start : start + _CHUNK]
        # A transaction a chunk: one for the whole would be open for as long as somebody takes to read the file.
        with services.database.reading() as session:
            datasets = {one.dataset_id: one for one in current_datasets(session, keys)}
            documents = documents_of(session, keys)
            standing = standing_of(session, keys)
        for key in keys:
            if key not in datasets or key not in documents:
                continue
            stands = standing.get(key, NOTHING_STANDS)
            yield Exported(
                datasets[key],
                documents[key],
                _labels(services, documents[key], stands),
                stands,
                found.scores.get(key),
                key not in found.near,
            )


def _labels(services: Services, document: Candidate, stands: Standing) -> tuple[str, ...]:
    named = concept_labels(services.thesaurus, document)
    return tuple(dict.fromkeys((*named, *(choice.label for choice in stands.approved))))
