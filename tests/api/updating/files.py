"""Catalogue files for the tests of updates, in every format the portal has."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Row = Mapping[str, str | None]
IDENTIFIER, TITLE, STATE = "資料集識別碼", "資料集名稱", "資料集變動狀態"
FORMATS = ("csv", "json", "xml", "jsonl")


def row(identifier: str, title: str | None = None, state: str | None = None, **more: str | None) -> Row:
    """A record under the portal's columns."""
    found = {IDENTIFIER: identifier, TITLE: title or f"資料集{identifier}", "提供機關": "勞動部", **more}
    return found if state is None else {**found, STATE: state}


def catalogue(count: int, start: int = 0) -> list[Row]:
    """Records that are all different."""
    return [row(str(number)) for number in range(start, start + count)]


def write(path: Path, rows: Sequence[Row]) -> Path:
    """Write the records in the format that the file's name says."""
    path.write_text(_WRITERS[path.suffix[1:]](rows), encoding="utf-8")
    return path


def _csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    columns = list(dict.fromkeys(name for one in rows for name in one)) or [IDENTIFIER, TITLE]
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows({name: value or "" for name, value in one.items()} for one in rows)
    return text.getvalue()


def _json(rows: Sequence[Row]) -> str:
    return json.dumps(list(rows), ensure_ascii=False, indent=1)


def _lines(rows: Sequence[Row]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)


def _xml(rows: Sequence[Row]) -> str:
    records = "".join(
        "<row>" + "".join(f"<{name}>{escape(value or '')}</{name}>" for name, value in one.items()) + "</row>"
        for one in rows
    )
    return f"<?xml version='1.0' encoding='UTF-8'?><root>{records}</root>"


_WRITERS = {"csv": _csv, "json": _json, "xml": _xml, "jsonl": _lines}
