"""Themes: what they are made of, how they are stored, and how they are read back.

Each function is one statement, or says how many, whatever the number of aspects and datasets.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnClause,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from models.base import now
from models.dataset import Dataset
from models.event import EventRecord, append_events
from models.search import Match, SearchDocument
from models.search.document import sample_lexeme
from models.search.find import Rows, sample_for
from models.theme import Theme, ThemeVersion


class ThemeCandidate(NamedTuple):
    """A dataset that may belong to a theme; its columns as in `SearchDocument`."""

    dataset_id: int
    title_words: str
    publisher: str | None
    category_code: str | None
    concepts: str
    spatial: str
    vector: bytes


# FTS5 is asked through a hidden column that bears the table's own name.
_LEXEMES = table("search_lexeme", column("rowid"), column("search_lexeme"))
_POSTGRESQL_LEXEMES: ColumnClause[Any] = literal_column("search_document.lexemes")
_SAMPLED = 6_000
_LISTED = 5_000
_SHOWN = tuple(getattr(SearchDocument, name) for name in ThemeCandidate._fields)


def pools(session: Session, wanted: Sequence[tuple[Match, int]]) -> list[list[ThemeCandidate]]:
    """For each match at most so many datasets, the newest first; all in one statement.

    Args:
        session: what is read in.
        wanted: what to match, and how many datasets of it to take.
    """
    found: list[list[ThemeCandidate]] = [[] for _ in wanted]
    if not wanted:
        return found
    parts = []
    for number, (match, most) in enumerate(wanted):
        chosen = _matching(session, select(*_SHOWN), match)
        limited = chosen.order_by(SearchDocument.dataset_id.desc()).limit(most).subquery()
        parts.append(select(literal(number).label("pool"), limited))
    for pool, *row in session.execute(union_all(*parts)):
        found[pool].append(ThemeCandidate(*row))
    return found


def publishers_of(session: Session, match: Match | None) -> Counter[str | None]:
    """How many datasets each publisher has among those that match, None: among all."""
    chosen: Rows = select(SearchDocument.publisher, func.count())
    if match is not None:
        chosen = _matching(session, chosen, match)
    rows = session.execute(chosen.group_by(SearchDocument.publisher))
    return Counter({row[0]: row[1] for row in rows})


def counts(session: Session, matches: Sequence[Match]) -> list[int]:
    """How many datasets each match has; all in one statement."""
    found = [0] * len(matches)
    if not matches:
        return found
    parts = [
        _matching(session, select(literal(number), func.count()).select_from(SearchDocument), match)
        for number, match in enumerate(matches)
    ]
    for number, count in session.execute(union_all(*parts)):
        found[number] = count
    return found


def sampled_labels(session: Session) -> tuple[Counter[str], int]:
    """About how many datasets have each label, and how many there are; in two statements.

    Counted in a sample of about `_SAMPLED` and scaled up.
    """
    total = session.scalars(select(func.count()).select_from(SearchDocument)).one()
    sample = sample_for(total, _SAMPLED)
    chosen: Rows = select(SearchDocument.concepts)
    if sample:
        chosen = _matching(session, chosen, Match(sample_lexeme(sample)))
    seen: Counter[str] = Counter()
    for (concepts,) in session.execute(chosen):
        seen.update(concepts.split())
    return Counter({concept: count * 2**sample for concept, count in seen.items()}), total


def _matching(session: Session, chosen: Rows, match: Match) -> Rows:
    if session.get_bind().dialect.name == "postgresql":
        query = cast(bindparam(None, match.to_tsquery()), TSQUERY)
        return chosen.where(_POSTGRESQL_LEXEMES.op("@@")(query))
    found = _LEXEMES.c.search_lexeme.op("MATCH")(bindparam(None, match.to_fts5()))
    lexemes = select(_LEXEMES.c.rowid).where(found)
    return chosen.where(SearchDocument.dataset_id.in_(lexemes))


class ThemeRecord(NamedTuple):
    """One version of a theme as it is stored.

    Attributes:
        identifier: of the theme.
        newest: the number of its newest version.
        number: of this version, from 1.
        topic, title, content, content_hash, created_at: as in `ThemeVersion`.
    """

    identifier: str
    newest: int
    number: int
    topic: str
    title: str
    content: dict[str, Any]
    content_hash: str
    created_at: datetime


class ThemeHeading(NamedTuple):
    """A theme in a list: its key, and of its newest version what is not long."""

    id: int
    identifier: str
    number: int
    topic: str
    title: str
    datasets: int
    agencies: int
    content_hash: str
    created_at: datetime


class StaleTheme(Exception):
    """A theme got a newer version since it was read."""


def datasets_called(session: Session, identifiers: Sequence[str]) -> dict[str, int]:
    """The keys of datasets by their identifiers; those that are not stored, or withdrawn, are left out.

    In a statement for every few thousand: a database takes only so many parameters.
    """
    stored = select(Dataset.identifier, Dataset.id).where(Dataset.current_revision_id.is_not(None))
    return {
        row[0]: row[1]
        for start in range(0, len(identifiers), _LISTED)
        for row in session.execute(stored.where(Dataset.identifier.in_(identifiers[start : start + _LISTED])))
    }


def add_theme(session: Session, identifier: str, version: dict[str, Any]) -> bool:
    """Store a theme with its first version; False where the identifier is taken, and nothing is stored then.

    Args:
        session: a writing one.
        identifier: of the theme.
        version: `topic`, `title`, `content` and `content_hash`.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    moment = now()
    statement = dialect.insert(Theme).values(
        identifier=identifier, version=1, created_at=moment, updated_at=moment
    )
    added = session.scalars(
        statement.on_conflict_do_nothing(index_elements=["identifier"]).returning(Theme.id)
    ).one_or_none()
    if added is None:
        return False
    session.execute(insert(ThemeVersion).values(theme_id=added, number=1, created_at=moment, **version))
    _tell(session, "theme.created", identifier, 1, version)
    return True


