"""What two models say of the same datasets, counted.

Everything is a whole number and parts are put together in the order of the datasets, so that the same catalogue
gives the same findings however many processes worked on it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tagger import Suggestion

OTHERS = "（其餘）"
"""Stands for the names that are too many to count one by one."""
UNIT = 10_000
"""Confidences are counted in ten-thousandths, which is what the tagger rounds them to."""
_MOST_NAMES = 20_000
_MOST_FAILURES = 1_000


class Seen(NamedTuple):
    """What of a suggestion is compared.

    Attributes:
        code: the first category.
        confidence: in it, in ten-thousandths.
        flagged: whether the declared category is questioned.
        labels: concept → label; one without concept goes by its label.
        version: of the model that made it.
    """

    code: str
    confidence: int
    flagged: bool
    labels: dict[str, str]
    version: str


class Example(NamedTuple):
    """A dataset of which the models suggest different categories; confidences are 0 to 1.

    `declared` is the category that the publisher chose, `decided` the one that reviewers did.
    """

    identifier: str
    title: str
    publisher: str | None
    declared: str | None
    decided: str | None
    before: str
    before_confidence: float
    after: str
    after_confidence: float


class About(NamedTuple):
    """What is known of a dataset besides; `decided` is the category that stands by decisions, if any, and `sampled`
    whether that was decided in the random check."""

    identifier: str
    title: str
    publisher: str | None = None
    declared: str | None = None
    decided: str | None = None
    sampled: bool = False


@dataclass(slots=True)
class Agreement:
    """How often the models' first category is the one that reviewers decided for."""

    both: int = 0
    only_a: int = 0
    only_b: int = 0
    neither: int = 0

    @property
    def decided(self) -> int:
        """How many datasets are counted."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def a(self) -> int:
        """How often A agrees."""
        return self.both + self.only_a

    @property
    def b(self) -> int:
        """How often B agrees."""
        return self.both + self.only_b

    def count(self, a: bool, b: bool) -> None:
        """Count one dataset."""
        if a and b:
            self.both += 1
        elif a:
            self.only_a += 1
        elif b:
            self.only_b += 1
        else:
            self.neither += 1

    def add(self, other: "Agreement") -> None:
        """Add what was counted elsewhere."""
        self.both += other.both
        self.only_a += other.only_a
        self.only_b += other.only_b
        self.neither += other.neither


@dataclass(slots=True)
class Findings:
    """What comparing found; `compared + untagged + failed == datasets`.

    Attributes:
        most_examples: how many are kept for each pair of categories.
        datasets: how many were looked at.
        compared: how many both models have a suggestion for.
        untagged: how many the store has no suggestion for, where one was to come from there.
        failed: how many could not be read or tagged.
        failures: identifier and reason of these, the first thousand.
        pairs: first category of A and of B → how many, the unchanged too.
        agencies: publisher → how many were compared; "" where none is named.
        agencies_changed: publisher → of how many the first category changed.
        flagged_a, flagged_b: how many each model flags.
        gained, lost: how many only B flags, and only A.
        relabelled: how many have other labels; a label is the same where its concept or its words are.
        added, removed: label → how many have it with B only, and with A only.
        confidence_a, confidence_b: sums over all compared, in ten-thousandths.
        decided: agreement with reviewers; `sampled` the same of the random check alone.
        examples: the first datasets of each pair of different categories.
        versions_a, versions_b: model version → how many suggestions are of it.
    """

    most_examples: int = 3
    datasets: int = 0
    compared: int = 0
    untagged: int = 0
    failed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    agencies: Counter[str] = field(default_factory=Counter)
    agencies_changed: Counter[str] = field(default_factory=Counter)
    flagged_a: int = 0
    flagged_b: int = 0
    gained: int = 0
    lost: int = 0
    relabelled: int = 0
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    confidence_a: int = 0
    confidence_b: int = 0
    decided: Agreement = field(default_factory=Agreement)
    sampled: Agreement = field(default_factory=Agreement)
    examples: dict[tuple[str, str], list[Example]] = field(default_factory=dict)
    versions_a: Counter[str] = field(default_factory=Counter)
    versions_b: Counter[str] = field(default_factory=Counter)

    @property
    def changed(self) -> int:
        """Of how many the first category differs."""
        return sum(count for (before, after), count in self.pairs.items() if before != after)

    def fail(self, identifier: str, reason: str) -> None:
        """Count a dataset that cannot be compared."""
        self.datasets += 1
        self.failed += 1
        self._name_failures([(identifier, reason)])

    def leave_out(self) -> None:
        """Count a dataset that the store has no suggestion for."""
        self.datasets += 1
        self.untagged += 1

    def compare(self, about: About, a: Seen, b: Seen) -> None:
        """Count a dataset that both models have a suggestion for."""
        self.datasets += 1
        self.compared += 1
        self.pairs[a.code, b.code] += 1
        self.agencies[about.publisher or ""] += 1
        self.flagged_a += a.flagged
        self.flagged_b += b.flagged
        self.gained += b.flagged and not a.flagged
        self.lost += a.flagged and not b.flagged
        self.confidence_a += a.confidence
        self.confidence_b += b.confidence
        self.versions_a[a.version] += 1
        self.versions_b[b.version] += 1
        self._compare_labels(a.labels, b.labels)
        if about.decided is not None:
            self._compare_with_decision(about, a.code == about.decided, b.code == about.decided)
        if a.code != b.code:
            self.agencies_changed[about.publisher or ""] += 1
            self._keep_examples((a.code, b.code), [_example(about, a, b)])

    def add(self, other: "Findings") -> None:
        """Add what was found in the datasets that come after these."""
        for name in (
            "datasets",
            "compared",
            "untagged",
            "failed",
            "flagged_a",
            "flagged_b",
            "gained",
            "lost",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("relabelled", "confidence_a", "confidence_b"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.pairs.update(other.pairs)
        for name in ("added", "removed", "versions_a", "versions_b"):
            _add_named(getattr(self, name), getattr(other, name))
        self._add_agencies(other)
        self.decided.add(other.decided)
        self.sampled.add(other.sampled)
        self._name_failures(other.failures)
        for pair, examples in other.examples.items():
            self._keep_examples(pair, examples)

    def _add_agencies(self, other: "Findings") -> None:
        for name, count in other.agencies.items():
            kept = _kept(self.agencies, name)
            self.agencies[kept] += count
            if other.agencies_changed[name]:
                self.agencies_changed[kept] += other.agencies_changed[name]

    def _compare_labels(self, a: dict[str, str], b: dict[str, str]) -> None:
        added, removed = _without(b, a), _without(a, b)
        self.relabelled += bool(added or removed)
        self.added.update(added)
        self.removed.update(removed)

    def _compare_with_decision(self, about: About, a: bool, b: bool) -> None:
        self.decided.count(a, b)
        if about.sampled:
            self.sampled.count(a, b)

    def _name_failures(self, failures: Iterable[tuple[str, str]]) -> None:
        self.failures = [*self.failures, *failures][:_MOST_FAILURES]

    def _keep_examples(self, pair: tuple[str, str], examples: list[Example]) -> None:
        kept = [*self.examples.get(pair, ()), *examples][: self.most_examples]
        if kept:
            self.examples[pair] = kept


def seen(suggestion: Suggestion) -> Seen:
    """What of a suggestion is compared.

    Raises:
        KeyError, IndexError, TypeError: it is none.
    """
    first = suggestion["categories"][0]
    mismatch = suggestion["mismatch"]
    return Seen(
        first["categoryCode"],
        round(first["confidence"] * UNIT),
        bool(mismatch and mismatch["flagged"]),
        {label.get("concept") or label["label"]: label["label"] for label in suggestion["labels"]},
        suggestion["modelVersion"],
    )


def _without(mine: dict[str, str], other: dict[str, str]) -> list[str]:
    """The labels that the other side lacks. A concept renamed, or a label whose concept was made anew, is the same."""
    words = set(other.values())
    return [label for concept, label in mine.items() if concept not in other and label not in words]


def _example(about: About, a: Seen, b: Seen) -> Example:
    return Example(
        about.identifier,
        about.title,
        about.publisher,
        about.declared,
        about.decided,
        a.code,
        a.confidence / UNIT,
        b.code,
        b.confidence / UNIT,
    )


def _add_named(mine: Counter[str], other: Counter[str]) -> None:
    for name, count in other.items():
        mine[_kept(mine, name)] += count


def _kept(mine: Counter[str], name: str) -> str:
    """The name under which a count is kept: names without end must not take memory without end."""
    return name if name in mine or len(mine) < _MOST_NAMES else OTHERS
