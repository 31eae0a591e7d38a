"""What was imported when, and which datasets the last catalogue named."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, now

SNAPSHOT, CHANGES, PART = "snapshot", "changes", "part"
"""What a file is: the whole catalogue, what changed in it, or some datasets of it."""


class CatalogueImport(Base):
    """One import of a catalogue, fetching it included; it ended well where it has `finished_at`.

    `source` is the file's name or the address it was fetched from, `options` how it was taken, `rows` how many
    records could be used, `counts` what they did. `etag` and `last_modified` are what the server called the file.
    """

    __tablename__ = "catalogue_import"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    options: Mapped[dict[str, Any]]
    rows: Mapped[int]
    counts: Mapped[dict[str, Any]]
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("kind IN ('snapshot', 'changes', 'part')", name="kind"),)


class CatalogueSighting(Base):
    """That a snapshot names a dataset; kept while the import runs, to tell what it no longer names."""

    __tablename__ = "catalogue_sighting"

    import_id: Mapped[int] = mapped_column(
        Key, ForeignKey("catalogue_import.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # No foreign key: datasets are not deleted, and a million look-ups would show nothing.
    dataset_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