def add_version(session: Session, identifier: str, expected: int, version: dict[str, Any]) -> int:
    """Store the next version of a theme; its number.

    Args:
        session: a writing one.
        identifier: of the theme.
        expected: the number of its newest version.
        version: `topic`, `title`, `content` and `content_hash`.

    Raises:
        StaleTheme: another version is the newest.
    """
    moment = now()
    changed = session.scalars(
        update(Theme)
        .where(Theme.identifier == identifier, Theme.version == expected)
        .values(version=expected + 1, updated_at=moment)
        .returning(Theme.id)
    ).one_or_none()
    if changed is None:
        raise StaleTheme
    session.execute(
        insert(ThemeVersion).values(theme_id=changed, number=expected + 1, created_at=moment, **version)
    )
    _tell(session, "theme.versioned", identifier, expected + 1, version)
    return expected + 1


def _tell(session: Session, kind: str, identifier: str, number: int, version: dict[str, Any]) -> None:
    content = {"version": number, "topic": version["topic"], "contentHash": version["content_hash"]}
    append_events(session, [EventRecord(kind, f"theme/{identifier}", content)])


def find_theme(session: Session, identifier: str, number: int | None = None) -> ThemeRecord | None:
    """A version of a theme, by default its newest."""
    wanted = ThemeVersion.number == (Theme.version if number is None else number)
    row = session.execute(
        select(
            Theme.identifier,
            Theme.version,
            ThemeVersion.number,
            ThemeVersion.topic,
            ThemeVersion.title,
            ThemeVersion.content,
            ThemeVersion.content_hash,
            ThemeVersion.created_at,
        )
        .join(ThemeVersion, ThemeVersion.theme_id == Theme.id)
        .where(Theme.identifier == identifier, wanted)
    ).one_or_none()
    return ThemeRecord(*row) if row else None


def versions_of(session: Session, identifier: str) -> list[tuple[int, str, datetime]]:
    """The versions of a theme, the newest first: number, content hash, when it was made."""
    rows = session.execute(
        select(ThemeVersion.number, ThemeVersion.content_hash, ThemeVersion.created_at)
        .join(Theme, Theme.id == ThemeVersion.theme_id)
        .where(Theme.identifier == identifier)
        .order_by(ThemeVersion.number.desc())
    )
    return [(number, content_hash, created_at) for number, content_hash, created_at in rows]


def page_of_themes(session: Session, before_id: int | None, limit: int) -> list[ThemeHeading]:
    """Themes, the newest first, from the one before `before_id` on."""
    wanted = (
        select(
            Theme.id,
            Theme.identifier,
            ThemeVersion.number,
            ThemeVersion.topic,
            ThemeVersion.title,
            ThemeVersion.content["summary"]["datasets"].as_integer(),
            ThemeVersion.content["summary"]["agencies"].as_integer(),
            ThemeVersion.content_hash,
            ThemeVersion.created_at,
        )
        .join(ThemeVersion, (ThemeVersion.theme_id == Theme.id) & (ThemeVersion.number == Theme.version))
        .order_by(Theme.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        wanted = wanted.where(Theme.id < before_id)
    return [ThemeHeading(*row) for row in session.execute(wanted)]
