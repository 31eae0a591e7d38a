"""What a model said of a revision. Belongs to a revision and a model version; never overwritten."""

from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, now


class ModelVersion(Base):
    """A set of weights that made suggestions."""

    __tablename__ = "model_version"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class StoredSuggestion(Base):
    """One suggestion. `content` is the whole answer; the columns beside it are what queries look at."""

    __tablename__ = "suggestion"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("dataset_revision.id", ondelete="CASCADE"))
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_version.id"))
    category_code: Mapped[str] = mapped_column(String(3))
    confidence: Mapped[float] = mapped_column(Double)
    mismatched: Mapped[bool]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)

    model_version: Mapped[ModelVersion] = relationship()

    __table_args__ = (
        UniqueConstraint("revision_id", "model_version_id"),
        Index(None, "category_code"),
        Index(None, "mismatched"),
    )
