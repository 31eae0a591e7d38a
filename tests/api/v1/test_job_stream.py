"""Jobs as Server-Sent Events: told until the end, and never at the cost of others."""

import json
import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.services import Services
from api.services.accounts import Person
from api.services.jobs import control
from api.services.jobs.local import work
from tests.api.job_requests import made, nobody, put
from tests.api.people import bearer


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
    monkeypatch.setattr(control, "CHUNK", 2)
    put(services, 9)
    job = made(client, headers, all=True)
    address, accept = f"/v1/jobs/{job['id']}", {**headers, "Accept": "text/event-stream"}
    _ = services.tagger, services.model_version_id
    worker = threading.Thread(target=work, args=(services, job["id"], 1, nobody))
    with client.get(address, headers=accept, buffered=False) as answer:
        assert answer.content_type == "text/event-stream; charset=utf-8"
        worker.start()
        told = _events(answer.text)
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
