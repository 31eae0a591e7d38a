"""What a correction note says, and when there is none."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import orjson

from models.deciding import Standing
from models.decision import REJECT
from models.review.items import Opinions
from tagger.categories import category_names
from tagger.mismatch import CORRECT
from tagger.suggestion import Evidence, Suggestion

AROUND = 16
"""Characters that are quoted before and after what speaks for a category."""
_LONGEST_MARK = 60
_NEAR, _MARKED = 1, 2
_Mark = tuple[int, int]

FITS = "現行分類無疑義。"
KEPT = "現行分類無疑義：審核者已決定維持原分類。"
CORRECTED = "現行分類無疑義：已依審核結果修正。"
UNDECLARED = "未填服務分類，沒有可修正的現行分類。"
UNTAGGED = "尚未標註，還沒有建議。"
REFUSED = "審核者已退回建議，且尚未選定分類。"
DISPUTED = "審核者的意見不同，尚未決定。"
"""Why there is no note."""


class NoNote(NamedTuple):
    """That a dataset has no note, and why: one of the sentences of this module."""

    reason: str


class Piece(NamedTuple):
    """A stretch of a quotation; `marked` is what speaks for the suggested category."""

    text: str
    marked: bool


class Quote(NamedTuple):
    """A quotation from the metadata.

    Attributes:
        field: the standard's name, of a keyword with its position.
        marks: what is marked: start and end (exclusive) in characters of the field's text, and the words.
        pieces: the quotation, `…` where something is left out.
    """

    field: str
    marks: tuple[tuple[int, int, str], ...]
    pieces: tuple[Piece, ...]


class Comparable(NamedTuple):
    """A dataset of the suggested category that is like the one at hand.

    Attributes:
        reviewed: whether reviewers approved the category; else its publisher declared it and nobody has
            looked at it yet.
    """

    identifier: str
    title: str
    publisher: str | None
    reviewed: bool


class Proposal(NamedTuple):
    """The category that is proposed in place of the declared one.

    Attributes:
        level: `tagger.mismatch.CORRECT` or `CONFIRM`.
        reviewed: whether reviewers approved it.
        confidence: the model's probability, 0 to 1, that the declared one needs correcting; None where it
            proposes another one or none.
    """

    declared: str
    suggested: str
    level: str
    reviewed: bool
    confidence: float | None
    reason: str


class CorrectionNote(NamedTuple):
    """One note.

    Attributes:
        identifier: None for metadata that was given without.
        publisher: the publisher, else the organization.
        quotes: strongest first; none where the model does not speak for the proposed category.
        comparables: at most three, those that were reviewed first.
        model_version: of the model that tagged the dataset; None where none has.
        agency: the publisher alone, by which notes are listed.
    """

    identifier: str | None
    title: str
    publisher: str | None
    proposal: Proposal
    quotes: tuple[Quote, ...]
    comparables: tuple[Comparable, ...]
    model_version: str | None
    agency: str | None = None

    @property
    def number(self) -> str:
        """Names what the note proposes, for whom and why: ten hexadecimal digits, whenever it is printed."""
        proposal = self.proposal._replace(confidence=None)
        said = [self.identifier, self.title, self.publisher, proposal, self.quotes, self.model_version]
        digest = hashlib.sha256(orjson.dumps(said, default=list)).hexdigest().upper()
        return f"{digest[:5]}-{digest[5:10]}"


class AgencyNotes(NamedTuple):
    """The notes of one agency.

    Attributes:
        total: how many datasets need one; more than there are notes where the most are reached.
    """

    publisher: str
    notes: list[CorrectionNote]
    total: int


def proposed(
    declared: str | None,
    suggestion: Suggestion | None,
    standing: Standing,
    opinions: Opinions | None,
    reviewed: str | None = None,
) -> Proposal | NoNote:
    """What is proposed in place of a declared category, or why nothing is.

    What reviewers decided comes before what the model says, but for a declaration that they never saw.

    Args:
        declared: the category's code.
        suggestion: for the very metadata that declares it.
        standing, opinions: of the reviewers.
        reviewed: the category that was declared when they decided on the one that stands.
    """
    if declared is None:
        return NoNote(UNDECLARED)
    if opinions is not None and opinions.differ:
        return NoNote(DISPUTED)
    decided = standing.category_code
    if decided is not None and declared in (decided, reviewed):
        return _decided(declared, suggestion, decided, reviewed)
    if opinions is not None and opinions.first.kind == REJECT:
        return NoNote(REFUSED)
    if suggestion is None:
        return NoNote(UNTAGGED)
    return _suggested(suggestion) or NoNote(FITS)


def _suggested(suggestion: Suggestion) -> Proposal | None:
    mismatch = suggestion["mismatch"]
    if not mismatch or not mismatch["flagged"]:
        return None
    declared, suggested, level = mismatch["declared"], mismatch["suggested"], mismatch["level"]
    return Proposal(declared, suggested, level, False, mismatch["confidence"], mismatch["reason"])


def _decided(
    declared: str, suggestion: Suggestion | None, decided: str, reviewed: str | None
) -> Proposal | NoNote:
    if decided == declared:
        return NoNote(KEPT if declared == reviewed else CORRECTED)
    found = _suggested(suggestion) if suggestion else None
    if found is not None and found.suggested == decided:
        return found._replace(level=CORRECT, reviewed=True)
    names = category_names()
    reason = f"所填服務分類為「{names[declared]}」，經人員審核，較符合「{names[decided]}」。"
    return Proposal(declared, decided, CORRECT, True, None, reason)


def quotes(metadata: Mapping[str, Any], suggestion: Suggestion | None, code: str) -> tuple[Quote, ...]:
    """What of the metadata speaks for a category, a field a quotation, that with the strongest span first.

    Spans of n-grams begin and end within words (職業災), so each is widened by the terms of the labels that it
    touches (職業災害). A single character that touches none says nothing to a reader and is left out.

    Args:
        metadata: under the standard's names.
        suggestion: for this very metadata.
        code: the category.
    """
    if suggestion is None:
        return ()
    evidence = suggestion["evidence"]
    terms = [span for label in evidence["labels"] for span in label["spans"]]
    found: dict[str, list[_Mark]] = {}
    for category in evidence["categories"]:
        for span in category["spans"] if category["categoryCode"] == code else ():
            start, end = _widened(span, terms)
            if end - start > 1:
                found.setdefault(span["field"], []).append((start, end))
    return tuple(_quote(field, _text(metadata, field), marks) for field, marks in found.items())


def _widened(span: Evidence, terms: Iterable[Evidence]) -> _Mark:
    start, end = span["start"], span["end"]
    touching = [
        term
        for term in terms
        if term["field"] == span["field"] and term["start"] < end and start < term["end"]
    ]
    return (
        min([start, *(term["start"] for term in touching)]),
        max([end, *(term["end"] for term in touching)]),
    )


def _text(metadata: Mapping[str, Any], field: str) -> str:
    """The text that evidence calls by this name."""
    name, _, position = field.partition("/")
    value = metadata.get(name) or ""
    return str(value[int(position)]) if position else str(value)


def _quote(field: str, text: str, marks: Iterable[_Mark]) -> Quote:
    merged: list[_Mark] = []
    for start, end in sorted(marks):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    marked = [(start, min(end, start + _LONGEST_MARK, len(text))) for start, end in merged]
    words = tuple((start, end, text[start:end]) for start, end in marked)
    return Quote(field, words, tuple(_pieces(text, marked)))


def _pieces(text: str, marked: Iterable[_Mark]) -> Iterator[Piece]:
    """A text cut where marks begin and end, without what is far from them."""
    kinds = bytearray(len(text))
    for start, end in marked:
        for place in range(max(start - AROUND, 0), min(end + AROUND, len(text))):
            kinds[place] = max(kinds[place], _NEAR)
        kinds[start:end] = bytes([_MARKED]) * len(kinds[start:end])
    position = 0
    for kind, run in groupby(kinds):
        end = position + sum(1 for _ in run)
        yield Piece(text[position:end] if kind else "…", kind == _MARKED)
        position = end
