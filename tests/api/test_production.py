"""In production nothing is served with unsafe settings, and only to the service's own names."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Settings
from api.cursor import decode, encode
from api.production import UnfitForProduction, require_fit
from api.services import Services

_ROOT = Path(__file__).parents[2]
_NAME = "tagger.example.gov.tw"
# Not drawn anew: it is part of a test's name, which all processes of a run have to agree on.
_KEY = "9f3c1b7e05d2486a" * 4
_FIT = {
    "DATABASE_URL": "postgresql://tagger@postgres/tagger",
    "SECRET_KEY": _KEY,
    "TAGGER_PUBLIC_URL": f"https://{_NAME}",
    "TAGGER_ENVIRONMENT": "production",
}


def _served(loaded: Services, **settings: Any) -> Flask:
    """The application of production, with a store that nobody asks for anything."""
    made = Settings(**{**_FIT, "DATABASE_URL": "sqlite://", **settings})
    services = Services(made)
    services.tagger, services.meaning = loaded.tagger, loaded.meaning
    return create_app(made, services)


def _seen(client: FlaskClient, headers: dict[str, str]) -> tuple[str | None, str]:
    """The caller's address and the request's own, as the application takes them to be."""
    with client:
        assert client.get("/livez", headers=headers).status_code == 200
        return request.remote_addr, request.url


def test_production_is_the_default_and_fit_settings_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAGGER_ENVIRONMENT")
    assert Settings().environment == "production"
    require_fit(Settings(**_FIT))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", None, "SECRET_KEY：未設定"),
        ("SECRET_KEY", "", "SECRET_KEY：未設定"),
        ("SECRET_KEY", "A9" * 15 + "c", "SECRET_KEY：不到 32 個字"),
        ("SECRET_KEY", "x" * 64, "SECRET_KEY：是範例"),
        ("SECRET_KEY", "abcd" * 16, "SECRET_KEY：是範例"),
        ("SECRET_KEY", "please-change-me-in-production-0123456789", "SECRET_KEY：是範例"),
        ("SECRET_KEY_FALLBACKS", f"{_KEY},short", "SECRET_KEY_FALLBACKS：第 2 個不到"),
        ("TAGGER_PUBLIC_URL", None, "TAGGER_PUBLIC_URL：未設定"),
        ("TAGGER_PUBLIC_URL", f"http://{_NAME}", "TAGGER_PUBLIC_URL：不是 https"),
        ("DATABASE_URL", "postgresql://tagger:Postgres@db/tagger", "DATABASE_URL：密碼"),
    ],
)
def test_what_is_unsafe_is_named(name: str, value: str | None, says: str) -> None:
    with pytest.raises(UnfitForProduction, match=says) as caught:
        require_fit(Settings(**{**_FIT, name: value}))
    assert len(str(caught.value).splitlines()) == 3
    require_fit(Settings(**{**_FIT, name: value, "TAGGER_ENVIRONMENT": "development"}))


def test_the_server_says_all_that_is_missing_at_once_and_no_secret(tmp_path: Path) -> None:
    command = [Path(sys.executable).parent / "gunicorn", "--config", "python:api.gunicorn_conf"]
    ended = subprocess.run(
        [*command, "--bind=127.0.0.1:0", "api.app:create_app()"],
        cwd=_ROOT,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "mine alone",
            "PGPASSWORD": "postgres",
            "TMPDIR": str(tmp_path),
        }
        | {"DATABASE_URL": "postgresql://tagger@127.0.0.1:1/none", "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode != 0
    lines = ended.stderr.strip().splitlines()
    assert [line.split("：")[0] for line in lines[1:-1]] == [
        "- SECRET_KEY",
        "- TAGGER_PUBLIC_URL",
        "- PGPASSWORD",
    ]
    assert "TAGGER_ENVIRONMENT=development" in lines[-1]
    assert "mine alone" not in ended.stderr
    assert list(tmp_path.glob("tagger-metrics-*")) == []


def test_what_a_former_key_signed_holds_until_the_key_is_taken_out(loaded: Services) -> None:
    old, new = secrets.token_hex(32), secrets.token_hex(32)
    with _served(loaded, SECRET_KEY=old).app_context():
        cursor = encode(7)
    rotated = _served(loaded, SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)
    with rotated.app_context():
        assert decode(cursor, int) == 7
        renewed = encode(8)
    headers = {"Host": _NAME, "Accept": "application/json"}
    with _served(loaded, SECRET_KEY=new).app_context():
        assert decode(renewed, int) == 8
    refused = (
        _served(loaded, SECRET_KEY=new).test_client().get(f"/v1/datasets?cursor={cursor}", headers=headers)
    )
    assert refused.get_json()["type"] == "/problems/invalid-cursor"


def _client(loaded: Services, **settings: Any) -> FlaskClient:
    return _served(loaded, **settings).test_client()


@pytest.mark.parametrize(
    "host", ["evil.example", f"{_NAME}.evil.example", f"evil{_NAME}", "", "127.0.0.1", "a b"]
)
def test_another_host_is_refused(loaded: Services, host: str) -> None:
    client = _client(loaded)
    refused = client.get("/v1/categories", headers={"Host": host})
    assert (refused.status_code, refused.get_json()["type"]) == (400, "/problems/unknown-host")
    page = client.get("/", headers={"Host": host, "Accept": "text/html"})
    assert (page.status_code, "不使用這個主機名稱" in page.text) == (400, True)
    assert host in {"", "a b"} or host not in page.text


def test_the_services_own_names_are_answered(loaded: Services) -> None:
    client = _client(loaded, TAGGER_TRUSTED_HOSTS="tagger.internal:8000, .cluster.example")
    for host in (_NAME, "tagger.internal:8000", "web.cluster.example"):
        assert client.get("/v1/categories", headers={"Host": host}).status_code == 200, host


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "localhost:8000", "10.1.2.3", "[::1]:8000"])
def test_health_is_asked_by_number(loaded: Services, host: str) -> None:
    client = _client(loaded)
    assert client.get("/livez", headers={"Host": host}).status_code == 200
    assert client.get("/readyz", headers={"Host": host}).get_json()["checks"]["model"] == "ok"
    assert client.get("/livez", headers={"Host": "evil.example"}).status_code == 400


_FORWARDED = {
    "Host": _NAME,
    "X-Forwarded-For": "198.51.100.7, 203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "tagger.internal",
}


def test_forwarded_headers_are_anybodys_unless_proxies_are_trusted(loaded: Services) -> None:
    assert _seen(_client(loaded), _FORWARDED) == ("127.0.0.1", f"http://{_NAME}/livez")


def test_a_trusted_proxy_is_believed_and_what_was_forwarded_to_it_is_not(loaded: Services) -> None:
    settings = {"TAGGER_TRUSTED_PROXIES": "1", "TAGGER_TRUSTED_HOSTS": "tagger.internal"}
    seen = _seen(_client(loaded, **settings), _FORWARDED)
    assert seen == ("203.0.113.9", "https://tagger.internal/livez")
    two = _client(loaded, **{**settings, "TAGGER_TRUSTED_PROXIES": "2"})
    forwarded = {
        **_FORWARDED,
        "X-Forwarded-Proto": "https, http",
        "X-Forwarded-Host": "tagger.internal, inner",
    }
    assert _seen(two, forwarded)[0] == "198.51.100.7"
    elsewhere = {**_FORWARDED, "X-Forwarded-Host": "evil.example"}
    assert _client(loaded, **settings).get("/livez", headers=elsewhere).status_code == 400
