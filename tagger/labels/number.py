"""How many labels a record gets: as many as make the expected F1 against two reviewers best.

A label that is probably wrong costs more than it brings, and a record whose best labels are certain can bear
more of them (Ye et al. 2012, Optimizing F-measures: expected F1 by cumulated probabilities). The two numbers below
follow from the annotations: 2.9 labels a dataset, of which two annotators share 63%.
"""

import numpy as np
import numpy.typing as npt

from tagger.features import Floats, Integers

LEAST, MOST = 2, 5
WANTED = 4.0
"""How many labels two reviewers together give a record: 2.9 × (2 - 0.63)."""
DEPENDENCE = 0.18
"""Correlation of two reviewers' choices of one label beyond its probability."""
ALIKE_VALUE = 0.3
"""What a label that resembles a wanted one is worth."""


def how_many(ranked: Integers, starts: Integers, probabilities: Floats) -> npt.NDArray[np.int64]:
    """The number of labels for each record, at most its number of candidates.

    Args:
        ranked: candidates, record by record, best first.
        starts: where each record's candidates begin in `ranked`, and the end: shape (records + 1,).
        probabilities: of being a label and of resembling one, by candidate: shape (n, 2).
    """
    places = starts[:-1, None] + np.arange(MOST)
    there = places < starts[1:, None]
    either = 2 * probabilities - probabilities**2 - DEPENDENCE * probabilities * (1 - probabilities)
    value = either[:, 0] + ALIKE_VALUE * either[:, 1]
    gain = np.zeros(places.shape)
    gain[there] = value[ranked[places[there]]]
    expected = np.where(there, gain.cumsum(axis=1) / (np.arange(1, MOST + 1) + WANTED), -1)
    best: npt.NDArray[np.int64] = np.minimum(
        np.maximum(expected.argmax(axis=1) + 1, LEAST), there.sum(axis=1)
    )
    return best
