"""Statements that may take longer than those of a request."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_LONG_MILLISECONDS = 600_000


def allow_long(session: Session) -> None:
    """Let each statement of a transaction take ten minutes. SQLite has no limit."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL statement_timeout = {_LONG_MILLISECONDS}"))
