"""Fits the category model."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick
from scipy.sparse import csr_matrix, hstack, vstack

from tagger.annotated import Annotated
from tagger.categories import category_names
from tagger.classify import (
    Calibration,
    CategoryModel,
    CategoryScores,
    GramWeights,
    each_features,
    first_features,
)
from tagger.features import Floats, mask
from tagger.fields import FIELD_WEIGHTS
from tagger.normalise import normalise
from tagger.training import logistic
from tagger.training.grams import Grams
from tagger.training.templates import folds
from tagger.training.terms import CategoryTerm, category_terms

FOLDS = 5
CODES = tuple(category_names())
_Matrix = npt.NDArray[np.float64]


class Head(NamedTuple):
    """How one head is fitted; found by cross-validation.

    Attributes:
        also: target of a category that is also acceptable, 0 to 1.
        strength: inverse of regularisation.
        term_weight: how much a term of a category counts against an annotated dataset.
    """

    also: float
    strength: float
    term_weight: float


PRIMARY = Head(also=0.5, strength=60.0, term_weight=2.0)
ACCEPTANCE = Head(also=1.0, strength=10.0, term_weight=0.0)
TERM_TITLES = 3
TERM_AGREEMENT = 0.7
"""A term is left out where so many titles have it, but fewer than this share accept one of its categories."""


class Examples(NamedTuple):
    """What the heads learn from.

    Attributes:
        titles, publishers: masked texts.
        primary: column of the annotator's category, shape (n,).
        accepted: 1 for each acceptable category, shape (n, 18).
        fold: number of the fold that each is held out in.
    """

    titles: list[str]
    publishers: list[str]
    primary: npt.NDArray[np.int64]
    accepted: _Matrix
    fold: npt.NDArray[np.int64]

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Examples":
        """The examples that a mask of shape (n,) chooses."""
        rows = np.flatnonzero(chosen)
        return Examples(
            [self.titles[row] for row in rows],
            [self.publishers[row] for row in rows],
            self.primary[rows],
            self.accepted[rows],
            self.fold[rows],
        )


class HeldOut(NamedTuple):
    """Scores of every example by models that have not seen its title template."""

    scores: CategoryScores
    examples: Examples


def examples_of(annotated: Sequence[Annotated]) -> Examples:
    """Annotated datasets as examples, in their order."""
    accepted = np.zeros((len(annotated), len(CODES)))
    for row, dataset in enumerate(annotated):
        accepted[row, [CODES.index(code) for code in dataset.accepted]] = 1
    return Examples(
        [_text(dataset.metadata.title) for dataset in annotated],
        [_text(dataset.metadata.publisher or "") for dataset in annotated],
        np.asarray([CODES.index(dataset.primary) for dataset in annotated]),
        accepted,
        np.asarray(folds([dataset.metadata.title for dataset in annotated], FOLDS)),
    )


def _text(text: str) -> str:
    return mask(normalise(text).text)


def held_out_scores(examples: Examples) -> HeldOut:
    """Cross-validate: score each fold by a model of the others."""
    primary = np.zeros_like(examples.accepted, dtype=np.float32)
    acceptance = np.zeros_like(primary)
    for number in range(FOLDS):
        tested = examples.fold == number
        if tested.any() and not tested.all():
            fitted = _Fitted(examples.where(~tested))
            primary[tested], acceptance[tested] = fitted.scores(examples.where(tested))
    return HeldOut(CategoryScores(primary, acceptance), examples)


def calibrate(held_out: HeldOut) -> Calibration:
    """From held-out scores to the probability that a reviewer accepts."""
    primary, accepted = held_out.scores.primary, held_out.examples.accepted
    top = primary.argmax(axis=1)
    right = accepted[np.arange(len(top)), top] > 0
    first, first_bias = logistic.fit_one(first_features(primary, CODES), right)
    each, each_bias = logistic.fit_one(each_features(primary, CODES), accepted.ravel() > 0)
    return Calibration((*map(float, first), first_bias), (*map(float, each), each_bias))


def fit_categories(examples: Examples, calibration: Calibration) -> CategoryModel:
    """The model of all examples."""
    fitted = _Fitted(examples)
    split = len(fitted.text.keys)
    weights = np.hstack([weights for weights, _ in fitted.heads])
    text = fitted.text.idf[:, None] * weights[:split]
    publisher = fitted.publisher.idf[:, None] * weights[split:]
    return CategoryModel(
        _grams(fitted.text, text),
        # The field's weight stands in the design; the model applies it itself.
        _grams(fitted.publisher, publisher),
        np.concatenate([bias for _, bias in fitted.heads]).astype(np.float32),
        CODES,
        calibration,
    )


def _grams(grams: Grams, weights: _Matrix) -> GramWeights:
    return GramWeights(grams.keys, grams.idf.astype(np.float32), weights.astype(np.float32))


class _Fitted:
    """Both heads, fitted to examples and to the terms of the categories."""

    def __init__(self, examples: Examples) -> None:
        terms = _borne_out(category_terms(), examples)
        texts = [_text(term.term) for term in terms]
        self.text = Grams([*examples.titles, *texts])
        self.publisher = Grams(examples.publishers)
        empty = csr_matrix((len(texts), len(self.publisher.keys)))
        design = vstack([self._design(examples), hstack([self.text.matrix(texts), empty])]).tocsr()
        self.heads = [self._fit(head, design, examples, terms) for head in (PRIMARY, ACCEPTANCE)]

    def _design(self, examples: Examples) -> csr_matrix:
        publisher = FIELD_WEIGHTS["publisher"] * self.publisher.matrix(examples.publishers)
        return hstack([self.text.matrix(examples.titles), publisher]).tocsr()

    @staticmethod
    def _fit(
        head: Head, design: csr_matrix, examples: Examples, terms: Sequence[CategoryTerm]
    ) -> tuple[_Matrix, _Matrix]:
        targets = examples.accepted * head.also
        targets[np.arange(len(targets)), examples.primary] = 1
        wanted = np.vstack([targets, _term_targets(terms, head.also)])
        counts = np.ones(len(wanted))
        counts[len(targets) :] = head.term_weight
        used = counts > 0
        return logistic.fit(design[used], wanted[used], counts[used], head.strength)

    def scores(self, examples: Examples) -> tuple[Floats, Floats]:
        """The scores of the primary and of the acceptance head."""
        design = self._design(examples)
        primary, acceptance = (design @ weights + bias for weights, bias in self.heads)
        return primary, acceptance


def _borne_out(terms: Sequence[CategoryTerm], examples: Examples) -> list[CategoryTerm]:
    """The terms that the titles they stand in do not contradict."""
    automaton = AhoCorasick([_text(term.term) for term in terms])
    found, accepted = np.zeros(len(terms)), np.zeros(len(terms))
    columns = [[CODES.index(code) for code in (term.primary, *term.also)] for term in terms]
    for title, wanted in zip(examples.titles, examples.accepted > 0, strict=True):
        for number in {match[0] for match in automaton.find_matches_as_indexes(title, overlapping=True)}:
            found[number] += 1
            accepted[number] += wanted[columns[number]].any()
    kept = (found < TERM_TITLES) | (accepted >= TERM_AGREEMENT * found)
    return [term for term, keep in zip(terms, kept, strict=True) if keep]


def _term_targets(terms: Sequence[CategoryTerm], also: float) -> _Matrix:
    targets = np.zeros((len(terms), len(CODES)))
    for row, term in enumerate(terms):
        targets[row, [CODES.index(code) for code in term.also]] = also
        targets[row, CODES.index(term.primary)] = 1
    return targets
