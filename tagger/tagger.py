"""The one object that answers: metadata in, suggestions out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tagger import mismatch
from tagger.categories import category_names
from tagger.classify import CategoryModel
from tagger.evidence import category_spans
from tagger.features import Batch, Floats, Vocabulary
from tagger.fields import FieldText, field_texts
from tagger.label import LabelModel
from tagger.metadata import DatasetMetadata
from tagger.suggestion import (
    CategoryEvidence,
    CategorySuggestion,
    Evidence,
    EvidenceSet,
    Mismatch,
    Suggestion,
)
from tagger.weights import SHIPPED_MODEL, ModelFiles

MOST_CATEGORIES = 3


class Tagger:
    """A loaded model. Safe to share between threads: nothing in it changes after it is made.

    Attributes:
        model_version: names the weights; the same weights give the same answers.
    """

    def __init__(self, categories: CategoryModel, labels: LabelModel, model_version: str) -> None:
        self.categories = categories
        self.labels = labels
        self.model_version = model_version

    @classmethod
    def load(cls, directory: Path | None = None) -> "Tagger":
        """Load a model directory; by default the one that is shipped.

        Raises:
            ModelError: the directory is not a model, or a file in it is missing or changed.
        """
        files = ModelFiles(directory or SHIPPED_MODEL)
        return cls(CategoryModel.load(files), LabelModel.load(files), files.version)

    def suggest(self, metadata: DatasetMetadata) -> Suggestion:
        """The suggestion for one record."""
        return self.suggest_batch([metadata])[0]

    def suggest_batch(self, batch: Sequence[DatasetMetadata]) -> list[Suggestion]:
        """The suggestions for several records, in their order; the same as one by one, but faster."""
        if not batch:
            return []
        fields = [list(field_texts(metadata)) for metadata in batch]
        grams = count_ngrams(self.categories.vocabulary, fields)
        probabilities = self.categories.probabilities(grams)
        firsts = np.cumsum([0, *(len(texts) for texts in fields)])
        return [
            self._answer(metadata, fields[row], probabilities[row], grams, (row, int(firsts[row])))
            for row, metadata in enumerate(batch)
        ]

    def _answer(
        self,
        metadata: DatasetMetadata,
        fields: list[FieldText],
        probabilities: Floats,
        grams: Batch,
        place: tuple[int, int],
    ) -> Suggestion:
        codes = self.categories.codes
        ranked = np.argsort(-probabilities, kind="stable")[:MOST_CATEGORIES]
        suggested = [self._category(int(column), float(probabilities[column])) for column in ranked]
        best = CategoryEvidence(
            categoryCode=codes[ranked[0]], spans=self._spans(fields, grams, place, int(ranked[0]))
        )
        labels, label_evidence = self.labels.suggest(fields)
        return Suggestion(
            identifier=metadata.identifier,
            categories=suggested,
            labels=labels,
            mismatch=self._mismatch(metadata.category_code, probabilities, suggested[0], best["spans"]),
            evidence=EvidenceSet(categories=[best], labels=label_evidence),
            modelVersion=self.model_version,
        )

    def _mismatch(
        self, declared: str | None, probabilities: Floats, best: CategorySuggestion, spans: list[Evidence]
    ) -> Mismatch | None:
        if declared is None:
            return None
        probability = float(probabilities[self.categories.codes.index(declared)])
        return mismatch.check(declared, probability, best, spans)

    def _category(self, column: int, probability: float) -> CategorySuggestion:
        code = self.categories.codes[column]
        return CategorySuggestion(
            categoryCode=code, name=category_names()[code], confidence=round(probability, 4)
        )

    def _spans(
        self, fields: list[FieldText], grams: Batch, place: tuple[int, int], column: int
    ) -> list[Evidence]:
        row, first = place
        found, added = grams.contributions(self.categories.weights, row, column)
        return category_spans(fields, found._replace(text=found.text - first), added)


def count_ngrams(vocabulary: Vocabulary, fields: Sequence[Sequence[FieldText]]) -> Batch:
    """The n-grams of each record's texts."""
    return Batch(
        vocabulary,
        [field.normalised.text for texts in fields for field in texts],
        [row for row, texts in enumerate(fields) for _ in texts],
        [field.weight for texts in fields for field in texts],
        len(fields),
    )
