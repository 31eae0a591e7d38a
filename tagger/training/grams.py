"""Which n-grams to keep, and a batch of texts as a sparse TF-IDF matrix."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags

from tagger.features import Keys, ngram_keys

LEAST_TEXTS = 2
"""An n-gram in fewer texts than this is not kept: it would only remember one of them."""
IDF_POWER = 1.5
"""Rare n-grams count more than the plain idf says; found by cross-validation."""


class Grams:
    """The n-grams that enough texts have, with smoothed inverse document frequencies.

    Args:
        texts: masked texts.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        rows, keys = _occurrences(texts)
        pairs = np.unique(np.stack((keys, rows.astype(np.uint64))), axis=1)
        found, counts = np.unique(pairs[0], return_counts=True)
        kept = counts >= LEAST_TEXTS
        self.keys: Keys = found[kept]
        self.idf = (np.log((1 + len(texts)) / (1 + counts[kept])) + 1) ** IDF_POWER

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """Each text as TF-IDF, divided as `GramTable.sums` divides it: shape (len(texts), len(keys))."""
        rows, keys = _occurrences(texts)
        place = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        known = self.keys[place] == keys if len(self.keys) else np.zeros(len(keys), bool)
        shape = (len(texts), len(self.keys))
        counted = csr_matrix((np.ones(known.sum()), (rows[known], place[known])), shape=shape)
        norm = np.sqrt(counted @ self.idf**2)
        return (diags(1 / np.where(norm > 0, norm, 1)) @ counted @ diags(self.idf)).tocsr()


def _occurrences(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], Keys]:
    keys, starts = ngram_keys(texts)
    row = np.repeat(np.arange(len(texts)), np.diff(np.append(starts, len(keys))))
    every = keys.ravel()
    known = every > 0
    return np.repeat(row, keys.shape[1])[known], every[known]
