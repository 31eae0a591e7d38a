"""Vectors of the concepts, and which concepts are near to one another."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags

from tagger.meaning.model import SHARPNESS
from tagger.simplify import fold
from tagger.training.meaning_vectors import Floats, teacher_vectors, unit
from tagger.training.meaning_words import AnnotatedTitle, WordList
from tagger.vocabulary import Vocabulary, comparable

NEIGHBOURS = 32
"""How many neighbours of a concept are kept."""
_TOGETHER, _EDGE, _ALIKE, _SAME_PUBLISHER, _SECOND_STEP = 0.7, 0.4, 0.5, 0.2, 0.4
"""How much each witness can say by itself, 0 to 1."""
_MUCH = 6.0
"""Mutual information, in nats, that counts as whole."""
_STEPS = 20
"""How many neighbours of neighbours are looked at."""
_FEW = 2
"""So many titles speak half for themselves."""

Table = npt.NDArray[np.float64]


class Graph(NamedTuple):
    """Which concepts are nearest to each, nearest first.

    Attributes:
        neighbours: their numbers, shape (concepts, k).
        nearness: 0 to 1, shape (concepts, k).
    """

    neighbours: npt.NDArray[np.intp]
    nearness: Table


class Meanings:
    """Which concept a label means: as annotators' labels were judged, or as it is spelled.

    Args:
        vocabulary: the concepts.
        mapping: annotators' labels to identifiers (`label_targets.annotation_labels`).
    """

    def __init__(self, vocabulary: Vocabulary, mapping: Mapping[str, str]) -> None:
        numbers = {concept.identifier: number for number, concept in enumerate(vocabulary.concepts)}
        self._numbers = {
            comparable(spelling): number
            for number, concept in enumerate(vocabulary.concepts)
            for spelling in concept.spellings
        }
        self._numbers |= {
            comparable(label): numbers[identifier]
            for label, identifier in mapping.items()
            if identifier in numbers
        }

    def of(self, labels: Iterable[str]) -> list[int]:
        """The numbers of the concepts that labels mean, ascending; labels that mean none are passed over."""
        found = {self._numbers.get(comparable(label)) for label in labels}
        return sorted(number for number in found if number is not None)


def carried(annotated: Sequence[AnnotatedTitle], meanings: Meanings, concepts: int) -> csr_matrix:
    """Which concepts the annotated titles carry, shape (titles, concepts)."""
    found = [meanings.of(title.labels) for title in annotated]
    ends = np.cumsum([0, *map(len, found)])
    columns = [number for numbers in found for number in numbers]
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(annotated), concepts))


def concept_vectors(
    words: WordList, rows: Floats, vocabulary: Vocabulary, titles: Sequence[str], carrying: csr_matrix
) -> Floats:
    """A concept's vector: its label, its spellings, and the titles that carry it; unit length.

    Args:
        words: the word list.
        rows: of its words (`meaning_vectors.word_vectors`).
        vocabulary: the concepts.
        titles: folded titles of annotated datasets.
        carrying: see `carried`.
    """
    label = unit(words.matrix([fold(concept.label).text for concept in vocabulary.concepts]) @ rows)
    spellings = [
        (number, fold(spelling).text)
        for number, concept in enumerate(vocabulary.concepts)
        for spelling in concept.spellings
    ]
    owner = np.asarray([number for number, _ in spellings])
    spelled = np.zeros_like(label)
    np.add.at(spelled, owner, unit(words.matrix([text for _, text in spellings]) @ rows))
    counts = np.asarray(carrying.sum(axis=0)).ravel()
    from_titles = unit(carrying.T @ unit(words.matrix(titles) @ rows))
    said = unit(label + spelled / np.bincount(owner)[:, None])
    return unit(said + from_titles * (counts / (counts + _FEW))[:, None])


def concept_graph(
    vectors: Floats, carrying: csr_matrix, publishers: csr_matrix, vocabulary: Vocabulary
) -> Graph:
    """The nearest concepts of each.

    Five witnesses say that two concepts are near: their vectors, labels given together more often than by
    chance, an edge of the vocabulary, spellings that the teacher takes for alike, and the same specialised
    publishers. Each may be wrong, so they are joined as 1 - product of (1 - witness). Then a second step
    along the graph adds, damped, what several neighbours agree on.

    Args:
        vectors: of the concepts, unit length.
        carrying: see `carried`.
        publishers: whose the annotated titles are, shape (titles, publishers).
        vocabulary: the concepts.
    """
    cosine = (vectors @ vectors.T).astype(np.float64).clip(0, 1)
    near = _joined(
        cosine**SHARPNESS,
        _TOGETHER * _together(carrying),
        _EDGE * _edges(vocabulary),
        _ALIKE * _alike(vocabulary) ** 2,
        _SAME_PUBLISHER * _same_publishers(carrying, publishers),
    )
    np.fill_diagonal(near, 0)
    near = _joined(near, _SECOND_STEP * _two_steps(near))
    np.fill_diagonal(near, 0)
    order = np.argsort(-near, axis=1, kind="stable")[:, :NEIGHBOURS]
    return Graph(order, np.take_along_axis(near, order, axis=1))


def _joined(*witnesses: Table) -> Table:
    doubt = np.ones_like(witnesses[0])
    for witness in witnesses:
        doubt *= 1 - witness
    return 1 - doubt


def _together(carrying: csr_matrix) -> Table:
    """Smoothed positive pointwise mutual information of labels on the same titles, 0 to 1.

    Pairs that were seen once count half (the discount of Pantel and Lin 2002).
    """
    pairs = (carrying.T @ carrying).tocoo()
    apart = pairs.row != pairs.col
    row, column, count = pairs.row[apart], pairs.col[apart], pairs.data[apart]
    table = np.zeros(pairs.shape)
    if not len(row):
        return table
    total = np.bincount(row, count, pairs.shape[0])
    context = total**0.75
    information = np.log(count * context.sum() / (total[row] * context[column]))
    table[row, column] = (information * count / (count + 1) / _MUCH).clip(0, 1)
    return table


def _edges(vocabulary: Vocabulary) -> Table:
    """Broader and related concepts 1, narrower ones 0.8."""
    numbers = {concept.identifier: number for number, concept in enumerate(vocabulary.concepts)}
    table = np.zeros((len(vocabulary), len(vocabulary)))
    for number, concept in enumerate(vocabulary.concepts):
        for other in concept.related:
            table[number, numbers[other]] = 1
        for other in concept.broader:
            table[number, numbers[other]] = 1
            table[numbers[other], number] = 0.8
    return table


def _alike(vocabulary: Vocabulary) -> Table:
    """What the teacher says of the two spellings of two concepts that are most alike: 工安 knows of 工業區."""
    owner = [number for number, concept in enumerate(vocabulary.concepts) for _ in concept.spellings]
    spellings = [fold(spelling).text for concept in vocabulary.concepts for spelling in concept.spellings]
    vectors = teacher_vectors(spellings)
    vectors = unit(vectors - vectors.mean(axis=0))
    firsts = np.searchsorted(owner, np.arange(len(vocabulary)))
    best = np.maximum.reduceat(np.maximum.reduceat(vectors @ vectors.T, firsts, axis=0), firsts, axis=1)
    return best.clip(0, 1).astype(np.float64)


def _same_publishers(carrying: csr_matrix, publishers: csr_matrix) -> Table:
    """Cosine of the publishers of two concepts, those with few concepts weighing more (tf-idf)."""
    counts = csr_matrix(carrying.T @ publishers)
    counts.data = np.log1p(counts.data)
    concepts = np.asarray((counts > 0).sum(axis=0)).ravel()
    weighted = counts @ diags(np.log(counts.shape[0] / np.maximum(concepts, 1)))
    dense = unit(weighted.toarray()).astype(np.float64)
    cosine: Table = (dense @ dense.T).clip(0, 1)
    return cosine


def _two_steps(near: Table) -> Table:
    """How many of the nearest lead on to each concept, how strongly; the strongest is 1."""
    size = min(_STEPS, near.shape[1] - 1)
    least = -np.partition(-near, size - 1, axis=1)[:, size - 1 : size]
    first = np.where(near >= least, near, 0)
    second = np.asarray((csr_matrix(first) @ csr_matrix(first)).toarray())
    scaled: Table = second / np.maximum(second.max(axis=1, keepdims=True), 1e-9)
    return scaled
