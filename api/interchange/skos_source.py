"""A SKOS file as a graph: Turtle or JSON-LD, bounded, and without a request to anybody.

JSON-LD may name its context by an address, which a reader would fetch; such a file is refused. RDF/XML, with its
entities, is not read at all.
"""

import json
import logging
import re
import warnings
from typing import Any

from rdflib import Graph

FILE_BYTES = 8 * 1024 * 1024
"""No vocabulary file may be larger; 2,000 concepts take half a megabyte."""
DEPTH = 50
"""JSON may not nest deeper."""
# What is relative in the file becomes an address that is nobody's and is then refused by name.
_BASE = "http://relative.invalid/"

# A literal that is not of its type is what the rules find; rdflib would print a traceback as well.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


class SkosError(Exception):
    """The file cannot be read; the message says in 繁體中文 what is wrong and what to do."""


def read_graph(data: bytes) -> Graph:
    """The graph of a Turtle or JSON-LD file.

    Raises:
        SkosError: too large, not UTF-8, malformed, RDF/XML, or JSON-LD with a context elsewhere.
    """
    if len(data) > FILE_BYTES:
        raise SkosError(f"檔案超過 {FILE_BYTES // 1024**2} MB 的上限，請分批匯入。")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SkosError(f"第 {error.start + 1} 位元組起不是 UTF-8，請以 UTF-8 重新輸出。") from None
    start = text.lstrip()
    if start.startswith(("<?xml", "<rdf:", "<!DOCTYPE", "<html")):
        raise SkosError("不收 RDF/XML 或網頁，請轉存為 Turtle（.ttl）或 JSON-LD（.jsonld）。")
    if not start:
        raise SkosError("檔案是空的，請確認後再試。")
    return _json_ld(text) if start.startswith(("{", "[")) else _turtle(text)


def _turtle(text: str) -> Graph:
    try:
        return Graph().parse(data=text, format="turtle", publicID=_BASE)
    except Exception as error:  # rdflib raises its parser's own kinds, and some of Python's
        line = getattr(error, "lines", None)
    # Out here, so that the parser's message, which quotes the file, does not come along.
    where = f"第 {line + 1} 行附近有誤" if isinstance(line, int) else "內容無法解讀"
    raise SkosError(f"Turtle {where}，請修正後再試。")


def _json_ld(text: str) -> Graph:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"第 {error.lineno} 行附近有誤" if isinstance(error, json.JSONDecodeError) else "內容無法解讀"
        raise SkosError(f"JSON-LD {where}，請修正後再試。") from None
    _check(document)
    try:
        with warnings.catch_warnings():
            # rdflib's reader of JSON-LD uses what rdflib will remove.
            warnings.simplefilter("ignore", DeprecationWarning)
            return Graph().parse(data=text, format="json-ld", publicID=_BASE)
    except Exception as error:  # rdflib raises many kinds
        name = re.sub(r"[^A-Za-z]", "", type(error).__name__)
    raise SkosError(f"JSON-LD 的內容不符規定（{name}），請修正後再試。")


def _check(document: Any) -> None:
    """Refuse what is nested too deep and every context that stands elsewhere, wherever it is named."""
    waiting = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEPTH:
            raise SkosError(f"JSON-LD 的巢狀超過 {DEPTH} 層，請修正後再試。")
        if isinstance(value, list):
            waiting += [(item, depth + 1) for item in value]
        elif isinstance(value, dict):
            if "@import" in value or _is_elsewhere(value.get("@context")):
                raise SkosError(
                    "JSON-LD 的 @context 指向外部網址，為安全起見不予讀取。請將 @context 的內容直接寫在檔案裡。"
                )
            waiting += [(item, depth + 1) for item in value.values()]


def _is_elsewhere(context: Any) -> bool:
    return isinstance(context, str) or (
        isinstance(context, list) and any(_is_elsewhere(item) for item in context)
    )
