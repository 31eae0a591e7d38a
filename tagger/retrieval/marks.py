"""Where a query's words stand in a text, so that people see why a result is there."""

from collections.abc import Iterable

from tagger.retrieval.intent import Intent
from tagger.simplify import fold

Span = tuple[int, int]


def intent_forms(intent: Intent) -> list[str]:
    """The compact forms that a query's results are marked by, longest first."""
    forms = {
        form
        for need in intent.needs
        for reading in need.readings
        for form in (reading.form, *reading.synonyms)
    }
    return sorted(forms, key=len, reverse=True)


def marks(text: str, forms: Iterable[str]) -> list[Span]:
    """Where compact forms stand in a text, blanks and punctuation within them allowed.

    Args:
        forms: longest first; where two overlap the first one holds.

    Returns:
        Start and end (exclusive) in characters of `text`, ascending, none overlapping.
    """
    letters, places = _letters(text)
    taken: list[Span] = []
    for form in forms:
        at = letters.find(form)
        while form and at >= 0:
            span = (places[at][0], places[at + len(form) - 1][1])
            if not any(start < span[1] and span[0] < end for start, end in taken):
                taken.append(span)
            at = letters.find(form, at + len(form))
    return sorted(taken)


def _letters(text: str) -> tuple[str, list[Span]]:
    """The compact form of a text, and where each of its characters comes from."""
    folded = fold(text)
    kept = [at for at, character in enumerate(folded.text) if character.isalnum()]
    letters = "".join(folded.text[at] for at in kept)
    return letters, [folded.original_span(at, at + 1, text) for at in kept]
