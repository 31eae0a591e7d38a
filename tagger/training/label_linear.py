"""Fits the linear part of the label model: which features speak for which concepts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from tagger.features import Floats, Integers
from tagger.fields import FieldText
from tagger.labels.lexicon import Hits, Lexicon
from tagger.labels.linear import Inventory, LinearModel, SparseWeights
from tagger.labels.texts import TITLE, Grams, Texts

REGULARISATION = 1.5
"""What ridge regression adds to the diagonal, where a dataset's vector has a squared norm of up to 1.74."""
KEPT_WEIGHTS = 400_000
"""How many weights are kept, the largest; cutting the other 99% away costs no accuracy."""
ALIKE_SHARE = 0.5
"""What a weight of the alike model counts against one of the exact model when the largest are chosen."""
LEAST_DATASETS = 2
"""An n-gram in fewer datasets than this is not kept: it would only remember one of them."""

Flags = npt.NDArray[np.bool_]


class Material(NamedTuple):
    """The texts to learn from, read once for all folds."""

    texts: Texts
    grams: Grams
    hits: Hits
    concepts: int


def read_material(batch: Sequence[Sequence[FieldText]], lexicon: Lexicon) -> Material:
    """The texts, n-grams and spellings of all datasets."""
    texts = Texts(batch)
    return Material(texts, texts.grams(), lexicon.match(texts), len(lexicon))


def fit_linear(material: Material, taught: Sequence[Floats], used: Flags) -> LinearModel:
    """Ridge regression in its dual form: exact, and no more unknowns than datasets.

    Args:
        material: all datasets.
        taught: the two targets, each of shape (datasets, concepts).
        used: which datasets to learn from, shape (datasets,).
    """
    inventory = _inventory(material, used)
    features = inventory.features(material.texts, material.grams, material.hits)
    shape = (material.texts.count, len(inventory))
    table = csr_matrix((features.value, (features.row, features.feature)), shape=shape)[used]
    kernel = (table @ table.T).toarray()
    kernel[np.diag_indices(len(kernel))] += REGULARISATION
    factor = cho_factor(kernel, overwrite_a=True, check_finite=False)
    learnable = np.flatnonzero(np.any([target[used].any(axis=0) for target in taught], axis=0))
    exact, alike = (
        table.T @ np.ascontiguousarray(cho_solve(factor, target[used][:, learnable], check_finite=False))
        for target in taught
    )
    return LinearModel(inventory, _prune(exact, alike, learnable))


def _prune(exact: Floats, alike: Floats, concepts: Integers) -> SparseWeights:
    """The largest weights, a byte each; both models keep the same, so that one look-up serves both.

    Args:
        exact: shape (features, len(concepts)).
        alike: the same shape.
        concepts: the concept of each column.
    """
    size = np.maximum(np.abs(exact), ALIKE_SHARE * np.abs(alike))
    least = np.partition(size.ravel(), -KEPT_WEIGHTS)[-KEPT_WEIGHTS] if size.size > KEPT_WEIGHTS else 0
    row, column = np.nonzero((size >= least) & (size > 0))
    exact_scale, exact_bytes = _quantise(exact[row, column], row, len(size))
    alike_scale, alike_bytes = _quantise(alike[row, column], row, len(size))
    pointers = np.searchsorted(row, np.arange(len(size) + 1)).astype(np.int32)
    scales = np.stack((exact_scale, alike_scale), axis=1)
    return SparseWeights(pointers, concepts[column].astype(np.uint16), exact_bytes, alike_bytes, scales)


def _quantise(
    weights: Floats, row: Integers, rows: int
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.int8]]:
    largest = np.zeros(rows, np.float32)
    np.maximum.at(largest, row, np.abs(weights))
    # The least normal half-precision number: a smaller scale would lose its digits, or be nothing.
    scale = np.maximum(largest / 127, np.finfo(np.float16).tiny).astype(np.float16)
    values = np.rint(weights / scale.astype(np.float32)[row]).clip(-127, 127).astype(np.int8)
    return scale, values


def _inventory(material: Material, used: Flags) -> Inventory:
    """The n-grams that enough datasets have, and how rare these and the concepts are."""
    texts, grams, hits = material.texts, material.grams, material.hits
    here = (grams.keys > 0) & used[texts.rows[grams.text]][:, None]
    keys, number = np.unique(grams.keys[here], return_inverse=True)
    text = np.repeat(grams.text, here.sum(axis=1))
    frequency = _distinct(number, text, len(keys), len(texts.starts))
    named = hits.longest & (texts.roles[hits.text] == TITLE) & used[texts.rows[hits.text]]
    concepts = _distinct(hits.concept[named], hits.text[named], material.concepts, len(texts.starts))
    kept = frequency >= LEAST_DATASETS
    total = int(used.sum())
    return Inventory(keys[kept], _idf(frequency[kept], total), _idf(concepts, total))


def _distinct(number: Integers, text: Integers, numbers: int, texts: int) -> Integers:
    """In how many texts each number occurs, shape (numbers,)."""
    pairs = np.unique(number * texts + text)
    return np.bincount(pairs // max(texts, 1), minlength=numbers)


def _idf(frequency: Integers, total: int) -> npt.NDArray[np.float16]:
    """Inverse document frequencies, smoothed as scikit-learn does."""
    idf: npt.NDArray[np.float16] = (np.log((total + 1) / (frequency + 1)) + 1).astype(np.float16)
    return idf
