"""The rules that look at a record as a whole: what is not filled, what is late, which columns are not described."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from tagger.linting.fault import QUOTED, Fault, core, quote
from tagger.linting.fields import field_names
from tagger.metadata import DatasetMetadata
from tagger.readiness.updating import interval_of, is_irregular, last_update

# 甲等, 頭等 and 均等 are no "and so on".
_CUT_OFF = re.compile(
    r"(?:(?<![甲乙丙丁特優高初中平同均上下頭次一二三四五六七八九十])等等?|等(?:欄位|資訊|資料|項目|內容|[0-9]+[項欄個])"
    r"|…+|\.{3,}|以下[略同]|[(（]略[)）])[。.；;\s]*\Z"
)
_SHOWN = 3
_FIXED = (
    (
        "category-missing",
        "category_code",
        "categoryCode",
        "沒有服務分類。",
        "請從 18 個服務分類選一個；本服務會建議。",
    ),
    ("type-missing", "type", "type", "沒有資料提供屬性。", "請選檔案資料、系統介接程式等屬性。"),
    (
        "license-missing",
        "license",
        "license",
        "沒有授權方式。",
        "請填「政府資料開放授權條款-第1版」；另有規定者填其名稱與授權說明網址。",
    ),
    ("cost-missing", "cost", "cost", "沒有計費方式。", "請填「免費」；收費者另填計費說明與法令依據。"),
    ("issued-missing", "issued", "issued", "沒有上架日期。", "請填資料集首次上架的日期，例如 2026-01-31。"),
)


class Due(NamedTuple):
    """When a dataset that is updated regularly was updated last, and until when it is on time."""

    updated: date
    until: date


def due_of(metadata: DatasetMetadata) -> Due | None:
    """When a dataset's next update is due; None where that cannot be told."""
    interval = interval_of(metadata.accrual_periodicity or "")
    updated = last_update(metadata)
    if interval is None or updated is None:
        return None
    return Due(updated, interval.after(updated))


def lacking_columns(text: str | None, columns: Sequence[str]) -> list[str]:
    """The columns of a file that a list of fields nowhere names, in their order, each once."""
    says = core(text or "")
    return [one for one in dict.fromkeys(columns) if (letters := core(one)) and letters not in says]


def are_listed(text: str | None, columns: Sequence[str]) -> bool:
    """Whether each column of a file is a whole name of a list of fields, and there is one with letters."""
    names = {core(one) for one in field_names(text or "")}
    wanted = {letters for one in columns if (letters := core(one))}
    return bool(wanted) and wanted <= names


def is_cut_off(text: str | None) -> bool:
    """Whether a list of fields says that there are more."""
    return _CUT_OFF.search((text or "").strip()[-40:]) is not None


def check_record(metadata: DatasetMetadata, on: date, columns: Sequence[str] | None) -> Iterator[Fault]:
    """The faults of a record as a whole on a day.

    Args:
        columns: of the dataset's file, where they are known.
    """
    for rule, attribute, field, message, fix in _FIXED:
        if not (getattr(metadata, attribute) or "").strip():
            yield Fault(rule, field, message, fix)
    yield from _check_columns(metadata, columns)
    yield from _check_updates(metadata, on)


def _check_columns(metadata: DatasetMetadata, columns: Sequence[str] | None) -> Iterator[Fault]:
    text = metadata.field_description
    if is_cut_off(text):
        yield Fault(
            "field-description-cut-off",
            "fieldDescription",
            f"主要欄位說明以{quote((text or '').strip()[-6:])}結束，沒有列完所有欄位。",
            "請依檔案的欄位順序列出全部欄位。",
        )
    lacking = lacking_columns(text, columns or ())
    if lacking and text and text.strip():
        named = "".join(f"「{one[:QUOTED]}」" for one in lacking[:_SHOWN])
        more = "等" if len(lacking) > _SHOWN else ""
        yield Fault(
            "field-description-lacks-columns",
            "fieldDescription",
            f"主要欄位說明缺少檔案 {len(set(columns or ()))} 個欄位中的 {len(lacking)} 個：{named}{more}。",
            "請補上這些欄位的名稱與說明。",
        )


def _check_updates(metadata: DatasetMetadata, on: date) -> Iterator[Fault]:
    often = (metadata.accrual_periodicity or "").strip()
    if not often or (is_irregular(often) and interval_of(often) is None):
        return
    due = due_of(metadata)
    if interval_of(often) is None:
        yield Fault(
            "frequency-unreadable",
            "accrualPeriodicity",
            f"更新頻率{quote(often)}看不出多久更新一次。",
            "請填「每1月」這樣的寫法；沒有固定週期的填「不定期更新」，不再更新的填「不更新」。",
        )
    elif due is None:
        yield Fault(
            "modified-missing",
            "modified",
            f"更新頻率是{quote(often)}，卻沒有可以判讀的更新時間。",
            "請填資料資源更新時間或詮釋資料更新時間，例如 2026-01-31。",
        )
    elif on > due.until:
        yield Fault(
            "update-overdue",
            "modified",
            f"更新頻率是{quote(often)}，{due.updated} 之後沒有更新，已逾期 {(on - due.until).days:,} 天。",
            "請上架新的資料並更新時間；週期已改變的，請改更新頻率。",
        )
