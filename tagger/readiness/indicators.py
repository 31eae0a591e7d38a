"""The states of the seven indicators: what the portal found, else what the record tells, else 未知."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from tagger.metadata import DatasetMetadata
from tagger.readiness.files import DOCUMENTS, files_of, has_address, only_pages, wrong_addresses
from tagger.readiness.flags import QualityFlags
from tagger.readiness.record import are_listed, due_of, is_cut_off, lacking_columns
from tagger.readiness.results import (
    DOWNLOAD,
    ENCODING,
    FIELDS,
    INDICATORS,
    LINK,
    REPLIES,
    STRUCTURE,
    TIMELINESS,
    Basis,
    IndicatorState,
    State,
)
from tagger.readiness.updating import interval_of, is_irregular


class _Said(NamedTuple):
    state: State
    basis: Basis
    reason: str


class Seen(NamedTuple):
    """What an assessment looks at.

    Attributes:
        on: the day that counts as today.
        columns: of the dataset's file, where they are known.
        faults: ids of the rules of `tagger.lint` that found something.
    """

    metadata: DatasetMetadata
    on: date
    flags: QualityFlags
    columns: Sequence[str] | None
    faults: frozenset[str]


def indicators(seen: Seen) -> list[IndicatorState]:
    """The states, in the order of the guideline."""
    flags = seen.flags
    said = {
        LINK: _flag(flags.linkable) or _link(seen.metadata),
        DOWNLOAD: _flag(flags.downloadable) or _download(seen.metadata),
        STRUCTURE: _flag(flags.structure) or _structure(seen.metadata),
        ENCODING: _flag(flags.encoding_match) or _encoding(seen.metadata),
        FIELDS: _flag(flags.desc_match) or _fields(seen),
        TIMELINESS: _timeliness(seen),
        REPLIES: _unknown("民眾意見的回復情形不在詮釋資料裡，本服務無從得知。"),
    }
    return [
        IndicatorState(
            indicator=key, name=INDICATORS[key], state=one.state, basis=one.basis, reason=one.reason
        )
        for key, one in said.items()
    ]


def _unknown(reason: str) -> _Said:
    return _Said("unknown", "none", reason)


def _flag(passed: bool | None) -> _Said | None:
    if passed is None:
        return None
    return _Said("met", "flag", "平臺檢測通過。") if passed else _Said("unmet", "flag", "平臺檢測未通過。")


def _link(metadata: DatasetMetadata) -> _Said:
    if wrong_addresses(metadata):
        return _Said("unmet", "metadata", "有下載網址不是 http 或 https 網址，無法連線。")
    if not has_address(metadata):
        return _unknown("沒有每個資料資源的網址，無從檢測。")
    return _unknown("網址的寫法正確；連不連得上要由平臺檢測。")


def _download(metadata: DatasetMetadata) -> _Said:
    if only_pages(metadata):
        return _Said("unmet", "metadata", "有資料資源只有網頁，沒有檔案的下載網址。")
    if not has_address(metadata):
        return _unknown("沒有每個資料資源的下載網址，無從檢測。")
    return _unknown("有下載網址；是否不必登入就能下載要由平臺檢測。")


def _structure(metadata: DatasetMetadata) -> _Said:
    files = files_of(metadata)
    if files.documents:
        return _Said("unmet", "metadata", f"所填格式有{'、'.join(files.documents)}，不是結構化格式。")
    if not files.formats or files.untold:
        return _unknown("沒有每個資料資源的檔案格式，無從判斷。")
    if files.others:
        return _unknown(f"所填格式有{'、'.join(files.others)}，內容可以是任何檔案。")
    return _Said("met", "metadata", "所填格式都是結構化格式；檔案內容沒有檢查。")


def _encoding(metadata: DatasetMetadata) -> _Said:
    resources = metadata.distribution or ()
    if not any((one.character_set_code or "").strip() for one in resources):
        return _unknown("沒有填編碼格式，無從比對。")
    return _unknown("所填編碼要與檔案比對才知道，須由平臺檢測。")


def _fields(seen: Seen) -> _Said:
    metadata = seen.metadata
    formats = files_of(metadata).formats
    if formats and DOCUMENTS.issuperset(formats):
        return _unknown("檔案是文件或圖片，沒有欄位可以比對。")
    if seen.faults & {"field-description-missing", "field-description-not-fields"}:
        return _Said("unmet", "metadata", "主要欄位說明沒有列出欄位。")
    if seen.columns:
        if lacking := lacking_columns(metadata.field_description, seen.columns):
            return _Said("unmet", "columns", f"主要欄位說明缺少檔案的 {len(lacking)} 個欄位。")
        # A short name can stand in another one (縣 in 縣市別), which says neither.
        if are_listed(metadata.field_description, seen.columns):
            return _Said("met", "columns", "檔案的欄位都在主要欄位說明裡。")
    if is_cut_off(metadata.field_description):
        return _Said("unmet", "metadata", "主要欄位說明沒有列完所有欄位。")
    return _unknown("已列出欄位；與檔案的欄位是否相符，須由平臺檢測。")


def _timeliness(seen: Seen) -> _Said:
    often = (seen.metadata.accrual_periodicity or "").strip()
    if not often:
        return _unknown("沒有更新頻率，無從判斷。")
    if interval_of(often) is None:
        irregular = "更新頻率不固定，沒有期限可以比較；平臺如何認定未公開。"
        return _unknown(irregular if is_irregular(often) else "更新頻率看不出多久更新一次。")
    due = due_of(seen.metadata)
    if due is None:
        return _unknown("沒有可以判讀的更新時間。")
    days = (due.until - seen.on).days
    if days < 0:
        return _Said(
            "unmet", "metadata", f"應於 {due.until} 前更新，已逾期 {-days:,} 天；平臺的寬限期未公開。"
        )
    return _Said("met", "metadata", f"最近更新於 {due.updated}，下次期限是 {due.until}，還有 {days:,} 天。")
