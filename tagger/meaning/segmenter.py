"""Cuts folded text into words, with the model's own dictionary.

The words of an index and of the queries that are put to it must be cut the same way for as long as the index
lives. So nothing depends on the dictionary that a release of jieba happens to carry: the segmenter starts
empty and knows the words of the model, the vocabulary's terms whole among them.
"""

import re
from collections.abc import Iterable, Iterator

import rjieba

_SURROGATES = re.compile("[\ud800-\udfff]")

Span = tuple[int, int]


class Segmenter:
    """jieba's most probable path through a dictionary of its own, without its guesses at unknown words (HMM).

    Safe to share between threads: cutting changes nothing.

    Args:
        words: folded words (`tagger.simplify.fold`) with how often each was seen, 1 or more. Single
            characters need not be among them.
    """

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self._jieba = empty_dictionary()
        for word, count in words:
            self._jieba.add_word(word, count, None)

    def cut(self, folded: str) -> list[str]:
        """The pieces of a folded text, blanks and punctuation too; joined they are the text again.

        A lone surrogate, which is no character, becomes U+FFFD.
        """
        try:
            pieces: list[str] = self._jieba.cut(folded, False)
        except UnicodeEncodeError:
            # A lone surrogate is no character, but JSON can hold one.
            return self.cut(_SURROGATES.sub("\ufffd", folded))
        if folded.isascii() or any(piece.isascii() for piece in pieces):
            return list(_whole_latin_words(pieces))
        return pieces

    def spans(self, folded: str) -> list[Span]:
        """Where the words of a folded text stand: start and end (exclusive), ascending, none overlapping.

        Every letter and digit is in one; pieces of blanks and punctuation alone are in none.
        """
        spans: list[Span] = []
        start = 0
        for piece in self.cut(folded):
            end = start + len(piece)
            if is_word(piece):
                spans.append((start, end))
            start = end
        return spans


def empty_dictionary() -> rjieba.Jieba:
    """A jieba that knows no words yet; the package's own dictionary is not read."""
    jieba: rjieba.Jieba = rjieba.Jieba.empty()  # type: ignore[no-untyped-call]
    return jieba


def is_word(piece: str) -> bool:
    """Whether a piece has a letter or a digit."""
    return piece.isalnum() or any(map(str.isalnum, piece))


def _whole_latin_words(pieces: Iterable[str]) -> Iterator[str]:
    """A term in Latin letters is none inside a longer word: not the ai of mail."""
    before = ""
    for piece in pieces:
        if before and _latin(before[-1]) and _latin(piece[0]):
            before += piece
            continue
        if before:
            yield before
        before = piece
    if before:
        yield before


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
