"""The one object that answers: metadata in, suggestions out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tagger import mismatch
from tagger.categories import category_names
from tagger.classify import CategoryModel, CategoryScores
from tagger.evidence import category_spans
from tagger.features import Floats
from tagger.fields import field_texts
from tagger.label import LabelModel
from tagger.metadata import DatasetMetadata
from tagger.mismatch import MismatchModel
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

    def __init__(
        self, categories: CategoryModel, labels: LabelModel, mismatches: MismatchModel, model_version: str
    ) -> None:
        self.categories = categories
        self.labels = labels
        self.mismatches = mismatches
        self.model_version = model_version

    @classmethod
    def load(cls, directory: Path | None = None) -> "Tagger":
        """Load a model directory; by default the one that is shipped.

        Raises:
            ModelError: the directory is not a model, or a file in it is missing or changed.
        """
        files = ModelFiles(directory or SHIPPED_MODEL)
        categories = CategoryModel.load(files)
        return cls(
            categories, LabelModel.load(files), MismatchModel.load(files, categories.codes), files.version
        )

    def suggest(self, metadata: DatasetMetadata) -> Suggestion:
        """The suggestion for one record."""
        return self.suggest_batch([metadata])[0]

    def suggest_batch(self, batch: Sequence[DatasetMetadata]) -> list[Suggestion]:
        """The suggestions for several records, in their order; the same as one by one, but faster."""
        if not batch:
            return []
        fields = [list(field_texts(metadata)) for metadata in batch]
        reading = self.categories.read(fields)
        scores = self.categories.scores(reading, len(batch))
        shares = self.categories.shares(reading, scores.primary.argmax(axis=1))
        probabilities = self.categories.probabilities(scores)
        mismatched = self._mismatch_probabilities(batch, scores)
        labels = self.labels.suggest(fields)
        answers = []
        for row, metadata in enumerate(batch):
            ranked = self._ranked(scores.primary[row], probabilities[row])
            first = ranked[0]["categoryCode"]
            spans = category_spans(shares[row])
            found, label_evidence = labels[row]
            answers.append(
                Suggestion(
                    identifier=metadata.identifier,
                    categories=ranked,
                    labels=found,
                    mismatch=self._mismatch(metadata, mismatched.get(row), first, spans),
                    evidence=EvidenceSet(
                        categories=[CategoryEvidence(categoryCode=first, spans=spans)], labels=label_evidence
                    ),
                    modelVersion=self.model_version,
                )
            )
        return answers

    def _ranked(self, primary: Floats, probabilities: Floats) -> list[CategorySuggestion]:
        """The best categories: the first by score, the others by probability."""
        order = np.argsort(-probabilities, kind="stable")
        first = int(primary.argmax())
        columns = [first, *(int(column) for column in order if column != first)][:MOST_CATEGORIES]
        return [
            CategorySuggestion(
                categoryCode=self.categories.codes[column],
                name=category_names()[self.categories.codes[column]],
                confidence=round(float(probabilities[column]), 4),
            )
            for column in columns
        ]

    def _mismatch_probabilities(
        self, batch: Sequence[DatasetMetadata], scores: CategoryScores
    ) -> dict[int, float]:
        """Row → probability that the declared category would be corrected, for those that declare one."""
        codes = self.categories.codes
        declared = {
            row: codes.index(metadata.category_code)
            for row, metadata in enumerate(batch)
            if metadata.category_code is not None
        }
        if not declared:
            return {}
        rows = list(declared)
        chosen = CategoryScores(scores.primary[rows], scores.acceptance[rows])
        found = self.mismatches.probabilities(chosen, np.asarray(list(declared.values())))
        return dict(zip(rows, map(float, found), strict=True))

    def _mismatch(
        self,
        metadata: DatasetMetadata,
        probability: float | None,
        first: str,
        spans: Sequence[Evidence],
    ) -> Mismatch | None:
        declared = metadata.category_code
        if declared is None or probability is None:
            return None
        level = self.mismatches.level(declared, probability)
        if first == declared:
            # There is nothing better to suggest, so there is nothing to ask for.
            level = None
        return mismatch.answer(declared, probability, level, first, spans)
