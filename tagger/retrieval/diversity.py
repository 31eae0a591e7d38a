"""A selection that repeats itself little: each further dataset of one agency, series or aspect counts less.

Greedy, as maximal marginal relevance is (Carbonell and Goldstein 1998, The Use of MMR, Diversity-Based
Reranking), with the redundancy of a candidate told by what it shares with those taken before: a factor for each
of them, as in xQuAD (Santos et al. 2010), so that nothing has to be compared with everything.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Kin(NamedTuple):
    """What a candidate may share with others.

    Attributes:
        agency: its ministry or local government.
        series: its title without years and places.
        aspect: the aspect it is there for.
        central: whether that aspect is one step from the topic, no further.
    """

    agency: str
    series: str
    aspect: str
    central: bool = False


class Discounts(NamedTuple):
    """What each one taken before leaves to those that share it, 0 to 1."""

    agency: float = 0.88
    series: float = 0.5
    aspect: float = 0.8


DISCOUNTS = Discounts()
_AGENCIES_OF_ASPECT = 2
_FOR_BREADTH = 0.8
"""How much of a selection may go to giving each central aspect its agencies."""


def diverse(
    scores: Sequence[float], kin: Sequence[Kin], most: int, discounts: Discounts = DISCOUNTS
) -> list[int]:
    """Choose at most `most` candidates: positions, in the order they are taken.

    First each central aspect gets datasets of two agencies, if it has them: who asks for a theme wants all of its
    sides, and the nearest side would otherwise fill the list. The rest is taken greedily.

    Args:
        scores: of the candidates, above 0.
        kin: of the same candidates.
        most: how many to take.
        discounts: how strongly repetition counts against a candidate.
    """
    left = np.asarray(scores, float)
    shared = [
        np.unique([getattr(one, name) for one in kin], return_inverse=True)[1] for name in Discounts._fields
    ]
    wanted = np.asarray([one.central for one in kin], bool)
    having: Counter[str] = Counter()
    taken: list[int] = []
    while len(taken) < min(most, len(scores)):
        broad = wanted.any() and len(taken) < _FOR_BREADTH * most
        best = int(np.argmax(np.where(wanted, left, -1.0) if broad else left))
        taken.append(best)
        having[kin[best].aspect] += 1
        for codes, discount in zip(shared, discounts, strict=True):
            left[codes == codes[best]] *= discount
        left[best] = -1.0
        of_aspect = shared[2] == shared[2][best]
        full = having[kin[best].aspect] >= _AGENCIES_OF_ASPECT
        wanted &= ~(of_aspect if full else of_aspect & (shared[0] == shared[0][best]))
        wanted[best] = False
    return taken
