"""Long work as rows, so that no broker has to be believed."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Document, Key, now

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
"""Where a job or a chunk of it is."""
ENDED = (DONE, FAILED, CANCELLED)
COUNTED = ("tagged", "unchanged", "changedCategory", "newMismatches", "failed")
"""What chunks count, in datasets."""
_STATES = "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')"


class Job(Base):
    """One piece of long work.

    `kind` names the use case and `parameters` what it was asked; `total`, `done` and `failed` count its
    items, `done` those that were settled already when it was opened again. `report` is what a job that has ended
    came to, as `models.job_listing.Extent`; None where an older version ended it.
    """

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    parameters: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(Text)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint(_STATES, name="state"), Index(None, "state"))
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name and type


class JobChunk(Base):
    """A part of a job that one worker does in one transaction.

    It holds the datasets whose keys are from `first_id` to `last_id` and fit the job's parameters, or just
    `dataset_ids`, where few of a range would be meant. Whoever works on it has a lease until `lease_until` and the
    number `token`; taken over by another, the number rises, and what the first one still writes is refused. `counts`
    is what was done.
    """

    __tablename__ = "job_chunk"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    number: Mapped[int]
    first_id: Mapped[int] = mapped_column(Key)
    last_id: Mapped[int] = mapped_column(Key)
    dataset_ids: Mapped[list[Any] | None] = mapped_column(Document)
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    attempt: Mapped[int] = mapped_column(default=0)
    token: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]
    error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("job_id", "number"),
        CheckConstraint(_STATES, name="state"),
        Index(None, "job_id", "state", "number"),
    )


class JobFailure(Base):
    """A dataset that a job could not do, and why."""

    __tablename__ = "job_failure"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(
        Key, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    reason: Mapped[str] = mapped_column(Text)
