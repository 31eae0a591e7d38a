"""Which format a file is in: its content says so; the name only where the content could be either."""

from collections.abc import Callable, Iterator

from api.readers.csv_file import read_csv
from api.readers.json_file import read_json_array, read_json_lines, read_json_object
from api.readers.portal import IDENTIFIER, TITLE
from api.readers.results import CatalogueError, Entry
from api.readers.source import Source
from api.readers.xml_file import read_xml

Reader = Callable[[Source], Iterator[Entry]]

_JSON_LINES = {".jsonl", ".ndjson"}


def reader_for(source: Source) -> Reader:
    """The reader of an open file.

    Raises:
        CatalogueError: a web page.
    """
    start = source.head.lstrip()
    if start.startswith("<"):
        return _reader_for_markup(start)
    if start.startswith("["):
        return read_json_array
    if start.startswith("{"):
        return _reader_for_object(start, source.suffix)
    header = start.split("\n", 1)[0]
    is_lines = source.suffix in _JSON_LINES and IDENTIFIER not in header and TITLE not in header
    return read_json_lines if is_lines else read_csv


def _reader_for_markup(start: str) -> Reader:
    if start[:20].lower().startswith(("<!doctype html", "<html")):
        raise CatalogueError(
            "這是網頁，不是資料集目錄；下載到的可能是登入頁或錯誤頁。請重新下載 CSV、JSON 或 XML 檔。"
        )
    return read_xml


def _reader_for_object(start: str, suffix: str) -> Reader:
    first, *others = start.split("\n", 1)
    if suffix in _JSON_LINES or not others or first.rstrip().endswith("}"):
        return read_json_lines
    return read_json_object
