"""The words that caused a suggestion, marked in the text they stand in."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tagger import DatasetMetadata, Suggestion
from tagger.suggestion import Evidence

Span = tuple[int, int]
"""Start and end, exclusive, in characters (code points) of a text."""
_SHOWN_APART = {"identifier", "categoryCode"}


class Segment(NamedTuple):
    """A stretch of a text, marked or not."""

    text: str
    marked: bool


class Passage(NamedTuple):
    """A stretch of a field's text.

    Attributes:
        marked: whether it speaks for the suggested category or for a label.
        parts: the same stretch cut further; marked is what speaks for the category.
    """

    marked: bool
    parts: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The stretch as it was written."""
        return "".join(part.text for part in self.parts)


class MarkedField(NamedTuple):
    """A field of a record, to be read by people.

    Attributes:
        name: the standard's name.
        label: what the field is called in 繁體中文.
        texts: its text; a field that holds several, such as keyword, has one entry each.
    """

    name: str
    label: str
    texts: tuple[tuple[Passage, ...], ...]


def segments(text: str, spans: Iterable[Span]) -> list[Segment]:
    """Cut a text where spans begin and end; joined, the segments are the text again.

    Overlapping spans become one. What a span holds beyond the text is ignored.
    """
    cut: list[Segment] = []
    position = 0
    for start, end in _merged(spans, len(text)):
        if position < start:
            cut.append(Segment(text[position:start], marked=False))
        cut.append(Segment(text[start:end], marked=True))
        position = end
    if position < len(text):
        cut.append(Segment(text[position:], marked=False))
    return cut


def _merged(spans: Iterable[Span], length: int) -> list[Span]:
    inside = sorted((max(start, 0), min(end, length)) for start, end in spans)
    merged: list[Span] = []
    for start, end in inside:
        if start >= end:
            continue
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def passages(text: str, category: Iterable[Span], labels: Iterable[Span]) -> tuple[Passage, ...]:
    """Cut a text by what speaks for the category and what speaks for labels."""
    strong = list(category)
    return tuple(_passages(text, strong, [*strong, *labels]))


def _passages(text: str, strong: list[Span], spans: list[Span]) -> Iterator[Passage]:
    position = 0
    for segment in segments(text, spans):
        within = [(start - position, end - position) for start, end in strong]
        yield Passage(segment.marked, tuple(segments(segment.text, within)))
        position += len(segment.text)


def marked_fields(record: Mapping[str, Any], suggestion: Suggestion | None) -> list[MarkedField]:
    """The texts of a record, title first, with the suggestion's evidence marked.

    Without identifier and categoryCode, which are no prose and have a place of their own on the pages.

    Args:
        record: metadata under the standard's names.
        suggestion: what was suggested for this very record, if anything.
    """
    category, labels = _evidence(suggestion)
    fields: list[MarkedField] = []
    for attribute, known in DatasetMetadata.model_fields.items():
        name = known.alias or attribute
        texts = tuple(
            passages(text, category.get(place, ()), labels.get(place, ()))
            for place, text in _texts(name, record.get(name))
        )
        if texts and name not in _SHOWN_APART:
            fields.append(MarkedField(name, known.description or name, texts))
    return fields


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    """The texts in a field, each under the name that evidence gives it."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for position, item in enumerate(value):
            if isinstance(item, str):
                yield f"{name}/{position}", item


def _evidence(suggestion: Suggestion | None) -> tuple[dict[str, list[Span]], dict[str, list[Span]]]:
    if suggestion is None:
        return {}, {}
    best = suggestion["categories"][0]["categoryCode"]
    found = suggestion["evidence"]
    return (
        _by_field(
            span for item in found["categories"] if item["categoryCode"] == best for span in item["spans"]
        ),
        _by_field(span for item in found["labels"] for span in item["spans"]),
    )


def _by_field(evidence: Iterable[Evidence]) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {}
    for span in evidence:
        spans.setdefault(span["field"], []).append((span["start"], span["end"]))
    return spans
