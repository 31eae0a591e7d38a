"""What the tagger answers.

Plain dictionaries with the wire's names: the same object is returned in process, written as JSON and stored,
so nothing is copied or renamed between the three.
"""

from typing import Literal, NotRequired

# pydantic describes these in the API; before Python 3.12 it needs this TypedDict.
from typing_extensions import TypedDict

from tagger.lint import LintFinding


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
    """A semantic label with the probability, 0 to 1, that a reviewer accepts it; `concept` is its URI."""

    label: str
    score: float
    concept: str


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


class NewTerm(TypedDict):
    """A term of the title that the vocabulary lacks, where it stands: for an editor to consider."""

    term: str
    spans: list[Evidence]


class FacetSpan(TypedDict):
    """A stretch that names a place (`facet` is `spatial`) or a period (`temporalCoverage`), and its value."""

    facet: Literal["spatial", "temporalCoverage"]
    field: str
    start: int
    end: int
    value: str


class Facets(TypedDict):
    """Where and when, read from the text: names of counties and townships; ISO 8601 dates, null if open."""

    spatial: list[str]
    temporalCoverageFrom: str | None
    temporalCoverageTo: str | None
    spans: list[FacetSpan]


class Suggestion(TypedDict):
    """The answer for one dataset. `mismatch` is null where no category was declared."""

    identifier: str | None
    categories: list[CategorySuggestion]
    labels: list[LabelSuggestion]
    newTerms: list[NewTerm]
    mismatch: Mismatch | None
    facets: Facets
    lint: list[LintFinding]
    evidence: EvidenceSet
    modelVersion: str
