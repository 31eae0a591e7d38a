"""What a text means, by static word vectors and a graph of concepts."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.meaning.segmenter import Segmenter
from tagger.simplify import fold
from tagger.weights import ModelFiles

SHIPPED_MEANING = Path(__file__).parents[1] / "resources" / "meaning"
_BATCH = 2048
"""Texts at a time: what bounds the memory of `vectors`."""


class ConceptNearness(NamedTuple):
    """A concept of the vocabulary and how near it is.

    Attributes:
        identifier: of the concept: `c0127`.
        nearness: 0 to 1; 1 where the text has a spelling of it.
    """

    identifier: str
    nearness: float


class Meaning:
    """A loaded model. Safe to share between threads: nothing in it changes after it is made.

    Attributes:
        dimensions: of a vector.
        version: names the files; the same files give the same answers.
    """

    def __init__(self, files: ModelFiles) -> None:
        words: list[str] = files.document("words")
        self.version = files.version
        self._numbers = {word: number for number, word in enumerate(words)}
        self._segmenter = Segmenter(zip(words, files.array("counts").tolist(), strict=True))
        self._weights = files.array("weights")
        self._vectors = files.array("vectors")
        self._scales = files.array("scales")
        self.dimensions = int(self._vectors.shape[1])
        concepts: list[list[str]] = files.document("concepts")
        self._concepts = [identifier for identifier, *_ in concepts]
        self._concept_numbers = {identifier: number for number, identifier in enumerate(self._concepts)}
        self._spelled = {
            spelling: number for number, (_, *spellings) in enumerate(concepts) for spelling in spellings
        }
        self._concept_vectors = files.array("concept-vectors")
        self._neighbours = files.array("neighbours")
        self._nearness = files.array("nearness")

    @classmethod
    def load(cls, directory: Path | None = None) -> "Meaning":
        """Load a model directory; by default the one that is shipped.

        Raises:
            ModelError: the directory is not a model, or a file in it is missing or changed.
        """
        return cls(ModelFiles(directory or SHIPPED_MEANING))

    def words(self, text: str) -> list[tuple[int, int]]:
        """Where the words of a text stand: start and end (exclusive) in characters of `text`, ascending.

        None overlap; terms of the vocabulary are whole; blanks and punctuation are in none. Traditional,
        variant and Simplified spellings are cut alike.
        """
        folded = fold(text)
        spans = self._segmenter.spans(folded.text)
        if folded.offsets is None:
            return spans
        originals: list[tuple[int, int]] = []
        for start, end in spans:
            first, last = folded.original_span(start, end, text)
            if originals and first < originals[-1][1]:
                # Words that share an original character (¼0 is 1 and 40) are one.
                first = originals.pop()[0]
            originals.append((first, last))
        return originals

    def weight(self, word: str) -> float:
        """How much a folded word says, 0 to 1: a rare one near 1, 統計 and 名冊 near 0.

        A word that the model does not know says 1, a text without letters and digits 0.
        """
        number = self._numbers.get(word)
        if number is not None:
            return float(self._weights[number])
        return 1.0 if any(map(str.isalnum, word)) else 0.0

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.int8]:
        """The vectors of texts, shape (texts, dimensions): unit length times 127, rounded.

        The cosine of two texts is the dot product (as int32 or wider) over 127². A text of which nothing is
        known has zeros. A text's vector does not depend on what else is in the batch: sums are of integers.
        """
        parts = [self._some_vectors(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dimensions), np.int8)

    def _some_vectors(self, texts: Sequence[str]) -> npt.NDArray[np.int8]:
        known = self._numbers
        rows: list[int] = []
        ends: list[int] = []
        for text in texts:
            rows += [known[piece] for piece in self._segmenter.cut(fold(text).text) if piece in known]
            ends.append(len(rows))
        sums = np.zeros((len(texts), self.dimensions), np.int64)
        lengths = np.diff(ends, prepend=0)
        filled = np.flatnonzero(lengths)
        if len(filled):
            starts = (np.asarray(ends) - lengths)[filled]
            terms = self._vectors[rows].astype(np.int64) * self._scales[rows].astype(np.int64)[:, None]
            sums[filled] = np.add.reduceat(terms, starts, axis=0)
        return _unit(sums)

    def concepts(self, text: str, most: int = 12) -> list[ConceptNearness]:
        """The concepts that a text is about or near, nearest first.

        Those spelled in it come first, in their order, with nearness 1.
        """
        found: dict[int, float] = {}
        for piece in self._segmenter.cut(fold(text).text):
            if piece in self._spelled:
                found.setdefault(self._spelled[piece], 1.0)
        vector = self.vectors([text])[0].astype(np.float32)
        cosines = self._concept_vectors.astype(np.float32) @ vector / 127**2
        for number in np.argsort(-cosines, kind="stable")[:most].tolist():
            found.setdefault(number, round(max(float(cosines[number]), 0.0), 4))
        ranked = sorted(found.items(), key=lambda item: -item[1])
        return [ConceptNearness(self._concepts[number], nearness) for number, nearness in ranked[:most]]

    def neighbours(self, identifier: str, most: int = 12) -> list[ConceptNearness]:
        """The nearest concepts of a concept, nearest first; none where the model does not know it."""
        number = self._concept_numbers.get(identifier)
        if number is None:
            return []
        pairs = zip(
            self._neighbours[number, :most].tolist(), self._nearness[number, :most].tolist(), strict=True
        )
        return [ConceptNearness(self._concepts[other], round(near / 255, 4)) for other, near in pairs if near]


def _unit(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    lengths = np.sqrt((sums.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
    lengths[lengths == 0] = 1
    rounded: npt.NDArray[np.int8] = np.rint(sums * (127 / lengths)).astype(np.int8)
    return rounded
