"""The portal's export as XML: a root, in it one element a dataset, in that one element a column."""

from collections.abc import Iterator
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from api.readers.records import to_entry
from api.readers.results import CatalogueError, Entry
from api.readers.source import Source

DEPTH = 50
"""Elements may not nest deeper; a catalogue needs three."""


def read_xml(source: Source) -> Iterator[Entry]:
    """The records of an XML catalogue, one at a time in memory.

    Raises:
        CatalogueError: malformed (the rows before it were handed on), nested too deep, or with a document
            type or entities, which no catalogue needs and attacks are made of.
    """
    for number, element in enumerate(_records(source), 1):
        source.advance(number)
        yield to_entry(number, _cells(element))


def _records(source: Source) -> Iterator[Any]:
    """Each child of the root, whole; it is forgotten when the next one is asked for."""
    try:
        # The parser is given characters, so the encoding that the declaration names does not matter.
        yield from _children(iterparse(source.text, events=("start", "end"), forbid_dtd=True))
        return
    except ParseError as error:
        line, column = error.position
        message = (
            f"XML 第 {line} 行第 {column + 1} 字附近有誤，讀到第 {source.meter.records} 筆為止。"
            "檔案可能下載不完整，請修正或重新下載後再試。"
        )
    except DefusedXmlException:
        message = "XML 含有文件類型宣告（DOCTYPE）或實體（ENTITY），為安全起見不予讀取。請移除後再試。"
    # Out here, so that the parser's error, which can quote the text, does not come along.
    raise CatalogueError(message)


def _children(events: Iterator[tuple[str, Any]]) -> Iterator[Any]:
    open_elements: list[Any] = []
    for event, element in events:
        if event == "start":
            open_elements.append(element)
            if len(open_elements) > DEPTH:
                raise CatalogueError(f"XML 的標籤超過 {DEPTH} 層，不是資料集目錄。請檢查標籤是否有頭無尾。")
            continue
        open_elements.pop()
        if len(open_elements) == 1:
            yield element
            open_elements[0].clear()


def _cells(record: Any) -> dict[str, object]:
    """The texts of a record's elements by their names; a list where a name is repeated."""
    cells: dict[str, object] = {}
    for child in record:
        name = child.tag.rpartition("}")[2]
        # An element with elements in it is no text; the empty object lets validation say so.
        value: object = {} if len(child) else child.text
        cells[name] = [*_as_list(cells[name]), value] if name in cells else value
    return cells


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
