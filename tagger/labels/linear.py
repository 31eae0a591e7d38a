"""Learned labels: from n-grams and matched concepts to a score for every concept.

Ridge regression on TF-IDF for all concepts at once, its small weights cut away as in DiSMEC (Babbar and
Schölkopf 2017, Distributed Sparse Machines for Extreme Multi-label Classification), the rest in a byte each.
It knows that 保母名冊 is about 托育, though the words do not stand there. A score is a sum over features, so
what each one adds is known exactly.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.features import LONGEST, Floats, GramTable, Integers, Keys
from tagger.labels.lexicon import Hits
from tagger.labels.texts import TITLE, Grams, Texts
from tagger.weights import ModelFiles

PUBLISHER_WEIGHT = 0.5
"""Euclidean norm of the publisher's n-grams, where the title's is 1."""
CONCEPT_WEIGHT = 0.7
"""Euclidean norm of the concepts that are matched in the title."""

Half = npt.NDArray[np.float16]
Doubles = npt.NDArray[np.float64]

_ENTRY = np.dtype([("column", np.uint16), ("exact", np.int8), ("alike", np.int8)])


class Features(NamedTuple):
    """The features of the records that an inventory knows, one entry an occurrence.

    Attributes:
        row: which record, shape (n,).
        feature: its number in the inventory, shape (n,).
        value: its TF-IDF, shape (n,).
        start: the position in `Grams` where it begins, shape (n,).
        end: the position after its last character, shape (n,).
    """

    row: Integers
    feature: Integers
    value: Floats
    start: Integers
    end: Integers


class Inventory:
    """The features that were learned: first the n-grams, then one for each concept.

    Args:
        keys: n-grams as `Grams.keys` has them, ascending, shape (n,).
        idf: their inverse document frequencies, shape (n,).
        concept_idf: those of the concepts in titles, shape (concepts,).
    """

    def __init__(self, keys: Keys, idf: Half, concept_idf: Half) -> None:
        self.keys, self.idf, self.concept_idf = keys, idf, concept_idf
        self._table = GramTable(keys, np.zeros(len(keys), np.float32), np.zeros((len(keys), 0), np.float32))
        self._idf = np.append(idf, concept_idf).astype(np.float32)

    def __len__(self) -> int:
        return len(self.keys) + len(self.concept_idf)

    def features(self, texts: Texts, grams: Grams, hits: Hits) -> Features:
        """Title, publisher and matched concepts, each block of Euclidean norm 1 times its weight."""
        number = self._table.find(grams.keys.ravel())
        known = np.flatnonzero(number)
        position, size = np.divmod(known, LONGEST)
        text, feature = grams.text[position], number[known].astype(np.int64) - 1
        concept = self._concepts(grams, hits, texts)
        row = np.concatenate((texts.rows[text], concept.row))
        feature = np.concatenate((feature, concept.feature))
        # A block is one text's n-grams, or one record's concepts.
        block = np.concatenate((text, concept.row + 2 * texts.count))
        value = self._idf[feature]
        norm = np.sqrt(np.bincount(block, value * value, minlength=3 * texts.count))
        weight = np.repeat((1.0, PUBLISHER_WEIGHT, CONCEPT_WEIGHT), texts.count)
        scale = (weight / np.where(norm > 0, norm, 1)).astype(np.float32)
        return Features(
            row,
            feature,
            value * scale[block],
            np.concatenate((position, concept.start)),
            np.concatenate((position + size + 1, concept.end)),
        )

    def _concepts(self, grams: Grams, hits: Hits, texts: Texts) -> Features:
        """The concepts of each title, each once, where it stands first."""
        named = np.flatnonzero(hits.longest & (texts.roles[hits.text] == TITLE))
        concepts = len(self.concept_idf)
        cell, first = np.unique(hits.text[named] * concepts + hits.concept[named], return_index=True)
        row, concept = np.divmod(cell, max(concepts, 1))
        start = np.searchsorted(grams.place, hits.start[named[first]])
        end = np.searchsorted(grams.place, hits.end[named[first]])
        return Features(row, concept + len(self.keys), np.empty(0, np.float32), start, end)


class SparseWeights(NamedTuple):
    """For each feature the concepts that it speaks for or against.

    Two sets of weights share one pattern: `exact` learned which labels annotators gave, `alike` also those
    that resemble one they gave. A weight is its byte times its feature's scale.

    Attributes:
        pointers: where each feature's entries begin, and the end, shape (features + 1,), int32.
        columns: the concept of each entry, shape (entries,), uint16.
        exact: shape (entries,), int8.
        alike: shape (entries,), int8.
        scales: of each feature's two sets, shape (features, 2), float16.
    """

    pointers: npt.NDArray[np.int32]
    columns: npt.NDArray[np.uint16]
    exact: npt.NDArray[np.int8]
    alike: npt.NDArray[np.int8]
    scales: Half


class Scores(NamedTuple):
    """Scores of every concept for every record, and what they are sums of.

    Attributes:
        exact: shape (records × concepts,), a record's concepts one after the other.
        alike: the same shape.
        cell: the position in `exact` that each addend adds to, shape (n,).
        to_exact: what it adds to `exact`, shape (n,).
        to_alike: what it adds to `alike`, shape (n,).
        ends: where the addends of each feature occurrence end, shape (occurrences,).
    """

    exact: Doubles
    alike: Doubles
    cell: Integers
    to_exact: Doubles
    to_alike: Doubles
    ends: Integers


class LinearModel:
    """The two linear scores of each concept.

    Args:
        inventory: the features.
        weights: their weights.

    Attributes:
        concepts: how many there are.
    """

    def __init__(self, inventory: Inventory, weights: SparseWeights) -> None:
        self.inventory, self.weights = inventory, weights
        self.concepts = len(inventory.concept_idf)
        self._pointers = np.asarray(weights.pointers, np.int64)
        self._sizes = np.diff(self._pointers)
        self._exact_scale, self._alike_scale = np.ascontiguousarray(weights.scales.T, np.float64)
        entries = np.empty(len(weights.columns), _ENTRY)
        entries["column"], entries["exact"], entries["alike"] = weights.columns, weights.exact, weights.alike
        # Gathered as one number each: the look-ups are what takes the time, and 4 bytes stay in the cache.
        self._entries = entries.view(np.uint32)

    @classmethod
    def load(cls, files: ModelFiles) -> "LinearModel":
        """Read what `saved` made."""
        inventory = Inventory(
            *(np.asarray(files.array(f"label-{name}")) for name in ("grams", "gram-idf", "concept-idf"))
        )
        weights = (np.asarray(files.array(f"label-{name}")) for name in SparseWeights._fields)
        return cls(inventory, SparseWeights(*weights))

    def saved(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays that `load` reads."""
        inventory = self.inventory
        return {
            "label-grams": inventory.keys,
            "label-gram-idf": inventory.idf,
            "label-concept-idf": inventory.concept_idf,
            **{f"label-{name}": array for name, array in self.weights._asdict().items()},
        }

    def scores(self, features: Features, count: int) -> Scores:
        """The scores of `count` records."""
        sizes = self._sizes[features.feature]
        ends = sizes.cumsum()
        total = int(ends[-1]) if len(ends) else 0
        at = np.arange(total) + np.repeat(self._pointers[features.feature] - (ends - sizes), sizes)
        entry = self._entries[at].view(_ENTRY)
        cell = np.repeat(features.row * self.concepts, sizes) + entry["column"]
        to_exact = np.repeat(features.value * self._exact_scale[features.feature], sizes) * entry["exact"]
        to_alike = np.repeat(features.value * self._alike_scale[features.feature], sizes) * entry["alike"]
        cells = count * self.concepts
        return Scores(
            cell_sums(cell, to_exact, cells),
            cell_sums(cell, to_alike, cells),
            cell,
            to_exact,
            to_alike,
            ends,
        )


def cell_sums(cell: Integers, added: Doubles, cells: int) -> Doubles:
    """What is added to each cell in all, shape (cells,).

    One addend after the other, so a record's sums do not depend on what else is in the batch.
    """
    return np.asarray(np.bincount(cell, added, minlength=cells), np.float64)
