"""A portal for tests: a real HTTP server that answers as CKAN's Action API does, with faults on demand.

Its HTTP side follows `action` and `_get_request_data` in ckan/views/api.py (CKAN 2.12.0).
"""

import json
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.api.interchange.ckan.actions import READING, WRITING, ActionError, Site


class Asked(NamedTuple):
    """One request that came in."""

    method: str
    action: str
    headers: dict[str, str]
    data: dict[str, Any]


Fault = Callable[["Handler"], bool]
"""Answers in the portal's stead; whether the portal is to answer all the same."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up is what some tests are about.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Portal:
    """A running portal.

    Attributes:
        site: its content.
        asked: the requests, in order.
        faults: action → what the next requests meet, one each; then it answers as usual.
        meanwhile: action → what happens once, after the next request of it was answered.
    """

    def __init__(self, root: str = "") -> None:
        self.site = Site()
        self.root = root
        self.asked: list[Asked] = []
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.meanwhile: dict[str, list[Callable[[], None]]] = defaultdict(list)
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.portal = self  # type: ignore[attr-defined]
        # The default poll of half a second would make every test wait for its end.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """The portal's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.root}"

    def count(self, action: str) -> int:
        """How often an action was asked for."""
        return sum(asked.action == action for asked in self.asked)

    @contextmanager
    def running(self) -> Iterator["Portal"]:
        """Serve until the end of the block."""
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"

    @property
    def portal(self) -> Portal:
        """Whose requests these are."""
        found: Portal = self.server.portal  # type: ignore[attr-defined]
        return found

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        pairs = parse_qs(parts.query, keep_blank_values=True)
        self._handle(
            parts.path, {key: value[0] if len(value) == 1 else value for key, value in pairs.items()}
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            data = json.loads(body) if body else {}
        except ValueError:
            data = None
        self._handle(urlsplit(self.path).path, data)

    def _handle(self, path: str, data: Any) -> None:
        action = self._action(path)
        if action is None:
            self.send(404, b"<!DOCTYPE html><title>404 Not Found</title>", "text/html; charset=utf-8")
            return
        portal = self.portal
        kept = data if isinstance(data, dict) else {}
        portal.asked.append(Asked(self.command, action, dict(self.headers), kept))
        faults = portal.faults[action]
        if faults and not faults.pop(0)(self):
            return
        self.answer(action, data)
        if portal.meanwhile[action]:
            portal.meanwhile[action].pop(0)()

    def _action(self, path: str) -> str | None:
        for prefix in ("/api/3/action/", "/api/action/"):
            if path.startswith(self.portal.root + prefix):
                return path.removeprefix(self.portal.root + prefix)
        return None

    def answer(self, action: str, data: Any) -> None:
        """Answer as CKAN does."""
        self.send(*self.result(action, data))

    def result(self, action: str, data: Any) -> tuple[int, bytes]:
        """The status and body of CKAN's answer, having done what was asked."""
        function = READING.get(action) or WRITING.get(action)
        if function is None:
            return self._bad_request(f"Action name not known: {action}")
        if self.command == "GET" and action in WRITING:
            return self._bad_request("JSON Error: Invalid request. Please use POST method for your request")
        if not isinstance(data, dict):
            return self._bad_request("JSON Error: Error decoding JSON data.")
        answer: dict[str, Any] = {"help": f"{self.portal.url}/api/3/action/help_show?name={action}"}
        token = self.headers.get("Authorization")
        # An unknown token is no error: its bearer is anonymous.
        user = token if token in self.portal.site.users else None
        try:
            result = function(self.portal.site, user, data)
        except ActionError as error:
            return error.status, _json(answer | {"error": error.error, "success": False})
        return 200, _json(answer | {"success": True, "result": result})

    def _bad_request(self, message: str) -> tuple[int, bytes]:
        return 400, _json(f"Bad request - {message}")

    def send(
        self,
        status: int,
        body: bytes,
        kind: str = "application/json;charset=utf-8",
        length: int | None = None,
        **headers: str,
    ) -> None:
        """Send an answer; `length` is what its header claims, where it is not the truth."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        if length is not None:
            self.close_connection = True


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()
