"""What a server in production must not start without."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from api.config import Settings

_SHORTEST_KEY = 32
_FEWEST_CHARACTERS = 8
"""Different ones in a key: 32 random hexadecimal digits have fewer once in a million million."""
_EXAMPLE = re.compile(
    r"change.?me|replace.?me|your.?secret|secret.?key|example|insecure|dev(elopment)?.?key|12345678"
)
_TRIED_FIRST = frozenset(
    {
        *(
            "123456",
            "12345678",
            "admin",
            "changeme",
            "change-me",
            "default",
            "example",
            "passw0rd",
            "password",
        ),
        *("postgres", "redis", "root", "secret", "tagger", "test"),
    }
)
_MAKE_ONE = "請以 openssl rand -hex 32 產生"


class UnfitForProduction(Exception):
    """The settings are none to serve the public with; the message lists why, in 繁體中文."""


def require_fit(settings: Settings) -> None:
    """Refuse settings that are unsafe in production.

    Raises:
        UnfitForProduction: something is missing or unsafe; it says all of it, and nothing of a secret.
    """
    if settings.environment != "production":
        return
    found = [*_of_keys(settings), *_of_the_address(settings), *_of_passwords(settings)]
    if found:
        raise UnfitForProduction(
            "\n".join(
                (
                    "無法以正式環境啟動，請設定下列環境變數：",
                    *(f"- {sentence}" for sentence in found),
                    "若只是在自己的電腦上試用，請設定 TAGGER_ENVIRONMENT=development。",
                )
            )
        )


def _of_keys(settings: Settings) -> Iterator[str]:
    if not settings.secret_key:
        yield f"SECRET_KEY：未設定。{_MAKE_ONE}，各主機相同。"
    elif wrong := _weakness(settings.secret_key):
        yield f"SECRET_KEY：{wrong}。{_MAKE_ONE}，各主機相同。"
    for number, former in enumerate(settings.secret_key_fallbacks, 1):
        if wrong := _weakness(former):
            yield f"SECRET_KEY_FALLBACKS：第 {number} 個{wrong}，請移除。"


def _weakness(key: str) -> str | None:
    if len(key) < _SHORTEST_KEY:
        return f"不到 {_SHORTEST_KEY} 個字"
    if len(set(key)) < _FEWEST_CHARACTERS or _EXAMPLE.search(key.lower()):
        return "是範例或重複的字"
    return None


def _of_the_address(settings: Settings) -> Iterator[str]:
    address = settings.public_url
    if address is None:
        yield "TAGGER_PUBLIC_URL：未設定。請填使用者看到的網址，例如 https://tagger.example.gov.tw。"
    elif urlsplit(address).scheme != "https":
        yield "TAGGER_PUBLIC_URL：不是 https。請由前端的代理伺服器提供 TLS，並填 https:// 開頭的網址。"


def _of_passwords(settings: Settings) -> Iterator[str]:
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        # What is wrong with it is said where the store is opened.
        return
    if url.get_backend_name() == "sqlite":
        return
    given = {"DATABASE_URL": url.password, "PGPASSWORD": os.environ.get("PGPASSWORD")}
    for name, password in given.items():
        if password is not None and str(password).lower() in _TRIED_FIRST:
            yield f"{name}：密碼是人人會先試的預設值，請更換。"
