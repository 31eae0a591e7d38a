"""Who is told what was decided, and the messages on their way."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Document, Key, now


class Webhook(Base):
    """An address that wants to be told.

    `secret` signs what is sent (Standard Webhooks) and so has to be stored as it is. `kinds` are the kinds of
    events that are wanted. `failing_since` is when deliveries began to fail without a success in between.
    """

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[Any]] = mapped_column(Document)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    failing_since: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Delivery(Base):
    """One message to one webhook, written in the transaction of the event that it tells of.

    `message_id` stays the same over all attempts, so that the receiver can tell a repetition. `body` is the
    exact text that is signed. `due_at` is when the next attempt may begin, None when there is none to come;
    an attempt under way has moved it ahead, so that nobody else begins another.
    """

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64), unique=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    body: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(default=now)
    delivered_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index(None, "due_at"),
    )
