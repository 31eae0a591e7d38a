"""What is looked at in a workbook's package before any parser sees it: it is small, and is what it says it is.

Limits as in the usual defences against archive bombs: number of entries, declared and real size, ratio.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

MOST_ENTRIES = 1_000
"""Files in a package; a workbook has some dozen, and one or two more for each sheet."""
MOST_RATIO = 100
"""How many times its compressed size an entry may be."""
RATIO_FROM = 10 * 1024**2
"""Bytes up to which nobody asks for the ratio: short and even is no bomb."""

_CHUNK = 256 * 1024
_ZIP = b"PK\x03\x04"
_ENCRYPTED_FLAG = 0x1
_MANIFEST = "META-INF/manifest.xml"
_MANIFEST_BYTES = 1024**2
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_RESAVE = "請以試算表軟體開啟，另存為 XLSX、ODS 或 CSV 後再試。"
_DAMAGED = "檔案不完整或已損壞，無法讀取。請重新下載，或以試算表軟體開啟後另存再試。"
_PASSWORD = "檔案設有密碼，無法讀取。請在試算表軟體取消密碼後另存再試。"  # noqa: S105 - a message
# A file's name in the package, or its end, to what such a package is.
_OTHERS = {
    "word/document.xml": "Word 文件，不是試算表。",
    "ppt/presentation.xml": "PowerPoint 簡報，不是試算表。",
    "xl/workbook.bin": "XLSB 活頁簿，本服務不讀這種格式。",
    ".iwa": "Apple 的 Numbers、Pages 或 Keynote 檔，本服務不讀這種格式。",
    "Index.zip": "Apple 的 Numbers、Pages 或 Keynote 檔，本服務不讀這種格式。",
}


class PackageError(Exception):
    """The package is refused; the message says in 繁體中文 why and what to do."""


def check_package(path: Path, most_bytes: int) -> None:
    """Look a package through, inflating all of it without keeping any.

    Args:
        path: of a ZIP file.
        most_bytes: what all of its entries may be together, inflated.

    Raises:
        PackageError: it is no XLSX or ODS, has a password, is damaged, or grows beyond the limits.
    """
    try:
        with ZipFile(path) as package:
            entries = package.infolist()
            _check_entries(entries, most_bytes)
            _check_kind(package, [entry.filename for entry in entries])
        with path.open("rb") as file:
            _check_content(file, entries, most_bytes)
    except (
        BadZipFile,
        NotImplementedError,
        ValueError,
        EOFError,
        OSError,
        struct.error,
        zlib.error,
    ) as error:
        raise PackageError(_DAMAGED) from error


def _check_entries(entries: list[ZipInfo], most_bytes: int) -> None:
    """What the directory says, which costs nothing to read."""
    if len(entries) > MOST_ENTRIES:
        raise PackageError(f"檔案內含 {len(entries):,} 個部分，超過 {MOST_ENTRIES:,} 個的上限。{_RESAVE}")
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise PackageError(_PASSWORD)
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise PackageError(f"檔案以少見的方式壓縮，無法讀取。{_RESAVE}")
    if sum(entry.file_size for entry in entries) > most_bytes:
        raise _too_large(most_bytes)
    for entry in entries:
        if entry.file_size > max(RATIO_FROM, entry.compress_size * MOST_RATIO):
            raise PackageError(
                f"檔案中有一部分解壓縮後是原來的 {MOST_RATIO} 倍以上，可能有害，不予讀取。"
                "請刪除多餘的列與工作表，或另存為 CSV 後再試。"
            )


def _too_large(most_bytes: int) -> PackageError:
    return PackageError(
        f"檔案解壓縮後超過 {most_bytes // 1024**2:,} MB 的上限，不予讀取。"
        "請刪除圖片與不需要的工作表，或另存為 CSV 後再試。"
    )


def _check_kind(package: ZipFile, names: list[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "mimetype" in names and "content.xml" in names:
        _check_open_document(package, names)
        return
    for other, says in _OTHERS.items():
        if any(name == other or (other.startswith(".") and name.endswith(other)) for name in names):
            raise PackageError(f"這是 {says}{_RESAVE}")
    raise PackageError("這是 ZIP 壓縮檔，不是試算表。請解壓縮後，選其中的 CSV、XLSX 或 ODS 檔再試。")


def _check_open_document(package: ZipFile, names: list[str]) -> None:
    with package.open("mimetype") as file:
        kind = file.read(100)
    if not kind.startswith(_ODS):
        raise PackageError(f"這是 OpenDocument 的文件或簡報，不是試算表。{_RESAVE}")
    if _MANIFEST in names:
        with package.open(_MANIFEST) as file:
            if b"encryption-data" in file.read(_MANIFEST_BYTES):
                raise PackageError(_PASSWORD)


def _check_content(file: BinaryIO, entries: list[ZipInfo], most_bytes: int) -> None:
    """What the entries really are: a directory may say anything of them."""
    total = 0
    for entry in entries:
        size = 0
        for piece in _inflated(file, entry):
            if size == 0 and piece.startswith(_ZIP):
                raise PackageError(
                    "檔案裡還有另一個壓縮檔或內嵌的文件，不予讀取。請刪除內嵌物件，或另存為 CSV 後再試。"
                )
            size += len(piece)
            total += len(piece)
            if total > most_bytes:
                raise _too_large(most_bytes)
            if size > entry.file_size:
                raise PackageError(f"檔案標示的大小與內容不符，可能有害，不予讀取。{_RESAVE}")


def _inflated(file: BinaryIO, entry: ZipInfo) -> Iterator[bytes]:
    """An entry's bytes, a chunk at a time; zipfile would stop at the size that the directory claims."""
    file.seek(entry.header_offset)
    header = file.read(30)
    if not header.startswith(_ZIP):
        raise BadZipFile
    name, extra = struct.unpack("<HH", header[26:30])
    file.seek(name + extra, 1)
    left = entry.compress_size
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == ZIP_DEFLATED else None
    while left and not (inflater and inflater.eof):
        data = file.read(min(left, _CHUNK))
        if not data:
            raise BadZipFile
        left -= len(data)
        if inflater is None:
            yield data
            continue
        piece = inflater.decompress(data, _CHUNK)
        while piece:
            yield piece
            piece = inflater.decompress(inflater.unconsumed_tail, _CHUNK)
    if inflater and not inflater.eof:
        raise BadZipFile
