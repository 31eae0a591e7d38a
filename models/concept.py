"""The vocabulary's concepts as the store keeps them: what SKOS calls concepts, their labels and relations."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, now

ACCEPTED, CANDIDATE, MERGED, BLOCKED = "accepted", "candidate", "merged", "blocked"
"""A concept's status: in use, waiting for an editor, replaced by another one, never to be suggested."""
PREFERRED, ALTERNATIVE, HIDDEN = "preferred", "alternative", "hidden"
"""A label's kind, as SKOS has it."""
BROADER, RELATED = "broader", "related"
"""A relation's kind: `other` is wider than the concept, or its neighbour (stored both ways)."""


class StoredConcept(Base):
    """One concept. Its URI ends in `identifier` and never changes; `version` rises with each change."""

    __tablename__ = "concept"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    identifier: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(16), default=ACCEPTED)
    category_code: Mapped[str | None] = mapped_column(String(3))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("concept.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    labels: Mapped[list["ConceptLabel"]] = relationship(order_by="ConceptLabel.id")
    relations: Mapped[list["ConceptRelation"]] = relationship(foreign_keys="ConceptRelation.concept_id")
    replaced_by: Mapped["StoredConcept | None"] = relationship(remote_side=[id])

    __table_args__ = (
        CheckConstraint("status IN ('accepted', 'candidate', 'merged', 'blocked')", name="status"),
        CheckConstraint("(status = 'merged') = (replaced_by_id IS NOT NULL)", name="replaced_by_id"),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name and type


class ConceptLabel(Base):
    """One way to write a concept.

    `form` is the label as labels are compared. No form means two concepts: whoever writes it means this one.
    """

    __tablename__ = "concept_label"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    concept_id: Mapped[int] = mapped_column(ForeignKey("concept.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("form"),
        CheckConstraint("kind IN ('preferred', 'alternative', 'hidden')", name="kind"),
    )


class ConceptRelation(Base):
    """That a concept has a broader or a related one."""

    __tablename__ = "concept_relation"

    concept_id: Mapped[int] = mapped_column(ForeignKey("concept.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("concept.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)

    other: Mapped[StoredConcept] = relationship(foreign_keys=[other_id])

    __table_args__ = (
        CheckConstraint("kind IN ('broader', 'related')", name="kind"),
        CheckConstraint("concept_id <> other_id", name="other_id"),
        Index(None, "other_id"),
    )
