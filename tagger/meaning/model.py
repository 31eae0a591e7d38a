"""What a text means, by static word vectors and a graph of concepts."""

from collections.abc import Mapping, Sequence
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
SHARPNESS = 1.5
"""A cosine's power as a nearness: what a cosine of 0.3 says is little."""
_BELOW_SPELLED = 0.94
"""What is only near stays below what is spelled."""
_PART = 0.95
"""Nearness of a concept that a part of a word spells."""
_SEEDS = 6
"""How many concepts near by their vectors lead on, where a text spells none."""
_STEP = 0.8
"""What a step along the graph keeps of their nearness."""


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
        self._concept_rows = files.array("concept-vectors").astype(np.float32)
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
        sums = np.zeros((len(texts), self.dimensions))
        lengths = np.diff(ends, prepend=0)
        filled = np.flatnonzero(lengths)
        if len(filled):
            starts = (np.asarray(ends) - lengths)[filled]
            # Whole numbers below 2²⁴ in float32 and below 2⁵³ in float64 are exact in whatever order they are added.
            terms = self._vectors[rows] * self._scales[rows].astype(np.float32)[:, None]
            sums[filled] = np.add.reduceat(terms, starts, axis=0, dtype=np.float64)
        return _unit(sums)

    def concepts(self, text: str, most: int = 12) -> list[ConceptNearness]:
        """The concepts that a text is about or near, nearest first.

        Those spelled in it come first, in their order, with nearness 1; then those spelled by a part of one of
        its words (工廠 in 工廠登記), those near to both by the graph, and those whose vector is near the text's.
        """
        seeds = self._spelled_in(fold(text).text)
        cosines = self._concept_rows @ self.vectors([text])[0].astype(np.float32) / 127**2
        near = cosines.clip(0, 1).astype(np.float64) ** SHARPNESS
        if seeds:
            near = np.maximum(near, self._joined(seeds)) * _BELOW_SPELLED
        else:
            first = np.argsort(-near, kind="stable")[:_SEEDS].tolist()
            steps = [self._joined({number: float(near[number]) * _STEP}) for number in first]
            near = np.maximum.reduce([near, *steps])
        for number, strength in seeds.items():
            near[number] = strength
        order = sorted(range(len(near)), key=lambda number: -near[number])
        if seeds:
            whole = [number for number, strength in seeds.items() if strength == 1]
            order = whole + [number for number in order if number not in whole]
        return [
            ConceptNearness(self._concepts[number], round(float(near[number]), 4))
            for number in order[: max(most, 0)]
            if near[number] > 0
        ]

    def _spelled_in(self, folded: str) -> dict[int, float]:
        """The concepts that words of a folded text spell, and, less strong, those that parts of them spell."""
        pieces = self._segmenter.cut(folded)
        found = {self._spelled[piece]: 1.0 for piece in pieces if piece in self._spelled}
        for piece in pieces:
            for at in range(2, len(piece) - 1):
                halves = piece[:at], piece[at:]
                # Each half is a word: not the 市政 of 市政府.
                if all(half in self._numbers for half in halves):
                    for half in halves:
                        if half in self._spelled:
                            found.setdefault(self._spelled[half], _PART)
        return found

    def _joined(self, seeds: Mapping[int, float]) -> npt.NDArray[np.float64]:
        """How near each concept is to the seeds, several of them together nearer; by the graph."""
        doubt = np.ones(len(self._concepts))
        for number, strength in seeds.items():
            doubt[self._neighbours[number]] *= 1 - strength * self._nearness[number] / 255
        joined: npt.NDArray[np.float64] = 1 - doubt
        return joined

    def neighbours(self, identifier: str, most: int = 12) -> list[ConceptNearness]:
        """The nearest concepts of a concept, nearest first; none where the model does not know it."""
        number = self._concept_numbers.get(identifier)
        if number is None:
            return []
        pairs = zip(
            self._neighbours[number, :most].tolist(), self._nearness[number, :most].tolist(), strict=True
        )
        return [ConceptNearness(self._concepts[other], round(near / 255, 4)) for other, near in pairs if near]


def _unit(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    lengths = np.sqrt((sums**2).sum(axis=1, keepdims=True))
    lengths[lengths == 0] = 1
    rounded: npt.NDArray[np.int8] = np.rint(sums * (127 / lengths)).astype(np.int8)
    return rounded
