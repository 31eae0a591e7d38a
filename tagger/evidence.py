"""Which stretches of the text speak for a category.

The model is linear, so what an n-gram adds to a score is its value times its weight: the spans are not an
approximation. Each n-gram's share is spread over its characters; neighbouring characters that speak for the
category join into one span.
"""

from collections.abc import Sequence

import numpy as np

from tagger.features import Floats, Occurrences
from tagger.fields import FieldText
from tagger.suggestion import Evidence

MOST_SPANS = 5
_FAINT = 0.15
"""A character below this share of the strongest one belongs to no span."""


def category_spans(fields: Sequence[FieldText], found: Occurrences, added: Floats) -> list[Evidence]:
    """The spans that add most to a score, strongest first.

    Args:
        fields: the record's texts.
        found: the n-gram occurrences; `text` counts from the record's first text.
        added: what each occurrence adds to the score.
    """
    shares = [np.zeros(len(field.normalised.text)) for field in fields]
    share = added / found.size
    for step in range(3):
        reaches = np.flatnonzero(found.size > step)
        for text in np.unique(found.text[reaches]):
            mine = reaches[found.text[reaches] == text]
            np.add.at(shares[text], found.start[mine] + step, share[mine])
    strongest = max((float(row.max()) for row in shares if len(row)), default=0.0)
    if strongest <= 0:
        return []
    spans = [
        evidence
        for field, row in zip(fields, shares, strict=True)
        for evidence in _runs(field, row, strongest * _FAINT)
    ]
    return sorted(spans, key=lambda span: -span["weight"])[:MOST_SPANS]


def _runs(field: FieldText, shares: np.ndarray, least: float) -> list[Evidence]:
    loud = np.concatenate(([False], shares > least, [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    return [
        evidence(field, int(start), int(end), float(shares[start:end].sum()))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def evidence(field: FieldText, start: int, end: int, weight: float) -> Evidence:
    """A span of the normalised text as a span of the original."""
    first, last = field.normalised.original_span(start, end, field.original)
    return Evidence(
        field=field.field, start=first, end=last, text=field.original[first:last], weight=round(weight, 4)
    )
