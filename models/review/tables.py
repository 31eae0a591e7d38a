"""The tables of reviewing: the queue, leases, assignments, notes and saved replies."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, now

MISMATCH, UNCERTAIN, CONFIDENT = "mismatch", "uncertain", "confident"
"""Where an undecided dataset waits: flagged; of low confidence; neither, so only a random check asks for it."""
SECOND, CONFLICT, DECIDED = "second", "conflict", "decided"
"""Where a decided one is: waiting for a blind second opinion; waiting for a third one; done."""
QUEUES = (MISMATCH, UNCERTAIN, CONFIDENT, SECOND, CONFLICT, DECIDED)
CONFIRM, CORRECT = "confirm", "correct"
"""How firmly a declaration is flagged: 建議確認, 建議修正."""
FOR_QUEUE, FOR_SAMPLE, FOR_SECOND = "queue", "sample", "second"
"""Why somebody got an item: its turn in the queue, a random check of confident ones, a blind second opinion."""


class ReviewItem(Base):
    """A tagged dataset as reviewers find it. Made anew whenever the dataset, its decisions or the model change.

    `gain` is what a decision is expected to correct, and orders the queue; of `CONFIDENT` ones it is a random
    number that stays the same, so that taking them in its order is drawing without replacement.
    `title_pattern` is the title without places, periods and numbers: look-alikes share it.
    """

    __tablename__ = "review_item"

    dataset_id: Mapped[int] = mapped_column(
        Key, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    queue: Mapped[str] = mapped_column(String(16))
    gain: Mapped[float] = mapped_column(Double)
    level: Mapped[str | None] = mapped_column(String(16))
    confidence: Mapped[float] = mapped_column(Double)
    declared_code: Mapped[str | None] = mapped_column(String(3))
    suggested_code: Mapped[str] = mapped_column(String(3))
    publisher: Mapped[str | None] = mapped_column(Text)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_version.id"))
    title_pattern: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint(f"queue IN {QUEUES}", name="queue"),
        CheckConstraint("level IN ('confirm', 'correct')", name="level"),
        Index(None, "queue", "gain", "dataset_id"),
        Index(None, "publisher", "queue"),
        Index(None, "declared_code", "queue", "suggested_code"),
        Index(None, "title_pattern"),
    )


class Lease(Base):
    """That somebody looks at a dataset just now: soft, it warns others and hides nothing from them."""

    __tablename__ = "lease"

    dataset_id: Mapped[int] = mapped_column(
        Key, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (CheckConstraint("purpose IN ('queue', 'sample', 'second')", name="purpose"),)


class Assignment(Base):
    """That somebody is to decide on a dataset, until a day if one is set."""

    __tablename__ = "assignment"

    dataset_id: Mapped[int] = mapped_column(
        Key, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    due_on: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Note(Base):
    """What a reviewer remarked on a dataset."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Mention(Base):
    """That a note calls somebody by @name; `seen_at` is when that person opened the dataset."""

    __tablename__ = "mention"

    note_id: Mapped[int] = mapped_column(ForeignKey("note.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    seen_at: Mapped[datetime | None]


class SavedReply(Base):
    """A reason that a reviewer gives often."""

    __tablename__ = "saved_reply"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class NewTerm(Base):
    """A term of a dataset's title that the vocabulary lacked when it was tagged; `form` as `ConceptLabel.form`."""

    __tablename__ = "new_term"

    dataset_id: Mapped[int] = mapped_column(
        Key, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    form: Mapped[str] = mapped_column(Text, primary_key=True)
    term: Mapped[str] = mapped_column(Text)
    publisher: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index(None, "form"),)
