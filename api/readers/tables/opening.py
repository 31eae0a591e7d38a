"""Opening a table of any format: its content says which, not its name."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.readers.tables.csv_table import open_csv
from api.readers.tables.header import Required
from api.readers.tables.results import Table, TableError
from api.readers.tables.workbook import open_workbook

MOST_BYTES = 100 * 1024**2
"""How long a table may be, decompressed."""

_START = 512
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@contextmanager
def open_table(
    path: Path, *, required: Required, encoding: str | None = None, most_bytes: int = MOST_BYTES
) -> Iterator[Table]:
    """Open a table; it can be read until the context ends.

    Titles, notes and blank rows above the header are passed over; of several sheets the first that can be seen and has
    such a header is taken. Cells are as the file has them, strings untouched; of a CSV one quote that `csv_quoting`
    put in front of a text is taken away again. A workbook's columns that hold something without having a name are kept
    under the name "". A CSV is read as it comes; a workbook by a process of its own, a batch of rows at a time.

    Args:
        path: CSV (plain or gzip), XLSX or ODS.
        required: for each column that is needed the names that it may have, such as ("資料集名稱", "資料集標題").
        encoding: of a CSV; by default told from the content.
        most_bytes: how long the file may be, decompressed; of a workbook all its parts together.

    Raises:
        TableError: it cannot be read, has no such header, or is too large; also while rows are read.
    """
    start = _start_of(path, most_bytes)
    if start.startswith(_ZIP):
        opened = open_workbook(path, required, most_bytes)
    elif start.startswith(_OLE):
        raise TableError(_ole_message(path))
    elif foreign := _foreign(start):
        raise TableError(foreign)
    else:
        opened = open_csv(path, required, encoding, most_bytes)
    with opened as table:
        yield table


def _start_of(path: Path, most_bytes: int) -> bytes:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError as error:
        raise TableError(f"無法開啟檔案 {path.name}（{error.strerror}），請檢查路徑與讀取權限。") from None
    if size > most_bytes:
        raise TableError(f"檔案超過 {most_bytes // 1024**2:,} MB 的上限，不予讀取。請分成幾個檔案後再試。")
    if not start:
        raise TableError("檔案是空的。請確認下載完整後再試。")
    return start


def _foreign(start: bytes) -> str | None:
    """What a file is that nobody would take for a table, None where it may be one."""
    if start.startswith(b"%PDF"):
        return "這是 PDF，不是試算表。請提供原本的 CSV、XLSX 或 ODS 檔。"
    text = start.lstrip(b"".join(_MARKS) + b" \t\r\n\0").lower()
    if text.startswith(b"<"):
        return (
            "這是網頁或 XML，不是試算表；下載到的可能是登入頁或錯誤頁。"
            "請重新下載，或以試算表軟體開啟後另存為 CSV、XLSX 或 ODS。"
        )
    return None


def _ole_message(path: Path) -> str:
    """What to say of a file in the container that Office used before 2007, and still uses around encrypted files."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        # The names of its streams stand in its directory, wherever that is.
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            return "檔案設有密碼，無法讀取。請在 Excel 取消密碼（檔案 → 資訊 → 保護活頁簿）後另存再試。"
        if content.find("WordDocument".encode("utf-16-le")) >= 0:
            return "這是舊版 Word 文件（.doc），不是試算表。請提供 CSV、XLSX 或 ODS 檔。"
        return "這是舊版 Excel 檔（.xls）。請以 Excel 或 LibreOffice 開啟，另存為 XLSX 後再試。"
