"""Which datasets a job is about, and what it has to know of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from models.dataset import Dataset, DatasetRevision
from models.patience import allow_long
from models.suggestion import StoredSuggestion


class Wanted(NamedTuple):
    """Which datasets a job is about; None asks for any.

    Attributes:
        publisher: exactly this one.
        category_code: the declared one.
        changed: only those whose content the model has not tagged as it now stands.
    """

    publisher: str | None = None
    category_code: str | None = None
    changed: bool = False


class Claim(NamedTuple):
    """A chunk that somebody works on; the fields are those of `models.job.JobChunk`."""

    chunk_id: int
    job_id: int
    first_id: int
    last_id: int
    dataset_ids: list[int] | None
    token: int
    number: int


class Item(NamedTuple):
    """A dataset of a chunk: its current revision, its current suggestion if any, and whether a model made it."""

    dataset_id: int
    revision_id: int
    content: dict[str, Any]
    category_code: str | None
    mismatched: bool | None
    tagged: bool


def items_of(
    session: Session, claim: Claim, wanted: Wanted, model_version_id: int, since: datetime
) -> list[Item]:
    """The datasets of a chunk as they stand now, in one statement.

    Args:
        since: when the job was made; what was tagged later still belongs to it.
    """
    chosen = _items(wanted)
    if claim.dataset_ids is not None:
        # What had changed was looked up when they were listed, and what is done since still belongs to the job.
        chosen = chosen.where(Dataset.id.in_(claim.dataset_ids))
    else:
        chosen = chosen.where(Dataset.id.between(claim.first_id, claim.last_id))
        if wanted.changed:
            # Cut before chunks of what changed listed their datasets.
            chosen = chosen.where(untagged_by(model_version_id) | (StoredSuggestion.created_at >= since))
    return [
        Item(row[0], row[1], row[2], row[3], row[4], row[5] == model_version_id)
        for row in session.execute(chosen)
    ]


def items_after(
    session: Session,
    wanted: Wanted,
    dataset_ids: Sequence[int] | None,
    model_version_id: int,
    after_id: int,
    limit: int,
) -> list[Item]:
    """The next wanted datasets in the order of their keys, of a list or of all, in one statement.

    It may take long: where few are wanted, it walks over many that are not.
    """
    allow_long(session)
    chosen = _items(wanted).where(Dataset.id > after_id).limit(limit)
    if wanted.changed:
        chosen = chosen.where(untagged_by(model_version_id))
    if dataset_ids is not None:
        chosen = chosen.where(Dataset.id.in_(dataset_ids))
    return [
        Item(row[0], row[1], row[2], row[3], row[4], row[5] == model_version_id)
        for row in session.execute(chosen)
    ]


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What a current revision must meet to be wanted, whether it changed or not."""
    found: list[ColumnElement[bool]] = []
    if wanted.publisher is not None:
        found.append(DatasetRevision.publisher == wanted.publisher)
    if wanted.category_code is not None:
        found.append(DatasetRevision.category_code == wanted.category_code)
    return found


def untagged_by(model_version_id: int) -> ColumnElement[bool]:
    """That the current revision has no suggestion, or one of another model."""
    return StoredSuggestion.model_version_id.is_distinct_from(model_version_id)


def _items(wanted: Wanted) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Dataset.id,
            DatasetRevision.id,
            DatasetRevision.content,
            StoredSuggestion.category_code,
            StoredSuggestion.mismatched,
            StoredSuggestion.model_version_id,
        )
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .outerjoin(StoredSuggestion, StoredSuggestion.id == Dataset.current_suggestion_id)
        .where(*conditions(wanted))
        .order_by(Dataset.id)
    )
