"""The service as it runs: gunicorn with two workers on a real port."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

_BIN = Path(sys.executable).parent
_ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A served, migrated application and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/test.sqlite3"}
    subprocess.run([_BIN / "tagger", "migrate"], env=environment, check=True, capture_output=True)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                _BIN / "gunicorn",
                "--config",
                "python:api.gunicorn_conf",
                f"--bind=127.0.0.1:{port}",
                "api.app:create_app()",
            ],
            env=environment,
            stderr=log,
            cwd=_ROOT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(process, address)
            yield process, address
        finally:
            process.kill()
            process.wait()


def _overseer(folder: Path) -> dict[str, str]:
    """The headers of a program that watches the service."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/test.sqlite3"}
    for arguments in (
        ("user", "add", "prometheus", "--role", "auditor", "--no-password"),
        ("token", "create", "prometheus", "--name", "監控", "--scope", "read"),
    ):
        done = subprocess.run(
            [_BIN / "tagger", *arguments], env=environment, check=True, capture_output=True, text=True
        )
    return {"Authorization": f"Bearer {done.stdout.strip()}"}


def _wait_until_ready(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz") as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not become ready")


@pytest.mark.parametrize(
    "chunk", [b"zz\r\n{}\r\n0\r\n\r\n", b"5\r\n{}\r\n0\r\n\r\n", b"-5\r\n{}\r\n0\r\n\r\n", b"\r\n\r\n"]
)
def test_a_body_in_broken_chunks_is_the_clients_fault(
    server: tuple[subprocess.Popen[bytes], str], chunk: bytes
) -> None:
    head = b"POST /v1/suggestions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", int(server[1].rpartition(":")[2])), timeout=10) as client:
        client.sendall(head + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunk)
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"/problems/bad-request" in answer


def test_workers_share_metrics_and_log_json_without_what_was_typed(
    server: tuple[subprocess.Popen[bytes], str], tmp_path: Path
) -> None:
    process, address = server
    body = json.dumps({"title": "職業災害秘密字串"}).encode()
    for _ in range(20):
        request = urllib.request.Request(
            f"{address}/v1/suggestions?q=secret", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["categories"][0]["categoryCode"] == "500"
    with urllib.request.urlopen(
        urllib.request.Request(f"{address}/metrics", headers=_overseer(tmp_path))
    ) as answer:
        lines = answer.read().decode().splitlines()
    [counted] = [line for line in lines if line.startswith('tagger_requests_total{method="POST"')]
    assert counted.endswith(" 20.0")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    log = (tmp_path / "log").read_text(encoding="utf-8")
    requests = [json.loads(line) for line in log.splitlines()]
    assert sum(entry.get("route") == "/v1/suggestions" for entry in requests) == 20
    assert all(entry["request_id"] for entry in requests if entry["event"] == "request")
    assert "秘密" not in log
    assert "secret" not in log
