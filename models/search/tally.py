"""Counting a result: how many there are, and how they are spread over categories, agencies and the like."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.search.document import SearchDocument, sample_lexeme
from models.search.expression import Match
from models.search.find import Filters, expected, matching, sample_for

COUNTED = 5_000
"""Results of up to so many datasets are counted one by one, larger ones by a sample of about this size."""

_COLUMNS = SearchDocument.__table__.c
_FACETS = tuple(_COLUMNS[name] for name in ("category_code", "status", "publisher", "concepts", "spatial"))


class Tally(NamedTuple):
    """Counts over all documents of a result.

    Attributes:
        total: how many there are.
        exact: whether the counts are; otherwise a sample was counted and scaled up.
        category_code, status, publisher, concepts, spatial: value → how many have it.
    """

    total: int
    exact: bool
    category_code: Counter[str]
    status: Counter[str]
    publisher: Counter[str]
    concepts: Counter[str]
    spatial: Counter[str]


def tally(session: Session, match: Match, filters: Filters, counted: int = COUNTED) -> Tally:
    """Count a result, in two statements.

    A result larger than `counted` is estimated from an even sample of about as many.
    """
    asked = match.also(*filters.lexemes())
    sample = sample_for(expected(session, asked, filters), counted)
    if sample:
        asked = asked.also(sample_lexeme(sample))
    return _counted(_rows(session, asked, filters), 2**sample)


def _rows(
    session: Session, asked: Match, filters: Filters
) -> list[tuple[str | None, str, str | None, str, str]]:
    found = matching(session, select(*_FACETS), asked, filters)
    return [tuple(row) for row in session.execute(found)]


def _counted(rows: list[tuple[str | None, str, str | None, str, str]], scale: int) -> Tally:
    category, status, publisher, concepts, spatial = zip(*rows, strict=True) if rows else ((),) * 5

    def counter(values: Iterable[str | None]) -> Counter[str]:
        return Counter({name: count * scale for name, count in Counter(values).items() if name})

    return Tally(
        len(rows) * scale,
        scale == 1,
        counter(category),
        counter(status),
        counter(publisher),
        counter(chain.from_iterable(map(str.split, concepts))),
        counter(chain.from_iterable(map(str.split, spatial))),
    )
