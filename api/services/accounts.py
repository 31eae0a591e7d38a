"""Who somebody is: signing in with a password, and tokens for programs.

Passwords are kept as argon2id (RFC 9106); session keys and tokens are 256 random bits, of which only the SHA-256
is stored: a slow hash would add nothing to that and cost every call.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.exc import IntegrityError

from api.services import Services
from models.account import ROLES, SCOPES_OF_ROLES
from models.accounts import (
    AccountRow,
    TokenRow,
    add_account,
    add_session,
    add_token,
    change_account,
    count_accounts,
    end_session,
    find_account,
    find_session,
    find_token,
    list_accounts,
    list_tokens,
    replace_password_hash,
    revoke_token,
    see_session,
    use_token,
)
from models.base import now

IDLE, ABSOLUTE = timedelta(hours=8), timedelta(days=7)
"""A session ends when nothing was asked for so long, and so long after its start at the latest."""
SHORTEST_PASSWORD = 12
_TOKEN_MARK = "tgr"  # noqa: S105 - the beginning that tells what the text is
_PREFIX_BYTES = 6
_SEEN_EVERY = timedelta(minutes=1)
_HASHER = PasswordHasher()


class Person(NamedTuple):
    """Somebody who is signed in, person or program.

    Attributes:
        name: what they sign in with.
        role: one of `models.account.ROLES`.
        publisher: the only agency whose datasets they may change; None for any.
    """

    id: int
    name: str
    display_name: str
    role: str
    publisher: str | None


class TokenOwner(NamedTuple):
    """Whose token it is, how the token is listed, and what it is for."""

    person: Person
    prefix: str
    scopes: tuple[str, ...]


class AccountError(Exception):
    """An account or token cannot be made or changed; the message says why, in 繁體中文."""


def _person(account: AccountRow) -> Person:
    return Person(account.id, account.name, account.display_name, account.role, account.publisher)


def create_account(
    services: Services,
    name: str,
    display_name: str,
    role: str,
    *,
    publisher: str | None = None,
    password: str | None = None,
) -> Person:
    """Make an account; without a password it can only use tokens.

    Raises:
        AccountError: the name is taken or unfit, the role unknown, or the password too short.
    """
    if not name or len(name) > 255 or not name.isprintable() or any(c.isspace() or c in "@/" for c in name):
        raise AccountError("帳號名稱不可空白，也不可含空白、控制字元、@ 或斜線。")
    if not display_name.isprintable():
        raise AccountError("顯示名稱不可含控制字元。")
    if role not in ROLES:
        raise AccountError(f"角色應為 {'、'.join(ROLES)} 其中之一。")
    values = {
        "name": name,
        "display_name": display_name.strip() or name,
        "role": role,
        "publisher": publisher,
        "password_hash": _hashed(password) if password is not None else None,
    }
    try:
        with services.database.writing() as session:
            key = add_account(session, values)
    except IntegrityError as error:
        raise AccountError(f"帳號「{name}」已存在，請換一個名稱。") from error
    return Person(key, name, values["display_name"] or name, role, publisher)


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise AccountError(f"密碼至少要有 {SHORTEST_PASSWORD} 個字。")
    return _HASHER.hash(password)


def accounts(services: Services) -> list[AccountRow]:
    """All accounts."""
    with services.database.reading() as session:
        return list_accounts(session)


def has_accounts(services: Services) -> bool:
    """Whether there is any account."""
    with services.database.reading() as session:
        return count_accounts(session) > 0


def reviewers(services: Services) -> list[Person]:
    """Those who may decide, by name."""
    with services.database.reading() as session:
        return [_person(row) for row in list_accounts(session, roles=("reviewer", "administrator"))]


def set_password(services: Services, name: str, password: str) -> None:
    """Give an account another password, which ends its sessions. Raises AccountError."""
    _change(services, name, "account.password", {"password_hash": _hashed(password)})


def set_disabled(services: Services, name: str, disabled: bool) -> None:
    """Shut an account out, or let it in again. Raises AccountError where there is none of this name."""
    kind = "account.disabled" if disabled else "account.enabled"
    _change(services, name, kind, {"disabled_at": now() if disabled else None})


def set_role(services: Services, name: str, role: str) -> None:
    """Give an account another role, which ends its sessions. Raises AccountError."""
    if role not in ROLES:
        raise AccountError(f"角色應為 {'、'.join(ROLES)} 其中之一。")
    _change(services, name, "account.role", {"role": role})


def _change(services: Services, name: str, kind: str, values: dict[str, str | datetime | None]) -> None:
    with services.database.writing() as session:
        change_account(session, _known(find_account(session, name), name).id, kind, values)


def _known(account: AccountRow | None, name: str) -> AccountRow:
    if account is None:
        raise AccountError(f"沒有帳號「{name}」，請以 tagger user list 查看，或以 tagger user add 新增。")
    return account


@cache
def _nobodys_hash() -> str:
    """What is verified for a name that nobody has, so that it takes as long."""
    return _HASHER.hash(secrets.token_urlsafe(32))


def sign_in(services: Services, name: str, password: str) -> str | None:
    """The key of a new session, or None where name and password do not belong together."""
    nobodys = _nobodys_hash()
    with services.database.reading() as session:
        account = find_account(session, name) if name.isprintable() else None
    known = account.password_hash if account and account.password_hash else nobodys
    try:
        _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return None
    if account is None or account.password_hash is None or account.disabled_at is not None:
        return None
    key, moment = secrets.token_urlsafe(32), now()
    with services.database.writing() as session:
        if _HASHER.check_needs_rehash(known):
            replace_password_hash(session, account.id, _HASHER.hash(password))
        add_session(session, account.id, _digest(key), moment, moment + ABSOLUTE)
    return key


def sign_out(services: Services, key: str) -> None:
    """End a session."""
    with services.database.writing() as session:
        end_session(session, _digest(key))


def person_of_session(services: Services, key: str) -> Person | None:
    """Whose session a key belongs to, or None where it has ended."""
    moment = now()
    with services.database.reading() as session:
        found = find_session(session, _digest(key))
    if found is None or found.account.disabled_at is not None:
        return None
    if found.expires_at <= moment or found.last_seen_at + IDLE <= moment:
        return None
    if found.last_seen_at + _SEEN_EVERY <= moment:
        with services.database.writing() as session:
            see_session(session, found.id, moment)
    return _person(found.account)


def create_token(
    services: Services,
    account: str,
    name: str,
    lifetime: timedelta | None = None,
    scopes: Collection[str] | None = None,
) -> str:
    """A new token of an account. It is not stored and cannot be shown again.

    Args:
        name: what it is for.
        lifetime: None for a token without an end.
        scopes: of `models.account.SCOPES`; by default those that the account's role has a use for.

    Raises:
        AccountError: there is no such account, or its role has no use for a scope.
    """
    prefix = secrets.token_hex(_PREFIX_BYTES)
    token = f"{_TOKEN_MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    with services.database.writing() as session:
        owner = _known(find_account(session, account), account)
        values = {
            "account_id": owner.id,
            "name": name,
            "scopes": _fitting_scopes(owner.role, scopes),
            "prefix": prefix,
            "token_hash": _digest(token),
            "expires_at": now() + lifetime if lifetime else None,
        }
        add_token(session, values)
    return token


def _fitting_scopes(role: str, wanted: Collection[str] | None) -> list[str]:
    usable = SCOPES_OF_ROLES[role]
    if wanted is None:
        return list(usable)
    unfit = [scope for scope in wanted if scope not in usable]
    if unfit or not wanted:
        raise AccountError(f"角色 {role} 的權杖可用的範圍為 {'、'.join(usable)}，請由其中選擇。")
    return [scope for scope in usable if scope in wanted]


def tokens(services: Services) -> list[TokenRow]:
    """All tokens, without what they are."""
    with services.database.reading() as session:
        return list_tokens(session)


def end_token(services: Services, prefix: str) -> None:
    """Revoke a token by its first characters. Raises AccountError where there is none."""
    with services.database.writing() as session:
        token = find_token(session, prefix)
        if token is None:
            raise AccountError(f"沒有開頭為「{prefix}」的權杖，請以 tagger token list 查看。")
        revoke_token(session, token, now())


def owner_of_token(services: Services, token: str) -> TokenOwner | None:
    """Whose token it is, or None where it is none, expired or revoked."""
    mark, _, rest = token.partition("_")
    prefix = rest.partition("_")[0]
    if mark != _TOKEN_MARK or not prefix:
        return None
    moment = now()
    with services.database.reading() as session:
        found = find_token(session, prefix)
    if found is None or not hmac.compare_digest(found.token_hash, _digest(token)):
        return None
    ended = found.expires_at is not None and found.expires_at <= moment
    if ended or found.revoked_at is not None or found.account.disabled_at is not None:
        return None
    if found.last_used_at is None or found.last_used_at + _SEEN_EVERY <= moment:
        with services.database.writing() as session:
            use_token(session, found.id, moment)
    return TokenOwner(_person(found.account), found.prefix, tuple(found.scopes))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
