"""Themes: datasets of several agencies that answer one topic, saved so that they can be cited."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, now


class Theme(Base):
    """A theme; what it holds is its newest version. `identifier` stands in its address and never changes."""

    __tablename__ = "theme"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    identifier: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    versions: Mapped[list["ThemeVersion"]] = relationship(order_by="ThemeVersion.number")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name and type


class ThemeVersion(Base):
    """What a theme held at one time. Never changed once written, so that a citation keeps its meaning.

    `content_hash` is the SHA-256, in hex, of `content`.
    """

    __tablename__ = "theme_version"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"))
    number: Mapped[int]
    topic: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("theme_id", "number"),)
