"""The one object that answers: metadata in, suggestions out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tagger import mismatch
from tagger.categories import category_names
from tagger.classify import CategoryModel, CategoryScores
from tagger.evidence import category_spans
from tagger.facets import facets
from tagger.features import Floats
from tagger.fields import field_texts
from tagger.labels import LabelModel
from tagger.lint import lint
from tagger.metadata import DatasetMetadata
from tagger.mismatch import MismatchModel, quoted_words
from tagger.suggestion import (
    CategoryEvidence,
    CategorySuggestion,
    EvidenceSet,
    Facets,
    FacetSpan,
    Mismatch,
    Suggestion,
)
from tagger.weights import SHIPPED_MODEL, ModelFiles

if TYPE_CHECKING:
    from tagger.new_terms import TermFinder

MOST_CATEGORIES = 3


class Tagger:
    """A loaded model. Safe to share between threads: nothing in it changes after it is made.

    Attributes:
        model_version: names the weights; the same weights give the same answers.
    """

    def __init__(
        self,
        categories: CategoryModel,
        labels: LabelModel,
        mismatches: MismatchModel,
        model_version: str,
        terms: "TermFinder | None" = None,
    ) -> None:
        self.categories = categories
        self.labels = labels
        self.mismatches = mismatches
        self.model_version = model_version
        self.terms = terms

    @classmethod
    def load(
        cls, directory: Path | None = None, engine: str | None = None, engine_data: Path | None = None
    ) -> "Tagger":
        """Load a model directory; by default the one that is shipped.

        Args:
            directory: the model.
            engine: name of the NLP engine that looks for new terms (`tagger.nlp.engines()`); without one none
                are looked for, and spaCy is not loaded.
            engine_data: the data directory of an engine that needs one.

        Raises:
            ModelError: the directory is not a model, or a file in it is missing or changed.
            EngineError: the engine is unknown, or lacks a package or its data.
        """
        files = ModelFiles(directory or SHIPPED_MODEL)
        categories = CategoryModel.load(files)
        labels = LabelModel.load(files)
        mismatches = MismatchModel.load(files, categories.codes)
        terms = None
        if engine is not None:
            # spaCy takes a second to load, and only this needs it.
            from tagger.new_terms import TermFinder  # noqa: PLC0415

            spellings = (spelling for concept in labels.concepts for spelling in concept.spellings)
            terms = TermFinder(spellings, engine, engine_data)
        return cls(categories, labels, mismatches, files.version, terms)

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
        terms = self.terms.find([metadata.title for metadata in batch]) if self.terms else [[] for _ in batch]
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
                    newTerms=terms[row],
                    facets=_facets(metadata),
                    lint=lint(metadata),
                    mismatch=self._mismatch(
                        metadata, mismatched.get(row), first, quoted_words(spans, label_evidence)
                    ),
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
        words: Sequence[str],
    ) -> Mismatch | None:
        declared = metadata.category_code
        if declared is None or probability is None:
            return None
        level = self.mismatches.level(declared, probability)
        if first == declared:
            # There is nothing better to suggest, so there is nothing to ask for.
            level = None
        return mismatch.answer(declared, probability, level, first, words)


def _facets(metadata: DatasetMetadata) -> Facets:
    found = facets(metadata)
    return Facets(
        spatial=list(found.spatial),
        temporalCoverageFrom=found.temporal_coverage_from,
        temporalCoverageTo=found.temporal_coverage_to,
        spans=[
            FacetSpan(facet=span.facet, field=span.field, start=span.start, end=span.end, value=span.value)
            for span in found.spans
        ],
    )
