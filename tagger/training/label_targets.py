"""What the label model shall learn: which concepts each annotated dataset is about.

Annotators write labels freely. A concept is `exact` where they wrote its preferred label; `mapped` where they
wrote what was judged to mean it, or another of its spellings; and `alike` where it shares half of its bigrams
with a label they wrote, which is what the soft score counts.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from tagger.annotated import Annotated
from tagger.vocabulary import Vocabulary, comparable

SHIPPED_LABELS = Path(__file__).parents[1] / "resources" / "annotation-labels.csv"

Flags = npt.NDArray[np.bool_]


class Targets(NamedTuple):
    """For each dataset and concept whether it is meant; each of shape (datasets, concepts)."""

    exact: Flags
    mapped: Flags
    alike: Flags
    given: int
    """How many labels were given in all."""

    def taught(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """What the two linear models regress on. A label that only maps to a concept counts half, since
        reviewers ask for the words."""
        exact, mapped, alike = (flags.astype(np.float32) for flags in (self.exact, self.mapped, self.alike))
        half, part = np.float32(0.5), np.float32(0.3)
        return half * (exact + mapped), np.maximum(exact, part * alike + part * mapped)


def annotation_labels(path: Path = SHIPPED_LABELS) -> dict[str, str]:
    """Which concept an annotators' label means: label → identifier. From a CSV file `label,concept`."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["label"]: row["concept"] for row in csv.DictReader(lines)}


def find_targets(
    annotated: Sequence[Annotated], vocabulary: Vocabulary, mapping: Mapping[str, str]
) -> Targets:
    """The concepts that annotated datasets are about.

    Args:
        annotated: the datasets.
        vocabulary: the concepts; a column each, in its order.
        mapping: annotators' labels to identifiers; a concept that the vocabulary lacks is passed over.
    """
    given = [list(dict.fromkeys(comparable(label) for label in dataset.labels)) for dataset in annotated]
    label_numbers = {label: number for number, label in enumerate(sorted({x for row in given for x in row}))}
    preferred = [comparable(concept.label) for concept in vocabulary.concepts]
    row = np.repeat(np.arange(len(given)), [len(labels) for labels in given])
    label = np.asarray([label_numbers[text] for labels in given for text in labels], np.int64)
    ones = np.ones(len(row), np.float32)
    chosen = csr_matrix((ones, (row, label)), shape=(len(given), len(label_numbers)))

    def flags(table: csr_matrix) -> Flags:
        result: Flags = (chosen @ table).toarray() > 0
        return result

    labels = list(label_numbers)
    return Targets(
        flags(_same(labels, {text: number for number, text in enumerate(preferred)}, len(preferred))),
        flags(_same(labels, _meanings(labels, vocabulary, mapping), len(preferred))),
        flags(_alike(labels, preferred)),
        len(row),
    )


def _meanings(labels: Sequence[str], vocabulary: Vocabulary, mapping: Mapping[str, str]) -> dict[str, int]:
    """The number of the concept that each label means, where it means one."""
    numbers = {concept.identifier: number for number, concept in enumerate(vocabulary.concepts)}
    judged = {comparable(label): numbers[concept] for label, concept in mapping.items() if concept in numbers}
    spelled = {text: numbers[concept.identifier] for text in labels if (concept := vocabulary.find(text))}
    return {**spelled, **judged}


def _same(labels: Sequence[str], meanings: Mapping[str, int], concepts: int) -> csr_matrix:
    pairs = [(number, meanings[text]) for number, text in enumerate(labels) if text in meanings]
    row, column = np.asarray(pairs, np.int64).reshape(-1, 2).T
    return csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=(len(labels), concepts))


def _alike(labels: Sequence[str], preferred: Sequence[str]) -> csr_matrix:
    """Which labels share at least half of their bigrams (Dice's coefficient) with a preferred label."""
    numbers: dict[str, int] = {}
    tables = []
    for texts in (labels, preferred):
        pairs = [
            (row, numbers.setdefault(bigram, len(numbers)))
            for row, text in enumerate(texts)
            for bigram in sorted({text[at : at + 2] for at in range(len(text) - 1)} or {text})
        ]
        tables.append(np.asarray(pairs, np.int64).reshape(-1, 2).T)
    first, second = (
        csr_matrix((np.ones(pairs.shape[1], np.float32), tuple(pairs)), shape=(len(texts), len(numbers)))
        for pairs, texts in zip(tables, (labels, preferred), strict=True)
    )
    shared = (first @ second.T).tocoo()
    sizes = _counts(first)[shared.row] + _counts(second)[shared.col]
    enough = 2 * shared.data >= 0.5 * sizes
    return csr_matrix(
        (shared.data[enough], (shared.row[enough], shared.col[enough])), shape=(len(labels), len(preferred))
    )


def _counts(table: csr_matrix) -> npt.NDArray[np.float32]:
    counts: npt.NDArray[np.float32] = np.asarray(table.sum(axis=1)).ravel()
    return counts
