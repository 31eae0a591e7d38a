"""Datasets that go with one: the same subject, another series."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from api.services import Services
from api.services.search.searching import concept_labels
from models.catalogue import CurrentDataset, current_datasets, dataset_key
from models.search import AllOf, AnyOf, Candidate, Expression, Filters, Match, candidates, documents_of
from tagger.features import mask
from tagger.retrieval.lexemes import TITLE, concept_lexeme, needed_grams
from tagger.retrieval.ranking import similarity

_MOST = 300
_WORDS, _LEAST_CHARACTERS = 4, 2
_SHARED_LABEL = 0.15
_LEAST = 0.35
"""Below this the likeness is chance."""


class Related(NamedTuple):
    """A dataset that goes with another.

    Attributes:
        dataset: as it now stands.
        document: what the index knows of it.
        labels: of its concepts, best first.
        score: 0 to 1.
        reasons: the labels that both have; empty where only their titles are alike.
    """

    dataset: CurrentDataset
    document: Candidate
    labels: tuple[str, ...]
    score: float
    reasons: tuple[str, ...]


def related(
    services: Services, identifier: str, limit: int, filters: Filters | None = None
) -> list[Related] | None:
    """The datasets nearest to one, best first; None where there is no such dataset.

    Of a series, the same title by year or place, only the nearest is shown. Ranked by the likeness of their
    titles' meaning and the labels that both have. In six statements.
    """
    with services.database.reading() as session:
        key = dataset_key(session, identifier, withdrawn=False)
        if key is None:
            return None
        own = documents_of(session, [key]).get(key)
        if own is None:
            return []
        chosen = nearest(services, session, own, limit, filters)
        datasets = {
            dataset.dataset_id: dataset
            for dataset in current_datasets(session, [candidate.dataset_id for candidate, _ in chosen])
        }
    shared = set(own.concepts.split())
    return [
        Related(
            datasets[candidate.dataset_id],
            candidate,
            concept_labels(services.thesaurus, candidate),
            points,
            tuple(
                services.thesaurus.label(concept)
                for concept in candidate.concepts.split()
                if concept in shared and concept in services.thesaurus
            ),
        )
        for candidate, points in chosen
        if candidate.dataset_id in datasets
    ]


def nearest(
    services: Services,
    session: Session,
    own: Candidate,
    limit: int,
    filters: Filters | None = None,
    *,
    own_series: bool = False,
) -> list[tuple[Candidate, float]]:
    """The documents nearest to one, with their scores, best first; of each series one. In four statements.

    Args:
        own: what the index knows, or would know, of the dataset.
        own_series: whether one of the dataset's own series may be among them.
    """
    found: dict[int, Candidate] = {}
    for match in _matches(services, own):
        for candidate in candidates(session, match, filters or Filters(), _MOST):
            found.setdefault(candidate.dataset_id, candidate)
    found.pop(own.dataset_id, None)
    return _best(own, list(found.values()), limit, set() if own_series else {_series(own)})


def _matches(services: Services, own: Candidate) -> Iterable[Match]:
    """Ways to be near: two labels in common, any label, or the words of the title that say most."""
    labels = [concept_lexeme(concept) for concept in own.concepts.split()]
    pairs = [AllOf((one, other)) for at, one in enumerate(labels) for other in labels[at + 1 :]]
    if pairs:
        yield Match(AnyOf(tuple(pairs)))
    if labels:
        yield Match(AnyOf(tuple(labels)))
    words = {word for word in own.title_words.split() if len(word) >= _LEAST_CHARACTERS}
    telling = sorted(words, key=lambda word: (-services.meaning.weight(word), word))[:_WORDS]
    ways: list[Expression] = [AllOf(tuple(TITLE + gram for gram in needed_grams(word))) for word in telling]
    if ways:
        yield Match(AnyOf(tuple(ways)))


def _best(
    own: Candidate, found: Sequence[Candidate], limit: int, series: set[str]
) -> list[tuple[Candidate, float]]:
    """The best of what was found, none of the series that are named, of any other one."""
    if not found:
        return []
    labels = set(own.concepts.split())
    meaning = np.clip(similarity(np.frombuffer(own.vector, np.int8), found), 0, 1)
    shared = [len(labels.intersection(candidate.concepts.split())) for candidate in found]
    scores = (1 - 2 * _SHARED_LABEL) * meaning + _SHARED_LABEL * np.minimum(shared, 2)
    order = sorted(range(len(found)), key=lambda row: (-scores[row], found[row].dataset_id))
    chosen: list[tuple[Candidate, float]] = []
    for row in order:
        name = _series(found[row])
        if scores[row] >= _LEAST and name not in series and len(chosen) < limit:
            series.add(name)
            chosen.append((found[row], round(float(scores[row]), 4)))
    return chosen


def _series(document: Candidate) -> str:
    return mask(document.title_words.replace(" ", ""))
