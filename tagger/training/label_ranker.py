"""Fits the ranker of the label model on candidates of held-out datasets."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from tagger.features import Floats, Integers
from tagger.labels.candidates import NOWHERE, STATUSES, Candidates
from tagger.labels.linear import Doubles
from tagger.labels.ranker import (
    ALIKE_WEIGHT,
    CELLS,
    RANKED,
    Calibration,
    Habits,
    Quota,
    Ranker,
    Tables,
    best_labels,
    ranking_score,
    sigmoid,
)
from tagger.training.label_targets import Targets

KNOTS = 10
"""Of each feature's piecewise linear function, at quantiles."""
REGULARISATION = 1.0
SMOOTHING = 3.0
"""How many made-up average cases join those of a concept, so that one case is no habit."""
AGREEMENT = 0.63
"""The F1 of one annotator's labels against another's: measured on 1,193 titles that two annotated."""
CALIBRATION_BINS = 30
# Values beyond these quantiles share the outermost cell of a table.
_LOWEST, _HIGHEST = 0.001, 0.9995

Flags = npt.NDArray[np.bool_]


class Sample(NamedTuple):
    """Candidates of held-out datasets and what they are.

    Attributes:
        candidates: of all datasets.
        exact: annotators gave the label, shape (n,).
        alike: they gave one that resembles it, shape (n,).
        accepted: either, or one that means the concept, shape (n,).
        fold: of the candidate's dataset, shape (n,).
        targets: of all datasets.
        folds: of all datasets, shape (datasets,).
    """

    candidates: Candidates
    exact: Flags
    alike: Flags
    accepted: Flags
    fold: Integers
    targets: Targets
    folds: Integers


def sample(candidates: Candidates, targets: Targets, folds: Integers) -> Sample:
    """The candidates with their truth."""
    cell = candidates.row, candidates.concept
    exact, alike, mapped = targets.exact[cell], targets.alike[cell], targets.mapped[cell]
    return Sample(candidates, exact, alike, exact | alike | mapped, folds[candidates.row], targets, folds)


def fit_ranker(found: Sample) -> Ranker:
    """Fit on all; the calibration on rankings of models that did not see the dataset."""
    every = np.unique(found.folds).tolist()
    features = np.zeros((len(RANKED), len(found.exact)), np.float32)
    for fold in every:
        # Habits, too, are learned from the other folds: a concept's only case would tell its own answer.
        held_out = found.fold == fold
        habits = _habits(found, ~held_out, found.folds != fold)
        features[:, held_out] = habits.features(_part(found.candidates, held_out))
    grid = _grid(features)
    logits = np.zeros((len(found.exact), 2), np.float32)
    for fold in every:
        held_out = found.fold == fold
        tables = _fit_tables(found, features, grid, ~held_out)
        logits[held_out] = tables.logits(features[:, held_out], found.candidates.status[held_out])
    everything = np.ones(len(found.exact), bool)
    probabilities = sigmoid(logits)
    return Ranker(
        _habits(found, everything, np.ones(len(found.folds), bool)),
        _fit_tables(found, features, grid, everything),
        _calibrate(found, probabilities),
        _quota(found, probabilities[:, 0].astype(np.float64)),
    )


def _part(candidates: Candidates, kept: Flags) -> Candidates:
    return candidates._replace(
        row=candidates.row[kept],
        concept=candidates.concept[kept],
        status=candidates.status[kept],
        marks=candidates.marks[kept],
        features=candidates.features[:, kept],
    )


def _habits(found: Sample, candidates: Flags, datasets: Flags) -> Habits:
    concepts = found.targets.exact.shape[1]
    chosen = np.zeros((STATUSES, concepts), np.float32)
    for status in range(NOWHERE + 1, STATUSES):
        here = candidates & (found.candidates.status == status)
        concept, exact = found.candidates.concept[here], found.exact[here]
        cases = np.bincount(concept, minlength=concepts)
        given = np.bincount(concept, exact, minlength=concepts)
        average = exact.mean() if len(exact) else 0.0
        chosen[status] = (given + SMOOTHING * average) / (cases + SMOOTHING)
    prior = np.log(found.targets.exact[datasets].sum(axis=0) + 0.5)
    return Habits(chosen, prior.astype(np.float32))


class _Grid(NamedTuple):
    """Where the tables of each feature begin and how fine they are."""

    low: Floats
    scale: Floats

    def middles(self, feature: int) -> npt.NDArray[np.float64]:
        """The middle of each cell."""
        middles: npt.NDArray[np.float64] = self.low[feature] + (np.arange(CELLS) + 0.5) / self.scale[feature]
        return middles


