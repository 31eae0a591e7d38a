"""What words mean the same, or nearly: the vocabulary as search uses it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from tagger.retrieval.lexemes import compact
from tagger.vocabulary import Concept

_LEAST_MENDED = 3
"""Characters; of shorter words every other one is a neighbour."""


class Thesaurus:
    """The concepts by their spellings. Safe to share between threads: nothing changes after it is made.

    Args:
        concepts: those in use.
        replaced: identifiers of concepts that were merged into another one, to that one's.
    """

    def __init__(self, concepts: Iterable[Concept], replaced: Mapping[str, str] | None = None) -> None:
        self._concepts = {concept.identifier: concept for concept in concepts}
        self._replaced = dict(replaced or {})
        self._owners: dict[str, str] = {}
        self._forms: dict[str, tuple[str, ...]] = {}
        for concept in self._concepts.values():
            forms = tuple(dict.fromkeys(filter(None, map(compact, concept.spellings))))
            self._forms[concept.identifier] = forms
            for form in forms:
                self._owners.setdefault(form, concept.identifier)
        self._narrower: dict[str, list[str]] = {}
        for concept in self._concepts.values():
            for wider in concept.broader:
                self._narrower.setdefault(wider, []).append(concept.identifier)
        for old, new in self._replaced.items():
            # What was labelled with a concept before it was merged is still labelled so.
            self._narrower.setdefault(new, []).append(old)
        self._written = {
            form: spelling
            for concept in self._concepts.values()
            for form, spelling in ((compact(spelling), spelling) for spelling in concept.spellings)
        }
        self._known = [form for form in self._owners if len(form) >= _LEAST_MENDED]

    def __contains__(self, identifier: str) -> bool:
        return self._current(identifier) in self._concepts

    def _current(self, identifier: str) -> str:
        return self._replaced.get(identifier, identifier)

    def find(self, form: str) -> str | None:
        """The concept that a compact form (`tagger.retrieval.lexemes.compact`) means, or None."""
        return self._owners.get(form)

    def label(self, identifier: str) -> str:
        """The preferred label of a concept. Raises KeyError where there is none."""
        return self._concepts[self._current(identifier)].label

    def concept(self, identifier: str) -> Concept:
        """A concept. Raises KeyError where there is none."""
        return self._concepts[self._current(identifier)]

    def forms(self, identifier: str) -> tuple[str, ...]:
        """The compact forms of a concept's spellings, the preferred one first."""
        return self._forms[self._current(identifier)]

    def narrower(self, identifier: str) -> tuple[str, ...]:
        """All concepts that are narrower than one or were merged into one, near or far, each once."""
        found: dict[str, None] = {}
        waiting = [identifier]
        while waiting:
            for concept in self._narrower.get(waiting.pop(), ()):
                if concept not in found and concept != identifier:
                    found[concept] = None
                    waiting.append(concept)
        return tuple(found)

    def near_spellings(self, form: str, most: int) -> list[tuple[str, float]]:
        """The concepts with a spelling like a compact form, with the likeness, 0 to 1, nearest first.

        Likeness is 1 less the share of characters to change (normalised Levenshtein distance).
        """
        found: dict[str, float] = {}
        near = process.extract(
            form, self._known, scorer=Levenshtein.normalized_similarity, limit=4 * most, score_cutoff=0.5
        )
        for spelling, likeness, _ in near:
            found.setdefault(self._owners[spelling], round(float(likeness), 4))
        return list(found.items())[:most]

    def mended(self, form: str) -> str | None:
        """The known spelling that a compact form is a slip of, as it is written, or None.

        One character wrong, missing or too many; of several such spellings the first in the vocabulary, which
        has the frequent ones first. Nothing where the form is a spelling itself.
        """
        if len(form) < _LEAST_MENDED or form in self._owners:
            return None
        found = process.extractOne(form, self._known, scorer=Levenshtein.distance, score_cutoff=1)
        return self._written[found[0]] if found else None

    def mended_text(self, pieces: Sequence[tuple[str, str]]) -> str | None:
        """A text with its slips mended, or None where nothing is.

        A slip parts a word into pieces, so up to three neighbouring pieces are tried together.

        Args:
            pieces: the words of the text: the compact form of each, and how it is written.
        """
        forms = [form for form, _ in pieces]
        for length in (3, 2, 1):
            for at in range(len(forms) - length + 1):
                mended = self.mended("".join(forms[at : at + length]))
                if mended:
                    written = [text for _, text in pieces]
                    return _spaced([*written[:at], mended, *written[at + length :]])
        return None


def _spaced(words: Sequence[str]) -> str:
    """Words joined as they are typed: a blank only between Latin ones."""
    joined = words[0]
    for before, word in pairwise(words):
        joined += f" {word}" if before[-1].isascii() and word[0].isascii() else word
    return joined
