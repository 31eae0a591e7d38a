"""Bad values: texts and numbers that are known to break programs, and mutations of JSON and of bytes."""

import json
import random
from collections.abc import Callable
from typing import Any

Draw = random.Random

TEXTS = (
    "",
    " ",
    "\0",
    "A\0B",
    "\ud800",
    "前\udfff後",
    "\u202e\u2066資料\u2069",
    "\ufeff\u200b\u200d",
    "\uffff\ufffe",
    "\U0010ffff",
    "e\u0301" * 50,
    "\u0e33" * 200,
    "\ufdfa" * 100,
    "👩‍👩‍👧‍👦" * 20,
    "１２３",
    "٣٤",
    "²",
    "-1",
    "0",
    "1e999",
    "NaN",
    "Infinity",
    "9" * 400,
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "0x10",
    "1_000",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "2026-01-31T23:59:60+99:99",
    "0001-01-01T00:00:00+23:59",
    "民國一一五年",
    "' OR 1=1 --",
    "'; DROP TABLE dataset; --",
    '"',
    "\\",
    "%",
    "%s%n%d",
    "{0.__class__}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "../../../etc/passwd",
    "..%2f..%2f",
    "//example.org/",
    "http://169.254.169.254/",
    "https://[::1",
    "https://a:b@c:99999/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "\r\nSet-Cookie: a=b",
    "*",
    "NEAR(",
    "AND OR NOT",
    '"a" NOT "b" OR',
    "a & | ! <-> b:*",
    "(((((((((((",
    "title:",
    "標籤:",
    "-",
    "- -",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "null",
    "true",
    "[]",
    "{}",
    "x" * 256,
    "資" * 1_001,
    "((((" * 5_000,
    "a" * 70_000,
    "資 " * 40_000,
    "\u0301" * 30_000,
)
"""Texts that once broke some program; the last ones are long."""

NUMBERS: tuple[Any, ...] = (
    0,
    -0.0,
    -1,
    1.5,
    2**31 - 1,
    2**31,
    2**53 + 1,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    2**64,
    10**400,
    1e308,
    5e-324,
    float("nan"),
    float("inf"),
    float("-inf"),
)

_OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": None}, {"a": {"b": []}})


def text(draw: Draw) -> str:
    """A bad text: a known one, two of them in one, or characters by chance."""
    kind = draw.random()
    if kind < 0.6:
        return draw.choice(TEXTS)
    if kind < 0.7:
        return draw.choice(TEXTS[:-5]) + draw.choice(TEXTS[:-5])
    planes = ((0, 0x7F), (0, 0x2FF), (0x3000, 0x9FFF), (0xD800, 0xDFFF), (0, 0x10FFFF))
    low, high = draw.choice(planes)
    return "".join(chr(draw.randint(low, high)) for _ in range(draw.randint(1, 40)))


def value(draw: Draw) -> Any:
    """A bad value of JSON."""
    kind = draw.random()
    if kind < 0.5:
        return text(draw)
    if kind < 0.75:
        return draw.choice(NUMBERS)
    if kind < 0.9:
        return draw.choice(_OTHERS)
    if kind < 0.95:
        return [value(draw) for _ in range(draw.randint(1, 5))]
    return _nested(draw.choice((10, 60, 300)), draw.random() < 0.5)


def _nested(depth: int, as_list: bool) -> Any:
    made: Any = "x"
    for _ in range(depth):
        made = [made] if as_list else {"a": made}
    return made


def mutated(draw: Draw, document: Any) -> Any:
    """A copy of a document of JSON with one to three places made bad."""
    made = json.loads(json.dumps(document))
    for _ in range(draw.randint(1, 3)):
        made = _mutated_once(draw, made)
    return made


def _mutated_once(draw: Draw, document: Any) -> Any:
    places = list(_places(document))
    if not places or draw.random() < 0.05:
        return draw.choice((value(draw), [document], {"items": document}, [document] * 3))
    inside, key = draw.choice(places)
    draw.choice((_replace, _replace, _replace, _drop, _add, _repeat))(draw, inside, key)
    return document


def _places(document: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting and len(found) < 500:
        inside = waiting.pop()
        keys = inside if isinstance(inside, dict) else range(len(inside)) if isinstance(inside, list) else ()
        for key in keys:
            found.append((inside, key))
            waiting.append(inside[key])
    return found


def _replace(draw: Draw, inside: Any, key: Any) -> None:
    inside[key] = value(draw)


def _drop(_draw: Draw, inside: Any, key: Any) -> None:
    del inside[key]


def _add(draw: Draw, inside: Any, key: Any) -> None:
    if isinstance(inside, dict):
        inside[text(draw)[:50]] = value(draw)
    else:
        inside.insert(key, value(draw))


def _repeat(draw: Draw, inside: Any, key: Any) -> None:
    if isinstance(inside, list):
        inside.extend([inside[key]] * draw.choice((1, 50, 1_500)))
    else:
        inside[key] = [inside[key]] * draw.choice((2, 1_500))


def broken(draw: Draw, content: bytes) -> bytes:
    """Bytes with something done to them that no honest program does."""
    changed: Callable[[Draw, bytes], bytes] = draw.choice((_cut, _flipped, _inserted, _encoded, _doubled))
    return changed(draw, content)


def _cut(draw: Draw, content: bytes) -> bytes:
    return content[: draw.randint(0, len(content))]


def _flipped(draw: Draw, content: bytes) -> bytes:
    made = bytearray(content)
    for _ in range(draw.randint(1, 8)):
        if made:
            made[draw.randrange(len(made))] = draw.randrange(256)
    return bytes(made)


def _inserted(draw: Draw, content: bytes) -> bytes:
    place = draw.randint(0, len(content))
    rubbish = draw.choice((b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\r\n\r\n", draw.randbytes(20)))
    return content[:place] + rubbish + content[place:]


def _encoded(draw: Draw, content: bytes) -> bytes:
    written = content.decode("utf-8", "replace")
    return written.encode(draw.choice(("utf-16", "utf-32-be", "cp950", "utf-7", "utf-8-sig")), "replace")


def _doubled(draw: Draw, content: bytes) -> bytes:
    return content * draw.choice((2, 3))
