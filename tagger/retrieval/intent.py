"""What a query asks for: its words with their synonyms, concepts and places, and what is near to the whole."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.meaning import Meaning
from tagger.normalise import normalise
from tagger.places import find_places, whole_place
from tagger.retrieval.lexemes import compact
from tagger.retrieval.syntax import ParsedQuery, Term
from tagger.retrieval.thesaurus import Thesaurus

# Words that ask rather than say what for.
_ASKING_WORDS = (
    *(
        "的",
        "了",
        "是",
        "在",
        "有",
        "和",
        "與",
        "及",
        "或",
        "跟",
        "我",
        "你",
        "您",
        "會",
        "被",
        "把",
        "去",
        "嗎",
        "呢",
        "吧",
    ),
    *(
        "想",
        "要",
        "想要",
        "想找",
        "找",
        "查",
        "查詢",
        "可以",
        "能",
        "能不能",
        "怎麼",
        "怎麼辦",
        "如何",
        "請問",
        "一下",
    ),
    *("哪裡", "哪裏", "哪兒", "哪", "哪些", "哪個", "什麼", "甚麼", "多少", "幾", "最近", "附近"),
    *("資料", "資料集", "資訊", "相關", "有關", "關於"),
    *("a", "an", "the", "of", "for", "in", "on", "data", "dataset"),
)
_ASKING = frozenset(map(compact, _ASKING_WORDS))
_NEAR_CONCEPTS = 24

Span = tuple[int, int]
"""Start and end, exclusive, in characters of a text."""


class Reading(NamedTuple):
    """One way to read a word of a query; everything folded and compact (`tagger.retrieval.lexemes`).

    Attributes:
        form: the word itself.
        synonyms: other spellings of the same concept.
        concepts: identifiers of the concept and of all narrower ones.
        place: the place that it names, by its name of today.
    """

    form: str
    synonyms: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    place: str | None = None


class Need(NamedTuple):
    """Something that a dataset must have.

    Attributes:
        readings: one of them is enough.
        weight: how much it says, 0 to 1.
    """

    readings: tuple[Reading, ...]
    weight: float


class Intent(NamedTuple):
    """What a query asks for.

    Attributes:
        text: the query's terms as one text.
        needs: all of these.
        unwanted: none of these.
        near: concepts near to the whole, identifier → nearness, 0 to 1; without those of `needs`.
        vector: the whole's meaning, shape (dimensions,).
        pieces: the words as they are written, each with its compact form.
    """

    text: str
    needs: tuple[Need, ...]
    unwanted: tuple[Reading, ...]
    near: Mapping[str, float]
    vector: npt.NDArray[np.int8]
    pieces: tuple[tuple[str, str], ...]


def understand(query: ParsedQuery, meaning: Meaning, thesaurus: Thesaurus) -> Intent:
    """Read a query with the vocabulary and the meaning of its words."""
    words = _Words(meaning, thesaurus)
    needs: list[Need] = []
    pieces: list[tuple[str, str]] = []
    for alternatives in query.wanted:
        if len(alternatives) > 1 or alternatives[0].quoted:
            needs.append(words.need(alternatives))
            continue
        term = alternatives[0]
        cut = words.cut(term.text)
        pieces += cut
        needs += [words.need((Term(written, quoted=False),)) for _, written in cut]
    # Of "哪裡 可以 租房子" only the last is looked for, unless nothing would be left.
    saying = [need for need in needs if need.readings[0].form not in _ASKING] or needs
    exact = {concept for need in saying for reading in need.readings for concept in reading.concepts}
    near = {
        found.identifier: found.nearness
        for found in meaning.concepts(query.text, _NEAR_CONCEPTS)
        if found.identifier not in exact and found.identifier in thesaurus
    }
    return Intent(
        query.text,
        tuple(_distinct(saying)),
        tuple(words.reading(term) for term in query.unwanted),
        near,
        meaning.vectors([query.text])[0],
        tuple(pieces),
    )


def _distinct(needs: list[Need]) -> list[Need]:
    return list({need.readings: need for need in needs}.values())


class _Words:
    """Reads words one by one."""

    def __init__(self, meaning: Meaning, thesaurus: Thesaurus) -> None:
        self._meaning = meaning
        self._thesaurus = thesaurus

    def cut(self, text: str) -> list[tuple[str, str]]:
        """The words of a text: compact forms, and as they are written; a place or a whole spelling is one."""
        if self._thesaurus.find(compact(text)):
            return [(compact(text), text)]
        places = _place_spans(text)
        words = [
            (start + at, end + at)
            for at, part in _between(text, places)
            for start, end in self._meaning.words(part)
        ]
        spans = _joined(text, sorted([*places, *words])) or [(0, len(text))]
        cut = [(compact(text[start:end]), text[start:end]) for start, end in spans]
        return [(form, written) for form, written in cut if form]

    def need(self, alternatives: tuple[Term, ...]) -> Need:
        """What one of several terms asks for."""
        readings = tuple(self.reading(term) for term in alternatives)
        return Need(readings, max(self._meaning.weight(reading.form) for reading in readings))

    def reading(self, term: Term) -> Reading:
        """What a term means. What is quoted means only itself."""
        form = compact(term.text)
        if term.quoted:
            return Reading(form)
        concept = self._thesaurus.find(form)
        synonyms: tuple[str, ...] = ()
        concepts: tuple[str, ...] = ()
        if concept:
            synonyms = tuple(other for other in self._thesaurus.forms(concept) if other != form)
            concepts = (concept, *self._thesaurus.narrower(concept))
        return Reading(form, synonyms, concepts, whole_place(term.text))


def _place_spans(text: str) -> list[Span]:
    """Where places stand in a text, none overlapping."""
    normalised = normalise(text)
    spans: list[Span] = []
    for place in find_places(normalised.text):
        span = normalised.original_span(place.start, place.end, text)
        if not spans or spans[-1][1] <= span[0]:
            spans.append(span)
    return spans


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Spans, with single characters that stand together as one: pieces of a word that nobody knows."""
    joined: list[Span] = []
    open_end = -1
    for start, end in spans:
        single = end - start == 1 and not text[start].isascii() and compact(text[start]) not in _ASKING
        if single and start == open_end:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
        open_end = end if single else -1
    return joined


def _between(text: str, spans: Sequence[Span]) -> Iterator[tuple[int, str]]:
    """What stands before, between and behind spans: where it begins, and the text."""
    at = 0
    for start, end in (*spans, (len(text), len(text))):
        if at < start:
            yield at, text[at:start]
        at = end
