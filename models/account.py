"""Who may do what: people and programs, and the tokens that programs show."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Document, Key, now

ROLES = ("uploader", "reviewer", "administrator", "auditor")
"""上傳者, 審核者, 管理者, 稽核."""
SCOPES = ("read", "write", "review", "manage")
"""What a token may be for: reading what is not public, storing datasets and themes, deciding, jobs and webhooks."""
SCOPES_OF_ROLES = {
    "uploader": SCOPES[:2],
    "reviewer": SCOPES[:3],
    "administrator": SCOPES,
    "auditor": SCOPES[:1],
}
"""The scopes that a role has a use for."""


class Account(Base):
    """A person or a program.

    `password_hash` is argon2's own text and absent where the account signs in elsewhere or only with tokens.
    `publisher` limits the account to one agency's datasets; absent, it has no such limit.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    display_name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))
    publisher: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    tokens: Mapped[list["Token"]] = relationship(back_populates="account")

    __table_args__ = (
        CheckConstraint("role IN ('uploader', 'reviewer', 'administrator', 'auditor')", name="role"),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name and type


class Token(Base):
    """What a program shows instead of a password.

    The token itself is not stored: `prefix`, its first characters, finds the row, and `token_hash`, its
    SHA-256 in hex, proves it.
    """

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]] = mapped_column(Document)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    account: Mapped[Account] = relationship(back_populates="tokens")


class WebSession(Base):
    """A browser that somebody signed in with.

    The key in its cookie is not stored: `key_hash`, its SHA-256 in hex, finds the row.
    """

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
