"""Fetching from an address: whole or not at all, within limits, never from the inner network. Real sockets."""

import contextlib
import gzip
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.outgoing.fetching import Fetched, FetchError, Known, Limits, fetch
from tests.api.webhooks.receiver import Handler, Receiver

BODY = b"[1, 2, 3]" * 10_000
QUICK = Limits(seconds=2, deadline=3)


@pytest.fixture
def portal() -> Iterator[Receiver]:
    """A server that answers as a test says."""
    with Receiver().running() as running:
        yield running


def _send(body: bytes = BODY, **headers: str) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def _fetched(
    portal: Receiver, url: str = "", limits: Limits = QUICK, known: Known | None = None
) -> tuple[Fetched | None, bytes]:
    stream = io.BytesIO()
    found = fetch(url or f"{portal.url}/a.csv", stream, known=known, limits=limits, allowed=(portal.host,))
    return found, stream.getvalue()


def test_a_file_comes_with_the_name_of_its_state(portal: Receiver) -> None:
    portal.answer = _send(ETag='"v1"', Last_Modified="Mon, 02 Nov 2026 00:00:00 GMT")
    found, body = _fetched(portal)
    assert body == BODY
    assert found == Fetched(f"{portal.url}/a.csv", Known('"v1"', "Mon, 02 Nov 2026 00:00:00 GMT"), len(BODY))
    [asked] = portal.got
    assert "if-none-match" not in asked.headers
    assert asked.headers["host"] == portal.host


def test_what_is_here_already_is_not_sent_again(portal: Receiver) -> None:
    portal.answer = lambda handler: handler.say(304)
    assert _fetched(portal, known=Known('"v1"', "Mon, 02 Nov 2026 00:00:00 GMT")) == (None, b"")
    [asked] = portal.got
    assert (asked.headers["if-none-match"], asked.headers["if-modified-since"]) == (
        '"v1"',
        "Mon, 02 Nov 2026 00:00:00 GMT",
    )


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 429, 500, 503])
def test_an_answer_that_is_no_file_is_told(portal: Receiver, status: int) -> None:
    portal.answer = lambda handler: handler.say(status)
    with pytest.raises(FetchError, match=f"對方回覆 {status}"):
        _fetched(portal)


def test_half_a_body_is_no_file(portal: Receiver) -> None:
    portal.answer = _send(BODY[:1_000], Content_Length="5000")
    with pytest.raises(FetchError, match=r"應有 5,000 位元組，只收到 1,000"):
        _fetched(portal)


def _chunked(*chunks: bytes) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"".join(chunks))

    return answer


def test_a_body_in_chunks_must_end(portal: Receiver) -> None:
    portal.answer = _chunked(b"5\r\nabcde\r\n", b"2\r\nfg\r\n", b"0\r\n\r\n")
    assert _fetched(portal)[1] == b"abcdefg"
    for chunks in ((b"5\r\nabcde\r\n",), (b"5\r\nab",), (b"x\r\n",)):
        portal.answer = _chunked(*chunks)
        with pytest.raises(FetchError):
            _fetched(portal)


def test_a_body_is_limited_whether_it_says_its_length_or_not(portal: Receiver) -> None:
    limits = QUICK._replace(size=1_000)
    portal.answer = _send()
    with pytest.raises(FetchError, match="上限"):
        _fetched(portal, limits=limits)
    portal.answer = _chunked(*(b"64\r\n" + b"x" * 100 + b"\r\n" for _ in range(20)))
    with pytest.raises(FetchError, match="上限"):
        _fetched(portal, limits=limits)
    portal.answer = _send(b"x" * 1_000)
    assert len(_fetched(portal, limits=limits)[1]) == 1_000


def _drip(handler: Handler) -> None:
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(40):
            handler.wfile.write(b"x")
            time.sleep(0.2)
    except OSError:
        pass


def test_a_body_that_drips_ends_at_the_deadline_and_is_no_file(portal: Receiver) -> None:
    portal.answer = _drip
    begun = time.monotonic()
    with pytest.raises(FetchError, match="時限"):
        _fetched(portal, limits=Limits(seconds=2, deadline=1))
    assert time.monotonic() - begun < 4


@contextmanager
def _listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server below HTTP; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
                with connection:
                    talk(connection)
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
    thread.join(10)


def test_a_handshake_that_drips_ends_at_the_deadline_too() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")
        for _ in range(40):
            connection.sendall(b"\x00")
            time.sleep(0.2)

    with _listening(talk) as port:
        begun = time.monotonic()
        with pytest.raises(FetchError, match="時限"):
            fetch(
                f"https://127.0.0.1:{port}/",
                io.BytesIO(),
                limits=Limits(seconds=2, deadline=1),
                allowed=("127.0.0.1",),
            )
        assert time.monotonic() - begun < 4


