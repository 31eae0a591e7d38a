"""Requests as bytes, how they are sent, and what comes back."""

import contextlib
import http.client
import socket
import time
from io import BytesIO
from typing import NamedTuple, cast

_PIECE = 65_536


class Sent(NamedTuple):
    """A request on the wire.

    Attributes:
        kind: what is bad in it, for the report.
        content: the bytes.
        half_closed: nothing more is sent after them, which the server is told.
        complete: a server that follows HTTP/1.1 has to answer it.
    """

    kind: str
    content: bytes
    half_closed: bool = False
    complete: bool = True


class Answered(NamedTuple):
    """What came back.

    Attributes:
        statuses: of each answer on the connection.
        first_type: the first answer's media type.
        first_body: the first answer's body; empty where it is a stream of events.
        seconds: from the first byte sent until the server had closed the connection, or a stream had begun.
        late: the server had neither answered nor closed within the time it is given.
    """

    statuses: tuple[int, ...]
    first_type: str
    first_body: bytes
    seconds: float
    late: bool


class _Reread:
    """Bytes that were received, for http.client to parse."""

    def __init__(self, content: bytes) -> None:
        self._file = BytesIO(content)

    def makefile(self, _mode: str) -> BytesIO:
        """The bytes; parsed answers leave them open for the next one."""
        return cast(BytesIO, _Unclosed(self._file))


class _Unclosed:
    def __init__(self, file: BytesIO) -> None:
        self._file = file

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def close(self) -> None:
        """Stays open."""


def send(port: int, sent: Sent, patience: float) -> Answered:
    """Send bytes to a server on 127.0.0.1 and read until it closes.

    Args:
        port: the server's.
        sent: what is sent.
        patience: seconds after which it is late.
    """
    started = time.perf_counter()
    late = False
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        # A server may refuse a long request before it has read all of it.
        with contextlib.suppress(ConnectionError):
            connection.sendall(sent.content)
            if sent.half_closed:
                connection.shutdown(socket.SHUT_WR)
        try:
            received = _received(connection, started + patience)
        except TimeoutError:
            late = True
    seconds = time.perf_counter() - started
    return _parsed(received, sent.content.partition(b" ")[0], seconds, late)


def _received(connection: socket.socket, until: float) -> bytes:
    received = bytearray()
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(_PIECE):
            received += piece
            if b"Content-Type: text/event-stream" in received[:2_000]:
                break  # it would go on until the job has ended
            connection.settimeout(max(until - time.perf_counter(), 0.001))
    return bytes(received)


def _parsed(received: bytes, method: bytes, seconds: float, late: bool) -> Answered:
    source = _Reread(received)
    statuses: list[int] = []
    first_type, first_body = "", b""
    with contextlib.suppress(http.client.HTTPException, ValueError):
        while True:
            answer = http.client.HTTPResponse(
                cast(socket.socket, source), method=method.decode("ascii", "replace") or "GET"
            )
            answer.begin()
            streamed = answer.headers.get_content_type() == "text/event-stream"
            body = b"" if streamed else answer.read()
            if not statuses:
                first_type, first_body = answer.headers.get_content_type(), body
            statuses.append(answer.status)
            if streamed or answer.will_close:
                break
    return Answered(tuple(statuses), first_type, first_body, seconds, late)
