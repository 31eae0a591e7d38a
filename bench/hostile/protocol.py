"""Requests that are no HTTP, or hardly: what stands on the wire is bad, whatever it asks for."""

from collections.abc import Callable

from bench.hostile.values import Draw, broken
from bench.hostile.wire import Sent

_HOST = b"Host: 127.0.0.1\r\n"
_CLOSE = b"Connection: close\r\n"
_GET = b"GET /v1/categories HTTP/1.1\r\n" + _HOST
_POST = b"POST /v1/suggestions HTTP/1.1\r\n" + _HOST + b"Content-Type: application/json\r\n"
_BODY = '{"title": "職業災害統計"}'.encode()
_PIPELINED = 20


def _lines() -> tuple[bytes, ...]:
    """Request lines."""
    return (
        b"GET\r\n",
        b"GET /\r\n",
        b"GET / HTTP/0.9\r\n",
        b"GET / HTTP/9.9\r\n",
        b"GET / HTTP/1.1 HTTP/1.1\r\n",
        b"GET  /livez  HTTP/1.1\r\n",
        b"get /livez HTTP/1.1\r\n",
        b"FOO /livez HTTP/1.1\r\n",
        b"G\0T /livez HTTP/1.1\r\n",
        b"TRACE /livez HTTP/1.1\r\n",
        b"CONNECT example.org:443 HTTP/1.1\r\n",
        b"OPTIONS * HTTP/1.1\r\n",
        b"GET http://example.org/livez HTTP/1.1\r\n",
        b"GET //example.org/livez HTTP/1.1\r\n",
        b"GET /livez#fragment HTTP/1.1\r\n",
        b"GET livez HTTP/1.1\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\n",
        b"GET /v1/datasets/%00 HTTP/1.1\r\n",
        b"GET /v1/datasets/%ff%fe%ed%a0%80 HTTP/1.1\r\n",
        b"GET /v1/datasets/%zz?a=%zz&%=% HTTP/1.1\r\n",
        b"GET /" + b"a" * 8_000 + b" HTTP/1.1\r\n",
        b"GET /" + b"a/" * 40_000 + b" HTTP/1.1\r\n",
        b"GET /search?q=" + b"%E8%B3%87" * 400 + b" HTTP/1.1\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n",
        b"\r\n\r\nGET /livez HTTP/1.1\r\n",
    )


def _headers() -> tuple[bytes, ...]:
    """Lines of a head; each of them ends the head it stands in."""
    return (
        b"Host: a\r\n",
        b"Host: \r\n",
        b"Host: <script>\r\n",
        b"Host: \xe8\xb3\x87\r\n",
        b"No colon\r\n",
        b": no name\r\n",
        b"Space before : colon\r\n",
        b" folded: at once\r\n",
        b"A: b\r\n folded\r\n",
        b"A: \0\r\n",
        b"A: \x7f\xff\r\n",
        b"A: b\rC: d\r\n",
        b"A: b\nC: d\r\n",
        b"A" * 9_000 + b": b\r\n",
        b"A: " + b"b" * 9_000 + b"\r\n",
        b"A: b\r\n" * 101,
        b"A: b\r\n" * 5_000,
        b"Content-Length: -1\r\n",
        b"Content-Length: a\r\n",
        b"Content-Length: 1_0\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: " + b"9" * 40 + b"\r\n",
        b"Content-Length: 9999999999\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Expect: 100-continue\r\n",
        b"Expect: nonsense\r\n",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
        b"Cookie: session=" + b"%00\xff;;;=;" * 20 + b"\r\n",
        b"Authorization: Bearer\r\n",
        b"Authorization: Bearer \xe8\xb3\x87\r\n",
        b"Authorization: Basic !!!!\r\n",
        b"Accept: */*;q=nan, ;;;,,,\r\n",
        b"Accept-Encoding: \xff\r\n",
        b'If-None-Match: "\r\nIf-Match: W/"\r\n',
        b"Range: bytes=99999999999999999999-,-,-1\r\n",
        b"X-Forwarded-Proto: javascript\r\nX-Forwarded-Host: \xff\r\n",
    )


def _line(draw: Draw) -> bytes:
    return draw.choice(_lines()) + _HOST + _CLOSE + b"\r\n"


def _head(draw: Draw) -> bytes:
    start = draw.choice((_GET, _POST + b"Content-Length: %d\r\n" % len(_BODY)))
    return start + draw.choice(_headers()) + _CLOSE + b"\r\n" + (_BODY if start is not _GET else b"")


def _chunked(draw: Draw) -> bytes:
    whole = b"%x\r\n%s\r\n" % (len(_BODY), _BODY)
    chunks = draw.choice(
        (
            whole + b"0\r\n\r\n",
            whole + b"0\r\nTrailer: x\r\n\r\n",
            whole + b"0;ext=" + b"x" * 300 + b"\r\n\r\n",
            whole,
            b"zz\r\n" + _BODY + b"\r\n0\r\n\r\n",
            b"-5\r\n" + _BODY + b"\r\n0\r\n\r\n",
            b"0x10\r\n" + _BODY + b"\r\n0\r\n\r\n",
            b"ffffffffffffffffffff\r\n" + _BODY + b"\r\n0\r\n\r\n",
            b"\r\n\r\n",
            b"5\r\n" + _BODY + b"\r\n0\r\n\r\n",
            b"%x\n%s\n0\n\n" % (len(_BODY), _BODY),
            b"1\r\n{\r\n" * 2_000 + b"0\r\n\r\n",
            whole + b"0\r\n" + b"T: x\r\n" * 2_000 + b"\r\n",
            b"1" * 10_000,
        )
    )
    return _POST + b"Transfer-Encoding: chunked\r\n" + _CLOSE + b"\r\n" + chunks


def _truncated(draw: Draw) -> bytes:
    whole = _POST + b"Content-Length: %d\r\n\r\n" % len(_BODY) + _BODY
    return whole[: draw.randint(1, len(whole) - 1)]


def _pipelined(draw: Draw) -> bytes:
    good = _GET + b"\r\n"
    post = _POST + b"Content-Length: %d\r\n\r\n" % len(_BODY) + _BODY
    rubbish = draw.choice(
        (b"\r\n", b"\0\0\0", b"GET", draw.randbytes(200), _line(draw), _head(draw), _chunked(draw))
    )
    return b"".join(draw.choice((good, post)) for _ in range(draw.randint(1, _PIPELINED))) + rubbish


def _rubbish(draw: Draw) -> bytes:
    return draw.choice(
        (
            draw.randbytes(draw.randint(1, 3_000)),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + draw.randbytes(32),
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"\0" * 2_000,
            b"\n" * 2_000,
            b"A" * 70_000,
        )
    )


def _broken(draw: Draw) -> bytes:
    return broken(draw, _POST + b"Content-Length: %d\r\n" % len(_BODY) + _CLOSE + b"\r\n" + _BODY)


_KINDS: dict[str, Callable[[Draw], bytes]] = {
    "request line": _line,
    "head": _head,
    "chunks": _chunked,
    "truncated": _truncated,
    "pipelined": _pipelined,
    "no HTTP": _rubbish,
    "broken bytes": _broken,
}


def request(draw: Draw) -> Sent:
    """A request that is bad on the wire. What may be cut short is half closed, so that the server need not wait."""
    kind = draw.choice(tuple(_KINDS))
    return Sent(f"wire: {kind}", _KINDS[kind](draw), half_closed=True, complete=False)
