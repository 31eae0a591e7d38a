"""What a dataset can lack: the rules that only a whole record can be held to, and what mending costs.

`tagger.lint` has the rules L01 to L26 for the words of a record; they count here too. Numbers are ours.
"""

from typing import NamedTuple

from tagger.readiness.results import DOWNLOAD, ENCODING, FIELDS, LINK, STRUCTURE, TIMELINESS, Effort


class ReadinessRule(NamedTuple):
    """One rule.

    Attributes:
        number: ours, stable.
        effort: of mending what it finds.
        what: what it finds, in 繁體中文.
        indicators: those that it bears on.
        basis: what of the standard or the indicators it rests on; empty where it is ours alone.
    """

    number: str
    effort: Effort
    what: str
    indicators: tuple[str, ...] = ()
    basis: str = ""


RULES: dict[str, ReadinessRule] = {
    "category-missing": ReadinessRule("Q01", "fill", "沒有服務分類", (), "標準規範：categoryCode，必填"),
    "type-missing": ReadinessRule("Q02", "fill", "沒有資料提供屬性", (), "標準規範：type"),
    "license-missing": ReadinessRule("Q03", "fill", "沒有授權方式", (), "標準規範：license"),
    "cost-missing": ReadinessRule("Q04", "fill", "沒有計費方式", (), "標準規範：cost"),
    "issued-missing": ReadinessRule("Q05", "fill", "沒有上架日期", (), "標準規範：issued"),
    "modified-missing": ReadinessRule(
        "Q06",
        "fill",
        "有固定的更新頻率，卻沒有更新時間",
        (TIMELINESS,),
        "標準規範：modified；品質指標：更新時效性",
    ),
    "frequency-unreadable": ReadinessRule(
        "Q07", "fill", "更新頻率看不出多久一次", (TIMELINESS,), "品質指標：更新時效性"
    ),
    "format-missing": ReadinessRule(
        "Q08", "fill", "資料資源沒有檔案格式", (STRUCTURE,), "標準規範：format；品質指標：結構化"
    ),
    "encoding-missing": ReadinessRule(
        "Q09",
        "fill",
        "文字檔沒有編碼格式，或只寫「其他」",
        (ENCODING,),
        "標準規範：characterSetCode；品質指標：編碼相符",
    ),
    "download-missing": ReadinessRule(
        "Q10", "fill", "資料資源沒有下載網址", (LINK, DOWNLOAD), "標準規範：downloadURL；品質指標：連結有效性"
    ),
    "download-not-http": ReadinessRule(
        "Q11", "fill", "下載網址不是 http 或 https 網址", (LINK, DOWNLOAD), "品質指標：連結有效性"
    ),
    "flag-link": ReadinessRule("Q12", "fill", "平臺檢測：連結無效", (LINK,), "品質指標：連結有效性"),
    "flag-encoding": ReadinessRule("Q13", "fill", "平臺檢測：編碼不符", (ENCODING,), "品質指標：編碼相符"),
    "field-description-cut-off": ReadinessRule(
        "Q14", "text", "主要欄位說明以「等」或刪節號結束，沒有列完", (FIELDS,), "品質指標：欄位相符"
    ),
    "field-description-lacks-columns": ReadinessRule(
        "Q15", "text", "主要欄位說明缺少檔案裡的欄位", (FIELDS,), "品質指標：欄位相符"
    ),
    "flag-fields": ReadinessRule("Q16", "text", "平臺檢測：欄位不符", (FIELDS,), "品質指標：欄位相符"),
    "resource-missing": ReadinessRule(
        "Q17", "file", "沒有任何資料資源", (LINK, DOWNLOAD, STRUCTURE), "標準規範：distribution"
    ),
    "format-unstructured": ReadinessRule(
        "Q18", "file", "檔案格式是文件或圖片，機器無法處理", (STRUCTURE,), "品質指標：結構化"
    ),
    "encoding-not-utf-8": ReadinessRule("Q19", "file", "文字檔不是 UTF-8", (), "品質指標建議 UTF-8"),
    "update-overdue": ReadinessRule(
        "Q20", "file", "已超過更新頻率仍未更新", (TIMELINESS,), "品質指標：更新時效性"
    ),
    "flag-structure": ReadinessRule("Q21", "file", "平臺檢測：非結構化", (STRUCTURE,), "品質指標：結構化"),
    "download-is-page": ReadinessRule(
        "Q22", "development", "只能從網頁取得，不能直接下載", (DOWNLOAD,), "品質指標：可直接下載"
    ),
    "flag-download": ReadinessRule(
        "Q23", "development", "平臺檢測：不能直接下載", (DOWNLOAD,), "品質指標：可直接下載"
    ),
}
"""Rule → what it is, by effort."""

LINT_EFFORTS: dict[str, Effort] = {
    "title-holds-period": "fill",
    "title-untidy": "fill",
    "keyword-missing": "fill",
    "keyword-too-short": "fill",
    "keyword-repeated": "fill",
    "keyword-characters": "fill",
    "publisher-missing": "fill",
    "accrual-periodicity-missing": "fill",
    "date-not-iso": "fill",
    "coverage-reversed": "fill",
    "landing-page-not-http": "fill",
}
"""Effort of mending what a rule of `tagger.lint` finds; of those that are not here it is `text`."""

LINT_INDICATORS: dict[str, tuple[str, ...]] = {
    "field-description-missing": (FIELDS,),
    "field-description-not-fields": (FIELDS,),
    "accrual-periodicity-missing": (TIMELINESS,),
}
"""The indicators that a rule of `tagger.lint` bears on, where it does."""
