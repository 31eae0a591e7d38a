"""What decisions leave standing: a dataset's approved category, its approved and its rejected labels."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, now
from models.concept import StoredConcept

CATEGORY, LABEL = "category", "label"
"""A tag's kind."""


class Tag(Base):
    """One thing that stands: `value` is a category's code or a label as people read it.

    A rejected label stands too: it must not be suggested for this dataset again.
    """

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Text)
    approved: Mapped[bool]
    concept_id: Mapped[int | None] = mapped_column(ForeignKey("concept.id"), index=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    concept: Mapped[StoredConcept | None] = relationship()

    __table_args__ = (
        UniqueConstraint("dataset_id", "kind", "value"),
        CheckConstraint("kind IN ('category', 'label')", name="kind"),
        CheckConstraint("approved OR kind = 'label'", name="approved"),
        Index(None, "value"),
    )
