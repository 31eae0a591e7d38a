"""What a dataset lacks: each rule where it holds and where it does not, 未知 where nothing is known, cheapest first."""

import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger import DatasetMetadata
from tagger.lint import RULES as LINT_RULES
from tagger.readiness import EFFORTS, INDICATORS, QualityFlags, Readiness, assess
from tagger.readiness.assess import effort_of
from tagger.readiness.rules import LINT_EFFORTS, LINT_INDICATORS, RULES
from tagger.readiness.updating import Interval, interval_of

TODAY = date(2026, 11, 24)
RESOURCE = {"format": "CSV", "characterSetCode": "UTF-8", "downloadURL": "https://data.gov.tw/a.csv"}
GOOD: dict[str, Any] = {
    "identifier": "A17000000J-020001",
    "title": "職業災害勞工保險給付件數統計",
    "description": "收錄勞工保險被保險人因職業災害請領各項給付的件數與金額，依行業分列，每月由勞保局產製。",
    "fieldDescription": "行業別；給付種類；件數(件)；金額(新臺幣千元)",
    "publisher": "勞動部勞工保險局",
    "keyword": ["職業災害", "勞保給付", "職業安全"],
    "categoryCode": "500",
    "type": "檔案資料",
    "license": "政府資料開放授權條款-第1版",
    "cost": "免費",
    "accrualPeriodicity": "每1月",
    "issued": "2018-03-01",
    "modified": "2026-11-05 00:00:00",
    "distribution": [RESOURCE],
}
anything = st.text(max_size=30).filter(lambda text: "\x00" not in text)


def _assess(
    flags: QualityFlags | None = None,
    columns: list[str] | None = None,
    on: date = TODAY,
    **changes: Any,
) -> Readiness:
    return assess(DatasetMetadata.model_validate(GOOD | changes), on, flags, columns)


def _rules(found: Readiness) -> list[str]:
    return [gap["rule"] for gap in found["gaps"]]


def _states(found: Readiness) -> dict[str, str]:
    return {one["indicator"]: one["state"] for one in found["indicators"]}


def test_a_good_record_lacks_nothing_and_claims_nothing() -> None:
    found = _assess()
    assert (found["gaps"], found["badge"], found["assessedOn"]) == ([], None, "2026-11-24")
    assert [one["name"] for one in found["indicators"]] == list(INDICATORS.values())
    assert _states(found) == {
        "linkValidity": "unknown",
        "directDownload": "unknown",
        "structured": "met",
        "encodingMatch": "unknown",
        "fieldMatch": "unknown",
        "timeliness": "met",
        "replyEfficiency": "unknown",
    }
    assert "2026-12-05" in found["indicators"][5]["reason"]


@pytest.mark.parametrize(
    ("rule", "changes", "states"),
    [
        ("category-missing", {"categoryCode": None}, {}),
        ("type-missing", {"type": " "}, {}),
        ("license-missing", {"license": None}, {}),
        ("cost-missing", {"cost": ""}, {}),
        ("issued-missing", {"issued": None}, {}),
        ("modified-missing", {"modified": None}, {"timeliness": "unknown"}),
        ("frequency-unreadable", {"accrualPeriodicity": "常常"}, {"timeliness": "unknown"}),
        ("format-missing", {"distribution": [{**RESOURCE, "format": None}]}, {"structured": "unknown"}),
        ("encoding-missing", {"distribution": [{**RESOURCE, "characterSetCode": "其他"}]}, {}),
        (
            "download-missing",
            {"distribution": [{**RESOURCE, "downloadURL": ""}]},
            {"linkValidity": "unknown"},
        ),
        (
            "download-not-http",
            {"distribution": [{**RESOURCE, "downloadURL": "ftp://a/b"}]},
            {"linkValidity": "unmet"},
        ),
        ("field-description-cut-off", {"fieldDescription": "行業別、件數(件)等"}, {"fieldMatch": "unmet"}),
        (
            "resource-missing",
            {"distribution": None},
            {"structured": "unknown", "linkValidity": "unknown", "directDownload": "unknown"},
        ),
        ("format-unstructured", {"distribution": [{**RESOURCE, "format": "pdf"}]}, {"structured": "unmet"}),
        ("encoding-not-utf-8", {"distribution": [{**RESOURCE, "characterSetCode": "BIG5"}]}, {}),
        ("update-overdue", {"modified": "2026-10-15"}, {"timeliness": "unmet"}),
        (
            "download-is-page",
            {"distribution": [{**RESOURCE, "downloadURL": None, "accessURL": "https://a.gov.tw/"}]},
            {"directDownload": "unmet"},
        ),
        ("field-description-missing", {"fieldDescription": "無"}, {"fieldMatch": "unmet"}),
        ("accrual-periodicity-missing", {"accrualPeriodicity": None}, {"timeliness": "unknown"}),
    ],
)
def test_what_is_wrong_is_the_only_thing_that_is_said(
    rule: str, changes: dict[str, Any], states: dict[str, str]
) -> None:
    found = _assess(**changes)
    assert _rules(found) == [rule]
    assert found["gaps"][0]["effort"] == effort_of(rule)
    assert {key: _states(found)[key] for key in states} == states


