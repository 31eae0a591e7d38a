"""Each rule speaks where a steward would, says how to mend it, and is silent elsewhere."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger import DatasetMetadata, Distribution
from tagger.lint import RULES, LintFinding, lint

GOOD: dict[str, Any] = {
    "identifier": "A17000000J-020001",
    "title": "職業災害勞工保險給付件數統計",
    "description": "收錄勞工保險被保險人因職業災害請領各項給付的件數與金額，依行業分列，每月由勞保局產製。",
    "fieldDescription": "行業別；給付種類；件數(件)；金額(新臺幣千元)",
    "publisher": "勞動部勞工保險局",
    "keyword": ["職業災害", "勞保給付", "職業安全"],
    "accrualPeriodicity": "每1月",
    "issued": "2018-03-01",
    "modified": "2026-05-05 00:00:00",
    "temporalCoverageFrom": "2018-01-01",
    "temporalCoverageTo": "2018-12-31",
    "landingPage": "https://www.bli.gov.tw/",
}
anything = st.text(max_size=40).filter(lambda text: "\x00" not in text)


def _lint(**changes: Any) -> list[LintFinding]:
    return lint(DatasetMetadata.model_validate(GOOD | changes))


def _only(rule: str, **changes: Any) -> LintFinding:
    """The one finding of a rule, in a record that breaks no other."""
    findings = _lint(**changes)
    assert [finding["rule"] for finding in findings] == [rule]
    return findings[0]


def test_a_good_record_has_nothing_to_mend() -> None:
    assert _lint() == []


def test_a_title_alone_misses_all_the_rest() -> None:
    assert [finding["rule"] for finding in lint(DatasetMetadata(title="職業災害統計"))] == [
        "description-missing",
        "field-description-missing",
        "keyword-missing",
        "publisher-missing",
        "accrual-periodicity-missing",
    ]


@pytest.mark.parametrize(
    ("rule", "changes", "quoted"),
    [
        ("title-too-long", {"title": "勞工保險給付" * 43}, "258 字"),
        ("title-too-short", {"title": "站牌"}, "「勞動部勞工保險局站牌一覽」"),
        ("title-without-subject", {"title": "統計表"}, "「○○統計表」"),
        ("title-without-subject", {"title": "基本資料一覽表"}, "「基本資料一覽表」"),
        ("title-only-agency", {"title": "勞動部勞工保險局統計資料"}, "「勞動部勞工保險局○○統計資料」"),
        ("title-only-agency", {"title": "勞動部勞工保險局"}, "標題只有機關名稱"),
        ("title-untidy", {"title": "職業災害  給付統計 "}, "「職業災害 給付統計」"),
        ("title-untidy", {"title": "職業災害\n給付統計"}, "「職業災害 給付統計」"),
        ("description-missing", {"description": " "}, "沒有資料集描述"),
        ("description-missing", {"description": "無"}, "只寫「無」"),
        ("description-too-long", {"description": "給付的件數與金額" * 63}, "504 字"),
        ("description-too-short", {"description": "年度彙編。"}, "「年度彙編。」"),
        ("description-repeats-title", {"description": "職業災害勞工保險給付件數統計"}, "沒有標題以外的內容"),
        ("description-repeats-title", {"description": "職業災害勞工保險給付件數統計資料集描述"}, "沒有標題"),
        (
            "description-repeats-title",
            {"description": "提供勞工保險職業災害給付件數，供民眾參考。"},
            "沒有標題",
        ),
        ("field-description-missing", {"fieldDescription": ""}, "沒有主要欄位說明"),
        ("field-description-missing", {"fieldDescription": "詳如附件"}, "「詳如附件」"),
        ("field-description-too-long", {"fieldDescription": "給付種類(說明)；" * 29}, "261 字"),
        ("field-description-not-fields", {"fieldDescription": "勞動部勞工保險局"}, "「勞動部勞工保險局」"),
        ("field-description-not-fields", {"fieldDescription": GOOD["title"] + ";"}, "不是欄位"),
        ("field-names-latin", {"fieldDescription": "Source;title;PostUnit;上版日期"}, "「Source」「title」"),
        ("field-names-unexplained", {"fieldDescription": "年度、件數、金額"}, "「金額(新臺幣元)」"),
        ("field-names-unexplained", {"fieldDescription": "段別;地號;土地面積"}, "「土地面積(平方公尺)」"),
        ("keyword-missing", {"keyword": []}, "沒有關鍵字"),
        ("keyword-missing", {"keyword": [" "]}, "沒有關鍵字"),
        ("keyword-too-long", {"keyword": ["職業災害" * 26]}, "104 字"),
        ("keyword-too-short", {"keyword": ["稅", "職業災害"]}, "「稅」"),
        ("keyword-sentence", {"keyword": ["職業災害勞工保險給付件數統計"]}, "是整個標題"),
        ("keyword-sentence", {"keyword": ["https://www.bli.gov.tw"]}, "一段文字"),
        ("keyword-sentence", {"keyword": ["職災怎麼辦？"]}, "一段文字"),
        ("keyword-repeated", {"keyword": ["台北捷運", "公車", "臺北捷運"]}, "與第 1 個相同"),
        ("keyword-characters", {"keyword": ["職安/消防"]}, "「職安」、「消防」，各為一個關鍵字"),
        ("keyword-characters", {"keyword": ["補（捐）助"]}, "「補捐助」"),
        ("publisher-missing", {"publisher": None}, "沒有提供機關"),
        ("accrual-periodicity-missing", {"accrualPeriodicity": "  "}, "沒有更新頻率"),
        ("date-not-iso", {"issued": "107/03/01"}, "請改為 2018-03-01。"),
        ("date-not-iso", {"modified": "民國107年3月1日"}, "請改為 2018-03-01。"),
        ("date-not-iso", {"temporalCoverageTo": "2018-02-30"}, "YYYY-MM-DD"),
        ("coverage-reversed", {"temporalCoverageFrom": "2019-01-01"}, "2019-01-01 晚於迄日 2018-12-31"),
        ("landing-page-not-http", {"landingPage": "www.bli.gov.tw"}, "「https://www.bli.gov.tw」"),
        ("landing-page-not-http", {"landingPage": "詳勞保局網站"}, "「詳勞保局網站」"),
    ],
)
def test_a_rule_speaks_and_says_how_to_mend_it(rule: str, changes: dict[str, Any], quoted: str) -> None:
    finding = _only(rule, **changes)
    assert quoted in finding["message"] + finding["fix"]
    assert finding["number"] == RULES[rule].number
    assert finding["severity"] == RULES[rule].severity
    assert finding["fix"].endswith("。")


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "公司法"},
        {"title": "監察院公報", "publisher": "監察院"},
        {"title": "臺中市 臺中港特定區地形圖"},
        {"description": "勞工保險被保險人請領職業災害給付的件數，依行業分列。"},
        {"fieldDescription": "No、縣市、鄉鎮、X、Y、PM10、pH、url"},
        {"fieldDescription": "routeId\t所屬路線代碼\nnameZh\t中文名稱"},
        {"fieldDescription": "year(年度，預算所屬年度)、type(預算別)"},
        {"fieldDescription": "Station：測站；Item：測項"},
        {"fieldDescription": "[EventName,Nvarchar,100,活動名稱][Content,Nvarchar,100,活動內容]"},
        {"fieldDescription": "年度、金額", "notes": "單位：新臺幣千元"},
        {"fieldDescription": "實徵數"},
        {"fieldDescription": "無", "distribution": [{"format": "PDF"}, {"format": "jpg"}]},
        {"keyword": ["職業安全", "E 化", "Covid-19", "v2.0"]},
        {"issued": "20180301", "modified": "2026-05-05T10:00:00+08:00"},
        {"issued": "2018", "temporalCoverageFrom": "2018-12", "temporalCoverageTo": "2018"},
        {"landingPage": "HTTP://www.bli.gov.tw/?a=1;b=2"},
        {"landingPage": " "},
    ],
)
def test_what_is_well_said_is_left_alone(changes: dict[str, Any]) -> None:
    assert _lint(**changes) == []


def test_a_period_in_the_title_is_advice_until_the_coverage_is_filled() -> None:
    title = {"title": "107年至109年職業災害給付統計"}
    finding = _only("title-holds-period", **title, temporalCoverageFrom=None, temporalCoverageTo=None)
    assert finding["severity"] == "advice"
    assert "「107年至109年」" in finding["message"]
    assert finding["fix"] == "請將 temporalCoverageFrom 填 2018-01-01、temporalCoverageTo 填 2020-12-31。"
    assert _lint(**title) == []
    since = _only(
        "title-holds-period", title="職業災害給付(107年起)", temporalCoverageFrom="", temporalCoverageTo=""
    )
    assert since["fix"] == "請將 temporalCoverageFrom 填 2018-01-01。"


def test_only_the_first_resource_with_an_unreadable_date_is_named() -> None:
    resources = [Distribution(resource_modified=text) for text in ("2018-03-01", "107/3/2", "107/3/3")]
    finding = _only("date-not-iso", distribution=resources)
    assert finding["field"] == "distribution/1/resourceModified"
    assert "2018-03-02" in finding["fix"]


def test_keywords_are_named_by_their_position() -> None:
    fields = [finding["field"] for finding in _lint(keyword=["職業安全", "稅", "職業安全", "甲、乙丙"])]
    assert fields == ["keyword/1", "keyword/2", "keyword/3"]


def test_rules_are_numbered_once_and_in_order() -> None:
    numbers = [rule.number for rule in RULES.values()]
    assert numbers == [f"L{number:02}" for number in range(1, len(RULES) + 1)]
    assert {rule.severity for rule in RULES.values()} == {"error", "warning", "advice"}


@given(
    st.fixed_dictionaries(
        {"title": anything.filter(str.strip)},
        optional={
            **dict.fromkeys(("description", "fieldDescription", "publisher", "notes"), anything),
            **dict.fromkeys(
                ("issued", "temporalCoverageFrom", "temporalCoverageTo", "landingPage"), anything
            ),
            "keyword": st.lists(anything, max_size=4),
            "distribution": st.lists(st.fixed_dictionaries({"format": anything}), max_size=2),
        },
    )
)
def test_any_record_is_linted(record: dict[str, Any]) -> None:
    metadata = DatasetMetadata.model_validate(record)
    findings = lint(metadata)
    assert findings == lint(metadata)
    order = list(RULES)
    for finding in findings:
        assert RULES[finding["rule"]].number == finding["number"]
        assert finding["message"].endswith("。")
        assert finding["fix"].endswith("。")
    per_field = [(finding["rule"], finding["field"]) for finding in findings]
    assert len(set(per_field)) == len(per_field)
    assert set(dict(per_field)) <= set(order)


@pytest.mark.parametrize(
    "piece", ["(", "（a", "[", "，", "a,", "資料", "供", "1/", "107年", " ", "\\n", "、"]
)
def test_long_texts_of_garbage_are_linted(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    record = DatasetMetadata(
        title="統計",
        description=text,
        field_description=text,
        notes=text,
        landing_page=text,
        keyword=[text[:255]] * 100,
    )
    assert {finding["rule"] for finding in lint(record)} & {"description-too-long", "description-missing"}


@pytest.mark.shared
def test_real_catalogues_are_flagged_as_when_they_were_read(shared_data: Path) -> None:
    with gzip.open(shared_data / "catalogues-2018.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        del row["category"]
    records = [DatasetMetadata.model_validate(row) for row in rows]
    found = Counter(finding["rule"] for record in records for finding in lint(record))
    share = {rule: found[rule] / len(records) for rule in RULES}
    # Half of these descriptions are the title again, most of them letter for letter.
    assert 0.4 < share["description-repeats-title"] < 0.5
    assert 0.08 < share["field-description-not-fields"] < 0.13
    assert share["field-names-latin"] < 0.01
    assert share["description-too-short"] < 0.02
    assert share["keyword-repeated"] < 0.02
    assert share["title-untidy"] < 0.01


def test_every_rule_is_documented_as_it_is() -> None:
    table = (Path(__file__).parents[2] / "docs" / "lint-rules.md").read_text(encoding="utf-8")
    documented = [line for line in table.splitlines() if line.startswith("| L")]
    assert documented == [
        f"| {rule.number} | `{name}` | {rule.severity} | {rule.what} | {rule.basis} |"
        for name, rule in RULES.items()
    ]
