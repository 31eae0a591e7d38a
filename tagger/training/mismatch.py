"""Fits the check of declared categories on simulated declarations."""

import random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.categories import PUBLIC_INFORMATION
from tagger.classify import CategoryScores
from tagger.evaluation import DECLARED_IN_LIFE
from tagger.features import Integers
from tagger.mismatch import MismatchModel, Thresholds, mismatch_features
from tagger.training import logistic
from tagger.training.categories import CODES, FOLDS, Examples, HeldOut

FALSE_ALARMS = 0.04
"""The share of acceptable declarations that may be flagged, on held-out folds of one annotator: two accept more."""
CORRECT_PRECISION = 0.985
"""What share of the flags that say 建議修正 must be right."""
_SEEDS = (1, 3, 4)
_HELD_OUT_SEED = 2
_Flags = npt.NDArray[np.bool_]


class Declarations(NamedTuple):
    """Simulated declarations: the example, the declared column, and whether a reviewer would correct it."""

    row: Integers
    declared: Integers
    mismatched: _Flags


def declare(examples: Examples, seed: int) -> Declarations:
    """Declare each example once acceptably and once not, the wrong ones as publishers err."""
    pick = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    rows, declared, mismatched = [], [], []
    for row, accepted in enumerate(examples.accepted > 0):
        right = [column for column in range(len(CODES)) if accepted[column]]
        wrong = [column for column in range(len(CODES)) if not accepted[column]]
        chances = [DECLARED_IN_LIFE[CODES[column]] for column in wrong]
        rows += [row, row]
        declared += [pick.choice(right), pick.choices(wrong, chances)[0]]
        mismatched += [False, True]
    return Declarations(np.asarray(rows), np.asarray(declared), np.asarray(mismatched))


def fit_mismatch(held_out: HeldOut) -> MismatchModel:
    """Fit on several simulations; thresholds on another one, by models that have not seen its datasets."""
    simulations = [declare(held_out.examples, seed) for seed in _SEEDS]
    taught = Declarations(*(np.concatenate(columns) for columns in zip(*simulations, strict=True)))
    tested = declare(held_out.examples, _HELD_OUT_SEED)
    probability = np.zeros(len(tested.row))
    fold = held_out.examples.fold
    for number in range(FOLDS):
        train, test = fold[taught.row] != number, fold[tested.row] == number
        if test.any() and train.any():
            model = _fit(held_out, taught, train)
            probability[test] = model.probabilities(
                _scores(held_out, tested.row[test]), tested.declared[test]
            )
    model = _fit(held_out, taught, np.ones(len(taught.row), bool))
    return model._replace(thresholds=_thresholds(probability, tested))


def _scores(held_out: HeldOut, rows: Integers) -> CategoryScores:
    return CategoryScores(held_out.scores.primary[rows], held_out.scores.acceptance[rows])


def _fit(held_out: HeldOut, declarations: Declarations, chosen: _Flags) -> MismatchModel:
    rows, declared = declarations.row[chosen], declarations.declared[chosen]
    features, one_hot = mismatch_features(_scores(held_out, rows), declared, CODES)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    design = np.hstack(((features - mean) / scale, one_hot))
    weights, bias = logistic.fit_one(design, declarations.mismatched[chosen])
    return MismatchModel(mean, scale, weights, bias, CODES, Thresholds(0.5, 0.5, 0.9))


def _thresholds(probability: npt.NDArray[np.float64], tested: Declarations) -> Thresholds:
    """Of the pairs of thresholds that spend the false alarms, the one that finds most."""
    public = tested.declared == CODES.index(PUBLIC_INFORMATION)
    allowed = int(FALSE_ALARMS * (~tested.mismatched).sum())
    best, found = Thresholds(0.5, 0.5, 0.9), -1
    for share in np.linspace(0.05, 0.95, 37):
        spent = int(share * allowed)
        own = _threshold(probability[public & ~tested.mismatched], spent)
        other = _threshold(probability[~public & ~tested.mismatched], allowed - spent)
        flagged = probability >= np.where(public, own, other)
        hits = int((flagged & tested.mismatched).sum())
        if hits > found:
            correct = _precise(probability[flagged], tested.mismatched[flagged])
            best, found = Thresholds(own, other, correct), hits
    return best


def _threshold(quiet: npt.NDArray[np.float64], alarms: int) -> float:
    """The least threshold, 0.5 or more, that flags no more than `alarms` of the acceptable declarations."""
    if alarms >= len(quiet):
        return 0.5
    return max(0.5, float(np.nextafter(np.sort(quiet)[len(quiet) - 1 - alarms], 1)))


def _precise(probability: npt.NDArray[np.float64], mismatched: _Flags) -> float:
    """The least threshold from which flags are right in `CORRECT_PRECISION` of the cases."""
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum(mismatched[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(right >= CORRECT_PRECISION)
    return float(probability[order[good[-1]]]) if len(good) else 0.9
