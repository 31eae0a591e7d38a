"""Fits the label model."""

from collections import Counter
from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

from tagger.annotated import Annotated
from tagger.label import LabelChoice, LabelModel
from tagger.normalise import normalise

LEAST_USES = 3
"""A label that annotators gave less often than this is not yet a term of the vocabulary."""


def fit_labels(annotated: Sequence[Annotated]) -> LabelModel:
    """Count how often each label was chosen where its words stand in the title."""
    uses = Counter(label for dataset in annotated for label in dataset.labels)
    labels = sorted(label for label, count in uses.items() if count >= LEAST_USES)
    automaton = AhoCorasick([normalise(label).text for label in labels], matchkind=MatchKind.LeftmostLongest)
    found: Counter[str] = Counter()
    chosen: Counter[str] = Counter()
    for dataset in annotated:
        text = normalise(dataset.metadata.title).text
        for label in {labels[match[0]] for match in automaton.find_matches_as_indexes(text)}:
            found[label] += 1
            chosen[label] += label in dataset.labels
    return LabelModel([LabelChoice(label, found[label], chosen[label]) for label in labels])
