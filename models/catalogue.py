"""Storing datasets and reading them back, each in a fixed number of statements whatever the batch."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, Select, func, insert, null, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, contains_eager

from models.base import now
from models.dataset import Dataset, DatasetRevision
from models.review.tables import ReviewItem
from models.search.document import SearchDocument
from models.suggestion import ModelVersion, StoredSuggestion


class Record(NamedTuple):
    """A dataset's metadata as it is stored.

    Attributes:
        identifier: names the dataset.
        title, publisher, category_code: what queries look at.
        content: the whole record under the standard's names, JSON types.
    """

    identifier: str
    title: str
    publisher: str | None
    category_code: str | None
    content: dict[str, Any]

    @property
    def content_hash(self) -> str:
        """SHA-256, in hex, of the content; equal content has an equal hash."""
        canonical = json.dumps(self.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


CREATED, CHANGED, RESTORED, UNCHANGED = "created", "changed", "restored", "unchanged"
"""What storing does to a dataset: it is new, says something else, was withdrawn and is back, or stays."""


class Stored(NamedTuple):
    """What storing a record did.

    Attributes:
        change: one of `CREATED`, `CHANGED`, `RESTORED` and `UNCHANGED`.
        before: what the last revision said, where there is a new one after it and the caller merges.
        after: what the new revision says, likewise.
    """

    dataset_id: int
    revision_id: int
    change: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


Merge = Callable[[dict[str, Any], Record], Record]
"""What the last revision says, and a new record, to the record that is to be stored."""


class Filters(NamedTuple):
    """Which datasets are wanted; None asks for any.

    Attributes:
        category_code: declared or, where nothing is declared, suggested.
        mismatched: whether the current suggestion disagrees with the declared category.
        publisher: exactly this one.
    """

    category_code: str | None = None
    mismatched: bool | None = None
    publisher: str | None = None


class Totals(NamedTuple):
    """How many datasets are stored, have a current suggestion, and are flagged."""

    datasets: int
    tagged: int
    mismatched: int


def store_records(session: Session, records: Sequence[Record], merge: Merge | None = None) -> list[Stored]:
    """Store metadata, a new revision only where the content differs; in eight statements at most.

    A dataset that was withdrawn is back, with the revision after its last one.

    Args:
        records: no identifier twice.
        merge: what to store of a dataset that has a revision already; without it, the record as it is.

    Returns:
        One entry a record, in their order.
    """
    identifiers = [record.identifier for record in records]
    if len(set(identifiers)) != len(identifiers):
        raise ValueError("an identifier occurs twice in one batch")
    _insert_missing(session, identifiers)
    last = _last(session, identifiers)
    outdated = [record for record in records if not last[record.identifier].says(record)]
    contents: dict[int, dict[str, Any]] = {}
    if merge is not None:
        contents = _contents(session, [last[record.identifier].revision_id for record in outdated])
        outdated = [_merged(merge, record, last[record.identifier], contents) for record in outdated]
        outdated = [record for record in outdated if not last[record.identifier].says(record)]
    revisions = _insert_revisions(session, outdated, last)
    after = {record.identifier: record.content for record in outdated}
    return [
        _outcome(last[record.identifier], revisions, contents, after.get(record.identifier))
        for record in records
    ]


class _Last(NamedTuple):
    """A dataset's last revision; it is the current one unless the dataset is withdrawn."""

    dataset_id: int
    current_id: int | None
    revision_id: int | None
    number: int
    content_hash: str | None

    def says(self, record: Record) -> bool:
        """Whether the dataset stands as a record has it."""
        return self.current_id is not None and self.content_hash == record.content_hash


def _merged(merge: Merge, record: Record, last: _Last, contents: dict[int, dict[str, Any]]) -> Record:
    return record if last.revision_id is None else merge(contents[last.revision_id], record)


def _insert_missing(session: Session, identifiers: Sequence[str]) -> None:
    # Sorted, so that two writers of the same new datasets cannot wait for each other.
    rows = [{"identifier": identifier, "version": 1} for identifier in sorted(identifiers)]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(Dataset).on_conflict_do_nothing(index_elements=["identifier"]), rows)


