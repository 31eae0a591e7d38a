"""Accounts, their tokens and the browsers they signed in with: writing them and finding them again."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from models.account import Account, Token, WebSession
from models.base import now
from models.event import EventRecord, append_events


class AccountRow(NamedTuple):
    """An account as it is stored; the fields are those of `models.account.Account`."""

    id: int
    name: str
    display_name: str
    role: str
    publisher: str | None
    password_hash: str | None
    disabled_at: datetime | None


class TokenRow(NamedTuple):
    """A token as it is stored, with its account; the other fields are those of `models.account.Token`."""

    id: int
    account: AccountRow
    name: str
    prefix: str
    token_hash: str
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime


class SessionRow(NamedTuple):
    """A signed-in browser with its account; the other fields are those of `models.account.WebSession`."""

    id: int
    account: AccountRow
    last_seen_at: datetime
    expires_at: datetime


_ACCOUNT = tuple(getattr(Account, name) for name in AccountRow._fields)


def find_account(session: Session, name: str) -> AccountRow | None:
    """An account by the name it signs in with."""
    found = session.execute(select(*_ACCOUNT).where(Account.name == name)).one_or_none()
    return AccountRow(*found) if found else None


def list_accounts(session: Session, *, roles: tuple[str, ...] | None = None) -> list[AccountRow]:
    """Accounts by name; with `roles`, only enabled ones that have one of them."""
    wanted = select(*_ACCOUNT).order_by(Account.name)
    if roles is not None:
        wanted = wanted.where(Account.role.in_(roles), Account.disabled_at.is_(None))
    return [AccountRow(*row) for row in session.execute(wanted)]


def count_accounts(session: Session) -> int:
    """How many accounts there are."""
    return session.scalars(select(func.count(Account.id))).one()


def add_account(session: Session, values: dict[str, Any]) -> int:
    """Add an account; its key. Raises IntegrityError where the name is taken."""
    [key] = session.scalars(insert(Account).returning(Account.id), [{"version": 1, **values}]).all()
    _happened(session, "account.created", key, {"name": values["name"], "role": values["role"]})
    return key


def change_account(session: Session, account_id: int, kind: str, values: dict[str, Any]) -> None:
    """Change an account and end its sessions.

    Args:
        kind: of the event: `account.password`, `account.role`, `account.disabled`, `account.enabled`.
    """
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(**values, version=Account.version + 1, updated_at=now())
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(WebSession).where(WebSession.account_id == account_id))
    told = {"role": values["role"]} if "role" in values else {}
    _happened(session, kind, account_id, told)


def replace_password_hash(session: Session, account_id: int, password_hash: str) -> None:
    """Store the same password, hashed anew."""
    session.execute(update(Account).where(Account.id == account_id).values(password_hash=password_hash))


def add_token(session: Session, values: dict[str, Any]) -> None:
    """Add a token."""
    session.execute(insert(Token), [{"scopes": [], **values}])
    content = {"prefix": values["prefix"], "name": values["name"]}
    _happened(session, "token.created", values["account_id"], content)


def find_token(session: Session, prefix: str) -> TokenRow | None:
    """A token by its first characters."""
    found = _tokens(session, Token.prefix == prefix)
    return found[0] if found else None


def list_tokens(session: Session) -> list[TokenRow]:
    """All tokens, the oldest first."""
    return _tokens(session)


def _tokens(session: Session, *conditions: Any) -> list[TokenRow]:
    columns = tuple(getattr(Token, name) for name in TokenRow._fields if name not in ("id", "account"))
    rows = session.execute(
        select(Token.id, *_ACCOUNT, *columns)
        .join(Account, Account.id == Token.account_id)
        .where(*conditions)
        .order_by(Token.id)
    )
    return [TokenRow(row[0], AccountRow(*row[1:8]), *row[8:]) for row in rows]


def revoke_token(session: Session, token: TokenRow, at: datetime) -> None:
    """A token is worth nothing from now on."""
    session.execute(update(Token).where(Token.id == token.id).values(revoked_at=at))
    _happened(session, "token.revoked", token.account.id, {"prefix": token.prefix})


def use_token(session: Session, token_id: int, at: datetime) -> None:
    """Note when a token was used."""
    session.execute(update(Token).where(Token.id == token_id).values(last_used_at=at))


def add_session(session: Session, account_id: int, key_hash: str, at: datetime, expires_at: datetime) -> None:
    """Note that an account signed in; sessions that have expired are swept away."""
    session.execute(delete(WebSession).where(WebSession.expires_at <= at))
    values = {"account_id": account_id, "key_hash": key_hash, "created_at": at, "last_seen_at": at}
    session.execute(insert(WebSession), [{**values, "expires_at": expires_at}])


def find_session(session: Session, key_hash: str) -> SessionRow | None:
    """A signed-in browser by the hash of its key."""
    found = session.execute(
        select(WebSession.id, *_ACCOUNT, WebSession.last_seen_at, WebSession.expires_at)
        .join(Account, Account.id == WebSession.account_id)
        .where(WebSession.key_hash == key_hash)
    ).one_or_none()
    return SessionRow(found[0], AccountRow(*found[1:8]), *found[8:]) if found else None


def see_session(session: Session, session_id: int, at: datetime) -> None:
    """Note when a browser was last seen."""
    session.execute(update(WebSession).where(WebSession.id == session_id).values(last_seen_at=at))


def end_session(session: Session, key_hash: str) -> None:
    """The browser is signed out."""
    session.execute(delete(WebSession).where(WebSession.key_hash == key_hash))


def _happened(session: Session, kind: str, account_id: int, content: dict[str, Any]) -> None:
    append_events(session, [EventRecord(kind, f"account/{account_id}", content)])
