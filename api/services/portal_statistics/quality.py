"""Datasets that are much used and poorly described: what to mend first."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from api.services.portal_statistics.report import ReportRow
from tagger.lint import RULES

SHARE = 0.1
"""The share of rows that count as much used, by views or by downloads."""
LOW_SCORE = 60
"""A score below this is poor; the portal's goes to 100."""
MANY_FINDINGS = 3
"""So many findings on the stored metadata, errors and warnings, are poor."""
_RULES = {rule.number: rule.what for rule in RULES.values()}


class Neglected(NamedTuple):
    """A row that is much used and poorly described.

    Attributes:
        place: of the row, from 0.
        reasons: what is poor about it, in words.
    """

    place: int
    row: ReportRow
    reasons: list[str]


class Thresholds(NamedTuple):
    """From how many views and downloads on a row is much used; None where no row has a number."""

    views: int | float | None
    downloads: int | float | None


def thresholds(rows: Sequence[ReportRow]) -> Thresholds:
    """The views and the downloads that a tenth of the rows reach."""
    return Thresholds(
        _reached([row.used.views for row in rows if row.used.views is not None]),
        _reached([row.used.downloads for row in rows if row.used.downloads is not None]),
    )


def neglected(rows: Sequence[ReportRow]) -> list[Neglected]:
    """The rows, the most viewed first."""
    most = thresholds(rows)
    found = [
        Neglected(place, row, reasons)
        for place, row in enumerate(rows)
        if _is_much_used(row, most) and (reasons := _reasons(row))
    ]
    return sorted(
        found, key=lambda one: (-(one.row.used.views or 0), -(one.row.used.downloads or 0), one.place)
    )


def _reached(values: list[int | float]) -> int | float | None:
    if not values:
        return None
    # Nobody's thousand is a decile: at least one view makes much use.
    return max(sorted(values, reverse=True)[ceil(len(values) * SHARE) - 1], 1)


def _is_much_used(row: ReportRow, most: Thresholds) -> bool:
    pairs = ((row.used.views, most.views), (row.used.downloads, most.downloads))
    return any(value is not None and least is not None and value >= least for value, least in pairs)


def _reasons(row: ReportRow) -> list[str]:
    reasons = []
    score = row.used.score
    if score is not None and score < LOW_SCORE:
        reasons.append(f"評分 {score:g}")
    findings = row.known.tagged.findings if row.known and row.known.tagged else ()
    if len(findings) >= MANY_FINDINGS:
        reasons.extend(f"{number} {_RULES[number]}" for number in findings)
    return reasons
