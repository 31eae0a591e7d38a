"""A receiver of webhooks for tests: a real HTTP server that keeps what it got and answers as it is told."""

import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import orjson


class Got(NamedTuple):
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        """Which message it is."""
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        """The message."""
        return dict(orjson.loads(self.body))


class Handler(BaseHTTPRequestHandler):
    """Keeps a request, then answers."""

    server: "_Server"

    def do_POST(self) -> None:
        """Keep the request, then answer as the receiver is told to."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        receiver = self.server.receiver
        receiver.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        receiver.came.set()
        receiver.answer(self)

    # What a followed redirection may turn into.
    do_GET = do_POST  # noqa: N815 - the name that the server looks for

    def say(self, status: int, **headers: str) -> None:
        """Answer with a status and headers, `Retry_After="5"`."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: "Receiver"

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A sender that hangs up or is killed is what some tests are about.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Receiver:
    """A receiver. It holds its port from the start, and refuses connections until it is running.

    Attributes:
        got: the requests, in order.
        came: is set when a request has come.
        answer: how requests are answered; 204 unless a test says otherwise.
    """

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.came = threading.Event()
        self.answer: Callable[[Handler], None] = lambda handler: handler.say(204)
        self._server = _Server(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self._server.receiver = self
        self._server.server_bind()

    @property
    def host(self) -> str:
        """Host and port, as they stand in the setting of inner hosts."""
        return f"127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The port."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where webhooks are sent to."""
        return f"http://{self.host}/hook"

    @contextmanager
    def running(self, certificate: str | None = None) -> Iterator["Receiver"]:
        """Take requests; with a file of a certificate and its key, by https."""
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.server_activate()
        # The default poll of half a second would make every test wait for its end.
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self.close()

    def close(self) -> None:
        """Give the port back."""
        self._server.server_close()

    @property
    def message_ids(self) -> list[str]:
        """The messages that came, in order."""
        return [got.message_id for got in self.got]
