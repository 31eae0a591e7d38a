"""Workbooks that are no workbooks, or want more than they may have: refused with words, at no cost to the service."""

import os
import struct
import sys
import time
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from api.readers.tables import TableError, open_table, workbook

Write = Callable[[str, bytes | str], Path]
_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_HEAD = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="t"><table:table-row><table:table-cell office:value-type="string">'
    "<text:p>資料集名稱</text:p></table:table-cell></table:table-row>"
)
_ODS_TAIL = "</table:table></office:spreadsheet></office:body></office:document-content>"


def _package(parts: Mapping[str, bytes | str], method: int = ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", method) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def _ods(rows: str, manifest: str = "<manifest:manifest/>") -> bytes:
    return _package(
        {"mimetype": _MIME, "content.xml": _ODS_HEAD + rows + _ODS_TAIL, "META-INF/manifest.xml": manifest}
    )


def _lying() -> bytes:
    """A header says 1 KB where 30 MB are; both copies of it."""
    content = bytearray(_package({"xl/workbook.xml": "x", "a": b"ab" * 15 * 1024**2}))
    size = struct.pack("<I", 30 * 1024**2)
    assert content.count(size) == 2
    return bytes(content.replace(size, struct.pack("<I", 1024)))


def _encrypted_zip() -> bytes:
    content = bytearray(_package({"xl/workbook.xml": "x"}))
    # The flag in the directory.
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000)
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "too many entries": (lambda: _package({str(n): "" for n in range(1_001)}), "1,001 個部分"),
    "too large as declared": (
        lambda: _package({"xl/workbook.xml": "x", **{str(n): os.urandom(16) * 650_000 for n in range(11)}}),
        "超過 100 MB 的上限",
    ),
    "ratio": (lambda: _package({"xl/workbook.xml": "x", "a": bytes(50 * 1024**2)}), "100 倍以上"),
    "lying header": (_lying, "標示的大小與內容不符"),
    "archive within": (
        lambda: _package({"xl/workbook.xml": "x", "a.bin": _package({"b": "c"})}),
        "另一個壓縮檔",
    ),
    "cut short": (lambda: _package({"xl/workbook.xml": "x" * 5_000})[:-30], "不完整或已損壞"),
    "no sheet in it": (lambda: _package({"xl/workbook.xml": "x"}), "內容有誤"),
    "method": (lambda: _package({"xl/workbook.xml": "x"}, ZIP_BZIP2), "少見的方式壓縮"),
    "encrypted entry": (_encrypted_zip, "設有密碼"),
    "encrypted xlsx": (lambda: _OLE + "EncryptedPackage".encode("utf-16-le"), "在 Excel 取消密碼"),
    "encrypted ods": (lambda: _ods("", "<manifest:encryption-data/>"), "設有密碼"),
    "old xls": (lambda: _OLE + "Workbook".encode("utf-16-le"), "另存為 XLSX"),
    "old word": (lambda: _OLE + "WordDocument".encode("utf-16-le"), "舊版 Word"),
    "word": (lambda: _package({"word/document.xml": "x"}), "Word 文件"),
    "numbers": (lambda: _package({"Index/Document.iwa": "x"}), "Numbers"),
    "odt": (
        lambda: _package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"}),
        "不是試算表",
    ),
    "plain zip": (lambda: _package({"a.csv": "x"}), "請解壓縮"),
    "empty zip": (lambda: _package({}), "請解壓縮"),
}


def _refusal(path: Path) -> str:
    with pytest.raises(TableError) as error, open_table(path, required=[["資料集名稱"]]) as table:
        list(table.rows)
    return str(error.value)


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_workbook_or_too_much_is_refused_with_words(write: Write, kind: str) -> None:
    made, words = REFUSED[kind]
    assert words in _refusal(write("table.xlsx", made()))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited, and looked up in /proc, on Linux")
def test_what_grows_beyond_all_limits_while_it_is_parsed_leaves_memory_flat(write: Write) -> None:
    repeated = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell'
        ' table:number-columns-repeated="30" office:value-type="string"><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    path = write("table.ods", _ods(repeated))
    before = _resident()
    assert "太大或內容有誤" in _refusal(path)
    assert _resident() - before < 30 * 1024
    # And the next one is served.
    with open_table(write("next.ods", _ods("")), required=[["資料集名稱"]]) as table:
        assert list(table.rows) == []


def test_what_takes_too_long_is_ended(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "WAIT_SECONDS", 0.0)
    begun = time.monotonic()
    assert "沒有讀完" in _refusal(write("table.ods", _ods("")))
    assert time.monotonic() - begun < 10


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc, on Linux")
def test_who_stops_reading_leaves_no_process_behind(write: Write) -> None:
    # A browser or a server of other tests may still run.
    before = _children()
    row = '<table:table-row><table:table-cell office:value-type="float" office:value="7"/></table:table-row>'
    path = write("table.ods", _package_of_many(row))
    with open_table(path, required=[["資料集名稱"]]) as table:
        assert next(table.rows) == [7]
        assert len(_children() - before) == 1
    assert _children() <= before


def _package_of_many(row: str) -> bytes:
    return _package(
        {
            "mimetype": _MIME,
            "content.xml": _ODS_HEAD + row * 20_000 + _ODS_TAIL,
            "META-INF/manifest.xml": "<manifest:manifest/>",
        },
        ZIP_STORED,
    )


def _children() -> set[str]:
    """Identifiers of the processes that this one has, zombies too."""
    lists = Path("/proc/self/task").glob("*/children")
    return {child for one in lists for child in one.read_text(encoding="ascii").split()}


def _resident() -> int:
    """Memory of this process, in KiB."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise LookupError
