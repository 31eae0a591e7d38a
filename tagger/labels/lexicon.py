"""Every spelling of every concept, found in a text in one pass."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick

from tagger.features import Floats, Integers
from tagger.labels.likeness import LabelBigrams
from tagger.labels.texts import KEYWORD, TITLE, Texts
from tagger.normalise import normalise
from tagger.vocabulary import Concept, comparable

Flags = npt.NDArray[np.bool_]

_LETTER, _DIGIT = 1, 2


def _ascii_kinds() -> npt.NDArray[np.int8]:
    kinds = np.zeros(129, np.int8)  # the last stands for everything beyond ASCII
    for code in range(128):
        kinds[code] = _LETTER if chr(code).isalpha() else _DIGIT if chr(code).isdigit() else 0
    return kinds


_KINDS = _ascii_kinds()


class Hits(NamedTuple):
    """Where spellings stand, in the order of their start, longer ones first.

    Attributes:
        text: which of the texts, shape (n,).
        concept: the concept's number, shape (n,).
        start: first character's position in `Texts.joined`, shape (n,).
        end: position after the last character, shape (n,).
        longest: no other spelling covers it, shape (n,).
        preferred: the spelling is the concept's preferred label, shape (n,).
    """

    text: Integers
    concept: Integers
    start: Integers
    end: Integers
    longest: Flags
    preferred: Flags


class Lexicon:
    """Finds the spellings of concepts.

    Aho and Corasick 1975, Efficient String Matching: the time does not depend on the number of spellings.

    Args:
        concepts: a concept's number is its position here.

    Attributes:
        concepts: the same.
        lengths: of their labels in characters, shape (concepts,).
        bigrams: of their labels.
    """

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.concepts = tuple(concepts)
        owners: dict[str, tuple[int, bool]] = {}
        for number, concept in enumerate(self.concepts):
            for spelling in concept.spellings:
                # A spelling with a blank is also written without it.
                for form in (normalise(spelling).text, comparable(spelling)):
                    owners.setdefault(form, (number, spelling == concept.label))
        self._concept = np.asarray([number for number, _ in owners.values()], np.int64)
        self._preferred = np.asarray([preferred for _, preferred in owners.values()], bool)
        self._automaton = AhoCorasick(list(owners))
        labels = [comparable(concept.label) for concept in self.concepts]
        self.lengths: Floats = np.asarray([len(label) for label in labels], np.float32)
        self.bigrams = LabelBigrams(labels)

    def __len__(self) -> int:
        return len(self.concepts)

    def match(self, texts: Texts) -> Hits:
        """The spellings in the texts: in titles all, in keywords those that are whole, else the longest."""
        found = self._automaton.find_matches_as_indexes(texts.joined, overlapping=True)
        table = np.asarray(found, np.int64).reshape(-1, 3)
        table = table[_whole_words(texts.codes, table[:, 1], table[:, 2])]
        table = table[np.lexsort((-table[:, 2], table[:, 1]))]
        number, start, end = table.T
        longest = np.ones(len(table), bool)
        longest[1:] = end[1:] > np.maximum.accumulate(end)[:-1]
        text = np.searchsorted(texts.starts, start, "right") - 1
        role = texts.roles[text]
        whole = (role != KEYWORD) | (end - start == texts.lengths[text])
        kept = (longest & whole) | (role == TITLE)
        number, start, end = number[kept], start[kept], end[kept]
        return Hits(text[kept], self._concept[number], start, end, longest[kept], self._preferred[number])


def _whole_words(codes: npt.NDArray[np.uint32], start: Integers, end: Integers) -> Flags:
    """Whether a match is not a piece of a longer Latin word or number: not the AED of `aedes`."""

    def kind(place: Integers) -> npt.NDArray[np.int8]:
        return _KINDS[np.minimum(codes[place], 128)]

    first, last = kind(start), kind(end - 1)
    cut = ((first > 0) & (first == kind(start - 1))) | ((last > 0) & (last == kind(end)))
    whole: Flags = ~cut
    return whole
