"""Counting a result: how many there are, and how they are spread over categories, agencies and the like."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.search.document import BUCKETS, SearchDocument, bucket_lexeme
from models.search.expression import AnyOf, Match
from models.search.find import Filters, matching

COUNTED = 5_000
"""Results of up to so many datasets are counted one by one, larger ones by a sample of about this size."""
_FEW = 1_000

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
    """Count a result, in at most three statements.

    A result larger than `counted` is estimated from the buckets that hold about as many of it.
    """
    asked = match.also(*filters.lexemes())
    rows = _rows(session, asked, filters, _FEW + 1)
    if len(rows) <= _FEW:
        return _counted(rows, 1)
    # One bucket tells how large the result is without reading all of it.
    expected = BUCKETS * len(_rows(session, asked.also(bucket_lexeme(0)), filters, None))
    if expected <= counted:
        return _counted(_rows(session, asked, filters, None), 1)
    buckets = max(1, counted * BUCKETS // expected)
    chosen = AnyOf(tuple(bucket_lexeme(bucket) for bucket in range(buckets)))
    return _counted(_rows(session, asked.also(chosen), filters, None), BUCKETS / buckets)


def _rows(
    session: Session, asked: Match, filters: Filters, most: int | None
) -> list[tuple[str | None, str, str | None, str, str]]:
    found = matching(session, select(*_FACETS), asked, filters).limit(most)
    return [tuple(row) for row in session.execute(found)]


def _counted(rows: list[tuple[str | None, str, str | None, str, str]], scale: float) -> Tally:
    category, status, publisher, concepts, spatial = zip(*rows, strict=True) if rows else ((),) * 5

    def counter(values: Iterable[str | None]) -> Counter[str]:
        return Counter({name: round(count * scale) for name, count in Counter(values).items() if name})

    return Tally(
        round(len(rows) * scale),
        scale == 1,
        counter(category),
        counter(status),
        counter(publisher),
        counter(chain.from_iterable(map(str.split, concepts))),
        counter(chain.from_iterable(map(str.split, spatial))),
    )
