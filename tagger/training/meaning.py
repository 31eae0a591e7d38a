"""Builds the meaning model from the catalogues and the annotated datasets.

python -m tagger.training.meaning --shared ../shared/data --output tagger/resources/meaning
"""

from pathlib import Path

import click
import numpy as np
from threadpoolctl import threadpool_limits

from tagger.simplify import fold
from tagger.training.meaning_vectors import teacher_vectors
from tagger.training.meaning_words import build_words, read_material
from tagger.vocabulary import Vocabulary
from tagger.weights import save_model

DIMENSIONS = 128


def train(shared: Path, output: Path) -> str:
    """Build the model, write its directory, return its version. The same data give the same bits."""
    with threadpool_limits(1):
        material = read_material(shared)
        vocabulary = Vocabulary.read()
        words = build_words(material, vocabulary)
        vectors = teacher_vectors(words.words)
        mean = vectors.mean(axis=0)
        _, axes = np.linalg.eigh((vectors - mean).T @ (vectors - mean))
        vectors = (vectors - mean) @ axes[:, -DIMENSIONS:]
        numbers = {word: number for number, word in enumerate(words.words)}
        concept = np.stack([vectors[numbers[fold(c.label).text]] for c in vocabulary.concepts])
    concept /= np.linalg.norm(concept, axis=1, keepdims=True)
    near = concept @ concept.T
    np.fill_diagonal(near, 0)
    order = np.argsort(-near, axis=1, kind="stable")[:, :24]
    largest = np.abs(vectors).max(axis=1)
    arrays = {
        "counts": words.counts,
        "weights": words.weights,
        "vectors": np.rint(vectors / largest[:, None] * 127).astype(np.int8),
        "scales": np.rint(largest * words.weights * 4096).astype(np.uint16),
        "concept-vectors": np.rint(concept * 127).astype(np.int8),
        "neighbours": order.astype(np.int16),
        "nearness": np.rint(np.take_along_axis(near, order, axis=1).clip(0, 1) * 255).astype(np.uint8),
    }
    concepts = [
        [concept.identifier, *sorted({fold(spelling).text for spelling in concept.spellings})]
        for concept in vocabulary.concepts
    ]
    return save_model(output, arrays, {"words": words.words, "concepts": concepts})


@click.command()
@click.option("--shared", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--output", type=click.Path(path_type=Path), required=True)
def main(shared: Path, output: Path) -> None:
    """Build the meaning model of the catalogues in SHARED."""
    click.echo(train(shared, output))


if __name__ == "__main__":
    main()
