"""Themes that are kept: versions that never change, each with the hash of what it says."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from api.services import Services
from api.services.themes.making import ThemeAsked, make_theme
from models.themes import (
    StaleTheme,
    ThemeHeading,
    ThemeRecord,
    add_theme,
    add_version,
    find_theme,
    page_of_themes,
    versions_of,
)

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without what is mistaken for something else when it is read aloud."""
_LENGTH = 10


class SavedTheme(NamedTuple):
    """One version of a saved theme.

    Attributes:
        identifier: of the theme; stands in its address.
        newest: the number of its newest version.
        number: of this version.
        content: what it says.
        content_hash: SHA-256, in hex, of the content as `canonical` writes it.
        created_at: when this version was made.
    """

    identifier: str
    newest: int
    number: int
    content: dict[str, Any]
    content_hash: str
    created_at: datetime

    @property
    def etag(self) -> str:
        """Changes when the theme gets another version."""
        return f"{self.number}-{self.content_hash[:16]}"


class ThemeChange(NamedTuple):
    """What a new version changes; None leaves it as it was.

    Attributes:
        title, limit, exclude_publishers: as in `ThemeAsked`.
        accept, drop: in addition to what was accepted and dropped before; the later word counts.
        remake: whether the datasets are chosen anew; otherwise those of the version before stay.
    """

    title: str | None = None
    limit: int | None = None
    exclude_publishers: tuple[str, ...] | None = None
    accept: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    remake: bool = False


class KeyReused(ValueError):
    """An Idempotency-Key came again with another request."""


def canonical(content: Mapping[str, Any]) -> bytes:
    """A content as it is hashed: JSON in UTF-8, names in order, without blanks."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def create_theme(services: Services, asked: ThemeAsked, key: str | None = None) -> tuple[SavedTheme, bool]:
    """Make a theme and save it; and whether it is new.

    Args:
        services: what to work with.
        asked: what the theme is made of.
        key: with the same key and the same request there is one theme, however often it is asked for.

    Raises:
        UnknownDatasets: something accepted or dropped is not stored.
        KeyReused: the key came before with another request.
    """
    identifier = _from_key(key) if key is not None else _random()
    if key is not None:
        known = get_theme(services, identifier, 1)
        if known is not None:
            return _same(services, known, asked), False
    with services.database.reading() as session:
        content = make_theme(services, session, asked)
    with services.database.writing() as session:
        added = add_theme(session, identifier, _version(content))
    if not added and key is None:  # one in 10**14
        return create_theme(services, asked)
    saved = get_theme(services, identifier, 1)
    assert saved is not None  # noqa: S101 - it was stored above, and nothing removes a theme
    return _same(services, saved, asked), added


def change_theme(
    services: Services, identifier: str, change: ThemeChange, expected_etag: str | None
) -> SavedTheme | None:
    """Save the next version of a theme; None where there is no such theme.

    Args:
        services: what to work with.
        identifier: of the theme.
        change: what is to be different.
        expected_etag: of the version that the caller saw; None takes any.

    Raises:
        StaleTheme: the theme has another version by now.
        UnknownDatasets: something accepted or dropped is not stored.
    """
    with services.database.reading() as session:
        found = find_theme(session, identifier)
        if found is None:
            return None
        before = _saved(found)
        if expected_etag is not None and expected_etag != before.etag:
            raise StaleTheme
        asked = _changed(before.content, change)
        kept = None if change.remake else _kept(before.content, change)
        content = make_theme(services, session, asked, kept)
    with services.database.writing() as session:
        add_version(session, identifier, before.number, _version(content))
    return get_theme(services, identifier)


def get_theme(services: Services, identifier: str, number: int | None = None) -> SavedTheme | None:
    """A version of a theme, by default its newest."""
    with services.database.reading() as session:
        found = find_theme(session, identifier, number)
    return _saved(found) if found else None


def theme_versions(services: Services, identifier: str) -> list[tuple[int, str, datetime]]:
    """The versions of a theme, the newest first: number, content hash, when it was made."""
    with services.database.reading() as session:
        return versions_of(session, identifier)


def list_themes(
    services: Services, before_id: int | None, limit: int
) -> tuple[list[ThemeHeading], int | None]:
    """A page of themes, the newest first, and where the next page goes on, if there is one."""
    with services.database.reading() as session:
        found = page_of_themes(session, before_id, limit + 1)
    page = found[:limit]
    return page, page[-1].id if len(found) > limit else None


def _saved(record: ThemeRecord) -> SavedTheme:
    return SavedTheme(
        record.identifier,
        record.newest,
        record.number,
        record.content,
        record.content_hash,
        record.created_at,
    )


def _same(services: Services, saved: SavedTheme, asked: ThemeAsked) -> SavedTheme:
    """The newest version of a theme that was made of this very request."""
    content = saved.content
    made_of = {name: content[name] for name in ("topic", "title", "options")}
    if made_of != {"topic": asked.topic, "title": asked.title or asked.topic, "options": asked.options}:
        raise KeyReused
    if saved.newest == saved.number:
        return saved
    return get_theme(services, saved.identifier) or saved


def _version(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "topic": content["topic"],
        "title": content["title"],
        "content": content,
        "content_hash": hashlib.sha256(canonical(content)).hexdigest(),
    }


def _changed(content: Mapping[str, Any], change: ThemeChange) -> ThemeAsked:
    options = content["options"]
    accept = [one for one in options["accept"] if one not in change.drop]
    drop = [one for one in options["drop"] if one not in change.accept]
    excluded = change.exclude_publishers
    return ThemeAsked(
        content["topic"],
        change.title or content["title"],
        change.limit or options["limit"],
        tuple(options["excludePublishers"]) if excluded is None else excluded,
        tuple(dict.fromkeys([*accept, *change.accept])),
        tuple(dict.fromkeys([*drop, *change.drop])),
    )


def _kept(content: Mapping[str, Any], change: ThemeChange) -> list[str]:
    before = [dataset["identifier"] for dataset in content["datasets"]]
    return [one for one in dict.fromkeys([*before, *change.accept]) if one not in change.drop]


def _random() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def _from_key(key: str) -> str:
    number = int.from_bytes(hashlib.sha256(f"theme {key}".encode()).digest())
    digits = []
    for _ in range(2 * _LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)
