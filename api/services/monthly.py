"""The monthly report: what stood at the end of each month and what was decided in it, by agency.

docs/monthly-report.md has the definitions. Months are those of Taiwan.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.accounts import Person
from api.services.review.blindness import blind_datasets
from api.services.review.measures import share_of
from models.base import now
from models.patience import allow_long
from models.review.monthly import (
    Labelled,
    Stock,
    Suggested,
    Taken,
    catalogue_stock,
    decisions_taken,
    label_stock,
    publishers_of,
    suggestion_stock,
)
from models.review.statistics import TAIPEI
from tagger.categories import PUBLIC_INFORMATION
from tagger.retrieval.themes_agencies import agency_of

MONTHS = 12
"""Months that a report shows."""
KEPT_MONTHS = 2 * MONTHS
"""Months that are counted at once for the page, which shows any of the last `MONTHS` with those before it."""
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 9000


class Month(NamedTuple):
    """A calendar month in Taiwan."""

    year: int
    number: int

    def __str__(self) -> str:
        """As ISO 8601 has it: 2026-11."""
        return f"{self.year:04d}-{self.number:02d}"

    def plus(self, months: int) -> "Month":
        """The month so many months later, or earlier where it is negative."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def start(self) -> datetime:
        """Its first moment: midnight in Taiwan."""
        return datetime(self.year, self.number, 1, tzinfo=TAIPEI)


class Figures(NamedTuple):
    """An agency's month. Up to `approved` what stood at its end, then what was decided in it.

    Attributes:
        datasets: in the catalogue.
        public_information: those that declare I00.
        tagged: those with a suggestion; `labelled` with labels in it.
        flagged: those whose suggestion speaks against the declared category; `open` without a decision.
        approved: those of which a decision approved a label.
        accepted, otherwise, kept, rejected: first opinions by what they say to the suggestion.
        second, skipped, marked, undone: second opinions, skips, marks, decisions taken back.
    """

    datasets: int = 0
    public_information: int = 0
    tagged: int = 0
    labelled: int = 0
    flagged: int = 0
    open: int = 0
    approved: int = 0
    accepted: int = 0
    otherwise: int = 0
    kept: int = 0
    rejected: int = 0
    second: int = 0
    skipped: int = 0
    marked: int = 0
    undone: int = 0

    @property
    def decisions(self) -> int:
        """First opinions that settle a dataset."""
        return self.accepted + self.otherwise + self.kept + self.rejected

    @property
    def agreement(self) -> float | None:
        """Of these, the share that took the suggested category."""
        return share_of(self.accepted, self.decisions).share

    @property
    def public_share(self) -> float | None:
        """The share of datasets that declare I00."""
        return share_of(self.public_information, self.datasets).share

    @property
    def labelled_share(self) -> float | None:
        """The share of datasets whose suggestion has labels."""
        return share_of(self.labelled, self.datasets).share

    @property
    def approved_share(self) -> float | None:
        """The share of datasets of which a label is approved."""
        return share_of(self.approved, self.datasets).share


_FIELD = {name: place for place, name in enumerate(Figures._fields)}
Agencies = dict[str | None, list[Figures]]


class Monthly(NamedTuple):
    """The figures of some months in a row.

    Attributes:
        at: when they were counted; the last month ends there if it was not over.
        agencies: publisher → figures of each month; None for datasets without one.
        withheld: agencies that are left out, of the sums too.
    """

    at: datetime
    months: list[Month]
    agencies: Agencies
    withheld: frozenset[str | None] = frozenset()

    @property
    def unfinished(self) -> bool:
        """Whether the last month was not over when it was counted."""
        return self.months[-1].plus(1).start > self.at

    def until(self, month: Month, count: int = MONTHS) -> "Monthly":
        """The `count` months that end with one of these."""
        behind = self.months.index(month) + 1
        first = max(behind - count, 0)
        agencies = {name: figures[first:behind] for name, figures in self.agencies.items()}
        return self._replace(months=self.months[first:behind], agencies=agencies)

    def without(self, publishers: Collection[str | None]) -> "Monthly":
        """The figures without those of some agencies."""
        kept = {name: figures for name, figures in self.agencies.items() if name not in publishers}
        return self._replace(agencies=kept, withheld=frozenset(self.agencies.keys() & set(publishers)))

    def of(self, publisher: str | None) -> "Monthly":
        """The figures of one agency."""
        return self._replace(agencies={publisher: self.agencies[publisher]})

    def ministries(self) -> "Monthly":
        """The figures by ministry or local government."""
        groups: dict[str | None, list[list[Figures]]] = {}
        for publisher, figures in self.agencies.items():
            groups.setdefault(agency_of(publisher).name, []).append(figures)
        return self._replace(
            agencies={name: _sums(parts, len(self.months)) for name, parts in groups.items()}
        )

    def total(self) -> list[Figures]:
        """The sum over all agencies, by month."""
        return _sums(self.agencies.values(), len(self.months))

    def ordered(self) -> list[tuple[str | None, list[Figures]]]:
        """The agencies that the last month knows, those with the most open mismatches first.

        Those that it lost all open mismatches of are among them, so that the changes add up to that of the sum.
        """
        found = [
            (name, figures)
            for name, figures in self.agencies.items()
            if any(figures[-1]) or any(one.open for one in figures[-2:])
        ]
        return sorted(found, key=lambda one: (-one[1][-1].open, -one[1][-1].datasets, one[0] or ""))


