"""The server that bad inputs are sent to: gunicorn as in production, with something of everything in its store."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask

from api import v1
from api.cli.demo_command import CATALOGUE
from api.config import Settings
from api.readers import read_catalogue
from api.review import blueprint as pages
from api.services import Services
from api.services.accounts import create_account, create_token, sign_in
from api.services.importing import import_catalogue
from api.services.migrating import migrate
from api.services.retagging import retag_all
from bench.hostile.requests import Surroundings, Target

_ROOT = Path(__file__).parents[2]
_BIN = Path(sys.executable).parent
_READY_WITHIN = 60
_PASSWORD = "only for bad inputs"  # noqa: S105
_SETTINGS = {
    "TAGGER_ENVIRONMENT": "development",
    "TAGGER_WEBHOOK_HOSTS": "127.0.0.1",
    # All inputs come from one address.
    "TAGGER_LIMIT_ANONYMOUS": "0",
    "TAGGER_LIMIT_ACCOUNT": "0",
}
_SHOWN_PAGES = (
    "/",
    "/search",
    "/datasets",
    "/relevance",
    "/themes",
    "/sign-in",
    "/correction-notes",
    "/review",
    "/review/bulk",
    "/review/cleanup",
    "/review/vocabulary",
    "/review/dashboard",
    "/review/monthly",
    "/review/readiness",
    "/review/jobs/new",
    "/review/jobs",
    "/review/jobs/1",
    "/review/statistics",
)


class Server(NamedTuple):
    """A running server.

    Attributes:
        port: on 127.0.0.1.
        process: its first process.
        token: of an administrator.
        session: the key of an administrator's session.
    """

    port: int
    process: int
    token: str
    session: str

    def workers(self) -> set[int]:
        """Its worker processes."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text()
        return {int(child) for child in children.split()}

    def ask(self, method: str, path: str, body: Any = None, signed_in: bool = False) -> tuple[int, str]:
        """Ask for something that is right: status and text of the answer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if signed_in:
            headers = {"Cookie": f"session={self.session}", "Origin": f"http://127.0.0.1:{self.port}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read().decode()


@contextmanager
def running(address: str, log: Path, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server with the demonstration catalogue on an empty store.

    Args:
        address: of the store.
        log: the file that the server's own words go to.
        more: environment variables.

    Raises:
        RuntimeError: it did not become ready.
    """
    token, session = _prepared(address)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": address, "LOG_LEVEL": "ERROR", **_SETTINGS, **(more or {})}
    command = ["--config", "python:api.gunicorn_conf", f"--bind=127.0.0.1:{port}", "api.app:create_app()"]
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - the command above
            [_BIN / "gunicorn", *command], cwd=_ROOT, env=environment, stdout=file, stderr=file
        )
        try:
            server = Server(port, process.pid, token, session)
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait()


def _prepared(address: str) -> tuple[str, str]:
    services = Services(Settings(database_url=address))
    migrate(services)
    import_catalogue(services, read_catalogue(CATALOGUE), on_problem=print, progress=lambda done: None)
    retag_all(services, lambda done, total: None)
    create_account(services, "bad", "量測", "administrator", password=_PASSWORD)
    token = create_token(services, "bad", "bench")
    session = sign_in(services, "bad", _PASSWORD) or ""
    services.database.engine.dispose()
    return token, session


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            if server.ask("GET", "/readyz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not become ready")


def surroundings(server: Server) -> Surroundings:
    """What requests to a server are made of. Stores a theme, a webhook, a job, a decision and a note for that."""
    known = ["NOPE", "500", "勞動部", "turtle", "xlsx", "10", "true"]
    listed = json.loads(server.ask("GET", "/v1/datasets?limit=20")[1])
    known += [item["identifier"] for item in listed["datasets"]]
    for method, path, body in _beginnings(known[-1]):
        status, answer = server.ask(method, path, body)
        if status >= 400:
            raise RuntimeError(f"{method} {path} was answered {status}: {answer}")
        known += _texts_to_ask_with(json.loads(answer))
    described = json.loads(server.ask("GET", "/v1/openapi.json")[1])
    return Surroundings(
        targets=tuple(_targets(described)),
        components=described["components"]["schemas"],
        known=tuple(dict.fromkeys(known)),
        forms=_forms(server, known),
        headers=(
            {},
            {"Authorization": f"Bearer {server.token}"},
            {"Authorization": f"Bearer {server.token}"},
            {"Cookie": f"session={server.session}", "Origin": "http://127.0.0.1"},
            {"Cookie": f"session={server.session}", "Origin": "http://127.0.0.1", "HX-Request": "true"},
        ),
    )


def _beginnings(identifier: str) -> Iterator[tuple[str, str, Any]]:
    yield "POST", "/v1/themes", {"topic": "職業災害"}
    yield "POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/hook"}
    yield "POST", "/v1/jobs", {"kind": "retag", "all": True}
    yield "POST", f"/v1/reviews/items/{identifier}/notes", {"text": "請確認"}
    yield "GET", "/v1/datasets?limit=2", None
    yield "GET", "/v1/search?q=災害&limit=2".replace("災害", "%E7%81%BD%E5%AE%B3"), None
    yield "GET", "/v1/reviews/queue", None
    yield "GET", "/v1/cleanup", None
    yield "GET", "/v1/vocabulary/candidates?leastCount=1", None


def _texts_to_ask_with(answer: Any) -> Iterator[str]:
    """The short texts of an answer, cursors and keys among them."""
    waiting = [answer]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one[:5]
        elif isinstance(one, str) and 0 < len(one) < 300:
            yield one


def _targets(described: Mapping[str, Any]) -> Iterator[Target]:
    """Each route of the application, with what its description says of it."""
    app = Flask("routes")
    app.extensions["settings"] = Settings(environment="development")
    v1.register(app)
    app.register_blueprint(pages)
    names = {
        parameter["name"]
        for methods in described["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    }
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
            operation = described["paths"].get(path, {}).get(method.lower())
            yield _target(method, rule.rule, operation, tuple(sorted(names)))


def _target(method: str, rule: str, operation: Mapping[str, Any] | None, names: tuple[str, ...]) -> Target:
    if operation is None:
        return Target(method, rule, names)
    content = operation.get("requestBody", {}).get("content", {})
    asked = tuple(one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")
    schema = content.get("application/json", {}).get("schema")
    return Target(method, rule, asked, schema, uploads=bool(content) and schema is None)


class _Forms(HTMLParser):
    """The forms of a page: where they go, and the fields with what is filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the form that was begun last."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action") or given.get("hx-post") or "", []))
        elif self.found and given.get("name") and tag in {"input", "select", "textarea", "button"}:
            self.found[-1][1].append((given["name"], given.get("value", "")))


def _forms(server: Server, known: list[str]) -> dict[str, list[list[tuple[str, str]]]]:
    forms: dict[str, list[list[tuple[str, str]]]] = {}
    items = [f"/review/items/{identifier}" for identifier in known if re.fullmatch(r"[A-Z]*\d+", identifier)][
        :5
    ]
    for path in (*_SHOWN_PAGES, *items):
        reader = _Forms()
        reader.feed(server.ask("GET", path, signed_in=True)[1])
        for action, fields in reader.found:
            forms.setdefault((action or path).partition("?")[0], []).append(fields)
    return forms
