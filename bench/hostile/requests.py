"""Requests for the routes of the service, each with something bad in it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bench.hostile.bodies import Body, example, file_body, form_body, json_body, quoted
from bench.hostile.protocol import request as on_the_wire
from bench.hostile.values import NUMBERS, Draw, broken, text
from bench.hostile.wire import Sent

_WIRE_SHARE = 0.12
_ACCEPTED = (
    "text/html",
    "application/json",
    "text/turtle",
    "application/ld+json",
    "text/event-stream",
    "application/pdf",
    "*/*;q=nan",
    "a/b;q=-1,,;",
)
_HEADERS = (
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "Idempotency-Key",
    "X-Request-Id",
    "Authorization",
    "Cookie",
    "Origin",
    "Sec-Fetch-Site",
    "HX-Request",
    "HX-Current-URL",
    "Range",
    "Accept-Language",
    "Content-Encoding",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Referer",
    "Forwarded",
)


class Target(NamedTuple):
    """A route with one of its methods.

    Attributes:
        method: of HTTP.
        rule: the path, its parts that vary as `<name>`.
        names: of the query's parameters, or the form's fields, that it may know.
        schema: of the JSON that it reads; None where it reads none.
        uploads: it reads a file.
    """

    method: str
    rule: str
    names: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None
    uploads: bool = False


class Surroundings(NamedTuple):
    """What a request is made of.

    Attributes:
        targets: the routes.
        components: the schemas that those of the routes refer to.
        known: texts that stand for something in the store, and cursors and tags that were given.
        forms: the fields of the pages' forms, by the path that they are sent to.
        headers: of those who may do anything: a token's, a session's, and of nobody.
    """

    targets: Sequence[Target]
    components: dict[str, Any]
    known: Sequence[str]
    forms: Mapping[str, Sequence[Sequence[tuple[str, str]]]]
    headers: Sequence[Mapping[str, str]]


def bad_request(draw: Draw, around: Surroundings) -> Sent:
    """A request by chance that has something bad in it."""
    if draw.random() < _WIRE_SHARE:
        return on_the_wire(draw)
    target = draw.choice(around.targets)
    ways = ["query", "path", "headers", "method"]
    if target.schema is not None:
        ways = ["JSON"] * 10 + ways
    elif target.uploads:
        ways = ["file"] * 8 + ways
    elif target.method != "GET":
        ways = ["form"] * 8 + ways
    else:
        ways = ["query"] * 6 + ["path"] * 2 + ways
    way = draw.choice(ways)
    method = (
        target.method
        if way != "method"
        else draw.choice(("GET", "PUT", "PATCH", "DELETE", "POST", "OPTIONS", "HEAD"))
    )
    path = _path(draw, target, around, bad=way == "path")
    if way == "query" or draw.random() < 0.15:
        path += "?" + _query(draw, target, around)
    body = _body(draw, target, around, way)
    headers = _sent_headers(draw, around, way, target)
    return _assembled(draw, f"{way}", (method, path), headers, body)


def _path(draw: Draw, target: Target, around: Surroundings, bad: bool) -> str:
    def part(match: re.Match[str]) -> str:
        if bad or draw.random() < 0.05:
            number = draw.choice(NUMBERS[:-3])
            return quoted(text(draw)[:2_000]) if draw.random() < 0.8 else str(number)[:500]
        if "int" in match[0]:
            return str(draw.randint(1, 5))
        return quoted(draw.choice(around.known))

    path = re.sub("<[^>]+>", part, target.rule)
    if bad and "<" not in target.rule:
        path += draw.choice(
            ("/", "//", "/..", "/.", ";x", "%00", "%2f", "/" + quoted(text(draw)[:500]), "?", "%")
        )
    return path


def _query(draw: Draw, target: Target, around: Surroundings) -> str:
    names = target.names or ("q", "cursor", "limit", "format")
    pairs = []
    for _ in range(draw.choice((1, 1, 2, 3, 5))):
        name = draw.choice(names) if draw.random() < 0.9 else text(draw)[:100]
        given = _parameter(draw, around)
        pairs.append(f"{quoted(name)}={given}")
    if draw.random() < 0.02:
        pairs *= 300
    return "&".join(pairs)[:60_000]


def _parameter(draw: Draw, around: Surroundings) -> str:
    kind = draw.random()
    if kind < 0.25:
        return quoted(draw.choice(around.known))
    if kind < 0.35:
        # A cursor or a tag with something changed in it.
        return quoted(broken(draw, draw.choice(around.known).encode()).decode("utf-8", "surrogateescape"))[
            :3_000
        ]
    if kind < 0.5:
        return str(draw.choice(NUMBERS))[:1_000]
    return quoted(text(draw)[: draw.choice((50, 600, 5_000))])


def _body(draw: Draw, target: Target, around: Surroundings, way: str) -> Body | None:
    if way == "JSON" and target.schema is not None:
        return json_body(draw, example(draw, target.schema, around.components))
    if way == "file":
        return file_body(draw)
    if way == "form":
        return form_body(draw, _fields(draw, target, around))
    if target.method == "GET":
        return None
    if target.schema is not None:
        return json_body(draw, {})
    return Body("application/x-www-form-urlencoded", b"")


def _fields(draw: Draw, target: Target, around: Surroundings) -> Sequence[tuple[str, str]]:
    pattern = re.sub("<[^>]+>", "[^/]+", target.rule)
    fitting = [
        fields for path, sent in around.forms.items() if re.fullmatch(pattern, path) for fields in sent
    ]
    if fitting and draw.random() < 0.8:
        return draw.choice(fitting)
    return [(draw.choice(target.names or ("kind",)), draw.choice(around.known)) for _ in range(4)]


def _sent_headers(draw: Draw, around: Surroundings, way: str, target: Target) -> dict[str, str]:
    headers = dict(draw.choice(around.headers))
    if target.rule == "/sign-out":
        headers.pop("Cookie", None)  # who is signed in stays so
    if draw.random() < 0.3:
        headers["Accept"] = draw.choice(_ACCEPTED)
    if way == "headers":
        for _ in range(draw.randint(1, 3)):
            given = draw.choice(around.known) if draw.random() < 0.3 else text(draw)[:4_000]
            headers[draw.choice(_HEADERS)] = draw.choice(("", "Bearer ", 'W/"', '"', "session=")) + given
    return headers


def _assembled(
    draw: Draw, kind: str, line: tuple[str, str], headers: Mapping[str, str], body: Body | None
) -> Sent:
    head = [f"{line[0]} {line[1]} HTTP/1.1".encode(), b"Host: 127.0.0.1", b"Connection: close"]
    for name, given in headers.items():
        # Another line would be another request; that is what the wire's requests are for.
        head.append(
            f"{name}: {given}".encode("utf-8", "surrogatepass").replace(b"\r", b"").replace(b"\n", b"")
        )
    content = b""
    if body is not None:
        media_type, content = body
        head.append(f"Content-Type: {media_type}".encode())
        if draw.random() < 0.1:
            head.append(b"Transfer-Encoding: chunked")
            content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content) if content else b"0\r\n\r\n"
        else:
            head.append(b"Content-Length: %d" % len(content))
    return Sent(kind, b"\r\n".join(head) + b"\r\n\r\n" + content)
