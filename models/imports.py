"""The history of imports, and what a snapshot names."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import now
from models.catalogue_import import SNAPSHOT, CatalogueImport, CatalogueSighting
from models.dataset import Dataset
from models.patience import allow_long

_LEFT_BEHIND = timedelta(days=2)
"""An import that is not finished after this time will not be."""


class FinishedImport(NamedTuple):
    """An import that ended well; the fields are those of `CatalogueImport`."""

    id: int
    source: str
    rows: int
    options: dict[str, Any]
    etag: str | None
    last_modified: str | None
    started_at: datetime
    finished_at: datetime


class Series(NamedTuple):
    """Sources that are alike but for a day, `2026-03-01`, in their names: what stands before it and after it."""

    before: str
    after: str


def begin_import(
    session: Session, source: str, kind: str, options: Mapping[str, Any], rows: int, started_at: datetime
) -> int:
    """Write down that an import begins; its key. What died imports left behind is removed.

    Args:
        started_at: a moment at which the file was not yet read; fetching it is part of the import.
    """
    left = select(CatalogueImport.id).where(
        CatalogueImport.finished_at.is_(None), CatalogueImport.started_at < now() - _LEFT_BEHIND
    )
    allow_long(session)
    session.execute(delete(CatalogueSighting).where(CatalogueSighting.import_id.in_(left)))
    return session.scalars(
        insert(CatalogueImport)
        .values(source=source, kind=kind, options=dict(options), rows=rows, counts={}, started_at=started_at)
        .returning(CatalogueImport.id)
    ).one()


def finish_import(
    session: Session,
    import_id: int,
    counts: Mapping[str, int],
    etag: str | None = None,
    last_modified: str | None = None,
) -> None:
    """An import has ended well: what it did is written down, what it named is forgotten."""
    session.execute(
        update(CatalogueImport)
        .where(CatalogueImport.id == import_id)
        .values(counts=dict(counts), etag=etag, last_modified=last_modified, finished_at=now())
    )
    forget_sightings(session, import_id)


def forget_sightings(session: Session, import_id: int) -> None:
    """Forget what an import has named."""
    allow_long(session)
    session.execute(delete(CatalogueSighting).where(CatalogueSighting.import_id == import_id))


def last_snapshot(session: Session) -> FinishedImport | None:
    """The last snapshot of which anything could be used, or None: an empty one is no measure of the next."""
    return _finished(session, CatalogueImport.kind == SNAPSHOT, CatalogueImport.rows > 0)


def last_import_of(session: Session, source: str) -> FinishedImport | None:
    """The last import of a source, or None where it has not ended well: who knows what of it is stored."""
    newest = select(func.max(CatalogueImport.id)).where(CatalogueImport.source == source).scalar_subquery()
    return _finished(session, CatalogueImport.id == newest)


def _finished(session: Session, *wanted: ColumnElement[bool]) -> FinishedImport | None:
    """The last of those that are wanted and ended well."""
    found = session.execute(
        select(
            CatalogueImport.id,
            CatalogueImport.source,
            CatalogueImport.rows,
            CatalogueImport.options,
            CatalogueImport.etag,
            CatalogueImport.last_modified,
            CatalogueImport.started_at,
            CatalogueImport.finished_at,
        )
        .where(CatalogueImport.finished_at.is_not(None), *wanted)
        .order_by(CatalogueImport.id.desc())
        .limit(1)
    ).one_or_none()
    return FinishedImport(*found) if found else None


def is_undone(session: Session, last: FinishedImport, series: Series) -> bool:
    """Whether the import of a day's changes may have been undone since it began.

    A snapshot, or an earlier day of the series, puts datasets back to what they were when it was made, also where
    it was cut short.
    """
    source = CatalogueImport.source
    is_earlier_day = and_(
        source.startswith(series.before, autoescape=True),
        source.endswith(series.after, autoescape=True),
        func.length(source) == len(last.source),
        source < last.source,
    )
    undoing = exists().where(
        or_(CatalogueImport.kind == SNAPSHOT, is_earlier_day),
        or_(CatalogueImport.id > last.id, CatalogueImport.finished_at > last.started_at),
    )
    return bool(session.scalar(select(undoing)))


def see(session: Session, import_id: int, identifiers: Sequence[str]) -> None:
    """An import names datasets, stored ones or not, for the first time or again; in one statement."""
    if not identifiers:
        return
    named = select(cast(literal(import_id), CatalogueSighting.import_id.type), Dataset.id).where(
        Dataset.identifier.in_(identifiers)
    )
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        dialect.insert(CatalogueSighting)
        .from_select(["import_id", "dataset_id"], named)
        # Not "where none is yet": without statistics of the growing table that would be planned as a walk over it.
        .on_conflict_do_nothing(index_elements=["import_id", "dataset_id"])
    )


class Unnamed(NamedTuple):
    """A dataset that a snapshot does not name."""

    dataset_id: int
    identifier: str


def unnamed_datasets(session: Session, import_id: int, after_id: int, limit: int) -> list[Unnamed]:
    """The next stored datasets that an import did not name, in the order of their keys; in one statement.

    One that was stored or changed since the import began is none of them: somebody else named it meanwhile.
    """
    seen = exists().where(
        CatalogueSighting.import_id == import_id,
        CatalogueSighting.dataset_id == Dataset.id,
        # Follows from the rest, but a planner does not see that it need not begin at the beginning.
        CatalogueSighting.dataset_id > after_id,
    )
    began = select(CatalogueImport.started_at).where(CatalogueImport.id == import_id).scalar_subquery()
    allow_long(session)
    rows = session.execute(
        select(Dataset.id, Dataset.identifier)
        .where(
            Dataset.id > after_id, Dataset.current_revision_id.is_not(None), Dataset.updated_at < began, ~seen
        )
        .order_by(Dataset.id)
        .limit(limit)
    )
    return [Unnamed(*row) for row in rows]
