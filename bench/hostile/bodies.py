"""Bad bodies of requests: JSON after a schema, forms, and files of tables."""

import json
import random
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from urllib.parse import quote_from_bytes
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter

from bench.hostile.values import Draw, broken, mutated, text, value

_DEEP = (b"[" * 100_000, b'{"a":' * 50_000, b"[" * 900 + b"]" * 900)
_BOUNDARY = "x9x"
_TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/json; charset=none",
    "application/merge-patch+json",
    "text/plain",
    "text/csv",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "b" * 300,
    "application/octet-stream",
    "application/xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
    "a/b/c;;;=",
    "",
)
_HEAD = ("資料集編號", "資料集名稱", "提供機關", "服務分類", "瀏覽次數", "下載次數", "平均星等")


class Body(tuple[str, bytes]):
    """A media type and what is sent as such."""

    def __new__(cls, media_type: str, content: bytes) -> "Body":
        """Of a type and bytes."""
        return super().__new__(cls, (media_type, content))


def example(draw: Draw, schema: dict[str, Any], components: dict[str, Any], depth: int = 0) -> Any:
    """A value that a schema about describes, a seed for mutations."""
    schema = _resolved(schema, components)
    for many in ("anyOf", "oneOf"):
        if many in schema:
            return example(draw, draw.choice(schema[many]), components, depth + 1)
    if "const" in schema or "enum" in schema:
        return schema.get("const", draw.choice(schema.get("enum", [None])))
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        wanted = schema.get("required", ())
        return {
            name: example(draw, inner, components, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if name in wanted or (depth < 6 and draw.random() < 0.5)
        }
    if kind == "array":
        return [
            example(draw, schema.get("items", {}), components, depth + 1) for _ in range(draw.randint(1, 2))
        ]
    return _scalar(draw, kind, schema)


def _resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    return schema


def _scalar(draw: Draw, kind: Any, schema: dict[str, Any]) -> Any:
    if kind in {"integer", "number"}:
        return draw.choice((schema.get("minimum", 0), schema.get("maximum", 9), 1))
    if kind == "boolean":
        return draw.random() < 0.5
    if kind == "null":
        return None
    return draw.choice(("職業災害統計", "勞動部", "500", "A59000000N", "2026-01-31", "https://example.org/a"))


def json_body(draw: Draw, seed: Any) -> Body:
    """JSON that is wrong in its values, in its syntax or in its encoding."""
    kind = draw.random()
    if kind < 0.02:
        return Body("application/json", draw.choice(_DEEP))
    document = mutated(draw, seed) if kind < 0.85 else value(draw)
    content = json.dumps(document, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")
    if draw.random() < 0.25:
        content = broken(draw, content)
    media_type = "application/json" if draw.random() < 0.92 else draw.choice(_TYPES)
    return Body(media_type, content)


def quoted(written: str) -> str:
    """A text in an address, lone surrogates as the bytes that stand for them."""
    return quote_from_bytes(written.encode("utf-8", "surrogatepass"), safe="")


def form_body(draw: Draw, fields: Sequence[tuple[str, str]]) -> Body:
    """A form as a browser sends it, with bad values in some of its fields."""
    filled = [(name, text(draw) if draw.random() < 0.4 else given) for name, given in fields]
    if draw.random() < 0.2 and filled:
        filled += [draw.choice(filled)] * draw.choice((1, 1_200))
    if draw.random() < 0.2 and filled:
        filled.remove(draw.choice(filled))
    content = "&".join(f"{quoted(name)}={quoted(given)}" for name, given in filled).encode()
    if draw.random() < 0.15:
        content = broken(draw, content)
    media_type = "application/x-www-form-urlencoded" if draw.random() < 0.9 else draw.choice(_TYPES)
    return Body(media_type, content)


def file_body(draw: Draw) -> Body:
    """A file of a table that is none, or is broken; as the body or in a form."""
    content = draw.choice((_csv, _workbook, _open_document, _rubbish))(draw)
    if draw.random() < 0.6:
        content = broken(draw, content)
    if draw.random() < 0.5:
        return Body(draw.choice(_TYPES), content)
    name = draw.choice(("a.xlsx", "a.csv", "統計.ods", "", "../../etc/passwd", 'a"b', "\0", "x" * 3_000))
    field = draw.choice(("file", "file", "file", "", "other", "fi\0le"))
    return multipart(draw, field, name, content)


def multipart(draw: Draw, field: str, filename: str, content: bytes) -> Body:
    """A form with a file in it, well or badly made."""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\n'
    made = head.encode() + b"Content-Type: text/csv\r\n\r\n" + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    if draw.random() < 0.3:
        made = broken(draw, made)
    if draw.random() < 0.05:
        made = (b"--x9x\r\n" + b"A: b\r\n" * 3_000) if draw.random() < 0.5 else b"--x9x\r\n\r\n\r\n" * 2_000
    return Body(f"multipart/form-data; boundary={_BOUNDARY}", made)


def _cell(draw: Draw) -> str:
    return text(draw)[:200] if draw.random() < 0.5 else draw.choice(("職業災害統計", "100", "勞動部", "4.5"))


def _csv(draw: Draw) -> bytes:
    head = ",".join(draw.sample(_HEAD, draw.randint(1, len(_HEAD))))
    rows = "\n".join(",".join(_cell(draw) for _ in range(draw.randint(0, 9))) for _ in range(5))
    return f"{head}\n{rows}".encode(draw.choice(("utf-8", "cp950", "utf-16")), "replace")


def _workbook(draw: Draw) -> bytes:
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, _HEAD)
        for row in range(1, 4):
            for column in range(len(_HEAD)):
                # Excel's own writer refuses what is no character of XML; that is put in as bytes.
                sheet.write_string(
                    row, column, _cell(draw).encode("ascii", "ignore").decode().replace("\0", "")
                )
    return made.getvalue()


def _open_document(draw: Draw) -> bytes:
    cells = "".join(f"<table:table-cell><text:p>{_cell(draw)}</text:p></table:table-cell>" for _ in range(5))
    repeated = draw.choice(("", ' table:number-rows-repeated="1048576"', ' table:number-rows-repeated="-5"'))
    content = f"<a><table:table><table:table-row{repeated}>{cells}</table:table-row></table:table></a>"
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content.encode("utf-8", "surrogatepass"))
    return made.getvalue()


def _rubbish(draw: Draw) -> bytes:
    magic = draw.choice(
        (b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-", b"<?xml ")
    )
    return magic + draw.randbytes(draw.choice((0, 20, 2_000)))


def seeded(seed: int, number: int) -> Draw:
    """The chance of one input: the same for the same seed and number, whatever was sent before."""
    return random.Random(f"{seed}:{number}")  # noqa: S311 - not for secrets
