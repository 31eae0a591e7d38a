"""A connection to an address that was looked up, with a deadline for all that happens on it."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from api.outgoing.address import Target


class Connection(NamedTuple):
    """An open connection.

    Attributes:
        http: to ask and be answered.
        over: is set when the deadline has passed and the connection was cut.
    """

    http: http.client.HTTPConnection
    over: threading.Event


@contextmanager
def connected(target: Target, seconds: float, deadline: float) -> Iterator[Connection]:
    """A connection to the address that was looked up; the certificate must be the name's.

    It is cut when the deadline has passed: whoever sends a byte now and then holds nobody up.

    Args:
        seconds: how long one step may take: to connect, to send, to wait for something to read.
        deadline: seconds that all steps may take together.

    Raises:
        OSError: there is no connection, or it broke.
    """
    raw = socket.create_connection((target.address, target.port), timeout=min(seconds, deadline))
    raw.settimeout(seconds)
    over = threading.Event()
    # Kept beside the connection, which lets go of it when an answer ends it, while the body is still to be read.
    held: list[socket.socket] = [raw]
    with contextlib.ExitStack() as stack:
        stack.callback(raw.close)
        connection = http.client.HTTPConnection(target.host, target.port, timeout=seconds)
        connection.sock = raw
        cut = threading.Timer(deadline, _cut, (held, over))
        cut.daemon = True
        cut.start()
        stack.callback(cut.cancel)
        if target.scheme == "https":
            connection.default_port = http.client.HTTPS_PORT
            # A server that holds the address but not the name is another one. The handshake comes after, for
            # wrapping takes the connection away from `raw`, and the deadline must be able to cut it then too.
            wrapped = ssl.create_default_context().wrap_socket(
                raw, server_hostname=target.host, do_handshake_on_connect=False
            )
            held[0] = connection.sock = wrapped
            stack.callback(wrapped.close)
            wrapped.do_handshake()
        yield Connection(connection, over)


def _cut(held: list[socket.socket], over: threading.Event) -> None:
    over.set()
    with contextlib.suppress(OSError):
        # Not SSLSocket's own, which takes away what another thread reads from.
        socket.socket.shutdown(held[0], socket.SHUT_RDWR)
