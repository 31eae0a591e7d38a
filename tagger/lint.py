"""What a data steward would mend in a record before it is published.

The limits are those of 資料集詮釋資料標準規範 (104 年 7 月): title 255, description 500, fieldDescription 255
characters. The portal takes longer texts today, and so does `tagger.metadata`. A rule speaks only where it is
nearly always right: what it passes over is not proven good.

The numbers L01 to L26 are ours: neither the standard's clauses nor the tests behind the badges are published
with numbers. `Rule.basis` names what of them a rule rests on, and is empty where the rule is ours alone.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

# pydantic describes these in the API; before Python 3.12 it needs this TypedDict.
from typing_extensions import TypedDict

from tagger.linting.fault import Fault
from tagger.linting.fields import check_fields
from tagger.linting.keywords import check_keywords
from tagger.linting.texts import check_texts
from tagger.linting.values import check_values
from tagger.metadata import DatasetMetadata

Severity = Literal["error", "warning", "advice"]
"""error: a machine cannot read it, or it contradicts itself. warning: the standard's limits are passed, or a
reader cannot understand or find the data. advice: it could be better."""


class LintFinding(TypedDict):
    """One thing to mend.

    `field` is the standard's name; keywords and resources carry their position (`keyword/2`). `message` says
    what is wrong and `fix` what to do about it, both in 繁體中文.
    """

    rule: str
    number: str
    field: str
    severity: Severity
    message: str
    fix: str


class Rule(NamedTuple):
    """One rule.

    Attributes:
        number: ours, stable.
        severity: of its findings.
        what: what it finds, in 繁體中文.
        basis: what of the standard, the badges or CKAN it rests on; empty where it is ours alone.
    """

    number: str
    severity: Severity
    what: str
    basis: str = ""


RULES: dict[str, Rule] = {
    "title-too-long": Rule("L01", "warning", "標題超過 255 字", "標準規範：title"),
    "title-too-short": Rule("L02", "advice", "標題不到 4 字，看不出資料的範圍"),
    "title-without-subject": Rule("L03", "warning", "標題只有「統計表」「名冊」這類形式，沒有主題"),
    "title-only-agency": Rule("L04", "warning", "標題除了機關名稱，沒有主題"),
    "title-holds-period": Rule(
        "L05", "advice", "標題寫了期間，收錄期間卻空白", "標準規範：temporalCoverageFrom、temporalCoverageTo"
    ),
    "title-untidy": Rule("L06", "warning", "標題有多餘的空白或換行"),
    "description-missing": Rule("L07", "warning", "沒有資料集描述", "標準規範：description"),
    "description-too-long": Rule("L08", "warning", "資料集描述超過 500 字", "標準規範：description"),
    "description-too-short": Rule("L09", "warning", "資料集描述不到 8 字"),
    "description-repeats-title": Rule("L10", "warning", "資料集描述只是標題再說一次", "標準規範舉為反例"),
    "field-description-missing": Rule(
        "L11", "warning", "沒有主要欄位說明", "標準規範：fieldDescription；品質指標：欄位相符"
    ),
    "field-description-too-long": Rule(
        "L12", "warning", "主要欄位說明超過 255 字", "標準規範：fieldDescription"
    ),
    "field-description-not-fields": Rule(
        "L13", "warning", "主要欄位說明寫的是標題、描述或機關名稱", "品質指標：欄位相符"
    ),
    "field-names-latin": Rule("L14", "warning", "欄位只有外文名稱，沒有中文說明"),
    "field-names-unexplained": Rule("L15", "advice", "只列欄位名稱，數量沒有單位"),
    "keyword-missing": Rule("L16", "advice", "沒有關鍵字", "標準規範：keyword"),
    "keyword-too-long": Rule("L17", "warning", "關鍵字超過 100 字", "CKAN：標籤 2 至 100 字"),
    "keyword-too-short": Rule("L18", "warning", "關鍵字不到 2 字", "CKAN：標籤 2 至 100 字"),
    "keyword-sentence": Rule(
        "L19", "warning", "關鍵字是句子、網址或整個標題", "標準規範：以簡單明確之辭彙為主"
    ),
    "keyword-repeated": Rule("L20", "warning", "關鍵字重複", "標準規範：避免標籤濫用"),
    "keyword-characters": Rule(
        "L21", "warning", "關鍵字有 CKAN 不收的標點", "CKAN：標籤限文字、數字、空格、連字號、底線與句點"
    ),
    "publisher-missing": Rule("L22", "warning", "沒有提供機關", "標準規範：publisher"),
    "accrual-periodicity-missing": Rule(
        "L23", "warning", "沒有更新頻率", "標準規範：accrualPeriodicity；品質指標：更新時效性"
    ),
    "date-not-iso": Rule("L24", "error", "日期不是 ISO 8601，機器無法判讀"),
    "coverage-reversed": Rule("L25", "error", "收錄期間的起日晚於迄日"),
    "landing-page-not-http": Rule("L26", "error", "相關網址不是 http 或 https 網址", "標準規範：landingPage"),
}
"""Rule → what it is, in the order of the findings' fields."""


def lint(metadata: DatasetMetadata) -> list[LintFinding]:
    """What to mend in one record, in the order of the standard's fields; empty where nothing was found."""
    return [
        LintFinding(
            rule=fault.rule,
            number=RULES[fault.rule].number,
            field=fault.field,
            severity=RULES[fault.rule].severity,
            message=fault.message,
            fix=fault.fix,
        )
        for fault in _faults(metadata)
    ]


def _faults(metadata: DatasetMetadata) -> Iterator[Fault]:
    yield from check_texts(metadata)
    yield from check_fields(metadata)
    yield from check_keywords(metadata)
    yield from check_values(metadata)
