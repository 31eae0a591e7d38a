"""What a record says of its files: formats, encodings, addresses."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tagger.linting.fault import Fault, quote
from tagger.metadata import DatasetMetadata, Distribution

STRUCTURED = frozenset(
    ("csv", "tsv", "json", "jsonl", "geojson", "topojson", "xml", "gml", "rdf", "ttl", "rss", "atom")
) | frozenset(("kml", "kmz", "shp", "xlsx", "xls", "ods", "parquet", "gpkg"))
"""Formats that programs read by fields."""
DOCUMENTS = frozenset(
    ("pdf", "doc", "docx", "odt", "rtf", "txt", "ppt", "pptx", "odp", "epub", "jpg", "jpeg", "png", "gif")
) | frozenset(("tif", "tiff", "bmp", "svg", "mp3", "mp4", "wav", "avi"))
"""Formats that people read."""
PAGES = frozenset(("html", "htm", "webpage", "網頁", "網站"))
"""What is no file but a page."""
_TEXTS = frozenset(("csv", "tsv", "json", "jsonl", "geojson", "xml", "txt", "kml", "rss"))
"""Formats whose characters have an encoding that must be told."""
_UTF_8 = re.compile(r"utf-?8(?:-?sig)?\Z", re.IGNORECASE)
_UNTOLD = frozenset(("", "其他", "無", "未知", "-"))
_WEB = re.compile(r"https?://[^\s/]+", re.IGNORECASE)


class Files(NamedTuple):
    """What is known of a dataset's files.

    Attributes:
        formats: those that are told, in lower case.
        untold: whether a resource tells none.
    """

    formats: tuple[str, ...]
    untold: bool

    @property
    def documents(self) -> list[str]:
        """Formats that people read, each once, as one writes them."""
        return [one.upper() for one in dict.fromkeys(self.formats) if one in DOCUMENTS or one in PAGES]

    @property
    def others(self) -> list[str]:
        """Formats that may hold anything (ZIP, API), each once."""
        known = STRUCTURED | DOCUMENTS | PAGES
        return [one.upper() for one in dict.fromkeys(self.formats) if one not in known]


def files_of(metadata: DatasetMetadata) -> Files:
    """What a record says of its files."""
    told = [_format(resource) for resource in metadata.distribution or ()]
    return Files(tuple(one for one in told if one), not all(told))


def wrong_addresses(metadata: DatasetMetadata) -> list[int]:
    """Which resources have an address that is none of the web."""
    return [
        at
        for at, resource in enumerate(metadata.distribution or ())
        if (address := _address(resource)) and not _WEB.match(address)
    ]


def only_pages(metadata: DatasetMetadata) -> list[int]:
    """Which resources can only be had by way of a page."""
    return [
        at
        for at, resource in enumerate(metadata.distribution or ())
        if _format(resource) in PAGES
        or (not (resource.download_url or "").strip() and (resource.access_url or "").strip())
    ]


def has_address(metadata: DatasetMetadata) -> bool:
    """Whether every resource tells where it is, and there is one."""
    resources = metadata.distribution or ()
    return bool(resources) and all(_address(resource) for resource in resources)


def check_files(metadata: DatasetMetadata) -> Iterator[Fault]:
    """The faults of a record's files; of each kind the first, with how many there are."""
    resources = metadata.distribution or ()
    if not resources:
        yield Fault(
            "resource-missing", "distribution", "沒有任何資料資源。", "請上架至少一個可直接下載的檔案。"
        )
        return
    yield from _check_formats(resources)
    yield from _check_encodings(resources)
    yield from _check_addresses(metadata)


def _check_formats(resources: Sequence[Distribution]) -> Iterator[Fault]:
    told = [_format(resource) for resource in resources]
    if missing := [at for at, one in enumerate(told) if not one]:
        yield _fault("format-missing", missing, "format", "沒有檔案格式", "請填檔案格式，例如 CSV 或 JSON。")
    if documents := [at for at, one in enumerate(told) if one in DOCUMENTS]:
        named = "、".join(dict.fromkeys(told[at].upper() for at in documents))
        yield _fault(
            "format-unstructured",
            documents,
            "format",
            f"是 {named}，機器無法處理",
            "請另外提供 CSV、JSON 或 XML；本來就是文件的資料，可附上整理成表格的內容。",
        )


def _check_encodings(resources: Sequence[Distribution]) -> Iterator[Fault]:
    texts = {
        at: (resource.character_set_code or "").strip()
        for at, resource in enumerate(resources)
        if _format(resource) in _TEXTS
    }
    name = "characterSetCode"
    if missing := [at for at, encoding in texts.items() if encoding in _UNTOLD]:
        yield _fault(
            "encoding-missing", missing, name, "沒有寫明編碼格式", "請填檔案實際的編碼，例如 UTF-8 或 BIG5。"
        )
    if others := [
        at for at, encoding in texts.items() if encoding not in _UNTOLD and not _UTF_8.match(encoding)
    ]:
        yield _fault(
            "encoding-not-utf-8",
            others,
            name,
            f"的編碼是{quote(texts[others[0]])}",
            "請將檔案改以 UTF-8 儲存，並把編碼格式改為 UTF-8。",
        )


def _check_addresses(metadata: DatasetMetadata) -> Iterator[Fault]:
    resources = metadata.distribution or ()
    if missing := [at for at, resource in enumerate(resources) if not _address(resource)]:
        yield _fault(
            "download-missing", missing, "downloadURL", "沒有下載網址", "請填檔案本身的網址，點選就能下載。"
        )
    if wrong := wrong_addresses(metadata):
        shown = quote(_address(resources[wrong[0]]))
        yield _fault(
            "download-not-http",
            wrong,
            "downloadURL",
            f"的網址{shown}無法連線",
            "請改填 http:// 或 https:// 開頭的完整網址。",
        )
    if pages := only_pages(metadata):
        yield _fault(
            "download-is-page",
            pages,
            "downloadURL",
            "只有網頁，不能直接下載",
            "請提供不必登入、點選就下載的檔案網址，或開發可匯出檔案的介面。",
        )


def _fault(rule: str, places: Sequence[int], field: str, says: str, fix: str) -> Fault:
    """A fault of some resources, at the first of them."""
    first = places[0]
    whose = f"第 {first + 1} 個資料資源" + (f"等 {len(places)} 個" if len(places) > 1 else "")
    return Fault(rule, f"distribution/{first}/{field}", f"{whose}{says}。", fix)


def _format(resource: Distribution) -> str:
    return (resource.format or "").strip().lstrip(".").lower()


def _address(resource: Distribution) -> str:
    return (resource.download_url or "").strip() or (resource.access_url or "").strip()
