"""Terms of a title that the vocabulary lacks, by word segmentation and part of speech."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from tagger.nlp import Candidate, load_engine, new_terms, tokens
from tagger.normalise import normalise
from tagger.places import find_places
from tagger.suggestion import Evidence, NewTerm
from tagger.vocabulary import comparable

MOST_TERMS = 5
_TERMS_KEPT = 65_536


class TermFinder:
    """Finds new terms with one of the NLP engines.

    Args:
        spellings: every way to write the vocabulary's concepts; the engine keeps them whole.
        engine: the engine's name.
        data: its data directory, if it needs one.

    Raises:
        EngineError: the engine is unknown, or lacks a package or its data.
    """

    def __init__(self, spellings: Iterable[str], engine: str = "default", data: Path | None = None) -> None:
        terms = list(spellings)
        self._known = {comparable(term) for term in terms}
        self._engine = load_engine(engine, terms=terms, data_directory=data)

    def find(self, titles: Sequence[str]) -> list[list[NewTerm]]:
        """The new terms of each title, in the order in which they stand there."""
        words = tokens(self._engine, titles)
        found = new_terms(words, known=lambda term: comparable(term) in self._known, blocked=_is_place)
        return [
            [_new_term(title, candidate) for candidate in _apart(candidates)[:MOST_TERMS]]
            for title, candidates in zip(titles, found, strict=True)
        ]


def _apart(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without those that overlap an earlier one; a longer one comes before its parts."""
    apart: list[Candidate] = []
    for candidate in candidates:
        start, end = candidate.spans[0]
        if all(end <= first or last <= start for other in apart for first, last in other.spans):
            apart.append(candidate)
    return apart


# A catalogue says the same words again and again.
@lru_cache(_TERMS_KEPT)
def _is_place(term: str) -> bool:
    places = find_places(normalise(term).text)
    return bool(places) and places[0].end - places[0].start == len(term)


def _new_term(title: str, candidate: Candidate) -> NewTerm:
    return NewTerm(
        term=candidate.text,
        spans=[
            Evidence(field="title", start=start, end=end, text=title[start:end], weight=1.0)
            for start, end in candidate.spans
        ],
    )
