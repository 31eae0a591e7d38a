"""Reads the text of our PDF files as a reader's search and copying do: by the font's ToUnicode table."""

import re
import zlib


def pdf_text(file: bytes) -> str:
    """The text, a line for each stretch that was set."""
    streams = [_inflated(found) for found in re.findall(rb"stream\n(.*?)\nendstream", file, re.DOTALL)]
    [table] = [one for one in streams if b"beginbfchar" in one]
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", table)
    known = {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}
    shown = [
        found for one in streams for found in re.findall(rb"Td \(((?:\\.|[^\\()])*)\) Tj", one, re.DOTALL)
    ]
    return "\n".join(_text(found, known) for found in shown)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _text(string: bytes, known: dict[int, str]) -> str:
    plain = re.sub(rb"\\([\\()nr])", lambda found: {b"n": b"\n", b"r": b"\r"}.get(found[1], found[1]), string)
    return "".join(known[int.from_bytes(plain[at : at + 2])] for at in range(0, len(plain), 2))
