"""How likely a reviewer accepts each candidate.

For each lexical status an additive logistic model (Hastie and Tibshirani 1986, Generalized Additive Models)
of piecewise linear functions, tabulated: a candidate's logit is a sum of look-ups, one a feature. One model
learned which labels annotators gave, one also those that resemble one they gave; a label is ranked by both.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.features import Floats, Integers
from tagger.labels.candidates import (
    FEATURES,
    IN_DESCRIPTION,
    IN_FIELDS,
    IS_KEYWORD,
    NAMED,
    NAMED_ELSEWHERE,
    NESTED,
    STATUSES,
    Candidates,
    best_first,
)
from tagger.labels.linear import Doubles
from tagger.weights import ModelFiles

CELLS = 64
"""How finely a feature's function is tabulated."""
RANKED = (*FEATURES, "chosen", "prior")
"""What is ranked by: a candidate's features, how often annotators chose the concept when it had this status,
and the logarithm of how often they gave it."""
ALIKE_WEIGHT = 0.15
"""What resembling an accepted label counts against being one, when labels are ranked."""
ALIKE_GAIN = 0.3
"""What it counts when the number of labels is chosen."""
LEAST_LABELS, MOST_LABELS = 2, 5
"""How many labels a record gets, where so many are likely enough."""
LEAST_SCORE = 0.1
"""A label that a reviewer less likely accepts than this is not suggested."""

# What it adds to both logits that the words stand elsewhere than in title and publisher, and the least that
# the two then are. The annotated datasets have no such fields, but a catalogue of 2018 describes 516 of them.
# Of the candidates that its descriptions name, annotators who did not see these gave 24% where 14% were
# predicted; of those in its lists of fields 18% for 13%; of its keywords 14% for 10% (72, 67 and 35 cases).
# Of what nothing else speaks for they gave 1% to 3%. Read with the description at hand, half of 33 such
# keywords are right, and of what a description mentions about one in six. A part of a keyword is not heeded.
_KEYWORD = (IS_KEYWORD, 1.1, (-1.1, -0.4))
_DESCRIPTION = (IN_DESCRIPTION, 1.1, (-3.2, -2.4))
_FIELDS = (IN_FIELDS, 0.6, (-4.1, -3.3))
_UNLIKELY = -20.0
"""The logit of what the ranker has not learned about: what neither title nor publisher speaks for."""


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

    def logits(self, features: Floats, status: Integers) -> Floats:
        """Logits of being a label and of resembling one: shape (n, 2)."""
        cell = ((features - self.low[:, None]) * self.scale[:, None]).clip(0, CELLS - 1).astype(np.int64)
        cell += (np.arange(len(features))[:, None] * STATUSES + status) * CELLS
        # Both logits at once, as if they were the parts of a complex number.
        added: Floats = self.cells.view(np.complex64).ravel()[cell].sum(axis=0).view(np.float32)
        return self.bias[status] + added.reshape(-1, 2)


class Calibration(NamedTuple):
    """From ranking scores to the probability that a reviewer accepts: points of a monotone function.

    Attributes:
        scores: ascending, shape (points,).
        accepted: shape (points,).
    """

    scores: Doubles
    accepted: Doubles

    def probabilities(self, scores: Floats) -> Doubles:
        """The probability of each score, shape (n,)."""
        result: Doubles = np.interp(scores, self.scores, self.accepted)
        return result


class Quota(NamedTuple):
    """How many labels to give: as many as make the expected F1 against two annotators highest.

    Attributes:
        wanted: how many labels two annotators give together, on average.
        spread: how far a label's chance to be given varies about the predicted one: a Beta distribution of
            mean p and variance spread × p (1 - p).
    """

    wanted: float
    spread: float

    def counts(self, row: Integers, rank: Integers, probabilities: Floats, count: int) -> Integers:
        """How many labels each record gets, shape (records,).

        Args:
            row: the record of each label, shape (n,).
            rank: its rank in the record, from 0 to `MOST_LABELS` - 1, shape (n,).
            probabilities: to be given and to resemble one that is, shape (n, 2).
            count: the number of records.
        """
        either = 2 * probabilities - probabilities**2 - self.spread * probabilities * (1 - probabilities)
        gain = np.full((count, MOST_LABELS), -np.inf)
        gain[row, rank] = either[:, 0] + ALIKE_GAIN * either[:, 1]
        expected = gain.cumsum(axis=1) / (np.arange(1, MOST_LABELS + 1) + self.wanted)
        result: Integers = np.maximum(expected.argmax(axis=1) + 1, LEAST_LABELS)
        return result


class Chosen(NamedTuple):
    """The labels to suggest, by record and best first.

    Attributes:
        candidate: which of the candidates, shape (n,).
        score: the probability that a reviewer accepts it, shape (n,).
    """

    candidate: Integers
    score: Doubles


class Ranker(NamedTuple):
    """The second stage: which candidates are labels."""

    habits: Habits
    tables: Tables
    calibration: Calibration
    quota: Quota

    @classmethod
    def load(cls, files: ModelFiles) -> "Ranker":
        """Read what `saved` made."""

        def read(kind: Any) -> Any:
            return kind(*(np.asarray(files.array(f"label-{name}"), np.float32) for name in kind._fields))

        calibration = Calibration(*np.asarray(files.array("label-calibration")))
        return cls(read(Habits), read(Tables), calibration, Quota(*files.array("label-quota").tolist()))

    def saved(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays that `load` reads."""
        return {
            "label-calibration": np.stack(self.calibration),
            "label-quota": np.asarray(self.quota),
            **{f"label-{name}": array for name, array in self.habits._asdict().items()},
            **{f"label-{name}": array for name, array in self.tables._asdict().items()},
        }

    def choose(self, candidates: Candidates) -> Chosen:
        """The best labels of each record."""
        logits = self.tables.logits(self.habits.features(candidates), candidates.status)
        probabilities = sigmoid(_heed_other_fields(logits, candidates))
        scores = ranking_score(probabilities)
        best, rank = best_labels(candidates.row, scores)
        row = candidates.row[best]
        counts = self.quota.counts(row, rank, probabilities[best], candidates.records)
        accepted = self.calibration.probabilities(scores[best])
        kept = (rank < counts[row]) & (accepted >= LEAST_SCORE)
        return Chosen(best[kept], accepted[kept])


def best_labels(row: Integers, scores: Floats) -> tuple[Integers, Integers]:
    """The first `MOST_LABELS` candidates of each record, best first, and the rank of each, from 0."""
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    first = rank < MOST_LABELS
    return best_first(row, scores)[first], rank[first]


def ranking_score(probabilities: Floats) -> Floats:
    """One score of the two probabilities, shape (n, 2): to be a label, and a little for resembling one."""
    result: Floats = probabilities[:, 0] + np.float32(ALIKE_WEIGHT) * probabilities[:, 1]
    return result


def _heed_other_fields(logits: Floats, candidates: Candidates) -> Floats:
    """Raise what is named outside of title and publisher. What the title names has nothing to gain."""
    logits[candidates.marks & NAMED_ELSEWHERE > 0] = _UNLIKELY
    unnamed = (candidates.status != NAMED) & (candidates.status != NESTED)
    for mark, bonus, floors in (_KEYWORD, _DESCRIPTION, _FIELDS):
        there = np.flatnonzero(unnamed & (candidates.marks & mark > 0))
        if len(there):
            logits[there] = np.maximum(logits[there] + np.float32(bonus), np.asarray(floors, np.float32))
    return logits


def sigmoid(logits: Floats) -> Floats:
    """The logistic function."""
    result: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return result
