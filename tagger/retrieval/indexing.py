"""What the search index holds of a dataset."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tagger.meaning import Meaning
from tagger.metadata import DatasetMetadata
from tagger.retrieval.lexemes import (
    concept_lexeme,
    label_lexeme,
    place_lexeme,
    text_lexemes,
    title_lexemes,
)
from tagger.simplify import fold

SCHEME = 2
"""Rises when lexemes are made otherwise, so that what was indexed before is known to be outdated."""

_DIFFERENT_TEXTS = 16_384


class Labelled(NamedTuple):
    """A label of a dataset; `concept` is the identifier of what it means, None for a free label."""

    label: str
    concept: str | None


class Indexed(NamedTuple):
    """What is searched of one dataset.

    Attributes:
        title_words: the compact words of the title with blanks between.
        concepts: identifiers of the labels' concepts, best first.
        vector: the meaning of the title, signed bytes.
        lexemes: what it is found by.
    """

    title_words: str
    concepts: tuple[str, ...]
    vector: bytes
    lexemes: frozenset[str]


def index_scheme(meaning: Meaning) -> str:
    """Names how datasets are indexed; what carries another name is outdated."""
    return f"{SCHEME}-{meaning.version}"


def index(
    meaning: Meaning,
    batch: Sequence[DatasetMetadata],
    labels: Sequence[Sequence[Labelled]],
    places: Sequence[Sequence[str]],
) -> list[Indexed]:
    """What to index of datasets, with their labels and the places they are about, in the same order."""
    vectors = meaning.vectors([metadata.title for metadata in batch])
    return [
        Indexed(
            title_words(meaning, metadata.title),
            tuple(dict.fromkeys(label.concept for label in labelled if label.concept)),
            vector.tobytes(),
            frozenset(_lexemes(metadata, labelled, named)),
        )
        for metadata, labelled, named, vector in zip(batch, labels, places, vectors, strict=True)
    ]


def title_words(meaning: Meaning, title: str) -> str:
    """The compact words of a title with blanks between."""
    folded = fold(title).text
    words = ("".join(filter(str.isalnum, folded[start:end])) for start, end in meaning.words(folded))
    return " ".join(filter(None, words))


def _lexemes(metadata: DatasetMetadata, labels: Iterable[Labelled], places: Iterable[str]) -> Iterable[str]:
    yield from title_lexemes(metadata.title)
    for repeated in (metadata.publisher, metadata.organization, *(metadata.keyword or ())):
        if repeated:
            yield from _repeated_lexemes(repeated)
    for text in (metadata.description, metadata.field_description, metadata.notes):
        if text:
            yield from text_lexemes(text)
    for label in labels:
        # A label says what the dataset is about, even where no text does.
        yield from _repeated_lexemes(label.label)
        yield _label_lexeme(label.label)
        if label.concept:
            yield concept_lexeme(label.concept)
    yield from map(_place_lexeme, places)


# A catalogue repeats its publishers, keywords, labels and places many times.
_repeated_lexemes = lru_cache(_DIFFERENT_TEXTS)(lambda text: tuple(text_lexemes(text)))
_label_lexeme = lru_cache(_DIFFERENT_TEXTS)(label_lexeme)
_place_lexeme = lru_cache(_DIFFERENT_TEXTS)(place_lexeme)
