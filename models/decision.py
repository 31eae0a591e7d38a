"""What people decided of a dataset. Append-only: an undone decision is followed by one that undoes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, Text, false, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Document, Key, now

DECIDE, KEEP, REJECT = "decide", "keep", "reject"
"""Kinds that settle a dataset: a category is chosen; the declared one is kept against the suggestion
(維持原分類); what was suggested is refused and no category is chosen."""
SKIP, FLAG, UNDO = "skip", "flag", "undo"
"""Kinds that settle nothing: left to others; marked for discussion; an earlier one taken back."""
SETTLING = (DECIDE, KEEP, REJECT)
KINDS = (*SETTLING, SKIP, FLAG, UNDO)


class Decision(Base):
    """One decision. The database refuses to change or remove it.

    `category_code` is the category decided for, or None where the category was not decided.
    `accepted_labels` and `rejected_labels` are labels as people read them. `reason` says why a declared
    category is kept (維持原分類) or an item was skipped. `undoes_id` is the decision that this one takes back.
    `doubles_id` is the decision that this one is a blind second opinion on; such a one changes no tag.
    `second_wanted` says that a second opinion is to be asked for. `sampled` says that the dataset came up in
    the random check of confident suggestions, the only honest measure of their precision. `milliseconds` is
    how long the reviewer had it open.
    """

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("dataset_revision.id"))
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestion.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    batch: Mapped[str | None] = mapped_column(String(36))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(16), default=DECIDE, server_default=DECIDE)
    doubles_id: Mapped[int | None] = mapped_column(Key)
    second_wanted: Mapped[bool] = mapped_column(default=False, server_default=false())
    sampled: Mapped[bool] = mapped_column(default=False, server_default=false())
    milliseconds: Mapped[int | None]
    category_code: Mapped[str | None] = mapped_column(String(3))
    accepted_labels: Mapped[list[Any]] = mapped_column(Document)
    rejected_labels: Mapped[list[Any]] = mapped_column(Document)
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        CheckConstraint("undoes_id IS NULL OR undoes_id < id", name="undoes_id"),
        Index(None, "dataset_id", "id"),
        Index(None, "batch"),
        Index(None, "doubles_id", unique=True),
        Index(None, "account_id", "id"),
        Index(None, "account_id", "created_at"),
        # Whether somebody decided on a dataset before: asked for each item of a queue.
        Index(None, "dataset_id", "account_id", "kind"),
        Index(None, "created_at"),
        Index(None, "kind", "category_code", "id"),
    )


def is_unset(column: Any) -> ColumnElement[bool]:
    """Whether a reference to another decision is absent.

    Said so that no index is used: SQLite would take IS NULL on a unique column for rare, and nearly all have it.
    """
    return func.coalesce(column, 0) == 0