def month_of(moment: datetime) -> Month:
    """The month in Taiwan that a moment lies in."""
    day = moment.astimezone(TAIPEI)
    return Month(day.year, day.month)


def read_month(text: str) -> Month | None:
    """A month as it is written, 2026-11; None where it is none."""
    found = _MONTH.fullmatch(text)
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        return None
    return Month(int(found[1]), int(found[2]))


def monthly(services: Services, month: Month, at: datetime, count: int = MONTHS) -> Monthly:
    """The figures of the months up to one, counted anew however long that takes.

    Args:
        month: the last one.
        at: the present moment; a month that is not over ends there.
    """
    with services.database.scanning() as session:
        allow_long(session)
        return _figures(session, month, at, count)


def kept_monthly(services: Services, person: Person) -> Monthly:
    """The figures of the last `KEPT_MONTHS` months up to the present one, at most some minutes old.

    Args:
        person: who reads them. Agencies with a dataset that they are asked for a blind second opinion on are left
            out: where little is decided, the counts say what.
    """

    def count() -> Monthly:
        at = now()
        return monthly(services, month_of(at), at, KEPT_MONTHS)

    with services.database.reading() as session:
        blind = blind_datasets(session, person)
        withheld = publishers_of(session, blind) if blind else set()
    return services.monthly.get(count).without(withheld)


def _figures(session: Session, month: Month, at: datetime, count: int) -> Monthly:
    months = [month.plus(-back) for back in reversed(range(count))]
    # The first end is that of the month before: what was decided after it belongs to the first month.
    ends = [months[0].start, *(min(one.plus(1).start, max(at, months[0].start)) for one in months)]
    cube = _Cube(count)
    cube.add_stock(catalogue_stock(session, ends))
    cube.add_suggestions(suggestion_stock(session, ends))
    cube.add_labels(label_stock(session, ends))
    cube.add_decisions(decisions_taken(session, ends))
    return Monthly(at, months, cube.figures())


class _Cube:
    """Adds up rows: by agency, figure and place; of what lasts, changes are added and summed up at the end."""

    def __init__(self, months: int) -> None:
        self._size = months + 1
        self._changes: dict[str | None, list[list[int]]] = {}
        self._counts: dict[str | None, list[list[int]]] = {}

    def add_stock(self, rows: Iterable[Stock]) -> None:
        """The catalogue."""
        for row in rows:
            self._last(row.publisher, "datasets", row.first, row.behind, row.datasets)
            if row.declared == PUBLIC_INFORMATION:
                self._last(row.publisher, "public_information", row.first, row.behind, row.datasets)

    def add_suggestions(self, rows: Iterable[Suggested]) -> None:
        """The suggestions."""
        for row in rows:
            span = (row.first, row.behind, row.datasets)
            self._last(row.publisher, "tagged", *span)
            if row.labelled:
                self._last(row.publisher, "labelled", *span)
            if row.mismatched:
                self._last(row.publisher, "flagged", *span)
                self._masked(row.publisher, "open", span, ~row.decided)

    def add_labels(self, rows: Iterable[Labelled]) -> None:
        """The approved labels."""
        for row in rows:
            span = (row.first, row.behind, row.datasets)
            self._masked(row.publisher, "approved", span, row.approved)

    def add_decisions(self, rows: Iterable[Taken]) -> None:
        """The decisions."""
        for row in rows:
            self._of(self._counts, row.publisher)[_FIELD[row.kind]][row.place] += row.decisions

    def figures(self) -> Agencies:
        """What was added up, without the place before the first month."""
        found: Agencies = {}
        for publisher in {**self._changes, **self._counts}:
            changes = self._of(self._changes, publisher, 1)
            counts = self._of(self._counts, publisher)
            rows = [
                [lasting + counted for lasting, counted in zip(accumulate(changed), row, strict=False)]
                for changed, row in zip(changes, counts, strict=True)
            ]
            months = [Figures(*(row[place] for row in rows)) for place in range(1, self._size)]
            if any(map(any, months)):
                found[publisher] = months
        return found

    def _last(self, publisher: str | None, name: str, first: int, behind: int, datasets: int) -> None:
        row = self._of(self._changes, publisher, 1)[_FIELD[name]]
        row[first] += datasets
        row[behind] -= datasets

    def _masked(self, publisher: str | None, name: str, span: tuple[int, int, int], mask: int) -> None:
        row = self._of(self._counts, publisher)[_FIELD[name]]
        first, behind, datasets = span
        for place in range(first, behind):
            if mask >> place & 1:
                row[place] += datasets

    def _of(
        self, table: dict[str | None, list[list[int]]], publisher: str | None, more: int = 0
    ) -> list[list[int]]:
        if publisher not in table:
            table[publisher] = [[0] * (self._size + more) for _ in _FIELD]
        return table[publisher]


def _sums(parts: Iterable[Sequence[Figures]], months: int) -> list[Figures]:
    found = [[0] * len(_FIELD) for _ in range(months)]
    for part in parts:
        for row, figures in zip(found, part, strict=True):
            for place, value in enumerate(figures):
                row[place] += value
    return [Figures(*row) for row in found]
