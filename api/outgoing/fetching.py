"""Fetching a file from an address: whole or not at all, within limits, and never from the inner network."""

import http.client
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple
from urllib.parse import urljoin

from api.outgoing.address import SYNC_HOSTS, AddressError, resolve
from api.outgoing.connection import Connection, connected
from tagger.version import __version__

_BLOCK = 256 * 1024
_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED = 304
_UNPACKED = frozenset({"", "identity", "gzip", "x-gzip"})


class FetchError(Exception):
    """A file was not fetched; the message says why and what to do, in 繁體中文."""


class Limits(NamedTuple):
    """What fetching may take.

    Attributes:
        seconds: for one step: to connect, or to wait for something to read.
        deadline: seconds for all of it, redirections included.
        size: bytes of the file as it is sent.
        redirections: how many are followed.
    """

    seconds: float = 30
    deadline: float = 1_800
    size: int = 2 * 1024**3
    redirections: int = 5


class Known(NamedTuple):
    """What the server called the state of the file that is here already; None where it did not say."""

    etag: str | None = None
    last_modified: str | None = None


class Fetched(NamedTuple):
    """A file that was fetched.

    Attributes:
        url: where it was in the end.
        state: what the server calls this state of it.
        size: bytes as they were sent.
    """

    url: str
    state: Known
    size: int


def fetch(
    url: str,
    stream: IO[bytes],
    *,
    known: Known | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it cannot change
    allowed: Collection[str] = (),
) -> Fetched | None:
    """Fetch a file into a stream; None where the server says that it is as `known` says.

    Each address, that of a redirection too, is looked up once, must be https and in the public internet, and is the
    only one that is connected to. The file may come packed with gzip, and is then written as it comes.

    Args:
        stream: gets the file; where fetching fails it holds a part of it.
        known: asks for the file only if it has changed.
        allowed: hosts, `name` or `name:port`, that may be in the inner network and without https.

    Raises:
        FetchError: the address may not be connected to, or the whole file did not come.
    """
    end = time.monotonic() + limits.deadline
    for _ in range(limits.redirections + 1):
        answer = _ask(url, stream, known or Known(), limits, end, allowed)
        if not isinstance(answer, str):
            return answer
        url = answer
    raise FetchError(f"轉址超過 {limits.redirections} 次，請確認網址。")


def _ask(
    url: str, stream: IO[bytes], known: Known, limits: Limits, end: float, allowed: Collection[str]
) -> Fetched | str | None:
    """One request: the file, where to ask instead, or None where nothing has changed."""
    try:
        target = resolve(url, allowed, SYNC_HOSTS)
    except AddressError as error:
        raise FetchError(str(error)) from error
    left = end - time.monotonic()
    if left <= 0:
        raise _too_late(limits)
    try:
        with connected(target, limits.seconds, left) as connection:
            try:
                return _answer(connection, target.path, url, stream, known, limits)
            finally:
                # Cut short, an answer can look like one that ended.
                if connection.over.is_set():
                    raise _too_late(limits)
    except TimeoutError as error:
        if time.monotonic() >= end:
            raise _too_late(limits) from error
        raise FetchError(f"主機「{target.host}」超過 {limits.seconds:g} 秒沒有回應，請稍後再試。") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= end:
            raise _too_late(limits) from error
        raise FetchError(
            f"與主機「{target.host}」的連線中斷或無法建立（{type(error).__name__}），請稍後再試。"
        ) from error


def _too_late(limits: Limits) -> FetchError:
    return FetchError(f"下載超過 {limits.deadline:g} 秒的時限，已中止；請稍後再試，或以 --deadline 放寬。")


def _answer(
    connection: Connection, path: str, url: str, stream: IO[bytes], known: Known, limits: Limits
) -> Fetched | str | None:
    connection.http.request("GET", path, headers=_headers(known))
    answer = connection.http.getresponse()
    if answer.status == _NOT_MODIFIED and any(known):
        return None
    if answer.status in _REDIRECTIONS:
        return _redirected(url, answer)
    if answer.status != http.client.OK:
        raise FetchError(f"對方回覆 {answer.status}，不是檔案；請確認網址，或稍後再試。")
    packing = answer.headers.get("Content-Encoding", "").strip().lower()
    if packing not in _UNPACKED:
        raise FetchError("對方以不支援的方式壓縮（Content-Encoding 只接受 gzip）。")
    size = _copy(answer, stream, limits)
    return Fetched(url, Known(answer.headers.get("ETag"), answer.headers.get("Last-Modified")), size)


def _headers(known: Known) -> dict[str, str]:
    headers = {
        "User-Agent": f"taiwan-dataset-tagger/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def _redirected(url: str, answer: http.client.HTTPResponse) -> str:
    place = answer.headers.get("Location")
    if not place:
        raise FetchError(f"對方回覆 {answer.status}，卻沒有說轉到哪裡；請確認網址。")
    try:
        # HTTP's headers are read as Latin-1, but servers that do not escape an address send it in UTF-8.
        return urljoin(url, place.encode("latin-1").decode())
    except ValueError as error:
        raise FetchError("對方轉址到無法辨識的網址，請確認網址。") from error


def _copy(answer: http.client.HTTPResponse, stream: IO[bytes], limits: Limits) -> int:
    """Write the body; how many bytes it has."""
    announced = answer.length
    if announced is not None and announced > limits.size:
        raise _too_large(limits)
    size = 0
    while block := answer.read1(_BLOCK):
        size += len(block)
        if size > limits.size:
            raise _too_large(limits)
        with _storing():
            stream.write(block)
    with _storing():
        stream.flush()
    if announced is not None and size != announced:
        raise FetchError(f"檔案應有 {announced:,} 位元組，只收到 {size:,}，下載不完整；請再試一次。")
    return size


@contextmanager
def _storing() -> Iterator[None]:
    """Errors of our own disk, which are none of the connection."""
    try:
        yield
    except OSError as error:
        raise FetchError(f"無法寫入暫存檔（{error.strerror}），請確認磁碟空間後再試。") from error


def _too_large(limits: Limits) -> FetchError:
    return FetchError(f"檔案超過 {limits.size:,} 位元組的上限，不予下載；確定無誤時請以 --max-bytes 放寬。")
