"""What a text says of a theme and of datasets: its sentences, and the words in them that speak of something."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

from tagger.meaning import Meaning
from tagger.normalise import normalise
from tagger.places import find_places
from tagger.retrieval.lexemes import compact
from tagger.retrieval.marks import Span, marks

_SENTENCE = re.compile(r"[^。！？!?；;\n\r]+[。！？!?；;」』”]*")
_LEAST_SAYING = 0.35
"""Weight of a word from which it says what a title is about."""
_SPOKEN = 0.5
"""A text speaks of a dataset where it has so large a share of what the words of its title say."""
_ALIKE = 60.0
"""Likeness of two titles, 0 to 100, from which one may be meant by the other."""


class Mention(NamedTuple):
    """Where a text speaks of something.

    Attributes:
        start, end: characters (code points) of the text, the end exclusive.
        name: what is spoken of, as the caller named it.
    """

    start: int
    end: int
    name: str


def sentences(text: str) -> list[Span]:
    """Where the sentences of a text stand; blanks around them are in none."""
    found: list[Span] = []
    for match in _SENTENCE.finditer(text):
        said = match.group()
        start = match.start() + len(said) - len(said.lstrip())
        end = match.end() - (len(said) - len(said.rstrip()))
        if any(map(str.isalnum, said)):
            found.append((start, end))
    return found


def mentions(text: str, forms: Mapping[str, str]) -> list[Mention]:
    """Where compact forms stand in a text; of overlapping ones the longest holds.

    Args:
        text: as it was written.
        forms: compact form (`tagger.retrieval.lexemes.compact`) → what it speaks of.
    """
    longest = sorted(forms, key=lambda form: (-len(form), form))
    return [
        Mention(start, end, forms[compact(text[start:end])])
        for start, end in marks(text, longest)
        if compact(text[start:end]) in forms
    ]


def title_forms(title: str, meaning: Meaning) -> dict[str, float]:
    """The words that say what a title is about, compact, with their weights: no years, places and 統計."""
    found: dict[str, float] = {}
    places = [(place.start, place.end) for place in find_places(normalise(title).text)]
    named = {compact(normalise(title).text[start:end]) for start, end in places}
    for start, end in meaning.words(title):
        form = compact(title[start:end])
        weight = meaning.weight(form)
        if len(form) > 1 and not form.isdigit() and form not in named and weight >= _LEAST_SAYING:
            found[form] = weight
    return found


def spoken_words(text: str, title: str, meaning: Meaning) -> list[str]:
    """The words by which a text speaks of a dataset: its whole title, or words that say most of it; else none.

    Returns:
        Compact forms.
    """
    said = compact(text)
    whole = compact(title)
    if whole and whole in said:
        return [whole]
    forms = title_forms(title, meaning)
    there = [form for form in forms if form in said]
    if forms and sum(forms[form] for form in there) >= _SPOKEN * sum(forms.values()):
        return there
    return []


def alike(name: str, titles: Sequence[str], most: int) -> list[int]:
    """Which titles may be meant by a name that none of them is: positions, the likest first."""
    forms = [compact(title) for title in titles]
    found = process.extract(compact(name), forms, scorer=fuzz.WRatio, limit=most, score_cutoff=_ALIKE)
    return [position for _, _, position in found]


def within(span: Span, found: Sequence[Mention]) -> Iterator[Mention]:
    """The mentions that begin in a span."""
    return (mention for mention in found if span[0] <= mention.start < span[1])
