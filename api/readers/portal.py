"""The national portal's 22 Chinese columns and the standard's names, both ways.

Source: https://data.gov.tw/datasets/export/csv. The first two of 資資料集上架方式 are the portal's own typo.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from api.readers.results import CatalogueError
from api.readers.unreadable import UNREADABLE, unreadable_error
from api.validation import InputError
from tagger.categories import category_code, category_names
from tagger.metadata import DatasetMetadata

IDENTIFIER = "資料集識別碼"
TITLE = "資料集名稱"
STATE = "資料集變動狀態"
"""The column that the daily changes have beside the export's own."""
REMOVED = "刪除"
STATES = ("新增", "修改", REMOVED)
"""What stands in it."""
_CATEGORY = "服務分類"
_LISTING_METHOD = "資資料集上架方式"
_ALIASES = {"資料集上架方式": _LISTING_METHOD}
_RESOURCE_COLUMNS = {"檔案格式": "format", "資料下載網址": "downloadURL", "編碼格式": "characterSetCode"}
# Column → the standard's name, in the portal's order. 提供機關聯絡人姓名 and 提供機關聯絡人電話 stand between
# 計費方式 and 上架日期 in its files; they are personal data, have no entry, and so end at this door.
_COLUMNS = {
    IDENTIFIER: "identifier",
    TITLE: "title",
    "資料提供屬性": "type",
    _CATEGORY: "categoryCode",
    "品質檢測": "dataQuality",
    **_RESOURCE_COLUMNS,
    _LISTING_METHOD: "listingMethod",
    "資料集描述": "description",
    "主要欄位說明": "fieldDescription",
    "提供機關": "publisher",
    "更新頻率": "accrualPeriodicity",
    "授權方式": "license",
    "相關網址": "landingPage",
    "計費方式": "cost",
    "上架日期": "issued",
    "詮釋資料更新時間": "modified",
    "備註": "notes",
    "資料量": "numberOfData",
}
PORTAL_COLUMNS = tuple(_COLUMNS)
"""The columns that are kept, as the portal spells and orders them."""
_COLUMN_OF = {name: column for column, name in _COLUMNS.items()} | {"distribution": "資料下載網址"}
_CATEGORY_SHOWN = 20


def portal_column(header: str) -> str | None:
    """The column that a header cell names, typo or not, or None where nothing is kept of it."""
    name = header.strip()
    name = _ALIASES.get(name, name)
    return name if name in _COLUMNS or name == STATE else None


def portal_columns(headers: list[str]) -> list[str | None]:
    """The column each cell of a header names.

    Raises:
        CatalogueError: a column occurs twice, so that nobody can say which one holds.
    """
    columns = [portal_column(header) for header in headers]
    counts = Counter(column for column in columns if column)
    twice = [column for column, count in counts.items() if count > 1]
    if twice:
        raise CatalogueError(f"表頭的欄位重複：{'、'.join(twice)}。請只留一欄後再試。")
    return columns


def is_portal_record(record: Mapping[str, object]) -> bool:
    """Whether an object names its fields as the portal does."""
    return IDENTIFIER in record or TITLE in record


def from_portal(cells: Mapping[str, object]) -> tuple[dict[str, Any], list[InputError]]:
    """A row's cells as the standard's record, with what is wrong with them; empty cells are left out."""
    record: dict[str, Any] = {}
    errors: list[InputError] = []
    for header, value in cells.items():
        column = portal_column(header)
        if column is None or column == STATE or value is None or value == "":
            continue
        pointer = f"/{_COLUMNS[column]}"
        if not isinstance(value, str):
            errors.append(InputError(pointer, "應為文字", "string_type"))
        elif UNREADABLE in value:
            errors.append(unreadable_error(pointer))
        else:
            record[_COLUMNS[column]] = value
    errors += map_category(record, record.pop("categoryCode", None))
    resources = [record.pop(name, None) for name in _RESOURCE_COLUMNS.values()]
    if any(resources):
        record["distribution"] = _distribution(resources)
    return record, errors


def map_category(
    record: dict[str, Any], name: str | None, pointer: str = "/categoryCode"
) -> list[InputError]:
    """Put the code of a category's name into the record, or say that there is no such category."""
    if name is None or not name.strip():
        return []
    code = category_code(name)
    if code:
        record["categoryCode"] = code
        return []
    shown = "".join(character if character.isprintable() else "?" for character in name[:_CATEGORY_SHOWN])
    shown += "…" if len(name) > _CATEGORY_SHOWN else ""
    known = "、".join(category_names().values())
    return [InputError(pointer, f"「{shown}」不是服務分類，請改用其中之一：{known}", "unknown_category")]


def column_pointer(pointer: str) -> str:
    """A pointer into the standard's record as one to the portal's column."""
    first, *rest = pointer.lstrip("/").split("/")
    column = _COLUMN_OF.get(rest[-1] if rest else first) or _COLUMN_OF.get(first)
    return f"/{column}" if column else pointer


def to_portal_row(metadata: DatasetMetadata) -> dict[str, str]:
    """The portal's row of a dataset: every column of `PORTAL_COLUMNS`, empty where nothing is known.

    What `from_portal` read comes back letter for letter, except that a category is written by its official
    name, whatever the spelling that was read.
    """
    record = metadata.to_record()
    row = {column: str(record.get(name, "")) for column, name in _COLUMNS.items()}
    row[_CATEGORY] = category_names().get(metadata.category_code or "", "")
    resources: list[dict[str, str]] = record.get("distribution", [])
    for column, name in _RESOURCE_COLUMNS.items():
        row[column] = _joined([resource.get(name) for resource in resources])
    return row


def _joined(cells: list[str | None]) -> str:
    """One cell of what several resources say, each in its place; nothing behind the last one that says it."""
    filled = max((at for at, cell in enumerate(cells, 1) if cell is not None), default=0)
    return ";".join(cell or "" for cell in cells[:filled])


def _distribution(cells: list[str | None]) -> Iterator[dict[str, str | None]]:
    # A semicolon may also be part of a URL. Nobody can tell, so the parts only promise to join to the cell.
    parts = [cell.split(";") if cell else [] for cell in cells]
    # Not a list: validation stops at its limit, and a cell of a million semicolons costs nothing.
    return (dict(zip(_RESOURCE_COLUMNS.values(), resource, strict=True)) for resource in zip_longest(*parts))