@pytest.mark.parametrize(
    "changes",
    [
        {"accrualPeriodicity": "不定期更新", "modified": "2001-01-01"},
        {"accrualPeriodicity": "不更新", "modified": None},
        {"fieldDescription": "甲等；乙等；丙等"},
        {"distribution": [{**RESOURCE, "characterSetCode": "utf8"}]},
        {"distribution": [{**RESOURCE, "format": "ZIP", "characterSetCode": None}]},
        {"distribution": [{**RESOURCE, "resourceModified": "2026-11-01"}], "modified": "2020-01-01"},
    ],
)
def test_nothing_is_said_where_nothing_is_known_to_be_wrong(changes: dict[str, Any]) -> None:
    assert _assess(**changes)["gaps"] == []


def test_what_has_no_term_and_what_may_hold_anything_is_unknown() -> None:
    assert _states(_assess(accrualPeriodicity="不定期更新"))["timeliness"] == "unknown"
    assert _states(_assess(distribution=[{**RESOURCE, "format": "ZIP"}]))["structured"] == "unknown"
    documents = _assess(distribution=[{**RESOURCE, "format": "PDF"}], fieldDescription=None)
    assert _states(documents)["fieldMatch"] == "unknown"
    for badge in ("白金", "無(品檢未過)"):
        quoted = _assess(dataQuality=badge)
        assert (quoted["badge"], _states(quoted)) == (badge, _states(_assess()))


def test_an_update_is_due_at_the_end_of_its_term_and_overdue_the_day_after() -> None:
    for updated, often, until in (
        ("2026-01-31", "每1月", date(2026, 2, 28)),
        ("2024-02-29", "每1年", date(2025, 2, 28)),
        ("2026-11-24", "每7日", date(2026, 12, 1)),
        ("2026-11-24", "每1分", date(2026, 11, 25)),
        ("2026-11-24", "每季", date(2027, 2, 24)),
        ("2026-11-24", "每 2 週更新", date(2026, 12, 8)),
    ):
        changes = {"modified": updated, "accrualPeriodicity": often}
        assert _states(_assess(on=until, **changes))["timeliness"] == "met", often
        late = _assess(on=until + timedelta(days=9), **changes)
        assert _rules(late) == ["update-overdue"]
        assert "逾期 9 天" in late["gaps"][0]["message"]
    assert interval_of("每半年") == Interval(6, 0)
    assert interval_of("每0月") is None
    assert interval_of("每 1 個 月") == Interval(1, 0)


def test_a_frequency_of_nearly_nothing_but_blanks_is_read_at_once() -> None:
    started = time.perf_counter()
    assert interval_of("每" + " " * 1_500 + "x") is None
    # Tried in every way that blanks can be shared out, it took a quarter of a minute.
    assert time.perf_counter() - started < 5


