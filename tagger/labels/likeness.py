"""How much of a label's wording stands in a title, in whatever order."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.features import Floats, GramTable, Integers, pack
from tagger.labels.texts import Grams

_BIGRAMS = 1
"""The column of `Grams.keys` with the n-grams of two characters."""
_NUMBER = re.compile("[0-9]+")


class Shared(NamedTuple):
    """Which of the labels' bigrams stand in each title.

    Attributes:
        present: shape (records, bigrams + 1); the last is never there.
        bigrams: the bigrams of each label, filled up with that last one, shape (most bigrams, labels).
        sizes: how many a label has, at least 1, shape (labels,).
    """

    present: npt.NDArray[np.bool_]
    bigrams: Integers
    sizes: Floats

    def shares(self, row: Integers, label: Integers) -> Floats:
        """The share, 0 to 1, of a label's bigrams that stand in a record's title: shape (n,)."""
        first = row * self.present.shape[1]
        flat = self.present.ravel()
        found = np.zeros(len(row), np.int8)
        for bigram in self.bigrams:
            found += flat[first + bigram[label]]
        return np.divide(found, self.sizes[label], dtype=np.float32)


class LabelBigrams:
    """The bigrams of the labels.

    Args:
        labels: preferred labels as labels are compared.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        distinct = [sorted(_bigrams(label)) for label in labels]
        keys = np.asarray(sorted({key for bigrams in distinct for key in bigrams}), np.uint64)
        self._count = len(keys)
        self._table = GramTable(keys, np.zeros(len(keys), np.float32), np.zeros((len(keys), 0), np.float32))
        most = max(map(len, distinct), default=0)
        self._bigrams = np.full((most, len(labels)), self._count, np.int64)
        for label, bigrams in enumerate(distinct):
            self._bigrams[: len(bigrams), label] = np.searchsorted(keys, np.asarray(bigrams, np.uint64))
        self._sizes = np.asarray([max(1, len(bigrams)) for bigrams in distinct], np.float32)

    def shared(self, grams: Grams, records: int) -> Shared:
        """What the titles of a batch share with the labels."""
        titles = int(np.searchsorted(grams.text, records))
        # The table numbers from 1; 0 is a bigram of no label and goes to the column that is cleared.
        bigram = self._table.find(grams.keys[:titles, _BIGRAMS]) - 1
        present = np.zeros((records, self._count + 1), bool)
        present[grams.text[:titles], bigram] = True
        present[:, -1] = False
        return Shared(present, self._bigrams, self._sizes)


def _bigrams(label: str) -> set[int]:
    plain = _NUMBER.sub("0", label)
    return {pack(plain[at : at + 2]) for at in range(len(plain) - 1)}