def test_silence_ends_a_step(portal: Receiver) -> None:
    portal.answer = lambda handler: time.sleep(2)
    with pytest.raises(FetchError, match=r"超過 0\.5 秒沒有回應"):
        _fetched(portal, limits=Limits(seconds=0.5, deadline=10))


def test_nobody_there_is_told(portal: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(FetchError, match="無法建立"):
        fetch(f"http://127.0.0.1:{port}/", io.BytesIO(), allowed=("127.0.0.1",), limits=QUICK)


def test_no_http_is_told() -> None:
    with (
        _listening(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n")) as port,
        pytest.raises(FetchError),
    ):
        fetch(f"http://127.0.0.1:{port}/", io.BytesIO(), allowed=("127.0.0.1",), limits=QUICK)


def _to(*places: str) -> Callable[[Handler], None]:
    """Leads from one place to the next, then to the file."""
    left = list(places)

    def answer(handler: Handler) -> None:
        if left:
            handler.say(302, Location=left.pop(0))
        else:
            _send()(handler)

    return answer


def test_redirections_are_followed_so_far(portal: Receiver) -> None:
    portal.answer = _to("/b", "c", f"{portal.url}/d", "//" + portal.host + "/e", "/f.csv")
    found, body = _fetched(portal)
    assert found is not None
    assert (found.url, body) == (f"http://{portal.host}/f.csv", BODY)
    portal.answer = _to(*["/again"] * 6)
    with pytest.raises(FetchError, match="轉址超過 5 次"):
        _fetched(portal)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data", "https"),
        ("https://169.254.169.254/latest/meta-data", "內部網路"),
        ("https://[::ffff:169.254.169.254]/", "內部網路"),
        ("https://10.0.0.1/", "內部網路"),
        ("https://localhost/", "內部網路"),
        ("http://example.com/", "https"),
        ("file:///etc/passwd", "https"),
        ("gopher://127.0.0.1/", "https"),
        ("https://a:b@example.com/", "帳號密碼"),
        ("http://[", "無法辨識"),
    ],
)
def test_a_redirection_leads_nowhere_that_could_not_be_asked_for(
    portal: Receiver, place: str, reason: str
) -> None:
    portal.answer = _to(place)
    with pytest.raises(FetchError, match=reason):
        _fetched(portal)
    assert len(portal.got) == 1


def test_an_address_in_chinese_is_sent_escaped_and_what_is_escaped_stays(portal: Receiver) -> None:
    as_sent = "/目錄 二".encode().decode("latin-1")
    portal.answer = _to(as_sent, "/%E7%94%B2/a[1]?x=1+2&y=%20")
    found, body = _fetched(portal, f"{portal.url}/資料集.csv?名稱=甲 乙")
    assert (found is not None, body) == (True, BODY)
    assert [one.path for one in portal.got] == [
        "/hook/%E8%B3%87%E6%96%99%E9%9B%86.csv?%E5%90%8D%E7%A8%B1=%E7%94%B2%20%E4%B9%99",
        "/%E7%9B%AE%E9%8C%84%20%E4%BA%8C",
        "/%E7%94%B2/a[1]?x=1+2&y=%20",
    ]


def test_a_place_in_no_encoding_we_know_is_told(portal: Receiver) -> None:
    portal.answer = _to("/\xa5\xd8")
    with pytest.raises(FetchError, match="無法辨識"):
        _fetched(portal)


@pytest.mark.parametrize("body", [BODY, b"x"], ids=["large", "small"])
def test_a_full_disk_is_not_told_as_a_broken_connection(portal: Receiver, body: bytes) -> None:
    portal.answer = _send(body)
    with Path("/dev/full").open("wb", buffering=4_096) as full:
        with pytest.raises(FetchError, match="無法寫入暫存檔"):
            fetch(f"{portal.url}/a.csv", full, limits=QUICK, allowed=(portal.host,))
        with contextlib.suppress(OSError):
            full.close()


def test_a_redirection_without_a_place_is_told(portal: Receiver) -> None:
    portal.answer = lambda handler: handler.say(302)
    with pytest.raises(FetchError, match="轉到哪裡"):
        _fetched(portal)


def test_an_inner_host_is_asked_only_where_the_operator_lists_it(portal: Receiver) -> None:
    for url, reason in ((portal.url, "https"), (portal.url.replace("http", "https", 1), "內部網路")):
        with pytest.raises(FetchError, match=reason) as refused:
            fetch(url, io.BytesIO(), limits=QUICK)
        assert "TAGGER_SYNC_HOSTS" in str(refused.value)
    assert portal.got == []


def test_a_packed_file_is_kept_packed_and_other_packings_are_refused(portal: Receiver) -> None:
    portal.answer = _send(gzip.compress(BODY), Content_Encoding="gzip")
    assert gzip.decompress(_fetched(portal)[1]) == BODY
    portal.answer = _send(BODY, Content_Encoding="br")
    with pytest.raises(FetchError, match="gzip"):
        _fetched(portal)
