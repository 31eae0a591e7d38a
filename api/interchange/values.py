"""What publishers write, as the values that DCAT wants: dates, frequencies, file formats, languages.

The codes are those of the Publications Office of the European Union, which DCAT-AP names for these
properties (https://op.europa.eu/en/web/eu-vocabularies/authority-tables). None is returned where the words
have no such value; the caller then keeps the words.
"""

import re
from datetime import date, time

from rdflib import Literal, URIRef
from rdflib.namespace import XSD

from api.interchange.rdf import typed

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
OPEN_LICENCE = URIRef("https://data.gov.tw/license")
"""政府資料開放授權條款-第1版."""
_OPEN_LICENCE = re.compile(r"政府資料開放授權條款\s*[-－–—]?\s*第\s*[1１一]\s*版|1")

_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2}))?)?)?)?", re.ASCII
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_EVERY = re.compile(r"每\s*(\d{1,4})?\s*個?(分鐘|分|小時|時|日|天|週|周|星期|月|季|半年|年)")
_UNITS = {"分鐘": "分", "小時": "時", "天": "日", "周": "週", "星期": "週"}
_FREQUENCIES = {
    "1分": "1MIN", "5分": "5MIN", "10分": "10MIN", "15分": "15MIN", "30分": "30MIN", "60分": "HOURLY",
    "1時": "HOURLY", "2時": "BIHOURLY", "3時": "TRIHOURLY", "12時": "12HRS", "24時": "DAILY",
    "1日": "DAILY", "7日": "WEEKLY", "14日": "BIWEEKLY",
    "1週": "WEEKLY", "2週": "BIWEEKLY",
    "1月": "MONTHLY", "2月": "BIMONTHLY", "3月": "QUARTERLY", "4月": "ANNUAL_3", "6月": "ANNUAL_2", "12月": "ANNUAL",
    "1季": "QUARTERLY", "2季": "ANNUAL_2", "4季": "ANNUAL", "1半年": "ANNUAL_2",
    "1年": "ANNUAL", "2年": "BIENNIAL", "3年": "TRIENNIAL", "4年": "QUADRENNIAL", "5年": "QUINQUENNIAL",
    "10年": "DECENNIAL",
}  # fmt: skip
_IRREGULAR = ("不定期", "不定時")

# Format → code of the file types, and the IANA media type where there is one.
_FORMATS = {
    "CSV": ("CSV", "text/csv"),
    "JSON": ("JSON", "application/json"),
    "GEOJSON": ("GEOJSON", "application/geo+json"),
    "XML": ("XML", "application/xml"),
    "RDF": ("RDF", None),
    "RSS": ("RSS", None),
    "HTML": ("HTML", "text/html"),
    "TXT": ("TXT", "text/plain"),
    "PDF": ("PDF", "application/pdf"),
    "ODS": ("ODS", "application/vnd.oasis.opendocument.spreadsheet"),
    "ODT": ("ODT", "application/vnd.oasis.opendocument.text"),
    "XLS": ("XLS", "application/vnd.ms-excel"),
    "XLSX": ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "DOC": ("DOC", "application/msword"),
    "DOCX": ("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "ZIP": ("ZIP", "application/zip"),
    "SHP": ("SHP", None),
    "KML": ("KML", "application/vnd.google-earth.kml+xml"),
    "KMZ": ("KMZ", "application/vnd.google-earth.kmz"),
    "PNG": ("PNG", "image/png"),
    "JPG": ("JPEG", "image/jpeg"),
    "JPEG": ("JPEG", "image/jpeg"),
}
_LANGUAGES = {
    **dict.fromkeys(("zh", "zh-tw", "zh-hant", "zh-hant-tw", "zho", "chi", "中文", "繁體中文", "正體中文"), "ZHO"),
    **dict.fromkeys(("en", "eng", "en-us", "英文"), "ENG"),
}  # fmt: skip


def moment(written: str | None) -> Literal | None:
    """A date as xsd:dateTime, xsd:date, xsd:gYearMonth or xsd:gYear, as exact as it is written.

    No zone is added: publishers name none. Years of the Republic are not guessed at.
    """
    cell = (written or "").strip()
    found = _DATE.fullmatch(cell) or _COMPACT_DATE.fullmatch(cell)
    if not found:
        return None
    numbers = [int(part) for part in found.groups() if part is not None]
    try:
        year, month, day_of_month, hour, minute, second = (numbers + [1, 1, 0, 0, 0][len(numbers) - 1 :])[:6]
        day = date(year, month, day_of_month).isoformat()
        clock = time(hour, minute, second).isoformat()
    except ValueError:
        return None
    if len(numbers) > 3:
        return typed(f"{day}T{clock}", XSD.dateTime)
    length, datatype = {1: (4, XSD.gYear), 2: (7, XSD.gYearMonth), 3: (10, XSD.date)}[len(numbers)]
    return typed(day[:length], datatype)


def frequency(written: str | None) -> URIRef | None:
    """How often data are renewed: `每1月`, `不定期更新`."""
    cell = (written or "").strip()
    if cell.startswith(_IRREGULAR):
        return URIRef(f"{_AUTHORITY}frequency/IRREG")
    found = _EVERY.fullmatch(cell.removesuffix("更新"))
    if not found:
        return None
    code = _FREQUENCIES.get(f"{int(found[1] or 1)}{_UNITS.get(found[2], found[2])}")
    return URIRef(f"{_AUTHORITY}frequency/{code}") if code else None


def file_format(written: str | None) -> tuple[URIRef, URIRef | None] | None:
    """A file format's code, and its media type where IANA has one."""
    known = _FORMATS.get((written or "").strip().upper())
    if not known:
        return None
    code, media_type = known
    media = URIRef(f"https://www.iana.org/assignments/media-types/{media_type}") if media_type else None
    return URIRef(f"{_AUTHORITY}file-type/{code}"), media


def language(written: str | None) -> URIRef | None:
    """A language's code."""
    code = _LANGUAGES.get((written or "").strip().lower())
    return URIRef(f"{_AUTHORITY}language/{code}") if code else None


def licence(written: str | None) -> URIRef | None:
    """The address of 政府資料開放授權條款 where its name, or the platform's code for it, is written."""
    return OPEN_LICENCE if _OPEN_LICENCE.fullmatch((written or "").strip()) else None
