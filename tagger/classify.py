"""Which of the 18 service categories a record belongs to.

Multinomial logistic regression over TF-IDF of character n-grams, its scores divided by a temperature fitted
on held-out folds (Guo et al. 2017, On Calibration of Modern Neural Networks), so that of the answers that say
0.8 eight in ten are accepted.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.features import Batch, Floats, Vocabulary
from tagger.weights import ModelFiles


class CategoryModel(NamedTuple):
    """The weights of the category model.

    Attributes:
        vocabulary: the n-grams it knows.
        weights: shape (n-grams, 18), float32; columns sum to zero over the categories.
        bias: shape (18,).
        codes: the category of each column.
        temperature: what scores are divided by, > 0.
    """

    vocabulary: Vocabulary
    weights: Floats
    bias: Floats
    codes: tuple[str, ...]
    temperature: float

    @classmethod
    def load(cls, files: ModelFiles) -> "CategoryModel":
        """Read the model that `save` describes."""
        settings = files.document("categories")
        return cls(
            Vocabulary(files.array("ngrams"), files.array("idf")),
            np.ascontiguousarray(files.array("category-weights"), dtype=np.float32),
            np.asarray(settings["bias"], dtype=np.float32),
            tuple(settings["codes"]),
            float(settings["temperature"]),
        )

    def saved(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """The arrays and documents that `load` reads. Half precision: the scores do not feel it."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "ngrams": self.vocabulary.keys,
            "idf": self.vocabulary.idf,
            "category-weights": self.weights.astype(np.float16),
        }
        settings = {
            "bias": [float(value) for value in self.bias],
            "codes": list(self.codes),
            "temperature": self.temperature,
        }
        return arrays, {"categories": settings}

    def probabilities(self, batch: Batch) -> Floats:
        """Probability of each category for each record: shape (records, 18), rows sum to 1."""
        return softmax((batch.scores(self.weights) + self.bias) / np.float32(self.temperature))


def softmax(scores: Floats) -> Floats:
    """Row-wise softmax."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return result
