"""Datasets and what their metadata said, revision by revision."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, now
from models.suggestion import StoredSuggestion


class Dataset(Base):
    """One dataset of the catalogue; what it says now is its current revision.

    `version` rises with each change and guards against lost updates. One that its publisher took back has
    `withdrawn_at` and neither revision nor suggestion that is current: nothing that lists, finds or tags datasets
    sees it, while its revisions, decisions and events stay.
    """

    __tablename__ = "dataset"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    identifier: Mapped[str] = mapped_column(String(255), unique=True)
    current_revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("dataset_revision.id", use_alter=True), index=True
    )
    current_suggestion_id: Mapped[int | None] = mapped_column(
        ForeignKey("suggestion.id", use_alter=True), index=True
    )
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]

    revision: Mapped["DatasetRevision | None"] = relationship(
        foreign_keys=[current_revision_id], post_update=True
    )
    suggestion: Mapped[StoredSuggestion | None] = relationship(foreign_keys=[current_suggestion_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name and type


class DatasetRevision(Base):
    """What a dataset's metadata said at one time. Never changed once written.

    `content_hash` is the SHA-256, in hex, of `content`, the whole record under the standard's names;
    the columns beside it are what queries look at.
    """

    __tablename__ = "dataset_revision"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text)
    publisher: Mapped[str | None] = mapped_column(Text)
    category_code: Mapped[str | None] = mapped_column(String(3))
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        UniqueConstraint("dataset_id", "number"),
        Index(None, "category_code"),
        Index(None, "publisher"),
    )