def _grid(features: Floats) -> _Grid:
    if not features.shape[1]:
        return _Grid(np.zeros(len(RANKED), np.float32), np.ones(len(RANKED), np.float32))
    low, high = features.min(axis=1), np.quantile(features, _HIGHEST, axis=1)
    gap = RANKED.index("gap")
    low[gap] = np.quantile(features[gap], _LOWEST)
    for name in ("preferred", "chosen"):
        high[RANKED.index(name)] = features[RANKED.index(name)].max()
    scale = CELLS / np.maximum(high - low, 1e-6) * (1 - 1e-6)
    return _Grid(low, scale.astype(np.float32))


def _fit_tables(found: Sample, features: Floats, grid: _Grid, used: Flags) -> Tables:
    cells = np.zeros((len(RANKED), STATUSES, CELLS, 2), np.float32)
    bias = np.zeros((STATUSES, 2), np.float32)
    for status in range(STATUSES):
        here = np.flatnonzero(used & (found.candidates.status == status))
        if not len(here):
            # What was never seen is as likely as the average.
            for model, truth in enumerate((found.exact[used], found.alike[used])):
                bias[status, model] = _logit(int(truth.sum()), len(truth))
            continue
        knots = [_knots(features[number, here]) for number in range(len(RANKED))]
        design = np.hstack([_hats(features[number, here], at) for number, at in enumerate(knots)])
        ends = np.cumsum([len(at) for at in knots])
        for model, truth in enumerate((found.exact[here], found.alike[here])):
            if truth.all() or not truth.any():
                bias[status, model] = _logit(int(truth.sum()), len(truth))
                continue
            fitted = LogisticRegression(C=REGULARISATION, max_iter=300).fit(design, truth)
            bias[status, model] = fitted.intercept_[0]
            for number, heights in enumerate(np.split(fitted.coef_[0], ends[:-1])):
                cells[number, status, :, model] = np.interp(grid.middles(number), knots[number], heights)
    return Tables(grid.low, grid.scale, cells, bias)


def _logit(given: int, cases: int) -> float:
    """Of a share that is known from few cases (Jeffreys' prior)."""
    return float(np.log((given + 0.5) / (cases - given + 0.5)))


def _knots(values: Floats) -> npt.NDArray[np.float64]:
    quantiles = np.quantile(values.astype(np.float64), np.linspace(0, 1, KNOTS))
    knots = np.unique(quantiles.round(4))
    return knots if len(knots) > 1 else np.asarray([knots[0], knots[0] + 1.0])


def _hats(values: Floats, knots: npt.NDArray[np.float64]) -> Floats:
    """The piecewise linear basis: each row has at most two entries that sum to 1, at the nearest knots."""
    clipped = np.clip(values, knots[0], knots[-1])
    left = np.clip(np.searchsorted(knots, clipped, "right") - 1, 0, len(knots) - 2)
    part = (clipped - knots[left]) / (knots[left + 1] - knots[left])
    basis = np.zeros((len(values), len(knots)), np.float32)
    row = np.arange(len(values))
    basis[row, left] = 1 - part
    basis[row, left + 1] = part
    return basis


def _calibrate(found: Sample, probabilities: Floats) -> Calibration:
    """From ranking scores to what the annotator accepts of the best labels.

    The steps of an isotonic regression (Zadrozny and Elkan 2002, Transforming Classifier Scores) over bins of
    equal size, joined by lines.
    """
    scores = ranking_score(probabilities)
    best, _ = best_labels(found.candidates.row, scores)
    if not len(best):
        return Calibration(np.asarray([0.0, 1.0]), np.asarray([0.0, 0.0]))
    best = best[scores[best].argsort(kind="stable")]
    bins = np.array_split(best, min(CALIBRATION_BINS, len(best)))
    points = np.asarray([scores[cases].mean(dtype=np.float64) for cases in bins])
    accepted = IsotonicRegression().fit_transform(points, [found.accepted[cases].mean() for cases in bins])
    # A little slope, so that of two labels the better one never looks the same.
    accepted = (accepted + np.arange(len(bins)) * 1e-4).clip(0, 1)
    last = min(1.0, float(accepted[-1]) + 0.005)
    return Calibration(
        np.concatenate(([0.0], points, [1 + ALIKE_WEIGHT])), np.concatenate(([0.0], accepted, [last]))
    )


def _quota(found: Sample, probability: Doubles) -> Quota:
    """How many labels two annotators give together, and how their agreement spreads the chances."""
    mean = found.targets.given / max(len(found.folds), 1)
    agreed = AGREEMENT * probability.sum() - np.square(probability).sum()
    spread = agreed / max(float((probability * (1 - probability)).sum()), 1e-9)
    return Quota(mean * (2 - AGREEMENT), min(max(float(spread), 0.0), 1.0))
