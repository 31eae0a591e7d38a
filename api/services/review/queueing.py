"""Where a tagged dataset stands in the review queue."""

import hashlib
import math
from typing import Any, NamedTuple

from models.review.items import ItemRecord, Opinions, TermRecord
from models.review.tables import (
    CONFIDENT,
    CONFIRM,
    CONFLICT,
    CORRECT,
    DECIDED,
    MISMATCH,
    SECOND,
    UNCERTAIN,
)
from tagger.mismatch import CORRECT as TO_CORRECT
from tagger.retrieval.lexemes import compact
from tagger.title_pattern import title_pattern

SURE = 0.8
"""From this confidence on a suggestion is confident (高)."""
_LABELS = 0.5
"""What a wrong label costs beside a wrong category."""


class Tagged(NamedTuple):
    """A dataset with its suggestion.

    Attributes:
        title, publisher, declared_code: what the publisher says.
        suggestion: the tagger's whole answer.
        opinions: of reviewers, if any stands.
    """

    dataset_id: int
    title: str
    publisher: str | None
    declared_code: str | None
    suggestion: dict[str, Any]
    model_version_id: int
    opinions: Opinions | None


def review_item(tagged: Tagged) -> ItemRecord:
    """A dataset as the queue holds it."""
    first = tagged.suggestion["categories"][0]
    queue = _queue(tagged)
    spans = tagged.suggestion["facets"]["spans"]
    places = [
        (span["start"], span["end"])
        for span in spans
        if span["facet"] == "spatial" and span["field"] == "title"
    ]
    return ItemRecord(
        tagged.dataset_id,
        queue,
        _lot(tagged.dataset_id) if queue == CONFIDENT else expected_gain(tagged.suggestion),
        _level(tagged.suggestion),
        first["confidence"],
        tagged.declared_code,
        first["categoryCode"],
        tagged.publisher,
        tagged.model_version_id,
        title_pattern(tagged.title, places),
    )


def new_terms(tagged: Tagged) -> list[TermRecord]:
    """The terms of a dataset that the vocabulary lacked, each once."""
    found = {compact(item["term"]): item["term"] for item in tagged.suggestion["newTerms"]}
    return [
        TermRecord(tagged.dataset_id, form, term, tagged.publisher) for form, term in found.items() if form
    ]


def expected_gain(suggestion: dict[str, Any]) -> float:
    """How much a decision is expected to correct, 0 to 1.5.

    The probability that the category which holds without a decision is wrong, plus half the mean probability
    that a suggested label is.
    """
    mismatch = suggestion["mismatch"]
    wrong = mismatch["confidence"] if mismatch else 1 - suggestion["categories"][0]["confidence"]
    labels = suggestion["labels"]
    doubt = sum(1 - label["score"] for label in labels) / len(labels) if labels else 1.0
    gain: float = round(wrong + _LABELS * doubt, 6)
    return gain if math.isfinite(gain) else 0.0


def _queue(tagged: Tagged) -> str:
    opinions = tagged.opinions
    if opinions is not None:
        if opinions.second is None:
            return SECOND if opinions.first.second_wanted else DECIDED
        return CONFLICT if opinions.differ else DECIDED
    mismatch = tagged.suggestion["mismatch"]
    if mismatch and mismatch["flagged"]:
        return MISMATCH
    return UNCERTAIN if tagged.suggestion["categories"][0]["confidence"] < SURE else CONFIDENT


def _level(suggestion: dict[str, Any]) -> str | None:
    mismatch = suggestion["mismatch"]
    if not mismatch or not mismatch["flagged"]:
        return None
    return CORRECT if mismatch["level"] == TO_CORRECT else CONFIRM


def _lot(dataset_id: int) -> float:
    """A number in [0, 1) that says nothing of the dataset: the random check takes the largest first."""
    digest = hashlib.blake2b(dataset_id.to_bytes(8, "big"), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48
