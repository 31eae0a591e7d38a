"""What a search found as a table or as JSON lines, with the columns that somebody chooses."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Literal, NamedTuple

import orjson

from api.reports.sheets import Cell, Sheet
from api.reports.tables import MEDIA_TYPES as TABLE_MEDIA_TYPES
from api.reports.tables import write_tables
from api.services.search.exporting import MOST, Export, Exported
from models.base import now
from tagger.categories import category_names

ExportFormat = Literal["xlsx", "csv", "ods", "jsonl"]
MEDIA_TYPES: Mapping[ExportFormat, str] = {
    "xlsx": TABLE_MEDIA_TYPES["xlsx"],
    "csv": TABLE_MEDIA_TYPES["csv"],
    "ods": TABLE_MEDIA_TYPES["ods"],
    "jsonl": "application/jsonl",
}
"""Format, which is also the suffix of a file's name → media type."""
STATUS_NAMES = {
    "untagged": "未標註",
    "suggested": "已有建議",
    "mismatched": "疑似不符",
    "approved": "已核可",
}
"""A dataset's status in words."""
_BATCH = 64 * 1024


class Column(NamedTuple):
    """A column that an export may have.

    Attributes:
        heading: in tables.
        width: in characters.
        value: of a dataset, as JSON has it.
        shown: such a value as a cell.
        number_format: of numbers.
    """

    heading: str
    width: int
    value: Callable[[Exported], Any]
    shown: Callable[[Any], Cell] = lambda value: value
    number_format: str | None = None


def _content(name: str) -> Callable[[Exported], Any]:
    return lambda one: one.dataset.content.get(name)


def _suggested(name: str) -> Callable[[Exported], Any]:
    """A member of the first category that is suggested."""

    def read(one: Exported) -> Any:
        categories = (one.dataset.suggestion or {}).get("categories") or [{}]
        return categories[0].get(name)

    return read


def _mismatch(one: Exported) -> dict[str, Any]:
    return (one.dataset.suggestion or {}).get("mismatch") or {}


def _named(code: str | None) -> Cell:
    return category_names().get(code, code) if code else None


def _joined(values: Any) -> Cell:
    return "、".join(values) if values else None


COLUMNS: dict[str, Column] = {
    "identifier": Column("資料集識別碼", 14, lambda one: one.dataset.identifier),
    "title": Column("資料集名稱", 48, _content("title")),
    "publisher": Column("提供機關", 24, _content("publisher")),
    "categoryCode": Column("服務分類", 16, _content("categoryCode"), _named),
    "suggestedCategoryCode": Column("建議分類", 16, _suggested("categoryCode"), _named),
    "confidence": Column("建議信心", 9, _suggested("confidence"), number_format="0.00"),
    "status": Column("狀態", 10, lambda one: one.document.status, lambda status: STATUS_NAMES[status]),
    "labels": Column("語意標籤", 36, lambda one: list(one.labels), _joined),
    "approvedCategoryCode": Column("核可分類", 16, lambda one: one.standing.category_code, _named),
    "approvedLabels": Column(
        "核可標籤", 36, lambda one: [choice.label for choice in one.standing.approved], _joined
    ),
    "effectiveCategoryCode": Column("適用分類", 16, lambda one: one.document.category_code, _named),
    "mismatchLevel": Column("不符程度", 10, lambda one: _mismatch(one).get("level")),
    "mismatchReason": Column("不符理由", 60, lambda one: _mismatch(one).get("reason")),
    "spatial": Column("空間範圍", 20, lambda one: one.document.spatial.split(), _joined),
    "description": Column("資料集描述", 60, _content("description")),
    "fieldDescription": Column("主要欄位說明", 60, _content("fieldDescription")),
    "keyword": Column("關鍵字", 30, lambda one: one.dataset.content.get("keyword") or [], _joined),
    "accrualPeriodicity": Column("更新頻率", 12, _content("accrualPeriodicity")),
    "temporalCoverageFrom": Column("收錄期間（起）", 14, _content("temporalCoverageFrom")),
    "temporalCoverageTo": Column("收錄期間（迄）", 14, _content("temporalCoverageTo")),
    "issued": Column("上架日期", 20, _content("issued")),
    "modified": Column("詮釋資料更新時間", 20, _content("modified")),
    "landingPage": Column("相關網址", 30, _content("landingPage")),
    "license": Column("授權方式", 24, _content("license")),
    "notes": Column("備註", 40, _content("notes")),
    "score": Column("相關程度", 9, lambda one: one.score, number_format="0.000"),
    "exact": Column("相符", 10, lambda one: one.exact, lambda exact: "全部字詞" if exact else "相近"),
}
"""Name, which JSON lines have, too → column. A table's are called as in the portal's files where these have them."""
DEFAULT_COLUMNS = (
    "identifier",
    "title",
    "publisher",
    "categoryCode",
    "suggestedCategoryCode",
    "confidence",
    "status",
    "labels",
)
"""What an export has where nobody chooses."""


def search_sheets(
    export: Export, columns: Sequence[str], about: Iterable[tuple[str, str]], when: datetime
) -> list[Sheet]:
    """The sheets of an export: 資料集, and 說明 of what was asked for.

    Args:
        export: its rows are read while the sheets are written.
        columns: names of `COLUMNS`.
        about: what was searched for, each with what it is called.
        when: the search was made.
    """
    chosen = [COLUMNS[name] for name in columns]
    formats = {place: one.number_format for place, one in enumerate(chosen) if one.number_format}
    rows = ([one.shown(one.value(found)) for one in chosen] for found in export.rows)
    notes: list[list[Cell]] = [[name, value] for name, value in about]
    notes.append(["產生時間", when.isoformat(timespec="seconds")])
    notes.append(["筆數", export.number])
    if export.more:
        notes.append(["說明", f"符合的資料集超過 {MOST:,} 筆，其餘未列出；請加上字詞或篩選，分次下載。"])
    return [
        Sheet("資料集", [(one.heading, one.width) for one in chosen], rows, formats),
        Sheet("說明", (("項目", 18), ("內容", 80)), notes),
    ]


def write_search(
    stream: BinaryIO,
    form: ExportFormat,
    export: Export,
    columns: Sequence[str],
    about: Iterable[tuple[str, str | None]],
) -> None:
    """Write an export, a row at a time in memory.

    Args:
        stream: takes the file.
        form: 說明 is in XLSX and ODS only.
        export: its rows are read while they are written.
        columns: names of `COLUMNS`.
        about: what was searched for, each with what it is called; None where it was not asked for.
    """
    when = now()
    if form == "jsonl":
        stream.writelines(_json_lines(export, columns))
        return
    said = [(name, value) for name, value in about if value]
    write_tables(stream, form, search_sheets(export, columns, said, when), when)


def _json_lines(export: Export, columns: Sequence[str]) -> Iterator[bytes]:
    waiting = bytearray()
    for found in export.rows:
        waiting += orjson.dumps({name: COLUMNS[name].value(found) for name in columns}) + b"\n"
        if len(waiting) > _BATCH:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)
