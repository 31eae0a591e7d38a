"""Which stretches of the text speak for a category.

The model is linear, so what an n-gram adds to a score is its value times its weight: the spans are not an
approximation. Each n-gram's share is spread over its characters; neighbouring characters that speak for the
category join into one span.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tagger.features import Floats, original_span
from tagger.fields import FieldText
from tagger.suggestion import Evidence

MOST_SPANS = 5
_FAINT = 0.15
"""A character below this share of the strongest one belongs to no span."""


def category_spans(shares: Sequence[tuple[FieldText, Floats]]) -> list[Evidence]:
    """The spans that add most to a category's score, strongest first.

    Args:
        shares: the fields of one record, each with what the characters of its masked text add.
    """
    least = _FAINT * max((float(row.max()) for _, row in shares if len(row)), default=0.0)
    if least <= 0:
        return []
    runs = [
        (float(row[start:end].sum()), field, start, end)
        for field, row in shares
        for start, end in _runs(row > least)
    ]
    strongest = sorted(runs, key=lambda run: -run[0])[:MOST_SPANS]
    return [_span(field, start, end, weight) for weight, field, start, end in strongest]


def _runs(loud: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    # What np.diff would find, in a tenth of its time for rows as short as these.
    framed = np.zeros(len(loud) + 2, bool)
    framed[1:-1] = loud
    edges = np.flatnonzero(framed[1:] != framed[:-1])
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _span(field: FieldText, start: int, end: int, weight: float) -> Evidence:
    first, last = original_span(field.normalised, field.original, start, end)
    return Evidence(
        field=field.field, start=first, end=last, text=field.original[first:last], weight=round(weight, 4)
    )
