"""The drill of docs/operations.md, as it is written there: back up, restore into another store, verify."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from api.config import Settings
from api.services import Services
from api.services.accounts import Person
from api.services.auditing import head, verify
from api.services.retagging import retag_all
from models.decision import Decision
from models.suggestion import StoredSuggestion
from tests.api.people import bearer
from tests.api.review.search_pages import put
from tests.databases import postgresql_database, postgresql_server

_ROOT = Path(__file__).parents[2]
_OPERATIONS = (_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
_TITLES = ("職業災害勞工慰問金發放統計", "公共托育設施名冊", "長期照顧服務據點", "火災發生次數按起火原因")


def _drill(name: str) -> str:
    """The commands of a section of the document."""
    found = re.search(
        rf"^### The drill with {name}$.*?^```sh\n(.*?)^```", _OPERATIONS, re.MULTILINE | re.DOTALL
    )
    assert found, name
    return found[1]


def _decide(app: Flask, services: Services, person: Person, identifier: str) -> str:
    """Decide on a dataset; the address of the decision."""
    client, headers = app.test_client(), bearer(services, person)
    item = client.get(f"/v1/reviews/items/{identifier}", headers=headers).get_json()
    answer = client.post(
        f"/v1/datasets/{identifier}/decisions",
        json={"categoryCode": "500", "acceptedLabels": ["統計"], "reason": "依標題"},
        headers={**headers, "If-Match": f'"{item["etag"]}"'},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.location)


@pytest.fixture
def filled(app: Flask, services: Services, reviewer: Person) -> Services:
    """A store with datasets, one of them changed, their suggestions, a retag, decisions and one taken back."""
    services.settings.second_share = services.settings.random_share = 0
    records = [
        {"identifier": f"D-{number}", "title": title, "publisher": "勞動部", "categoryCode": "I00"}
        for number, title in enumerate(_TITLES)
    ]
    put(services, *records, {**records[0], "description": "修改過"})
    retag_all(services, lambda _done, _total: None)
    places = [_decide(app, services, reviewer, f"D-{number}") for number in range(3)]
    undone = app.test_client().post(f"{places[-1]}/undo", headers=bearer(services, reviewer))
    assert undone.status_code == 201, undone.text
    return services


def _libpq(address: str) -> str:
    """An address as PostgreSQL's own tools read it."""
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def _restored(services: Services, folder: Path) -> Iterator[tuple[str, subprocess.CompletedProcess[str]]]:
    """Run the drill of the store's engine; the address of what was restored, and how the drill ended."""
    address = services.settings.database_url
    if services.database.engine.dialect.name == "sqlite":
        store = make_url(address).database or ""
        yield (
            f"sqlite:///{folder}/restored.sqlite3",
            _run(_drill("SQLite"), folder, {"DATABASE_URL": address, "STORE": store}, "sqlite3"),
        )
        return
    with postgresql_database(postgresql_server()) as empty:
        given = {"DATABASE_URL": _libpq(address), "RESTORED_URL": _libpq(empty)}
        tools = ("pg_dump", "pg_restore", "vacuumdb", "psql")
        yield empty, _run(_drill("PostgreSQL"), folder, given, *tools)


def _run(script: str, folder: Path, given: dict[str, str], *tools: str) -> subprocess.CompletedProcess[str]:
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"the drill needs {tool}, which this machine lacks")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, **given, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_restored_is_what_was_backed_up_and_goes_on(
    app: Flask, filled: Services, loaded: Services, reviewer: Person, tmp_path: Path
) -> None:
    kept = head(filled)
    assert kept is not None
    with _restored(filled, tmp_path) as (address, drill):
        assert drill.returncode == 0, drill.stdout + drill.stderr
        assert "全部相符。" in drill.stdout
        assert filled.database.engine.dialect.name != "sqlite" or drill.stdout.splitlines()[0] == "ok"
        assert f"{kept.number}:{kept.event_hash}" in drill.stdout
        counted = (tmp_path / "after.txt").read_text()
        assert "dataset_revision" in counted
        assert "event" in counted
        again = Services(Settings(database_url=address, secret_key="y" * 32))
        again.tagger, again.meaning = loaded.tagger, loaded.meaning
        try:
            _goes_on(app, filled, again, reviewer)
        finally:
            again.database.engine.dispose()


def _goes_on(app: Flask, before: Services, after: Services, person: Person) -> None:
    """What was restored is searched, decided on, and guarded as it was."""
    with before.database.reading() as one, after.database.reading() as other:
        for column in (Decision.id, StoredSuggestion.id):
            assert one.scalar(select(func.count(column))) == other.scalar(select(func.count(column))) > 0
    app.extensions["services"] = after
    client = app.test_client()
    found = client.get("/v1/search?q=職業災害").get_json()["results"]
    assert found[0]["identifier"] == "D-0"
    _decide(app, after, person, "D-3")
    audit, _ = verify(after)
    assert (audit.faults, audit.decisions) == ([], 5)
    with (
        pytest.raises(DBAPIError),
        after.database.writing() as session,
    ):
        session.execute(text("DELETE FROM event"))
