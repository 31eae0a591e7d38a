"""Fits the label model."""

from collections.abc import Mapping, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from tagger.annotated import Annotated
from tagger.features import Integers
from tagger.fields import field_texts
from tagger.labels import LabelModel
from tagger.labels.candidates import CandidateFinder, Candidates
from tagger.labels.lexicon import Lexicon
from tagger.training.label_linear import fit_linear, read_material
from tagger.training.label_ranker import fit_ranker, sample
from tagger.training.label_targets import find_targets
from tagger.training.templates import folds
from tagger.vocabulary import Vocabulary

FOLDS = 5
_CHUNK = 64
"""Datasets at a time."""


def fit_labels(
    annotated: Sequence[Annotated], vocabulary: Vocabulary, mapping: Mapping[str, str]
) -> LabelModel:
    """Fit the linear models on all; the ranker on what models of the other folds say of each fold.

    The same datasets give the same bits: nothing is drawn by chance, and sums run in one thread.

    Args:
        annotated: at least one dataset.
        vocabulary: the concepts that may be suggested.
        mapping: annotators' labels to identifiers of concepts, see `label_targets.annotation_labels`.
    """
    with threadpool_limits(1):
        return _fit(annotated, vocabulary, mapping)


def _fit(annotated: Sequence[Annotated], vocabulary: Vocabulary, mapping: Mapping[str, str]) -> LabelModel:
    batch = [list(field_texts(dataset.metadata)) for dataset in annotated]
    lexicon = Lexicon(vocabulary.concepts)
    material = read_material(batch, lexicon)
    targets = find_targets(annotated, vocabulary, mapping)
    taught = targets.taught()
    fold = np.asarray(folds([dataset.metadata.title for dataset in annotated], FOLDS), np.int64)
    parts: list[Candidates] = []
    for held_out in np.unique(fold).tolist():
        linear = fit_linear(material, taught, fold != held_out)
        finder = CandidateFinder(lexicon, linear)
        rows = np.flatnonzero(fold == held_out)
        for begin in range(0, len(rows), _CHUNK):
            chunk = rows[begin : begin + _CHUNK]
            candidates = finder.read([batch[row] for row in chunk]).candidates
            parts.append(candidates._replace(row=chunk[candidates.row]))
    ranker = fit_ranker(sample(_together(parts, len(batch)), targets, fold))
    linear = fit_linear(material, taught, np.ones(len(batch), bool))
    return LabelModel(vocabulary.concepts, linear, ranker)


def _together(parts: Sequence[Candidates], count: int) -> Candidates:
    """Candidates of all datasets, in their order."""
    row: Integers = np.concatenate([part.row for part in parts])
    order = row.argsort(kind="stable")
    return Candidates(
        count,
        row[order],
        np.concatenate([part.concept for part in parts])[order],
        np.concatenate([part.status for part in parts])[order],
        np.concatenate([part.marks for part in parts])[order],
        np.concatenate([part.features for part in parts], axis=1)[:, order],
    )
