"""What the tagger answers.

Plain dictionaries with the wire's names: the same object is returned in process, written as JSON and stored,
so nothing is copied or renamed between the three.
"""

from typing import NotRequired

# pydantic describes these in the API; before Python 3.12 it needs this TypedDict.
from typing_extensions import TypedDict


class Evidence(TypedDict):
    """A stretch of the metadata that speaks for a category or a label.

    `start` and `end` count characters (code points) of the original text of `field`; end is exclusive.
    `weight` is what the stretch adds: for a category to its score before calibration, for a label 1.
    """

    field: str
    start: int
    end: int
    text: str
    weight: float


class CategorySuggestion(TypedDict):
    """A service category with the probability, 0 to 1, that a reviewer accepts it."""

    categoryCode: str
    name: str
    confidence: float


class LabelSuggestion(TypedDict):
    """A semantic label with the probability, 0 to 1, that a reviewer accepts it."""

    label: str
    score: float


class Mismatch(TypedDict):
    """Whether a reviewer would ask the publisher to correct the declared category.

    `confidence` is the probability, 0 to 1, that he would. The rest is there when `flagged` is true: `level`
    建議確認 or 建議修正, the `suggested` category, the `reason` with the words that speak for it, and a
    `proposal` for the publisher, both in 繁體中文.
    """

    flagged: bool
    declared: str
    confidence: float
    level: NotRequired[str]
    suggested: NotRequired[str]
    reason: NotRequired[str]
    proposal: NotRequired[str]


class CategoryEvidence(TypedDict):
    """The evidence for one category."""

    categoryCode: str
    spans: list[Evidence]


class LabelEvidence(TypedDict):
    """The evidence for one label."""

    label: str
    spans: list[Evidence]


class EvidenceSet(TypedDict):
    """The evidence for the best categories and for each label."""

    categories: list[CategoryEvidence]
    labels: list[LabelEvidence]


class Suggestion(TypedDict):
    """The answer for one dataset. `mismatch` is null where no category was declared."""

    identifier: str | None
    categories: list[CategorySuggestion]
    labels: list[LabelSuggestion]
    mismatch: Mismatch | None
    evidence: EvidenceSet
    modelVersion: str
