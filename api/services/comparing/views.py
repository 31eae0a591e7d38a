"""What a comparison found in the order in which people read it: the same for terminal, JSON and workbook."""

from collections import Counter
from typing import Any, NamedTuple

from api.services.comparing.findings import UNIT, Agreement, Example, Findings
from api.services.comparing.running import Comparison
from tagger.categories import category_names

NO_PUBLISHER = "（未填提供機關）"


class PairView(NamedTuple):
    """How many datasets went from one category to another, with some of them."""

    before: str
    after: str
    datasets: int
    examples: list[Example]


class CategoryView(NamedTuple):
    """A category: how many datasets A and B suggest it for first, how many leave it and how many come to it."""

    code: str
    a: int
    b: int
    left: int
    entered: int


class AgencyView(NamedTuple):
    """An agency's datasets: how many were compared, and of how many the category changed; "" is none named."""

    publisher: str
    compared: int
    changed: int

    @property
    def share(self) -> float:
        """Which part of them changed, 0 to 1."""
        return share(self.changed, self.compared)


class Confidence(NamedTuple):
    """The means of what the models say of their first categories, 0 to 1."""

    a: float
    b: float

    @property
    def shift(self) -> float:
        """How much higher B's is, to four places."""
        return round(self.b - self.a, 4)


def named(code: str | None) -> str:
    """A category as people read it: code and name; nothing for none."""
    return f"{code} {category_names().get(code, '')}".strip() if code else ""


def share(part: int, whole: int) -> float:
    """A part of a whole, 0 to 1; 0 of nothing."""
    return part / whole if whole else 0.0


def pairs(found: Findings) -> list[PairView]:
    """The pairs of different categories, the most frequent first."""
    return [
        PairView(before, after, count, found.examples.get((before, after), []))
        for (before, after), count in sorted(found.pairs.items(), key=lambda pair: (-pair[1], pair[0]))
        if before != after
    ]


def categories(found: Findings) -> list[CategoryView]:
    """The categories that either model suggests, in the order of the official list."""
    a: Counter[str] = Counter()
    b: Counter[str] = Counter()
    same: Counter[str] = Counter()
    for (before, after), count in found.pairs.items():
        a[before] += count
        b[after] += count
        if before == after:
            same[before] += count
    order = list(category_names())
    codes = sorted(a.keys() | b.keys(), key=lambda code: order.index(code) if code in order else len(order))
    return [
        CategoryView(code, a[code], b[code], a[code] - same[code], b[code] - same[code]) for code in codes
    ]


def agencies(found: Findings) -> list[AgencyView]:
    """The agencies, those with the most changes first."""
    made = (AgencyView(name, count, found.agencies_changed[name]) for name, count in found.agencies.items())
    return sorted(made, key=lambda one: (-one.changed, -one.compared, one.publisher))


def labels(counted: Counter[str]) -> list[tuple[str, int]]:
    """Labels with their counts, the most frequent first."""
    return sorted(counted.items(), key=lambda label: (-label[1], label[0]))


def confidence(found: Findings) -> Confidence:
    """The mean confidences, to four places."""
    return Confidence(
        round(share(found.confidence_a, found.compared * UNIT), 4),
        round(share(found.confidence_b, found.compared * UNIT), 4),
    )


def document(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON."""
    found = comparison.findings
    means = confidence(found)
    return {
        "a": {"model": comparison.name_a, "versions": comparison.versions_a},
        "b": {"model": comparison.name_b, "versions": comparison.versions_b},
        "same": comparison.same,
        "startedAt": comparison.started_at.isoformat(),
        "finishedAt": comparison.finished_at.isoformat(),
        "datasets": found.datasets,
        "compared": found.compared,
        "untagged": found.untagged,
        "failed": found.failed,
        "decided": _agreement(found.decided),
        "sampled": _agreement(found.sampled),
        "changedCategory": found.changed,
        "changedShare": _rounded(found.changed, found.compared),
        "categoryPairs": [_pair(pair) for pair in pairs(found)],
        "categories": [
            {"categoryCode": one.code, "a": one.a, "b": one.b, "left": one.left, "entered": one.entered}
            for one in categories(found)
        ],
        "agencies": [
            {
                "publisher": one.publisher or None,
                "compared": one.compared,
                "changed": one.changed,
                "share": _rounded(one.changed, one.compared),
            }
            for one in agencies(found)
        ],
        "mismatches": {
            "a": found.flagged_a,
            "b": found.flagged_b,
            "gained": found.gained,
            "lost": found.lost,
        },
        "labels": {
            "changedDatasets": found.relabelled,
            "added": found.added.total(),
            "removed": found.removed.total(),
            "addedLabels": [{"label": label, "datasets": count} for label, count in labels(found.added)],
            "removedLabels": [{"label": label, "datasets": count} for label, count in labels(found.removed)],
        },
        "confidence": {"a": means.a, "b": means.b, "shift": means.shift},
        "failures": [{"identifier": name, "reason": reason} for name, reason in found.failures],
        "broken": comparison.broken,
    }


def _rounded(part: int, whole: int) -> float:
    return round(share(part, whole), 6)


def _agreement(counted: Agreement) -> dict[str, int]:
    return {
        "datasets": counted.decided,
        "a": counted.a,
        "b": counted.b,
        "both": counted.both,
        "onlyA": counted.only_a,
        "onlyB": counted.only_b,
        "neither": counted.neither,
    }


def _pair(pair: PairView) -> dict[str, Any]:
    return {
        "from": pair.before,
        "to": pair.after,
        "datasets": pair.datasets,
        "examples": [
            {
                "identifier": one.identifier,
                "title": one.title,
                "publisher": one.publisher,
                "declared": one.declared,
                "decided": one.decided,
                "a": {"categoryCode": one.before, "confidence": one.before_confidence},
                "b": {"categoryCode": one.after, "confidence": one.after_confidence},
            }
            for one in pair.examples
        ],
    }
