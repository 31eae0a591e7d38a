"""Jobs as Server-Sent Events: told until the end, and never at the cost of others."""

import json
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from api.config import Settings
from api.services import Services
from api.services.accounts import Person
from api.services.jobs import retag
from api.services.jobs.control import cancel, job_details, looks
from api.services.jobs.local import work
from api.services.jobs.watching import JobWatch
from api.v1 import job_stream
from models.database import Database
from tests.api.job_requests import made, nobody, put
from tests.api.people import bearer, make_person
from tests.api.test_server import server  # noqa: F401 - a fixture


@pytest.fixture
def headers(services: Services, administrator: Person) -> dict[str, str]:
    """Those of a program of an administrator."""
    return bearer(services, administrator)


def _events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def test_a_stream_tells_progress_until_the_end(
    client: FlaskClient, services: Services, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retag, "CHUNK", 2)
    put(services, 9)
    job = made(client, headers, all=True)
    address, accept = f"/v1/jobs/{job['id']}", {**headers, "Accept": "text/event-stream"}
    _ = services.tagger, services.model_version_id
    worker = threading.Thread(target=work, args=(services, job["id"], 1, nobody))
    with client.get(address, headers=accept, buffered=False) as answer:
        assert answer.content_type == "text/event-stream; charset=utf-8"
        sent = (part.decode() if isinstance(part, bytes) else part for part in answer.response)
        begin = ""
        while "event: progress" not in begin:
            begin += next(sent)
        worker.start()
        told = _events(begin + "".join(sent))
    worker.join()
    assert [kind for kind, _ in told][-2:] == ["progress", "end"]
    assert told[0][1] == job
    last = client.get(address, headers=headers)
    assert told[-2][1] == last.get_json()
    assert told[-1][1] == {"state": "done"}
    tag = last.headers["ETag"].removeprefix("W/").strip('"')
    again = client.get(address, headers={**accept, "Last-Event-ID": tag})
    assert again.status_code == 204, "an EventSource that is told so does not come again"


def test_streams_never_take_the_last_threads_and_give_their_place_back(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    assert services.settings.threads == 4
    put(services, 1)
    job = made(client, headers, all=True)
    address, accept = f"/v1/jobs/{job['id']}", {**headers, "Accept": "text/event-stream"}
    held = [client.get(address, headers=accept, buffered=False) for _ in range(2)]
    refused = client.get(address, headers=accept)
    assert (refused.status_code, refused.get_json()["type"]) == (503, "/problems/too-many-streams")
    assert refused.headers["Retry-After"] == "5"
    assert client.get(address, headers=headers).status_code == 200
    assert client.head(address, headers=accept).status_code == 200
    held.pop().close()
    with client.get(address, headers=accept, buffered=False) as answer:
        assert answer.status_code == 200
        first = next(iter(answer.response))
        assert b"retry:" in first if isinstance(first, bytes) else "retry:" in first
    held.pop().close()


def test_a_silent_stream_shows_that_it_lives_and_after_a_while_lets_its_client_come_again(
    client: FlaskClient, services: Services, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_stream, "HEARTBEAT", 0.5)
    monkeypatch.setattr(job_stream, "LIFE", 2.5)
    put(services, 1)
    job = made(client, headers, all=True)
    accept = {**headers, "Accept": "text/event-stream"}
    answer = client.get(f"/v1/jobs/{job['id']}", headers=accept)
    assert [kind for kind, _ in _events(answer.text)] == ["progress"]
    assert answer.text.startswith("retry: ")
    assert answer.text.count("\n: \n") >= 1
    [tag] = re.findall(r"^id: (\w+)$", answer.text, re.MULTILINE)
    again = client.get(f"/v1/jobs/{job['id']}", headers={**accept, "Last-Event-ID": tag})
    assert _events(again.text) == [], "what was told is not told again"


def test_a_look_is_skipped_while_the_store_is_away(
    client: FlaskClient, services: Services, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(services, 1)
    job = made(client, headers, all=True)
    seen = looks(services, JobWatch(), job["id"])
    before = next(seen)
    with monkeypatch.context() as patched:
        patched.setattr(services, "database", Database("postgresql://nobody@127.0.0.1:1/nothing"))
        assert next(seen) is None
        assert next(seen) is None
    after = next(seen)
    assert before is not None
    assert after is not None
    assert after.state.tag == before.state.tag


def test_what_is_added_up_is_shared_but_a_state_is_never_old(
    client: FlaskClient, services: Services, headers: dict[str, str], administrator: Person
) -> None:
    put(services, 3)
    job = made(client, headers, all=True)
    statements: list[str] = []
    watch = JobWatch()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", note)
    for _ in range(5):
        assert job_details(services, watch, job["id"]) is not None
    assert sum("sum(job_chunk.size)" in one for one in statements) == 1
    cancel(services, administrator, job["id"])
    details = job_details(services, watch, job["id"])
    assert details is not None
    assert (details.state.job.state, details.state.left_out) == ("cancelled", 3)
    event.remove(services.database.engine, "before_cursor_execute", note)


@contextmanager
def _open_stream(address: str, headers: dict[str, str]) -> Iterator[socket.socket]:
    """The connection of a client that has begun to read a stream."""
    where = urlsplit(address)
    lines = [f"GET {where.path} HTTP/1.1", "Host: localhost", "Accept: text/event-stream"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=20) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        read = b""
        while b"event: progress" not in read and b"503" not in read:
            read += connection.recv(4096)
        assert b"200 OK" in read
        yield connection


def test_as_it_is_served_streams_leave_threads_for_others_end_with_their_client_and_with_the_server(
    server: tuple[subprocess.Popen[bytes], str],  # noqa: F811
    tmp_path: Path,
) -> None:
    process, address = server
    services = Services(Settings(database_url=f"sqlite:///{tmp_path}/test.sqlite3"))
    put(services, 1)
    headers = bearer(services, make_person(services, "root", "administrator"))
    asked = urllib.request.Request(
        f"{address}/v1/jobs",
        json.dumps({"kind": "retag", "all": True}).encode(),
        {**headers, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked) as answer:
        job = f"{address}/v1/jobs/{json.load(answer)['id']}"
    with ExitStack() as held:
        # More than two workers have places for: those who left have given theirs back.
        for _ in range(6):
            with _open_stream(job, headers):
                pass
            time.sleep(1.5)
        held.enter_context(_open_stream(job, headers))
        for _ in range(10):
            with urllib.request.urlopen(urllib.request.Request(job, headers=headers), timeout=5) as answer:
                assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert process.wait(30) == 0
        assert time.monotonic() - began < 10, "no stream keeps the server from its end"
    services.database.engine.dispose()
