"""The label model: records in, labels with their probability and evidence out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.fields import FieldText
from tagger.labels.candidates import CandidateFinder, best_first
from tagger.labels.evidence import label_spans
from tagger.labels.lexicon import Lexicon
from tagger.labels.linear import LinearModel
from tagger.labels.number import how_many
from tagger.labels.ranker import Ranker, ranking_score
from tagger.suggestion import LabelEvidence, LabelSuggestion
from tagger.vocabulary import Concept
from tagger.weights import ModelFiles

LEAST_SCORE = 0.05
"""A label that a reviewer less likely accepts than this is not suggested."""
LEAST_LETTERS = 2
_CHUNK = 64
"""Records at a time: their scores, a row a record and a column a concept, then stay in the processor's cache."""


class LabelAnswer(NamedTuple):
    """The labels of one record, best first, and the evidence for each, in the same order."""

    suggestions: list[LabelSuggestion]
    evidence: list[LabelEvidence]


class LabelModel:
    """Suggests concepts of the vocabulary. Safe to share between threads: nothing changes after it is made.

    Args:
        concepts: what it may suggest.
        linear: the learned scores of these concepts.
        ranker: from candidates to probabilities.
    """

    def __init__(self, concepts: Sequence[Concept], linear: LinearModel, ranker: Ranker) -> None:
        self.concepts = tuple(concepts)
        self.linear, self.ranker = linear, ranker
        self._finder = CandidateFinder(Lexicon(self.concepts), linear)
        self._names = [(concept.label, concept.uri) for concept in self.concepts]

    @classmethod
    def load(cls, files: ModelFiles) -> "LabelModel":
        """Read the model that `saved` describes."""
        concepts = [
            Concept(
                row["identifier"], row["label"], tuple(row["alternatives"]), category_code=row["category"]
            )
            for row in files.document("labels")
        ]
        return cls(concepts, LinearModel.load(files), Ranker.load(files))

    def saved(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """The arrays and documents that `load` reads. The concepts go with the weights: to suggest needs no
        vocabulary file, and the two cannot disagree."""
        concepts = [
            {
                "identifier": concept.identifier,
                "label": concept.label,
                "alternatives": list(concept.alternatives),
                "category": concept.category_code,
            }
            for concept in self.concepts
        ]
        return {**self.linear.saved(), **self.ranker.saved()}, {"labels": concepts}

    def suggest(self, batch: Sequence[Sequence[FieldText]]) -> list[LabelAnswer]:
        """At most `number.MOST` labels for each record; the same for a batch as one by one.

        Args:
            batch: the texts of each record. Title and publisher are learned from; what other fields name is
                considered.
        """
        answers: list[LabelAnswer] = []
        for begin in range(0, len(batch), _CHUNK):
            answers += self._suggest(batch[begin : begin + _CHUNK])
        return answers

    def _suggest(self, batch: Sequence[Sequence[FieldText]]) -> list[LabelAnswer]:
        reading = self._finder.read(batch)
        row = reading.candidates.row
        likely = self.ranker.probabilities(reading.candidates)
        scores = ranking_score(likely)
        order = best_first(row, scores)
        starts = np.searchsorted(row, np.arange(len(batch) + 1))
        rank = np.arange(len(row)) - starts[row]
        speaking = np.asarray([_speaks(fields) for fields in batch])
        chosen = order[(rank < how_many(order, starts, likely)[row]) & speaking[row]]
        probability = self.ranker.calibration.probabilities(scores[chosen])
        chosen, probability = chosen[probability >= LEAST_SCORE], probability[probability >= LEAST_SCORE]
        answers = [LabelAnswer([], []) for _ in batch]
        for record, concept, score, spans in zip(
            row[chosen].tolist(),
            reading.candidates.concept[chosen].tolist(),
            probability.round(4).tolist(),
            label_spans(reading, chosen),
            strict=True,
        ):
            label, uri = self._names[concept]
            suggestions, evidence = answers[record]
            suggestions.append({"label": label, "score": score, "concept": uri})
            evidence.append({"label": label, "spans": spans})
        return answers


def _speaks(fields: Sequence[FieldText]) -> bool:
    """Whether a record says anything: what is learned from a single letter or number is chance."""
    texts = (field.normalised.text for field in fields if field.name != "publisher")
    return sum(map(str.isalpha, "".join(texts))) >= LEAST_LETTERS
