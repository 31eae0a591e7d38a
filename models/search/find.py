"""Finding documents: candidates to be ranked, and whole results in the order of their keys."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Select, column, func, select, table, text
from sqlalchemy.orm import Session

from models.search.document import (
    SAMPLES,
    SearchDocument,
    category_lexeme,
    publisher_lexeme,
    sample_lexeme,
    status_lexeme,
)
from models.search.expression import Match

POOL = 4_000
"""Of a match with more documents about so many are looked at for candidates, an even sample."""
_PROBE = 8
Rows: TypeAlias = Select[*tuple[Any, ...]]
_LEXEMES = table("search_lexeme", column("rowid"))


class Filters(NamedTuple):
    """What a result is narrowed to; None asks for any.

    Attributes:
        category_code: the category that holds.
        status: one of `STATUSES`.
        publisher: exactly this one.
        covers_from, covers_to: ISO 8601 days; the dataset covers some of this period.
    """

    category_code: str | None = None
    status: str | None = None
    publisher: str | None = None
    covers_from: str | None = None
    covers_to: str | None = None

    def lexemes(self) -> tuple[str, ...]:
        """The filters that the index itself can hold."""
        return (
            *((category_lexeme(self.category_code),) if self.category_code else ()),
            *((status_lexeme(self.status),) if self.status else ()),
            *((publisher_lexeme(self.publisher),) if self.publisher else ()),
        )


class Candidate(NamedTuple):
    """A document as it is ranked and counted; its columns as in `SearchDocument`."""

    dataset_id: int
    title_words: str
    category_code: str | None
    status: str
    publisher: str | None
    concepts: str
    spatial: str
    vector: bytes


# Columns of the table, not of the mapped class: these are many small rows, and nobody changes them.
_COLUMNS = SearchDocument.__table__.c
_SHOWN = tuple(_COLUMNS[name] for name in Candidate._fields)


def candidates(
    session: Session, match: Match, filters: Filters, most: int, known: int | None = None
) -> list[Candidate]:
    """Documents that match, at most `most`, those with short titles first; in two statements.

    Where many more than `POOL` match, a sample of about as many is considered.

    Args:
        known: how many match at most, if that is known; without it the first statement finds out.
    """
    asked = match.also(*filters.lexemes())
    if known is None or known > POOL:
        known = expected(session, asked, filters)
    sample = sample_for(known, POOL)
    if sample:
        asked = asked.also(sample_lexeme(sample))
    pool = matching(session, select(*_SHOWN), asked, filters).subquery()
    chosen = select(pool).order_by(func.length(pool.c.title_words), pool.c.dataset_id).limit(most)
    return [Candidate(*row) for row in session.execute(chosen)]


def expected(session: Session, asked: Match, filters: Filters) -> int:
    """About how many documents match, from a small sample; 0 where it is some hundred at most."""
    probed = matching(session, select(func.count()), asked.also(sample_lexeme(_PROBE)), filters)
    counted: int = session.execute(probed.select_from(SearchDocument)).scalar_one()
    return counted << _PROBE


def sample_for(count: int, wanted: int) -> int:
    """The largest sample of `count` documents that holds at most about `wanted`; 0 for all of them."""
    return min(SAMPLES, max(0, math.ceil(math.log2(count / wanted)))) if count > wanted else 0


def browse(
    session: Session, match: Match, filters: Filters, before_id: int | None, limit: int
) -> list[Candidate]:
    """Documents that match, the newest first, from the one before `before_id` on; in one statement."""
    # The columns have indexes in the order of the keys, which lexemes do not.
    wanted = matching(session, select(*_SHOWN), match, filters)
    for name in ("category_code", "status", "publisher"):
        value = getattr(filters, name)
        if value is not None:
            wanted = wanted.where(getattr(SearchDocument, name) == value)
    if before_id is not None:
        wanted = wanted.where(SearchDocument.dataset_id < before_id)
    rows = session.execute(wanted.order_by(SearchDocument.dataset_id.desc()).limit(limit))
    return [Candidate(*row) for row in rows]


def found_keys(session: Session, match: Match, filters: Filters, most: int) -> list[int]:
    """The keys of datasets whose documents match, the newest first, at most `most`; in one statement."""
    wanted = matching(session, select(SearchDocument.dataset_id), match.also(*filters.lexemes()), filters)
    rows = session.execute(wanted.order_by(SearchDocument.dataset_id.desc()).limit(most))
    return [row[0] for row in rows]


def matching_keys(session: Session, match: Match) -> list[int]:
    """The keys of all datasets whose documents match, in their order; in one statement."""
    wanted = matching(session, select(SearchDocument.dataset_id), match, Filters())
    return [row[0] for row in session.execute(wanted.order_by(SearchDocument.dataset_id))]


def documents_of(session: Session, dataset_ids: Sequence[int]) -> dict[int, Candidate]:
    """The documents of these datasets, by the dataset's key; in one statement."""
    rows = session.execute(select(*_SHOWN).where(SearchDocument.dataset_id.in_(dataset_ids)))
    return {row[0]: Candidate(*row) for row in rows}


def matching(session: Session, chosen: Rows, match: Match, filters: Filters) -> Rows:
    """A selection of search documents, narrowed to those that match and cover the filters' period."""
    if match.wanted is not None or match.unwanted:
        chosen = _matched(session, chosen, match)
    # A dataset of whose period nobody knows is not known to cover any of it.
    if filters.covers_from is not None:
        chosen = chosen.where(SearchDocument.covers_to >= filters.covers_from)
    if filters.covers_to is not None:
        chosen = chosen.where(SearchDocument.covers_from <= filters.covers_to)
    return chosen


def _matched(session: Session, chosen: Rows, match: Match) -> Rows:
    if session.get_bind().dialect.name == "postgresql":
        condition = text("search_document.lexemes @@ CAST(:search_query AS tsquery)")
        return chosen.where(condition.bindparams(search_query=match.to_tsquery()))
    condition = text("search_lexeme MATCH :search_query").bindparams(search_query=match.to_fts5())
    return chosen.join(_LEXEMES, _LEXEMES.c.rowid == SearchDocument.dataset_id).where(condition)