def test_columns_that_are_not_described_are_named_and_the_others_are_not() -> None:
    columns = ["行業別", "給付種類", "件數", "金額", "統計年月", "縣市"]
    found = _assess(columns=columns)
    assert _rules(found) == ["field-description-lacks-columns"]
    assert "6 個欄位中的 2 個：「統計年月」「縣市」" in found["gaps"][0]["message"]
    assert _states(found)["fieldMatch"] == "unmet"
    assert _states(_assess(columns=columns[:4]))["fieldMatch"] == "met"


def test_a_column_that_only_stands_within_another_name_is_neither_there_nor_lacking() -> None:
    for columns in (["縣", "人數"], ["縣市別", "人數"], ["---", ""]):
        found = _assess(columns=columns, fieldDescription="縣市別、總人數統計")
        assert (_rules(found), _states(found)["fieldMatch"]) == ([], "unknown"), columns


def test_the_portal_s_check_decides_where_it_is_known() -> None:
    passed = dict.fromkeys(("linkable", "downloadable", "structure", "encoding_match", "desc_match"), "1")
    states = _states(_assess(QualityFlags.model_validate(passed)))
    assert list(states.values()) == ["met"] * 6 + ["unknown"]
    failed = _assess(QualityFlags.model_validate(dict.fromkeys(passed, "0") | {"csv": "1", "request": None}))
    assert list(_states(failed).values()) == ["unmet"] * 5 + ["met", "unknown"]
    assert _rules(failed) == ["flag-link", "flag-encoding", "flag-fields", "flag-structure", "flag-download"]
    assert {one["basis"] for one in failed["indicators"][:5]} == {"flag"}
    unsaid = _assess(QualityFlags.model_validate(dict.fromkeys(passed, "")))
    assert _states(unsaid) == _states(_assess())


def test_a_title_alone_is_told_the_cheapest_first() -> None:
    found = assess(DatasetMetadata(title="統計"), TODAY)
    efforts = [gap["effort"] for gap in found["gaps"]]
    assert efforts == sorted(efforts, key=list(EFFORTS).index)
    assert (efforts[0], efforts[-1]) == ("fill", "file")
    # Of one effort, what bears on an indicator is first.
    bears = [bool(gap["indicators"]) for gap in found["gaps"] if gap["effort"] == "fill"]
    assert bears == sorted(bears, reverse=True)
    assert set(_states(found).values()) == {"unknown", "unmet"}


@given(
    st.fixed_dictionaries(
        {"title": anything.filter(str.strip)},
        optional={
            **dict.fromkeys(
                ("fieldDescription", "accrualPeriodicity", "modified", "dataQuality", "license"), anything
            ),
            "distribution": st.lists(
                st.fixed_dictionaries({"format": anything, "downloadURL": anything}), max_size=2
            ),
        },
    ),
    st.dates(),
)
def test_any_record_is_assessed_on_any_day(record: dict[str, Any], on: date) -> None:
    metadata = DatasetMetadata.model_validate(record)
    found = assess(metadata, on)
    assert found == assess(metadata, on)
    assert [one["indicator"] for one in found["indicators"]] == list(INDICATORS)
    assert len({(gap["rule"], gap["field"]) for gap in found["gaps"]}) == len(found["gaps"])
    assert all(gap["message"].endswith("。") and gap["fix"].endswith("。") for gap in found["gaps"])


def test_every_rule_is_documented_as_it_is() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "readiness.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| Q")] == [
        f"| {rule.number} | `{name}` | {EFFORTS[rule.effort]} | {rule.what} | "
        f"{'、'.join(INDICATORS[one] for one in rule.indicators)} | {rule.basis} |"
        for name, rule in RULES.items()
    ]
    listed = [rule.number for name, rule in LINT_RULES.items() if name in LINT_EFFORTS]
    assert f"{'、'.join(listed)} are 一次填寫" in " ".join(lines)
    assert set(LINT_EFFORTS) | set(LINT_INDICATORS) <= set(LINT_RULES)
