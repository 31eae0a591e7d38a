"""A job as it goes on: Server-Sent Events, as many at once as leave threads for others."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import orjson
from flask import Response, current_app, request, stream_with_context

from api.problems import ProblemException
from api.services.jobs.control import Details
from api.services.jobs.watching import EVERY
from api.v1.job_shapes import job_out, tag_of

MEDIA_TYPE = "text/event-stream"
NAME = "job_streams"
"""Under which the application keeps its `Streams`."""
LIFE = 300.0
"""Seconds after which a stream ends; the client comes again by itself and is asked again who it is."""
HEARTBEAT = 15.0
"""Seconds of silence after which a comment tells proxies that the connection is alive."""
_AGAIN = 2_000
_KEPT_FREE = 2


class Streams:
    """The streams that a process holds. Each keeps a thread, so two are always left for everybody else.

    Args:
        threads: how many the process has.

    Attributes:
        most: how many streams may be open.
        open: how many are.
        serving: whether the process takes requests; the server sets it, so that no stream delays its end.
    """

    def __init__(self, threads: int) -> None:
        self.most = max(0, threads - _KEPT_FREE)
        self.open = 0
        self.serving: Callable[[], bool] = lambda: True
        self._lock = threading.Lock()

    def take(self) -> None:
        """Take a place. Raises ProblemException 503 where none is free."""
        with self._lock:
            if self.open >= self.most:
                raise ProblemException("too-many-streams")
            self.open += 1

    def give_back(self) -> None:
        """Give a place back."""
        with self._lock:
            self.open -= 1


def stream(looks: Iterator[Details | None]) -> Response:
    """The response that tells of a job until it has ended.

    Args:
        looks: the job as it stands whenever the next is asked for; None where nobody can say at that moment.
    """
    streams: Streams = current_app.extensions[NAME]
    gone = _hang_up(request.environ)
    events = _events(looks, request.headers.get("Last-Event-ID"), lambda: gone() or not streams.serving())
    streams.take()
    response = Response(stream_with_context(events), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    # Not in the generator: one that was never begun has no end either.
    response.call_on_close(streams.give_back)
    # nginx would gather events until its buffer is full.
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Cache-Control"] = "no-store"
    return response


def _events(looks: Iterator[Details | None], last: str | None, left: Callable[[], bool]) -> Iterator[str]:
    """Progress whenever there is any, at most once a second; then the end.

    Args:
        last: what the client saw last, before its connection broke.
        left: whether nobody listens any more.
    """
    end = time.monotonic() + LIFE
    said = time.monotonic()
    yield f"retry: {_AGAIN}\n\n"
    for details in looks:
        if details is not None:
            tag = tag_of(details.state)
            if tag != last:
                yield _event("progress", tag, job_out(details))
                last, said = tag, time.monotonic()
            if details.state.ended:
                yield _event("end", tag, {"state": details.state.job.state})
                return
        if time.monotonic() - said >= HEARTBEAT:
            yield ": \n\n"
            said = time.monotonic()
        time.sleep(EVERY)
        if left() or time.monotonic() >= end:
            return


def _event(kind: str, tag: str, content: object) -> str:
    return f"event: {kind}\nid: {tag}\ndata: {orjson.dumps(content).decode()}\n\n"


def _hang_up(environ: dict[str, object]) -> Callable[[], bool]:
    """Tells whether the client has closed its connection, where the server shows it to us.

    Without, writing to it tells, at the next heartbeat.
    """
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if type(connection) is not socket.socket:
        return lambda: False

    def closed() -> bool:
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    return closed