def _last(session: Session, identifiers: Sequence[str]) -> dict[str, _Last]:
    wanted = Dataset.identifier.in_(identifiers)
    # Two writers of one dataset take their turn, in one order so that they cannot wait for each other. The
    # lock is a statement of its own: what is read after it is what the other one wrote.
    session.execute(select(Dataset.id).where(wanted).order_by(Dataset.id).with_for_update()).all()
    rows = session.execute(
        select(
            Dataset.identifier,
            Dataset.id,
            Dataset.current_revision_id,
            DatasetRevision.number,
            DatasetRevision.content_hash,
        )
        .outerjoin(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .where(wanted)
    ).all()
    # Few are withdrawn, so theirs are a statement of their own: no planner joins on one revision or another.
    newest = _newest_revisions(session, [row.id for row in rows if row.current_revision_id is None])
    last = {row.identifier: _Last(row.id, row[2], row[2], row.number or 0, row.content_hash) for row in rows}
    for identifier, one in last.items():
        if one.dataset_id in newest:
            last[identifier] = _Last(one.dataset_id, None, *newest[one.dataset_id])
    return last


def _newest_revisions(session: Session, dataset_ids: Sequence[int]) -> dict[int, tuple[int, int, str]]:
    """Key, number and content hash of the newest revision of each that has one, by the dataset's key."""
    if not dataset_ids:
        return {}
    newest = (
        select(func.max(DatasetRevision.id))
        .where(DatasetRevision.dataset_id.in_(dataset_ids))
        .group_by(DatasetRevision.dataset_id)
    )
    rows = session.execute(
        select(
            DatasetRevision.dataset_id,
            DatasetRevision.id,
            DatasetRevision.number,
            DatasetRevision.content_hash,
        ).where(DatasetRevision.id.in_(newest))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _newest_revision() -> ScalarSelect[int]:
    return (
        select(func.max(DatasetRevision.id))
        .where(DatasetRevision.dataset_id == Dataset.id)
        .correlate(Dataset)
        .scalar_subquery()
    )


def _contents(session: Session, revision_ids: Sequence[int | None]) -> dict[int, dict[str, Any]]:
    known = [key for key in revision_ids if key is not None]
    if not known:
        return {}
    rows = session.execute(
        select(DatasetRevision.id, DatasetRevision.content).where(DatasetRevision.id.in_(known))
    )
    return {row.id: row.content for row in rows}


def _insert_revisions(session: Session, records: Sequence[Record], last: dict[str, _Last]) -> dict[int, int]:
    """Insert the next revision of each and make it current; dataset id → revision id."""
    if not records:
        return {}
    rows = [
        {
            "dataset_id": last[record.identifier].dataset_id,
            "number": last[record.identifier].number + 1,
            "content_hash": record.content_hash,
            "title": record.title,
            "publisher": record.publisher,
            "category_code": record.category_code,
            "content": record.content,
        }
        for record in records
    ]
    added = session.execute(
        insert(DatasetRevision).returning(DatasetRevision.dataset_id, DatasetRevision.id), rows
    )
    revisions = {row.dataset_id: row.id for row in added}
    session.execute(
        update(Dataset)
        .where(Dataset.id.in_(revisions))
        .values(
            current_revision_id=_newest_revision(),
            current_suggestion_id=None,
            withdrawn_at=None,
            version=Dataset.version + 1,
            updated_at=now(),
        )
        .execution_options(synchronize_session=False)
    )
    return revisions


def _outcome(
    last: _Last,
    revisions: dict[int, int],
    contents: dict[int, dict[str, Any]],
    after: dict[str, Any] | None,
) -> Stored:
    if last.dataset_id not in revisions:
        assert last.revision_id is not None  # noqa: S101 - a dataset without revision always gets one
        return Stored(last.dataset_id, last.revision_id, UNCHANGED)
    if last.revision_id is None:
        return Stored(last.dataset_id, revisions[last.dataset_id], CREATED, None, after)
    change = RESTORED if last.current_id is None else CHANGED
    return Stored(last.dataset_id, revisions[last.dataset_id], change, contents.get(last.revision_id), after)


def find_dataset(session: Session, identifier: str) -> Dataset | None:
    """A dataset with its current revision and suggestion, in one statement."""
    return session.scalars(_loaded().where(Dataset.identifier == identifier)).unique().one_or_none()


def page_of_datasets(session: Session, filters: Filters, after_id: int, limit: int) -> list[Dataset]:
    """Datasets in the order they were first stored, from the one after `after_id` on."""
    wanted = _loaded().where(Dataset.id > after_id)
    if filters.category_code is not None:
        category = func.coalesce(DatasetRevision.category_code, StoredSuggestion.category_code)
        wanted = wanted.where(category == filters.category_code)
    if filters.mismatched is not None:
        wanted = wanted.where(StoredSuggestion.mismatched.is_(filters.mismatched))
    if filters.publisher is not None:
        wanted = wanted.where(DatasetRevision.publisher == filters.publisher)
    return list(session.scalars(wanted.order_by(Dataset.id).limit(limit)))


def _loaded() -> Select[Dataset]:
    return (
        select(Dataset)
        .join(Dataset.revision)
        .outerjoin(Dataset.suggestion)
        .outerjoin(StoredSuggestion.model_version)
        .options(
            contains_eager(Dataset.revision),
            contains_eager(Dataset.suggestion).contains_eager(StoredSuggestion.model_version),
        )
        .execution_options(populate_existing=True)
    )


class CurrentDataset(NamedTuple):
    """A dataset as it now stands: its current revision's content, and its current suggestion's if any."""

    dataset_id: int
    identifier: str
    revision_id: int
    content: dict[str, Any]
    suggestion_id: int | None
    suggestion: dict[str, Any] | None
    model_version_id: int | None


def current_datasets(
    session: Session, dataset_ids: Sequence[int], known: Mapping[int, dict[str, Any]] | None = None
) -> list[CurrentDataset]:
    """Datasets by their keys, in the order of the keys; in one statement.

    Args:
        known: the suggestion of each revision, where the caller has just stored them: reading them back takes
            longer than all the rest.
    """
    rows = session.execute(
        select(
            Dataset.id,
            Dataset.identifier,
            DatasetRevision.id,
            DatasetRevision.content,
            StoredSuggestion.id,
            StoredSuggestion.content if known is None else null(),
            StoredSuggestion.model_version_id,
        )
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .outerjoin(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
        .where(Dataset.id.in_(dataset_ids))
        .order_by(Dataset.id)
    )
    found = [CurrentDataset(*row) for row in rows]
    if known is None:
        return found
    tagged = [one for one in found if one.suggestion_id is not None]
    if any(one.revision_id not in known for one in tagged):
        # Somebody changed one meanwhile, and tagged it too.
        return current_datasets(session, dataset_ids)
    return [one._replace(suggestion=known[one.revision_id]) if one.suggestion_id else one for one in found]


def dataset_key(
    session: Session, identifier: str, *, lock: bool = False, withdrawn: bool = True
) -> int | None:
    """The store's key of a dataset, or None.

    Args:
        lock: whether others that want to change it wait until this transaction ends.
        withdrawn: whether one that was withdrawn counts too.
    """
    wanted = select(Dataset.id).where(Dataset.identifier == identifier)
    if not withdrawn:
        wanted = wanted.where(Dataset.current_revision_id.is_not(None))
    return session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()


def identifiers_of(session: Session, dataset_ids: Sequence[int]) -> dict[int, str]:
    """Datasets' identifiers by their keys."""
    rows = session.execute(select(Dataset.id, Dataset.identifier).where(Dataset.id.in_(dataset_ids)))
    return {row.id: row.identifier for row in rows}


def outdated_documents(session: Session, scheme: str, after_id: int, limit: int) -> list[int]:
    """Keys of datasets that are not indexed, or by another scheme, or tagged and not queued for review.

    From the one after `after_id` on; they are locked until the transaction ends.
    """
    return list(
        session.scalars(
            select(Dataset.id)
            .outerjoin(SearchDocument, SearchDocument.dataset_id == Dataset.id)
            .outerjoin(ReviewItem, ReviewItem.dataset_id == Dataset.id)
            .where(
                Dataset.id > after_id,
                Dataset.current_revision_id.is_not(None),
                SearchDocument.scheme.is_distinct_from(scheme)
                | (ReviewItem.dataset_id.is_(None) & Dataset.current_suggestion_id.is_not(None)),
            )
            .order_by(Dataset.id)
            .limit(limit)
            # Until they are indexed nobody changes or withdraws them: the index would keep what was.
            .with_for_update(of=Dataset)
        )
    )


def count_datasets(session: Session) -> Totals:
    """Totals over the catalogue, without what is withdrawn."""
    row = session.execute(
        select(
            func.count(Dataset.current_revision_id),
            func.count(Dataset.current_suggestion_id),
            func.count(StoredSuggestion.id).filter(StoredSuggestion.mismatched),
        ).outerjoin(Dataset.suggestion)
    ).one()
    return Totals(*row)


def model_version_id(session: Session, name: str) -> int:
    """The key of a model version, which is added where it is new."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        dialect.insert(ModelVersion).values(name=name).on_conflict_do_nothing(index_elements=["name"])
    )
    return session.scalars(select(ModelVersion.id).where(ModelVersion.name == name)).one()
