"""The history of imports, and what a snapshot names."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, cast, delete, exists, insert, literal, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import now
from models.catalogue_import import SNAPSHOT, CatalogueImport, CatalogueSighting
from models.dataset import Dataset

_LONG_MILLISECONDS = 600_000
_LEFT_BEHIND = timedelta(days=2)
"""An import that is not finished after this time will not be."""


class FinishedImport(NamedTuple):
    """An import that ended well; the fields are those of `CatalogueImport`."""

    rows: int
    options: dict[str, Any]
    etag: str | None
    last_modified: str | None
    finished_at: datetime


def begin_import(session: Session, source: str, kind: str, options: Mapping[str, Any], rows: int) -> int:
    """Write down that an import begins; its key. What died imports left behind is removed."""
    left = select(CatalogueImport.id).where(
        CatalogueImport.finished_at.is_(None), CatalogueImport.started_at < now() - _LEFT_BEHIND
    )
    _allow_long(session)
    session.execute(delete(CatalogueSighting).where(CatalogueSighting.import_id.in_(left)))
    return session.scalars(
        insert(CatalogueImport).returning(CatalogueImport.id),
        [{"source": source, "kind": kind, "options": dict(options), "rows": rows, "counts": {}}],
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
    _allow_long(session)
    session.execute(delete(CatalogueSighting).where(CatalogueSighting.import_id == import_id))


def last_snapshot(session: Session) -> FinishedImport | None:
    """The last snapshot that was taken, or None."""
    return _finished(session, _FINISHED.where(CatalogueImport.kind == SNAPSHOT))


def last_import_of(session: Session, source: str) -> FinishedImport | None:
    """The last import of a source that ended well, or None."""
    return _finished(session, _FINISHED.where(CatalogueImport.source == source))


_FINISHED = select(
    CatalogueImport.rows,
    CatalogueImport.options,
    CatalogueImport.etag,
    CatalogueImport.last_modified,
    CatalogueImport.finished_at,
).where(CatalogueImport.finished_at.is_not(None))


def _finished(session: Session, wanted: Select[Any]) -> FinishedImport | None:
    found = session.execute(wanted.order_by(CatalogueImport.id.desc()).limit(1)).one_or_none()
    return FinishedImport(*found) if found else None


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
    _allow_long(session)
    rows = session.execute(
        select(Dataset.id, Dataset.identifier)
        .where(
            Dataset.id > after_id, Dataset.current_revision_id.is_not(None), Dataset.updated_at < began, ~seen
        )
        .order_by(Dataset.id)
        .limit(limit)
    )
    return [Unnamed(*row) for row in rows]


def _allow_long(session: Session) -> None:
    # Statements that look at every dataset once an import, not once a request.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL statement_timeout = {_LONG_MILLISECONDS}"))
