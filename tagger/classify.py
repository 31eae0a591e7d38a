"""Which of the 18 service categories a record belongs to.

Two linear heads over TF-IDF of character n-grams, one logistic regression a category each: `primary` learns
the category that an annotator chose, `acceptance` every category that he would accept. Both are sums over
fields and n-grams, so an explanation is exact. A confidence is not the score but what the score was worth on
held-out folds (Platt 1999, Probabilistic Outputs): of the answers that say 0.8 eight in ten are accepted.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.categories import PUBLIC_INFORMATION
from tagger.features import Floats, GramTable, Integers, Keys, Lookup
from tagger.fields import FIELD_WEIGHTS, FieldText
from tagger.weights import ModelFiles

# An agency's name means something else than the same words in a title: it has n-grams of its own.
_TABLES = {"publisher": "publisher", "organization": "publisher"}
_LEAST = np.float32(1e-4)
_Array = npt.NDArray[Any]


class GramWeights(NamedTuple):
    """N-grams with their weights, small enough to ship.

    Attributes:
        keys: packed n-grams, shape (n,), uint64.
        idf: inverse document frequencies, shape (n,).
        weights: shape (n, outputs), idf included.
    """

    keys: Keys
    idf: Floats
    weights: Floats

    def saved(self, name: str) -> dict[str, _Array]:
        """The arrays that `load` reads: weights in a byte each, their square roots on a linear scale, which
        keeps the many small ones apart."""
        scale = np.maximum(np.abs(self.weights).max(axis=0, initial=0), 1e-9).astype(np.float32)
        roots = np.sign(self.weights) * np.sqrt(np.abs(self.weights) / scale)
        return {
            f"{name}-grams": self.keys,
            f"{name}-idf": self.idf.astype(np.float32),
            f"{name}-weights": np.rint(roots * 127).astype(np.int8),
            f"{name}-scale": scale,
        }

    @classmethod
    def load(cls, files: ModelFiles, name: str) -> "GramWeights":
        """Read what `saved` made."""
        roots = files.array(f"{name}-weights").astype(np.float32) / 127
        weights = np.sign(roots) * np.square(roots) * files.array(f"{name}-scale")
        return cls(np.asarray(files.array(f"{name}-grams")), np.asarray(files.array(f"{name}-idf")), weights)


class Reading(NamedTuple):
    """A batch's texts of one table: which records they are of, what they weigh, and their n-grams.

    Attributes:
        fields: the texts.
        rows: the record of each, shape (texts,).
        weights: what each counts, shape (texts,).
        found: their n-grams.
    """

    fields: list[FieldText]
    rows: Integers
    weights: Floats
    found: Lookup


class CategoryScores(NamedTuple):
    """Scores of a batch, before calibration: higher speaks more for a category.

    Attributes:
        primary: shape (records, 18); the first category is the one with the highest.
        acceptance: shape (records, 18).
    """

    primary: Floats
    acceptance: Floats


class Calibration(NamedTuple):
    """Logistic regressions from scores to the probability that a reviewer accepts.

    Attributes:
        first: of the first category: weights of its score, of the second's and third's, of being 公共資訊;
            bias.
        each: of any category: weights of its score, of the first's, of being 公共資訊, of its score then;
            bias.
    """

    first: tuple[float, ...]
    each: tuple[float, ...]

    def probabilities(self, primary: Floats, codes: Sequence[str]) -> Floats:
        """Probability that each category is accepted: shape (records, 18). They need not sum to 1, since
        several can be acceptable; none exceeds that of the first."""
        rows = np.arange(len(primary))
        top = primary.argmax(axis=1)
        best = sigmoid(first_features(primary, codes) @ self.first[:-1] + self.first[-1])
        every = sigmoid(each_features(primary, codes) @ self.each[:-1] + self.each[-1])
        result = np.minimum(every.reshape(primary.shape), best[:, None])
        result[rows, top] = best
        # No regression knows for certain.
        return np.clip(result, _LEAST, 1 - _LEAST)


def first_features(primary: Floats, codes: Sequence[str]) -> npt.NDArray[np.float64]:
    """What the confidence in the first category is made of: shape (records, 4)."""
    ordered = np.sort(primary, axis=1).astype(np.float64)
    public = primary.argmax(axis=1) == codes.index(PUBLIC_INFORMATION)
    return np.stack((ordered[:, -1], ordered[:, -2], ordered[:, -3], public), axis=1)


def each_features(primary: Floats, codes: Sequence[str]) -> npt.NDArray[np.float64]:
    """What the confidence in any category is made of: shape (records × 18, 4)."""
    score = primary.ravel().astype(np.float64)
    first = np.repeat(primary.max(axis=1), primary.shape[1])
    public = np.tile(np.asarray(codes) == PUBLIC_INFORMATION, len(primary))
    return np.stack((score, first, public, np.where(public, score, 0)), axis=1)


class CategoryModel:
    """The category model.

    Args:
        text: n-grams of title, description, fieldDescription and keyword.
        publisher: n-grams of agencies' names.
        bias: shape (36,): of the primary head, then of the acceptance head.
        codes: the category of each column of a head.
        calibration: from scores to probabilities.
    """

    def __init__(
        self,
        text: GramWeights,
        publisher: GramWeights,
        bias: Floats,
        codes: Sequence[str],
        calibration: Calibration,
    ) -> None:
        self.weights = {"text": text, "publisher": publisher}
        self.bias = bias.astype(np.float32)
        self.codes = tuple(codes)
        self.calibration = calibration
        self._tables = {name: GramTable(*weights) for name, weights in self.weights.items()}

    @classmethod
    def load(cls, files: ModelFiles) -> "CategoryModel":
        """Read the model that `saved` describes."""
        settings = files.document("categories")
        calibration = Calibration(tuple(settings["first"]), tuple(settings["each"]))
        text, publisher = GramWeights.load(files, "text"), GramWeights.load(files, "publisher")
        return cls(text, publisher, np.asarray(settings["bias"]), settings["codes"], calibration)

    def saved(self) -> tuple[dict[str, _Array], dict[str, Any]]:
        """The arrays and documents that `load` reads."""
        arrays = {**self.weights["text"].saved("text"), **self.weights["publisher"].saved("publisher")}
        settings = {
            "bias": [float(value) for value in self.bias],
            "codes": list(self.codes),
            **self.calibration._asdict(),
        }
        return arrays, {"categories": settings}

    def read(self, batch: Sequence[Sequence[FieldText]]) -> dict[str, Reading]:
        """Look up a batch's n-grams once, for scores and for evidence; table name → what was found."""
        reading = {}
        for name, table in self._tables.items():
            mine = [
                (row, field)
                for row, fields in enumerate(batch)
                for field in fields
                if _TABLES.get(field.name, "text") == name
            ]
            if mine:
                fields, rows = [field for _, field in mine], np.asarray([row for row, _ in mine])
                found = table.look_up([field.masked for field in fields])
                reading[name] = Reading(fields, rows, field_weights(fields, rows), found)
        return reading

    def scores(self, reading: dict[str, Reading], size: int) -> CategoryScores:
        """The scores of each of `size` records: its fields' sums, weighed, and the bias."""
        total = np.tile(self.bias, (size, 1))
        for name, part in reading.items():
            np.add.at(total, part.rows, self._tables[name].sums(part.found) * part.weights[:, None])
        return CategoryScores(total[:, : len(self.codes)], total[:, len(self.codes) :])

    def probabilities(self, scores: CategoryScores) -> Floats:
        """Probability that each category is accepted: shape (records, 18)."""
        return self.calibration.probabilities(scores.primary, self.codes)

    def shares(self, reading: dict[str, Reading], columns: Integers) -> list[list[tuple[FieldText, Floats]]]:
        """What each character of each field adds to the primary score of one category of its record.

        Args:
            reading: from `read`.
            columns: the category's column for each record, shape (records,).

        Returns:
            For each record its fields, each with what the characters of its masked text add.
        """
        result: list[list[tuple[FieldText, Floats]]] = [[] for _ in columns]
        for name, part in reading.items():
            shares = self._tables[name].shares(part.found, columns[part.rows])
            ends = np.append(part.found.starts[1:], len(shares)) - 1
            for place, field in enumerate(part.fields):
                mine = shares[part.found.starts[place] : ends[place]] * part.weights[place]
                result[part.rows[place]].append((field, mine))
        return result


def field_weights(fields: Sequence[FieldText], rows: Integers) -> Floats:
    """What each text counts; a record's keywords share the weight of one field.

    Args:
        fields: texts of one or more records.
        rows: the record of each.
    """
    weights = np.asarray(
        [FIELD_WEIGHTS.get(field.name, FIELD_WEIGHTS["publisher"]) for field in fields], np.float32
    )
    keyword = np.asarray([field.name == "keyword" for field in fields])
    if keyword.any():
        weights[keyword] /= np.bincount(rows[keyword])[rows[keyword]]
    return weights


def sigmoid(score: npt.NDArray[np.float64]) -> Floats:
    """The logistic function."""
    result: Floats = (1 / (1 + np.exp(-np.clip(score, -60, 60)))).astype(np.float32)
    return result
