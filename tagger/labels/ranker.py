"""How likely a reviewer accepts each candidate.

For each lexical status an additive logistic model (Hastie and Tibshirani 1986, Generalized Additive Models) of
piecewise linear functions, tabulated: a candidate's logit is a sum of look-ups, one a feature. One model
learned which labels annotators gave, one also those that resemble one they gave; a label is ranked by both.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.features import Floats
from tagger.labels.candidates import (
    FEATURES,
    IN_DESCRIPTION,
    IN_FIELDS,
    IS_KEYWORD,
    NAMED,
    NESTED,
    STATUSES,
    Candidates,
)
from tagger.weights import ModelFiles

CELLS = 64
"""How finely a feature's function is tabulated."""
RANKED = (*FEATURES, "chosen", "prior")
"""What is ranked by: a candidate's features, how often annotators chose the concept when it had this status,
and the logarithm of how often they gave it."""
ALIKE_WEIGHT = 0.15
"""What resembling an accepted label counts against being one."""

# What it adds to a logit that the words stand elsewhere than in the title, and the least that it then is. The
# annotated datasets have no such fields: set on the published catalogues of 2018 that describe some of them.
# A keyword is the publisher's own label: as likely right as not, whatever the title says.
_KEYWORD = (IS_KEYWORD, 1.1, 0.0)
_DESCRIPTION = (IN_DESCRIPTION, 1.1, -3.2)
_FIELDS = (IN_FIELDS, 0.6, -4.1)
_ALIKE_FLOOR = 0.8
"""By how much the floor is higher for resembling."""


class Habits(NamedTuple):
    """What annotators do with each concept.

    Attributes:
        chosen: by status, how often they gave the concept where it had it, shape (4, concepts); 0 for the
            status `NOWHERE`.
        prior: logarithm of how often they gave it at all, shape (concepts,).
    """

    chosen: Floats
    prior: Floats

    def features(self, candidates: Candidates) -> Floats:
        """All features that are ranked by, shape (features, n)."""
        chosen = self.chosen[candidates.status, candidates.concept]
        return np.concatenate(
            (candidates.features, (chosen, self.prior[candidates.concept])), dtype=np.float32
        )


class Tables(NamedTuple):
    """The tabulated functions.

    Attributes:
        low: the least value of each feature, shape (features,).
        scale: cells a unit of each feature, shape (features,).
        cells: what a cell adds to the two logits, shape (features, statuses, `CELLS`, 2).
        bias: of each status, shape (statuses, 2).
    """

    low: Floats
    scale: Floats
    cells: Floats
    bias: Floats

    def logits(self, features: Floats, status: npt.NDArray[np.int64]) -> Floats:
        """Logits of being a label and of resembling one: shape (n, 2)."""
        cell = ((features - self.low[:, None]) * self.scale[:, None]).clip(0, CELLS - 1).astype(np.int64)
        cell += (np.arange(len(features))[:, None] * STATUSES + status) * CELLS
        result: Floats = self.bias[status] + self.cells.reshape(-1, 2)[cell].sum(axis=0)
        return result


class Calibration(NamedTuple):
    """From ranking scores to the probability that a reviewer accepts: points of a monotone function.

    Attributes:
        scores: ascending, shape (points,).
        accepted: shape (points,).
    """

    scores: npt.NDArray[np.float64]
    accepted: npt.NDArray[np.float64]

    def probabilities(self, scores: Floats) -> npt.NDArray[np.float64]:
        """The probability of each score, shape (n,)."""
        result: npt.NDArray[np.float64] = np.interp(scores, self.scores, self.accepted)
        return result


class Ranker(NamedTuple):
    """The second stage: which candidates are labels."""

    habits: Habits
    tables: Tables
    calibration: Calibration

    @classmethod
    def load(cls, files: ModelFiles) -> "Ranker":
        """Read what `saved` made."""

        def read(kind: Any) -> Any:
            return kind(*(np.asarray(files.array(f"label-{name}"), np.float32) for name in kind._fields))

        calibration = Calibration(*np.asarray(files.array("label-calibration"), np.float64))
        return cls(read(Habits), read(Tables), calibration)

    def saved(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays that `load` reads."""
        return {
            "label-calibration": np.stack(self.calibration),
            **{f"label-{name}": array for name, array in self.habits._asdict().items()},
            **{f"label-{name}": array for name, array in self.tables._asdict().items()},
        }

    def probabilities(self, candidates: Candidates) -> Floats:
        """Probability that one annotator gives the label, and one that resembles it: shape (n, 2)."""
        logits = self.tables.logits(self.habits.features(candidates), candidates.status)
        return sigmoid(_heed_other_fields(logits, candidates))


def ranking_score(probabilities: Floats) -> Floats:
    """What candidates are ranked by, shape (n,): the probability to be a label, and some of to resemble one."""
    result: Floats = probabilities[:, 0] + np.float32(ALIKE_WEIGHT) * probabilities[:, 1]
    return result


def _heed_other_fields(logits: Floats, candidates: Candidates) -> Floats:
    """Raise what is named outside of title and publisher. What the title names has nothing to gain."""
    unnamed = (candidates.status != NAMED) & (candidates.status != NESTED)
    floors = np.asarray((0, _ALIKE_FLOOR), np.float32)
    for mark, bonus, floor in (_KEYWORD, _DESCRIPTION, _FIELDS):
        there = np.flatnonzero(unnamed & (candidates.marks & mark > 0))
        if len(there):
            logits[there] = np.maximum(logits[there] + np.float32(bonus), floors + np.float32(floor))
    return logits


def sigmoid(logits: Floats) -> Floats:
    """The logistic function."""
    result: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return result
