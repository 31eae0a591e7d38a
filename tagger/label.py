"""Which semantic labels (語意標籤) a record deserves.

A label whose words stand in the text is a candidate; its score is how often annotators chose it when they
stood there. Longer labels win over shorter ones inside them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from tagger.evidence import evidence
from tagger.fields import FieldText
from tagger.normalise import normalise
from tagger.suggestion import LabelEvidence, LabelSuggestion
from tagger.weights import ModelFiles

MOST_LABELS = 5
_LEAST_SCORE = 0.05
# What is only in these fields speaks less of the dataset than its title does.
_FIELD_FACTORS = {"title": 1.0, "keyword": 0.9, "description": 0.6, "fieldDescription": 0.3}


class LabelChoice(NamedTuple):
    """How often a label's words stood in an annotated text, and how often it was chosen then."""

    label: str
    found: int
    chosen: int

    @property
    def score(self) -> float:
        """Probability that the label is right when its words stand in the text (Laplace's rule)."""
        return (self.chosen + 1) / (self.found + 2)


class LabelModel:
    """Finds labels in texts.

    Args:
        choices: the labels it may suggest.
    """

    def __init__(self, choices: Sequence[LabelChoice]) -> None:
        self.choices = tuple(choices)
        self._scores = [choice.score for choice in self.choices]
        self._automaton = AhoCorasick(
            [normalise(choice.label).text for choice in self.choices], matchkind=MatchKind.LeftmostLongest
        )

    @classmethod
    def load(cls, files: ModelFiles) -> "LabelModel":
        """Read the model that `saved` describes."""
        return cls([LabelChoice(*row) for row in files.document("labels")])

    def saved(self) -> dict[str, Any]:
        """The document that `load` reads."""
        return {"labels": [list(choice) for choice in self.choices]}

    def suggest(
        self, batch: Sequence[Sequence[FieldText]]
    ) -> list[tuple[list[LabelSuggestion], list[LabelEvidence]]]:
        """The best labels of each record, best first, and where their words stand."""
        return [self._suggest(fields) for fields in batch]

    def _suggest(self, fields: Sequence[FieldText]) -> tuple[list[LabelSuggestion], list[LabelEvidence]]:
        scores: dict[int, float] = {}
        places: dict[int, list[tuple[FieldText, int, int]]] = {}
        for field in fields:
            factor = _FIELD_FACTORS.get(field.field.partition("/")[0])
            if factor is None:
                continue
            for label, start, end in self._automaton.find_matches_as_indexes(field.normalised.text):
                scores[label] = max(scores.get(label, 0.0), self._scores[label] * factor)
                places.setdefault(label, []).append((field, start, end))
        best = sorted(scores, key=lambda label: (-scores[label], label))[:MOST_LABELS]
        kept = [label for label in best if scores[label] >= _LEAST_SCORE]
        return (
            [LabelSuggestion(label=self.choices[i].label, score=round(scores[i], 4)) for i in kept],
            [
                LabelEvidence(
                    label=self.choices[i].label,
                    spans=[evidence(*place, weight=1.0) for place in places[i][:3]],
                )
                for i in kept
            ],
        )
