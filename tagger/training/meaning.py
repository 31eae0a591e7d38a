"""Builds the meaning model from the catalogues and the annotated datasets (docs/meaning.md).

python -m tagger.training.meaning --shared ../shared/data --output tagger/resources/meaning
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack
from threadpoolctl import threadpool_limits

from tagger.simplify import fold
from tagger.training.label_targets import annotation_labels
from tagger.training.meaning_concepts import Meanings, carried, concept_graph, concept_vectors
from tagger.training.meaning_vectors import Floats, word_vectors
from tagger.training.meaning_words import (
    COMMON_CHARACTERS,
    AnnotatedTitle,
    Material,
    WordList,
    build_words,
    read_material,
)
from tagger.vocabulary import Vocabulary
from tagger.weights import save_model

_ANNOTATED_TIMES = 3
"""How many catalogue titles an annotated one counts for where words stand together."""
_SCALE = 8192
"""Steps of a word's scale: a text's sum stays far below 2⁵³ and so exact."""


def train(shared: Path, output: Path, common: int = COMMON_CHARACTERS) -> str:
    """Build the model, write its directory, return its version. The same data give the same bits.

    Args:
        shared: the folder of catalogues and annotated datasets.
        output: the model directory, replaced as one step.
        common: see `meaning_words.build_words`.
    """
    with threadpool_limits(1):
        material = read_material(shared)
        vocabulary = Vocabulary.read()
        words = build_words(material, vocabulary, common)
        rows = word_rows(words, material, vocabulary)
        arrays = _stored(words, rows) | _concepts(words, rows, material.annotated, vocabulary)
    concepts = [
        [concept.identifier, *sorted({fold(spelling).text for spelling in concept.spellings})]
        for concept in vocabulary.concepts
    ]
    return save_model(output, arrays, {"words": words.words, "concepts": concepts})


def word_rows(words: WordList, material: Material, vocabulary: Vocabulary) -> Floats:
    """A row for each word; see `meaning_vectors.word_vectors`."""
    # Titles that differ in numbers only are one to the teacher.
    titles = sorted({re.sub(r"\d+", "", title) for title in material.titles})
    with_labels = words.matrix(_with_labels(material.annotated, vocabulary))
    documents = vstack([words.matrix(material.titles), *[with_labels] * _ANNOTATED_TIMES]).tocsr()
    return word_vectors(words, titles, documents, words.matrix(titles), _synonyms(vocabulary))


def _synonyms(vocabulary: Vocabulary) -> dict[str, str]:
    """Each further spelling with the preferred one, both folded."""
    return {
        fold(spelling).text: fold(concept.label).text
        for concept in vocabulary.concepts
        for spelling in concept.alternatives
        if fold(spelling).text != fold(concept.label).text
    }


def _with_labels(annotated: Sequence[AnnotatedTitle], vocabulary: Vocabulary) -> list[str]:
    """Each title with its labels and the preferred labels of what these mean."""
    meanings = Meanings(vocabulary, annotation_labels())
    texts = []
    for title in annotated:
        preferred = [vocabulary.concepts[number].label for number in meanings.of(title.labels)]
        texts.append(" ".join([title.text, *(fold(label).text for label in (*title.labels, *preferred))]))
    return texts


def _stored(words: WordList, rows: Floats) -> dict[str, npt.NDArray[Any]]:
    largest = np.abs(rows).max(axis=1)
    return {
        "counts": words.counts,
        "weights": words.weights,
        "vectors": np.rint(rows / np.maximum(largest, 1e-9)[:, None] * 127).astype(np.int8),
        "scales": np.rint(largest * _SCALE).clip(0, 65535).astype(np.uint16),
    }


def _concepts(
    words: WordList, rows: Floats, annotated: Sequence[AnnotatedTitle], vocabulary: Vocabulary
) -> dict[str, npt.NDArray[Any]]:
    carrying = carried(annotated, Meanings(vocabulary, annotation_labels()), len(vocabulary))
    vectors = concept_vectors(words, rows, vocabulary, [title.text for title in annotated], carrying)
    graph = concept_graph(vectors, carrying, _publishers(annotated), vocabulary)
    return {
        "concept-vectors": np.rint(vectors * 127).astype(np.int8),
        "neighbours": graph.neighbours.astype(np.int16),
        "nearness": np.rint(graph.nearness * 255).astype(np.uint8),
    }


def _publishers(annotated: Sequence[AnnotatedTitle]) -> csr_matrix:
    numbers = {name: number for number, name in enumerate(sorted({title.publisher for title in annotated}))}
    column = [numbers[title.publisher] for title in annotated]
    ones = np.ones(len(column))
    return csr_matrix((ones, (np.arange(len(column)), column)), shape=(len(column), len(numbers)))


@click.command()
@click.option("--shared", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--output", type=click.Path(path_type=Path), required=True)
def main(shared: Path, output: Path) -> None:
    """Build the meaning model of the catalogues in SHARED."""
    click.echo(train(shared, output))


if __name__ == "__main__":
    main()
