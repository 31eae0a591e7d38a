"""The label model: records in, labels with their probability and evidence out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.fields import FieldText
from tagger.labels.candidates import CandidateFinder
from tagger.labels.evidence import label_spans
from tagger.labels.lexicon import Lexicon
from tagger.labels.linear import LinearModel
from tagger.labels.ranker import Ranker
from tagger.suggestion import LabelEvidence, LabelSuggestion
from tagger.vocabulary import Concept
from tagger.weights import ModelFiles

_CHUNK = 128
"""Records at a time: enough to make light of a call's own cost, few enough for the processor's cache."""
_WORKSPACE = 16 * 2**20


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
        # The C library hands large blocks back to the kernel and asks for them anew at each batch, which
        # takes longer than the sums. From one block of this size that is freed, glibc learns to keep smaller
        # ones.
        np.empty(_WORKSPACE, np.uint8)

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
        """At most five labels for each record; the same for a batch as one by one.

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
        chosen, scores = self.ranker.choose(reading.candidates)
        answers = [LabelAnswer([], []) for _ in batch]
        for record, concept, score, spans in zip(
            reading.candidates.row[chosen].tolist(),
            reading.candidates.concept[chosen].tolist(),
            scores.round(4).tolist(),
            label_spans(reading, chosen),
            strict=True,
        ):
            label, uri = self._names[concept]
            suggestions, evidence = answers[record]
            suggestions.append({"label": label, "score": score, "concept": uri})
            evidence.append({"label": label, "spans": spans})
        return answers
