"""What can go wrong with a portal."""

import gzip
import socket
import time
from contextlib import suppress

from tests.api.interchange.ckan.portal import Fault, Handler


def status(number: int, **headers: str) -> Fault:
    """A proxy in front answers with a page of its own."""

    def fault(handler: Handler) -> bool:
        handler.send(number, b"<html><h1>Error</h1></html>", "text/html", None, **headers)
        return False

    return fault


def body(content: bytes, kind: str = "application/json;charset=utf-8", number: int = 200) -> Fault:
    """An answer of any kind."""

    def fault(handler: Handler) -> bool:
        handler.send(number, content, kind)
        return False

    return fault


def truncated(handler: Handler) -> bool:
    """The connection breaks in the middle of the answer."""
    handler.send(200, b'{"help": "x", "success": true, "resu', length=10_000)
    return False


def silent(seconds: float) -> Fault:
    """Nothing comes for a while, and then nothing at all."""

    def fault(handler: Handler) -> bool:
        time.sleep(seconds)
        handler.close_connection = True
        return False

    return fault


def dripping(handler: Handler) -> bool:
    """A byte now and then, so that no single read takes long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.close_connection = True
    with suppress(OSError):
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
    return False


def redirect(location: str, number: int = 302) -> Fault:
    """The portal has moved."""

    def fault(handler: Handler) -> bool:
        handler.send(number, b"", "text/html", None, Location=location)
        return False

    return fault


def huge(size: int) -> Fault:
    """More than anybody can take, of a length that is not said."""

    def fault(handler: Handler) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        with suppress(OSError):
            for _ in range(size // 65_536):
                handler.wfile.write(b" " * 65_536)
        return False

    return fault


def packed(size: int) -> Fault:
    """Little on the wire, much when unpacked."""

    content = gzip.compress(b" " * size, 1)

    def fault(handler: Handler) -> bool:
        handler.send(200, content, "application/json", None, Content_Encoding="gzip")
        return False

    return fault


def lost(handler: Handler) -> bool:
    """What was asked is done, but the answer never arrives."""
    asked = handler.portal.asked[-1]
    handler.result(asked.action, asked.data)
    handler.close_connection = True
    with suppress(OSError):
        handler.connection.shutdown(socket.SHUT_RDWR)
    return False
