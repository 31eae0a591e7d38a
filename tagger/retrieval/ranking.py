"""The order of results: how well each candidate answers a query.

A score is a weighted mean of four things, each 0 to 1: how the query's words stand in the dataset, how near its
meaning is, whether its labels are near, and how much of its title the query's words are. Nothing in it depends
on what else is in the index, so a dataset's score stays the same while others come and go, and pages fit
together.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tagger.retrieval.intent import Intent, Need, Reading
from tagger.retrieval.lexemes import compact

Floats = npt.NDArray[np.float64]


class Rankable(Protocol):
    """A candidate, as the index keeps it; `concepts` and `spatial` with blanks between the values."""

    @property
    def title_words(self) -> str:
        """The compact words of the title with blanks between."""

    @property
    def publisher(self) -> str | None:
        """The publisher as it is written."""

    @property
    def concepts(self) -> str:
        """Identifiers of the labels' concepts."""

    @property
    def spatial(self) -> str:
        """Names of places."""

    @property
    def vector(self) -> bytes:
        """The meaning of the title, signed bytes."""


class Weights(NamedTuple):
    """What counts how much; chosen on a third of the judged queries, see docs/search.md."""

    words: float = 0.60
    meaning: float = 0.22
    labels: float = 0.12
    coverage: float = 0.06


class Fit(NamedTuple):
    """How a word of the query stands in a dataset, from best to worst; each 0 to 1."""

    word: float = 1.0
    part: float = 0.9
    synonym: float = 0.9
    concept: float = 0.75
    narrower: float = 0.65
    place: float = 1.0
    publisher: float = 0.7
    text: float = 0.4


WEIGHTS = Weights()
FIT = Fit()
_DIFFERENT_NAMES = 16_384
_LEAST_WEIGHT = 0.15
"""Even a word that says nothing by itself tells a title that has it from one that lacks it."""


def score(
    intent: Intent,
    candidates: Sequence[Rankable],
    in_text: npt.NDArray[np.bool_],
    weights: Weights = WEIGHTS,
    fit: Fit = FIT,
) -> Floats:
    """How well each candidate answers, 0 to 1: shape (candidates,).

    Args:
        intent: what is asked for.
        candidates: what may answer it.
        in_text: whether every word is known to stand somewhere in the dataset, if not in its title: shape
            (candidates,).
    """
    if not candidates:
        return np.zeros(0)
    importance = np.asarray([max(need.weight, _LEAST_WEIGHT) for need in intent.needs])
    importance /= importance.sum()
    fits = np.zeros((len(candidates), len(intent.needs)))
    labels = np.zeros(len(candidates))
    near = frozenset(intent.near)
    coverage = np.zeros(len(candidates))
    for row, candidate in enumerate(candidates):
        seen = _Seen(candidate)
        best = fit.text if in_text[row] else 0.0
        covered = 0
        for column, need in enumerate(intent.needs):
            fits[row, column], length = _need_fit(need, seen, fit, best)
            covered += length
        coverage[row] = min(1.0, covered / max(len(seen.title), 1))
        for concept in near.intersection(seen.concepts):
            labels[row] = max(labels[row], intent.near[concept])
    words = fits @ importance
    # A dataset that has the very concept is not less near than one that has a neighbour of it.
    labels = np.maximum(labels, words)
    meaning = np.clip(similarity(intent.vector, candidates), 0, 1)
    result: Floats = (
        weights.words * words
        + weights.meaning * meaning
        + weights.labels * labels
        + weights.coverage * coverage
    )
    return result.round(6)


def similarity(vector: npt.NDArray[np.int8], candidates: Sequence[Rankable]) -> Floats:
    """The cosine, -1 to 1, of a meaning and those of candidates: shape (candidates,)."""
    products: Floats = (stored_vectors(candidates, len(vector)) @ vector.astype(np.float32) / 127**2).astype(
        np.float64
    )
    return products


def stored_vectors(candidates: Sequence[Rankable], dimensions: int) -> npt.NDArray[np.float32]:
    """The meanings of candidates, times 127: shape (candidates, dimensions).

    What was indexed with a model of other dimensions says nothing until it is indexed anew.
    """
    nothing = bytes(dimensions)
    vectors = (bytes(candidate.vector) for candidate in candidates)
    joined = b"".join(vector if len(vector) == dimensions else nothing for vector in vectors)
    return np.frombuffer(joined, np.int8).reshape(len(candidates), dimensions).astype(np.float32)


class _Seen:
    """A candidate, taken apart once for all words of the query."""

    def __init__(self, candidate: Rankable) -> None:
        self.words = f" {candidate.title_words} "
        self.title = candidate.title_words.replace(" ", "")
        self.concepts = candidate.concepts.split()
        self.spatial = candidate.spatial.split()
        self.publisher = _compact_name(candidate.publisher or "")
        # 勞動部職業安全衛生署預算概況 is about a budget: an agency's name in its own title is no subject.
        self.subject = self.title.replace(self.publisher, "|") if self.publisher else self.title


_compact_name = lru_cache(_DIFFERENT_NAMES)(compact)


def _need_fit(need: Need, seen: _Seen, fit: Fit, otherwise: float) -> tuple[float, int]:
    """The best fit of a need, and how many characters of the title are its words."""
    best, covered = otherwise, 0
    for reading in need.readings:
        value, length = _reading_fit(reading, seen, fit)
        best = max(best, value)
        covered = max(covered, length)
    return best, covered


def _reading_fit(reading: Reading, seen: _Seen, fit: Fit) -> tuple[float, int]:
    if reading.form in seen.subject:
        whole = f" {reading.form} " in seen.words
        return fit.word if whole else fit.part, len(reading.form)
    for form in reading.synonyms:
        if form in seen.subject:
            return fit.synonym, len(form)
    if reading.place and reading.place in seen.spatial:
        return fit.place, 0
    if reading.concepts:
        if reading.concepts[0] in seen.concepts:
            return fit.concept, 0
        if not set(reading.concepts).isdisjoint(seen.concepts):
            return fit.narrower, 0
    return (fit.publisher, 0) if reading.form in seen.publisher or reading.form in seen.title else (0.0, 0)
