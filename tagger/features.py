"""Character n-grams of a batch of texts, counted without a Python loop over characters.

Chinese has no spaces, and one to three characters are most of its words, so character n-grams carry the
meaning without a segmenter. A code point has 21 bits: three of them fit one 64-bit integer exactly, so an
n-gram is its own key and nothing collides.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_BITS = 21
LONGEST = 3
"""The longest n-gram, in characters."""


class Occurrences(NamedTuple):
    """N-grams found in a batch of texts, one entry an occurrence.

    Attributes:
        text: index of the text it is in.
        start: its first character's position in that text.
        size: its length in characters, 1 to `LONGEST`.
        key: the n-gram, packed.
    """

    text: Integers
    start: Integers
    size: Integers
    key: Integers


def ngrams(texts: Sequence[str]) -> Occurrences:
    """All n-grams of 1 to `LONGEST` characters in each text. A blank is a boundary, not a character."""
    codes, owners, starts = _codepoints(texts)
    found = [_of_size(size, codes, owners, starts) for size in range(1, LONGEST + 1)]
    return Occurrences(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _codepoints(texts: Sequence[str]) -> tuple[Integers, Integers, Integers]:
    # A boundary after each text, and enough at the end for the longest n-gram to run into.
    joined = "\0".join(texts) + "\0" * LONGEST
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    codes[codes == ord(" ")] = 0
    lengths = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
    owners = np.repeat(np.arange(len(texts)), lengths)
    firsts = np.cumsum(lengths) - lengths
    starts = np.arange(len(owners)) - firsts[owners]
    return codes, owners, starts


def _of_size(size: int, codes: Integers, owners: Integers, starts: Integers) -> tuple[Integers, ...]:
    key = np.zeros(len(owners), dtype=np.int64)
    whole = np.ones(len(owners), dtype=bool)
    for step in range(size):
        character = codes[step : step + len(owners)]
        key = (key << _BITS) | character
        whole &= character != 0
    kept = np.flatnonzero(whole)
    return owners[kept], starts[kept], np.full(len(kept), size, dtype=np.int64), key[kept]


def pack(ngram: str) -> int:
    """The key of one n-gram: `pack("職災")`."""
    key = 0
    for character in ngram:
        key = (key << _BITS) | ord(character)
    return key


class Vocabulary:
    """The n-grams that a model knows, and their inverse document frequencies.

    Args:
        keys: packed n-grams, ascending, shape (n,).
        idf: what each weighs, shape (n,).
    """

    def __init__(self, keys: Integers, idf: Floats) -> None:
        self.keys = np.ascontiguousarray(keys)
        self.idf = np.ascontiguousarray(idf, dtype=np.float32)

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: Integers) -> Integers:
        """The index of each key, or -1 where the model does not know it."""
        if not len(self.keys):
            return np.full(len(keys), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, place, -1)


class Counted(NamedTuple):
    """TF-IDF of a batch: one entry for each feature of each row, rows ascending.

    Attributes:
        row: which record.
        feature: which n-gram of the vocabulary.
        value: term frequency (weighed by field) times idf, divided by the record's Euclidean norm.
    """

    row: Integers
    feature: Integers
    value: Floats


class Batch:
    """The n-grams of a batch of records, each a set of texts with a weight a text.

    Args:
        vocabulary: the n-grams to count.
        texts: normalised texts, all records' fields in one list.
        rows: the record that each text belongs to, ascending, shape (len(texts),).
        weights: how much an occurrence in each text counts, shape (len(texts),).
        size: number of records.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        texts: Sequence[str],
        rows: Sequence[int],
        weights: Sequence[float],
        size: int,
    ) -> None:
        found = ngrams(texts) if texts else Occurrences(*(np.empty(0, np.int64) for _ in range(4)))
        feature = vocabulary.find(found.key)
        known = np.flatnonzero(feature >= 0)
        self.size = size
        self.occurrences = Occurrences(*(column[known] for column in found))
        self.feature = feature[known]
        self.row = np.asarray(rows, dtype=np.int64)[self.occurrences.text] if texts else self.feature
        self.term = np.asarray(weights, dtype=np.float32)[self.occurrences.text] if texts else self.feature
        self.term = self.term * vocabulary.idf[self.feature]
        self.norm = self._norms(len(vocabulary))

    def _sums(self, width: int) -> tuple[Integers, Integers, npt.NDArray[Any]]:
        cell = self.row * max(width, 1) + self.feature
        cells, inverse = np.unique(cell, return_inverse=True)
        sums = np.bincount(inverse, self.term, len(cells))
        return cells // max(width, 1), cells % max(width, 1), sums

    def _norms(self, width: int) -> Floats:
        self._row, self._feature, self._sum = self._sums(width)
        squares = np.bincount(self._row, self._sum**2, self.size)
        return np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)

    def counted(self) -> Counted:
        """The batch's TF-IDF, features summed over a record's fields."""
        return Counted(self._row, self._feature, (self._sum / self.norm[self._row]).astype(np.float32))

    def scores(self, weights: Floats) -> Floats:
        """Each record's TF-IDF times `weights` (features × outputs): shape (size, outputs), float32."""
        row, feature, value = self.counted()
        result = np.zeros((self.size, weights.shape[1]), dtype=np.float32)
        if len(row):
            firsts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
            result[row[firsts]] = np.add.reduceat(weights[feature] * value[:, None], firsts)
        return result

    def contributions(self, weights: Floats, row: int, output: int) -> tuple[Occurrences, Floats]:
        """What each n-gram occurrence of one record adds to one output; they sum to its score exactly."""
        mine = slice(*np.searchsorted(self._by_row()[0], [row, row + 1]))
        order = self._by_row()[1][mine]
        added = self.term[order] / self.norm[row] * weights[self.feature[order], output]
        return Occurrences(*(column[order] for column in self.occurrences)), added

    def _by_row(self) -> tuple[Integers, Integers]:
        if not hasattr(self, "_order"):
            self._order = np.argsort(self.row, kind="stable")
            self._sorted_row = self.row[self._order]
        return self._sorted_row, self._order
