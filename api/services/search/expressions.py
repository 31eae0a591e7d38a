"""What a query asks for, as expressions over the lexemes of the index."""

from collections.abc import Iterable, Iterator, Sequence

from models.search import AllOf, AnyOf, Expression, Match
from models.search.document import title_lexeme
from tagger.retrieval.intent import Intent, Need, Reading
from tagger.retrieval.lexemes import TEXT, TITLE, compact, concept_lexeme, needed_grams, place_lexeme

_LEAST_NEARNESS = 0.15
_MOST_DROPPED_FROM, _MOST_FOR_NEARNESS = 4, 6
"""Of a query of more words no word is left out, and nothing that is only near is shown: so long a query names
something in particular."""


def the_title(intent: Intent) -> Match:
    """The query is the whole title."""
    return _match(intent, [title_lexeme(compact(intent.text))])


def in_titles(intent: Intent) -> Match:
    """Every need is met by the title, a label or a place."""
    return _match(intent, [_need(need, (TITLE,)) for need in intent.needs])


def anywhere(intent: Intent) -> Match:
    """Every need is met by something."""
    return _match(intent, [_need(need, (TITLE, TEXT)) for need in intent.needs])


def in_part(intent: Intent) -> Match | None:
    """All needs but one are met; None where that asks for nothing new.

    A place is never left out, nor what alone says more than the place.
    """
    needs = intent.needs
    if not 2 <= len(needs) <= _MOST_DROPPED_FROM:
        return None
    ways = [
        _all([_need(need, (TITLE,)) for need in kept])
        for dropped in range(len(needs))
        if not _is_place(needs[dropped])
        and not all(map(_is_place, kept := needs[:dropped] + needs[dropped + 1 :]))
    ]
    return _match(intent, [_any(ways)]) if ways else None


def near(intent: Intent, share: float) -> Match | None:
    """Places are met, and the labels are near to the whole; None where nothing is near.

    Args:
        share: of the nearest concept's nearness, from which a concept counts. Nearness to a text without a
            word of the vocabulary is small throughout.
    """
    if len(intent.needs) > _MOST_FOR_NEARNESS:
        return None
    least = max(_LEAST_NEARNESS, share * max(intent.near.values(), default=0.0))
    concepts = [concept for concept, nearness in intent.near.items() if nearness >= least]
    concepts += [
        concept for need in intent.needs for reading in need.readings for concept in reading.concepts
    ]
    if not concepts:
        return None
    places = [_need(need, (TITLE,)) for need in intent.needs if _is_place(need)]
    return _match(intent, [AnyOf(tuple(map(concept_lexeme, concepts))), *places])


def _is_place(need: Need) -> bool:
    return any(reading.place for reading in need.readings)


def _match(intent: Intent, parts: Sequence[Expression]) -> Match:
    unwanted = tuple(_reading(reading, (TITLE, TEXT)) for reading in intent.unwanted)
    return Match(_all(parts), unwanted)


def _need(need: Need, fields: Iterable[str]) -> Expression:
    return _any(_reading(reading, fields) for reading in need.readings)


def _reading(reading: Reading, fields: Iterable[str]) -> Expression:
    return _any(_ways(reading, tuple(fields)))


def _ways(reading: Reading, fields: Sequence[str]) -> Iterator[Expression]:
    for form in (reading.form, *reading.synonyms):
        grams = needed_grams(form)
        for field in fields:
            yield _all([field + gram for gram in grams])
    for concept in reading.concepts:
        yield concept_lexeme(concept)
    if reading.place:
        yield place_lexeme(reading.place)


def _all(parts: Sequence[Expression]) -> Expression:
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _any(parts: Iterable[Expression]) -> Expression:
    found = tuple(dict.fromkeys(parts))
    return found[0] if len(found) == 1 else AnyOf(found)
