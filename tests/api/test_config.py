"""The table of settings is the code's."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from api.config import Settings

_TABLE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_every_setting_is_documented_as_it_is() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*?)\| (.*?) \|$", _TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    expected = []
    for field in Settings.model_fields.values():
        default = "" if field.default in (None, PydanticUndefined) else f"`{field.default}`"
        expected.append((field.alias, default, field.description))
    assert [(name, default.strip(), says) for name, default, says in rows] == expected


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@y/z")
    monkeypatch.setenv("WEB_CONCURRENCY", "7")
    settings = Settings()
    assert (settings.database_url, settings.workers) == ("postgresql://x@y/z", 7)


@pytest.mark.parametrize(
    ("name", "value"), [("LOG_LEVEL", "LOUD"), ("WEB_CONCURRENCY", "0"), ("TAGGER_ENVIRONMENT", "staging")]
)
def test_a_bad_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name):
        Settings()
