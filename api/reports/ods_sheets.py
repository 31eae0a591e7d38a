"""Sheets as an OpenDocument spreadsheet, a row at a time in memory, without a formula whatever the cells say.

Written by hand: odfdo and odfpy hold the whole document as a tree. OpenDocument 1.3, parts 2 (package) and 3 (schema):
https://docs.oasis-open.org/office/OpenDocument/v1.3/
"""

import re
import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from tempfile import TemporaryFile
from typing import IO, BinaryIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]

from api.reports.cells import boolean_text, cell_text, is_moment, is_number, legal
from api.reports.ods_styles import HEADING, MOMENTS, PLAIN, PREAMBLE, settings, style_name, styles
from api.reports.sheets import CUT_OFF, MOST_ROWS, Cell, Sheet

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MEDIA_TYPE}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>
<manifest:file-entry manifest:full-path="settings.xml" manifest:media-type="text/xml"/>
</manifest:manifest>
"""
_META = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"\
 xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" office:version="1.3"><office:meta>\
<meta:creation-date>{}</meta:creation-date></office:meta></office:document-meta>
"""
_END = "</office:spreadsheet></office:body></office:document-content>"
_FIRST_YEAR_OF_ZIP = 1980
# Blanks that would be taken for one, or for none.
_BLANKS = re.compile(r"^ +| +$| {2,}")
# What no element stands for, or none that every reader knows.
_BY_ATTRIBUTE = re.compile("[\t\r]")
_BATCH = 64 * 1024


def write_ods(stream: BinaryIO, sheets: Iterable[Sheet], created_at: datetime) -> None:
    """Write an ODS file of any length; the same sheets give the same bytes.

    Args:
        stream: takes the file as a whole at the end; it need not be seekable.
        sheets: in their order; their rows are asked for once.
        created_at: what the file says of its making.
    """
    listed = list(sheets)
    when = created_at.replace(year=max(created_at.year, _FIRST_YEAR_OF_ZIP)).timetuple()[:6]

    def entry(name: str, method: int = ZIP_DEFLATED) -> ZipInfo:
        info = ZipInfo(name, when)
        info.compress_type = method
        return info

    # On disk, and not straight to the stream: in a stream each entry's size would stand behind it, while readers want to
    # find the media type, which comes first and is not compressed, at a fixed place.
    with TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as package:
            package.writestr(entry("mimetype", ZIP_STORED), MEDIA_TYPE)
            with package.open(entry("content.xml"), "w") as content:
                _write(content, _content(listed))
            package.writestr(entry("meta.xml"), _META.format(created_at.isoformat(timespec="seconds")))
            package.writestr(entry("settings.xml"), settings([sheet.name for sheet in listed]))
            package.writestr(entry("META-INF/manifest.xml"), _MANIFEST)
        file.seek(0)
        shutil.copyfileobj(file, stream)


def _write(file: IO[bytes], pieces: Iterator[str]) -> None:
    waiting: list[str] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size > _BATCH:
            file.write("".join(waiting).encode())
            waiting, size = [], 0
    file.write("".join(waiting).encode())


def _content(sheets: Sequence[Sheet]) -> Iterator[str]:
    yield PREAMBLE
    yield styles(sheets)
    yield "<office:body><office:spreadsheet>"
    ranges: list[str] = []
    for sheet in sheets:
        last = yield from _table(sheet)
        name = sheet.name.replace("'", "''")
        area = f"$'{name}'.$A$1:.${xl_col_to_name(max(len(sheet.columns), 1) - 1)}${max(last, 2)}"
        ranges.append(
            f'<table:database-range table:name="filter{len(ranges)}" table:display-filter-buttons="true"'
            f" table:target-range-address={quoteattr(area)}/>"
        )
    yield f"<table:database-ranges>{''.join(ranges)}</table:database-ranges>"
    yield _END


def _table(sheet: Sheet) -> Generator[str, None, int]:
    """One sheet; returns the number of its last row."""
    yield f"<table:table table:name={quoteattr(legal(sheet.name))}>"
    for _name, width in sheet.columns:
        yield f'<table:table-column table:style-name="co{width}"/>'
    headings = "".join(_text(name, HEADING) for name, _width in sheet.columns)
    yield f"<table:table-header-rows>{_row(headings)}</table:table-header-rows>"
    number = 1
    for number, row in enumerate(sheet.rows, 2):
        if number == MOST_ROWS:
            yield _row(_text(CUT_OFF, PLAIN))
            break
        yield _row(_cells(row, sheet))
    yield "</table:table>"
    return number


def _row(cells: str) -> str:
    return f"<table:table-row>{cells or '<table:table-cell/>'}</table:table-row>"


def _cells(row: Sequence[Cell], sheet: Sheet) -> str:
    parts = []
    for is_blank, cells in groupby(enumerate(row), lambda one: one[1] is None or one[1] == ""):
        if is_blank:
            count = sum(1 for _ in cells)
            parts.append(f'<table:table-cell table:number-columns-repeated="{count}"/>')
        else:
            parts.extend(_cell(cell, place, sheet) for place, cell in cells)
    return "".join(parts)


def _cell(cell: Cell, place: int, sheet: Sheet) -> str:
    if isinstance(cell, str):
        return _text(cell, PLAIN)
    if isinstance(cell, bool):
        if not sheet.booleans:
            return _text(boolean_text(cell, booleans=False), PLAIN)
        return _value("boolean", "boolean-value", str(cell).lower(), PLAIN)
    if is_number(cell):
        number_format = sheet.formats.get(place)
        kind = "percentage" if number_format and number_format.endswith("%") else "float"
        value = str(cell) if isinstance(cell, int) else repr(float(cell))  # type: ignore[arg-type]
        return _value(kind, "value", value, style_name(number_format))
    if is_moment(cell):
        return _moment(cell)
    return _text(cell_text(cell, booleans=sheet.booleans), PLAIN)


def _moment(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return _value("date", "date-value", cell.isoformat(), MOMENTS[datetime])
    if isinstance(cell, date):
        return _value("date", "date-value", cell.isoformat(), MOMENTS[date])
    if isinstance(cell, time):
        seconds = timedelta(
            hours=cell.hour, minutes=cell.minute, seconds=cell.second, microseconds=cell.microsecond
        )
        return _value("time", "time-value", _duration(seconds), MOMENTS[time])
    assert isinstance(cell, timedelta)  # noqa: S101 - the last kind of moment
    return _value("time", "time-value", _duration(cell), MOMENTS[timedelta])


def _duration(length: timedelta) -> str:
    """A duration as XML Schema writes it: `PT26H05M00S`."""
    hours, rest = divmod(length, timedelta(hours=1))
    minutes, rest = divmod(rest, timedelta(minutes=1))
    seconds = f"{rest.seconds:02}" + (f".{rest.microseconds:06}" if rest.microseconds else "")
    return f"PT{hours:02}H{minutes:02}M{seconds}S"


def _value(kind: str, attribute: str, value: str, style: str) -> str:
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="{kind}" office:{attribute}="{value}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def _text(text: str, style: str) -> str:
    text = legal(text)
    value = f" office:string-value={quoteattr(text)}" if _BY_ATTRIBUTE.search(text) else ""
    lines = "".join(f"<text:p>{_line(line)}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell table:style-name="{style}" office:value-type="string"{value}>{lines}</table:table-cell>'


def _line(line: str) -> str:
    shown = _BLANKS.sub(lambda found: f'<text:s text:c="{len(found[0])}"/>', escape(line))
    return shown.replace("\t", "<text:tab/>").replace("\r", "")
