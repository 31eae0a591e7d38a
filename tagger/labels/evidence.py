"""Where in the text a label comes from.

A label whose words stand there is shown with them. A learned one is shown with the characters whose n-grams
add most to its score: the model is linear, so this is no approximation. An n-gram's part is divided among its
characters, and neighbours that are loud enough join.
"""

from typing import NamedTuple

import numpy as np

from tagger.features import Integers
from tagger.fields import FieldText
from tagger.labels.candidates import NESTED, Reading
from tagger.labels.linear import Doubles, cell_sums
from tagger.suggestion import Evidence

MOST_SPANS = 3
_FAINT = 0.3
"""A character below this share of the loudest one belongs to no span; a span below this share of the
strongest one is not shown."""


class _Spans(NamedTuple):
    """Stretches of text: for which label, its span in `Texts.joined`, and what it adds."""

    label: Integers
    start: Integers
    end: Integers
    added: Doubles


def label_spans(reading: Reading, chosen: Integers) -> list[list[Evidence]]:
    """At most `MOST_SPANS` spans for each label: where its words stand, then what the model heard.

    Args:
        reading: the batch.
        chosen: the labels, as positions in its candidates.
    """
    candidates, texts = reading.candidates, reading.texts
    cell = candidates.row[chosen] * reading.concepts + candidates.concept[chosen]
    words = _word_spans(reading, cell)
    # What the title names needs no more explaining.
    learned = np.flatnonzero(candidates.status[chosen] < NESTED)
    heard = _learned_spans(reading, cell[learned], candidates.row[chosen[learned]])
    label = np.concatenate((words.label, learned[heard.label]))
    start, end, added = (np.concatenate(columns) for columns in zip(words[1:], heard[1:], strict=True))
    text = np.searchsorted(texts.starts, start, "right") - 1
    first = texts.starts[text]
    spans: list[list[Evidence]] = [[] for _ in range(len(chosen))]
    columns = (label, text, start - first, end - first, added.round(4))
    for number, place, begin, stop, weight in zip(*(column.tolist() for column in columns), strict=True):
        found = spans[number]
        if len(found) < MOST_SPANS:
            span = _span(texts.fields[place], begin, stop, weight)
            if not (found and any(_overlap(span, other) for other in found)):
                found.append(span)
    return spans


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one["field"] == other["field"] and one["start"] < other["end"] and other["start"] < one["end"]


def _span(field: FieldText, start: int, end: int, weight: float) -> Evidence:
    """A span of a field's normalised text as a span of the original."""
    original = field.original
    start, end = field.normalised.original_span(start, end, original)
    return {"field": field.field, "start": start, "end": end, "text": original[start:end], "weight": weight}


def _word_spans(reading: Reading, cell: Integers) -> _Spans:
    """Where the words of each label stand: in the title first, then in the publisher, then elsewhere."""
    hits = reading.hits
    hit = reading.texts.rows[hits.text] * reading.concepts + hits.concept
    order = hit.argsort(kind="stable")
    first = np.searchsorted(hit[order], cell)
    sizes = np.minimum(np.searchsorted(hit[order], cell, "right") - first, MOST_SPANS)
    label = np.repeat(np.arange(len(cell)), sizes)
    at = order[np.arange(len(label)) + np.repeat(first - (sizes.cumsum() - sizes), sizes)]
    return _Spans(label, hits.start[at], hits.end[at], np.ones(len(at)))


def _learned_spans(reading: Reading, cell: Integers, row: Integers) -> _Spans:
    """The stretches of titles and publishers that add most to each label, loudest first."""
    grams, count = reading.grams, reading.texts.count
    bounds = np.searchsorted(grams.text, np.arange(2 * count + 1))
    # Each label has its own copy of the record's title and, behind it, of its publisher.
    titles, publishers = np.diff(bounds[: count + 1])[row], np.diff(bounds[count:])[row]
    base = np.concatenate(([0], (titles + publishers).cumsum()))
    shares = _character_shares(reading, cell, row, base, bounds)
    # The marks of begin and end are nothing to show; they also keep the copies apart.
    in_title, in_publisher = base[:-1], base[:-1] + titles
    for edge in (in_title, in_publisher - 1, in_publisher, base[1:] - 1):
        shares[edge] = 0
    loudest = np.maximum.reduceat(shares, base[:-1]) if len(row) else np.zeros(0)
    least = np.where(loudest > 0, loudest * _FAINT, np.inf)
    loud = shares > np.repeat(least, np.diff(base))
    edges = np.flatnonzero(loud[1:] != loud[:-1]) + 1
    start, end = edges[::2], edges[1::2]
    added = np.add.reduceat(np.append(shares, 0.0), edges)[::2] if len(edges) else np.zeros(0)
    label = np.searchsorted(base, start, "right") - 1
    shift = np.where(
        start < in_publisher[label],
        bounds[row[label]] - in_title[label],
        bounds[count + row[label]] - in_publisher[label],
    )
    order = np.lexsort((-added, label))
    strongest = added[order][np.searchsorted(label[order], label[order])]
    order = order[added[order] >= _FAINT * strongest]
    return _Spans(
        label[order], grams.place[(start + shift)[order]], grams.place[(end + shift)[order]], added[order]
    )


def _character_shares(
    reading: Reading, cell: Integers, row: Integers, base: Integers, bounds: Integers
) -> Doubles:
    """What each character of each label's copy of the texts adds to the mean of its two scores."""
    features, scores, count = reading.features, reading.scores, reading.texts.count
    wanted = np.zeros(len(scores.exact), np.int32)
    wanted[cell] = np.arange(1, len(cell) + 1)
    found = wanted[scores.cell]
    addend = np.flatnonzero(found > 0)
    label = found[addend].astype(np.int64) - 1
    occurrence = np.searchsorted(scores.ends, addend, "right")
    start = features.start[occurrence]
    size = features.end[occurrence] - start
    of_publisher = start >= bounds[count]
    record = row[label]
    place = base[label] + np.where(
        of_publisher,
        bounds[record + 1] - bounds[record] + start - bounds[count + record],
        start - bounds[record],
    )
    step = np.arange(int(size.sum())) - np.repeat(size.cumsum() - size, size)
    added = (scores.to_exact[addend] + scores.to_alike[addend]) / 2
    share = np.repeat(added / size, size)
    return cell_sums(np.repeat(place, size) + step, share, int(base[-1]))
