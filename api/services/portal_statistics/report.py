"""The report on a portal's statistics: its rows with category and labels, and what the rows add up to."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from api.readers.tables import Cell
from api.services.portal_statistics.joining import AMBIGUOUS, JOINED, UNMATCHED, Join
from api.services.portal_statistics.known import Known
from api.services.portal_statistics.numbers import Columns
from tagger.categories import category_names

UNCATEGORISED = "未分類"
"""What stands where a row has no category."""


class Used(NamedTuple):
    """How much a dataset is used; None where its row has no number."""

    views: int | float | None
    downloads: int | float | None
    score: int | float | None


class ReportRow(NamedTuple):
    """A row of the statistics with what the report adds.

    Attributes:
        cells: as they came.
        agency, title: what they say.
        category_code: of the stored dataset: decided, else declared; None where none is known.
        suggested_code: a suggestion that differs from it, or one where it is None.
        labels: approved ones where there are any, else suggested ones.
        why: in one sentence.
        known: the stored dataset that the row is about, if any.
    """

    cells: list[Cell]
    agency: str
    title: str
    used: Used
    join: Join
    category_code: str | None
    suggested_code: str | None
    labels: tuple[str, ...]
    why: str
    known: Known | None

    @property
    def category(self) -> str:
        """The category's name; empty where none is known."""
        return category_names()[self.category_code] if self.category_code else ""

    @property
    def suggested(self) -> str:
        """The name of the suggested category, empty where there is none."""
        return category_names()[self.suggested_code] if self.suggested_code else ""

    @property
    def best(self) -> str:
        """The name of the category, else of the suggested one; empty where there is neither."""
        return self.category or self.suggested


class Sum(NamedTuple):
    """What rows add up to.

    Attributes:
        mean_score: over the rows with a score; None where there are none.
    """

    rows: int
    views: int | float
    downloads: int | float
    scored: int
    mean_score: float | None


class Report(NamedTuple):
    """All of it.

    Attributes:
        source: what the file is called.
        sheet: the sheet that was read, None of a CSV.
        header: the file's columns.
        columns: where those stand that the report uses.
        rows: in the file's order.
        datasets: what the rows' joins point into.
        failed: rows that a model could not tag.
        at: when it was made.
    """

    source: str
    sheet: str | None
    header: list[str]
    columns: Columns
    rows: list[ReportRow]
    datasets: list[Known]
    failed: int
    model_version: str
    at: datetime

    @property
    def joins(self) -> Counter[str]:
        """How many rows are joined in which way."""
        return Counter(row.join.how for row in self.rows)

    def document(self) -> dict[str, Any]:
        """The summary under the names of REST."""
        joins = self.joins
        return {
            "rows": len(self.rows),
            "joined": {how: joins[how] for how in JOINED},
            "ambiguous": joins[AMBIGUOUS],
            "unmatched": joins[UNMATCHED],
            "failed": self.failed,
            "suggestions": sum(row.suggested_code is not None for row in self.rows),
            "datasets": len(self.datasets),
            "modelVersion": self.model_version,
            "createdAt": self.at.isoformat(timespec="seconds"),
            "categories": [
                {"name": name, "rows": one.rows, "views": one.views, "downloads": one.downloads}
                for name, one in by_category(self.rows)
            ],
        }


def sum_of(rows: Iterable[ReportRow]) -> Sum:
    """What rows add up to."""
    count = scored = 0
    views = downloads = score = 0.0
    for row in rows:
        count += 1
        views += row.used.views or 0
        downloads += row.used.downloads or 0
        if row.used.score is not None:
            scored += 1
            score += row.used.score
    return Sum(count, _plain(views), _plain(downloads), scored, score / scored if scored else None)


def by_category(
    rows: Iterable[ReportRow], category: Callable[[ReportRow], str] = lambda row: row.category
) -> list[tuple[str, Sum]]:
    """The rows by category, in the order of the official list, those without one last; every category is there."""
    found: dict[str, list[ReportRow]] = {name: [] for name in (*category_names().values(), UNCATEGORISED)}
    for row in rows:
        found[category(row) or UNCATEGORISED].append(row)
    return [(name, sum_of(group)) for name, group in found.items()]


def by_agency(rows: Iterable[ReportRow]) -> list[tuple[str, list[ReportRow]]]:
    """The rows by agency as it is written, those with the most rows first."""
    found: dict[str, list[ReportRow]] = {}
    for row in rows:
        found.setdefault(row.agency, []).append(row)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))


def _plain(value: float) -> int | float:
    return int(value) if value.is_integer() else value
