"""Words that datasets use and the vocabulary lacks: what an editor could add to it.

The method is a part-of-speech filter over noun phrases (Justeson and Katz 1995, Technical terminology: some
linguistic properties and an algorithm for identification in text). Their frequency threshold is left to
whoever counts candidates over many records.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from spacy.tokens import Doc

from tagger.normalise import normalise

SHORTEST, LONGEST = 2, 8
"""Length of a candidate, in normalised characters."""
MOST_NOUNS = 3
"""The longest row of nouns that is one term."""

_WORDS_KEPT = 65_536
_WORDS = resources.files("tagger") / "resources" / "term-words.json"
_NOUNS = frozenset({"NOUN", "PROPN"})
_MODIFIERS = frozenset({"VERB", "ADJ"})


class Candidate(NamedTuple):
    """A term that the vocabulary may lack.

    Attributes:
        text: the term, normalised (`tagger.normalise`).
        spans: where it stands in Doc.text: start and end (exclusive) in characters, ascending.
    """

    text: str
    spans: tuple[tuple[int, int], ...]


class Token(NamedTuple):
    """A word of a text.

    Attributes:
        text: as it stands there.
        start: its first character.
        upos: its universal part of speech.
    """

    text: str
    start: int
    upos: str


def tokens_of(doc: Doc) -> list[Token]:
    """The words of a Doc."""
    return [Token(token.text, token.idx, token.pos_) for token in doc]


def new_terms(
    texts: Iterable[Iterable[Token]],
    known: Callable[[str], bool],
    blocked: Callable[[str], bool] = lambda _: False,
) -> list[list[Candidate]]:
    """The candidate terms of each text, in the order in which they first stand there, longer ones first.

    A candidate has `SHORTEST` to `LONGEST` characters with nothing between its words, and is one of: a
    noun; a row of at most `MOST_NOUNS` nouns; a noun with one verb or adjective before or after it, of two
    or more characters (公司登記: engines call verbs much of what titles use as nouns); a word in Latin
    letters. Years and numbers, blocked words, empty words (資料, 統計表) and names of agencies are in no
    candidate.

    Args:
        texts: the words of each, ascending, from any engine of `tagger.nlp`.
        known: whether the vocabulary has a normalised term.
        blocked: whether a normalised term must not be one, such as the name of a place or a person; asked
            for each word and for each candidate.
    """
    return [_of_text(tokens, known, blocked) for tokens in texts]


def _of_text(
    tokens: Iterable[Token], known: Callable[[str], bool], blocked: Callable[[str], bool]
) -> list[Candidate]:
    spans: dict[str, list[tuple[int, int]]] = {}
    for run in _runs(tokens, blocked):
        for words in _phrases(run):
            text = "".join(word.text for word in words)
            if SHORTEST <= len(text) <= LONGEST and not (_unfit(text) or known(text) or blocked(text)):
                spans.setdefault(text, []).append((words[0].start, words[-1].end))
    return [Candidate(text, tuple(places)) for text, places in spans.items()]


class _Word(NamedTuple):
    text: str
    start: int
    end: int
    kind: str


def _runs(tokens: Iterable[Token], blocked: Callable[[str], bool]) -> Iterator[list[_Word]]:
    """The longest rows of usable words with nothing between them; a Latin one is a row of its own."""
    run: list[_Word] = []
    for token in tokens:
        usable = _usable(token.text, token.upos)
        if usable is None or blocked(usable[0]):
            word = None
        else:
            word = _Word(usable[0], token.start, token.start + len(token.text), usable[1])
        if run and (word is None or "latin" in (word.kind, run[-1].kind) or run[-1].end != word.start):
            yield run
            run = []
        if word is not None:
            run.append(word)
    if run:
        yield run


# A catalogue says the same words again and again.
@lru_cache(_WORDS_KEPT)
def _usable(written: str, upos: str) -> tuple[str, str] | None:
    """A word normalised and what it is to a term, or None where it can be in none."""
    text = normalise(written).text.strip()
    kind = _kind(upos, text)
    if kind is None or not text or any(map(str.isdigit, text)) or _unfit(text):
        return None
    return text, kind


def _kind(upos: str, text: str) -> str | None:
    if upos in _NOUNS:
        return "noun"
    if upos in _MODIFIERS and len(text) > 1:
        return "modifier"
    return "latin" if upos == "X" and text.isascii() and text.isalpha() else None


def _phrases(run: Sequence[_Word]) -> Iterator[Sequence[_Word]]:
    """The parts of a run that have the form of a term: by where they begin, longest first."""
    for first in range(len(run)):
        for size in range(min(MOST_NOUNS, len(run) - first), 0, -1):
            words = run[first : first + size]
            modifiers = sum(word.kind == "modifier" for word in words)
            if (modifiers == 0 or (modifiers == 1 and size == 2)) and not _general(words):
                yield words


class _Lists(NamedTuple):
    empty: frozenset[str]
    general: frozenset[str]
    agency_endings: tuple[str, ...]
    other_endings: tuple[str, ...]


@cache
def _lists() -> _Lists:
    """The word lists that are shipped; they are normalised."""
    lists = json.loads(_WORDS.read_text(encoding="utf-8"))
    return _Lists(
        frozenset(lists["empty"]),
        frozenset(lists["general"]),
        tuple(lists["agencyEndings"]),
        tuple(lists["otherEndings"]),
    )


def _general(words: Sequence[_Word]) -> bool:
    return all(word.text in _lists().general for word in words)


def _unfit(text: str) -> bool:
    """Whether a word is empty or names an agency."""
    lists = _lists()
    if text in lists.empty:
        return True
    return (
        len(text) > SHORTEST
        and text.endswith(lists.agency_endings)
        and not text.endswith(lists.other_endings)
    )
