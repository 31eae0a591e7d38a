"""A CKAN dataset as a row of a catalogue."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.interchange.ckan_package import package_entry, to_entries
from api.readers.results import CatalogueRow, RowProblem
from tests.api.interchange.ckan.actions import Site


def _package(**fields: Any) -> dict[str, Any]:
    return Site().add(tags=("職災", "勞保"), **{"title": "職災統計表", "id": "0f9c", **fields})


def _record(**fields: Any) -> dict[str, Any]:
    entry = package_entry(1, _package(**fields))
    assert isinstance(entry, CatalogueRow), entry.sentence
    return entry.metadata.to_record()


def _problem(**fields: Any) -> RowProblem:
    entry = package_entry(3, _package(**fields))
    assert isinstance(entry, RowProblem)
    return entry


def _extras(**values: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def test_ckans_own_fields_become_the_standards() -> None:
    record = _record(
        notes="每月的件數",
        license_title="政府資料開放授權條款-第1版",
        license_url="https://data.example/license",
        url="https://agency.example/",
        resources=[
            {
                "id": "r1",
                "name": "月報",
                "description": "",
                "format": "CSV",
                "url": "https://agency.example/a.csv",
                "last_modified": "2026-01-02T00:00:00",
                "size": 1.10,
            }
        ],
    )
    assert record == {
        "identifier": "0f9c",
        "title": "職災統計表",
        "description": "每月的件數",
        "publisher": "勞動部",
        "keyword": ["勞保", "職災"],
        "license": "政府資料開放授權條款-第1版",
        "licenseURL": "https://data.example/license",
        "landingPage": "https://agency.example/",
        "issued": "2026-01-01T00:00:01.000007",
        "modified": "2026-01-01T00:00:01.000007",
        "distribution": [
            {
                "resourceID": "r1",
                "resourceDescription": "月報",
                "format": "CSV",
                "downloadURL": "https://agency.example/a.csv",
                "resourceModified": "2026-01-02T00:00:00",
            }
        ],
    }


def test_extras_of_portals_in_taiwan_are_understood_and_go_before_ckans_own() -> None:
    record = _record(
        extras=_extras(
            服務分類="求職及就業",
            主要欄位說明="年度、件數",
            提供機關="職業安全衛生署",
            更新頻率="每月",
            上架日期="2019-05-01",
        )
    )
    assert record["categoryCode"] == "500"
    assert record["fieldDescription"] == "年度、件數"
    assert record["publisher"] == "職業安全衛生署"
    assert record["accrualPeriodicity"] == "每月"
    assert record["issued"] == "2019-05-01"


def test_the_standards_names_stand_beside_ckans_own_with_scheming() -> None:
    record = _record(fieldDescription="年度", category_code="公共資訊", temporal_coverage_from="2020")
    assert (record["fieldDescription"], record["categoryCode"], record["temporalCoverageFrom"]) == (
        "年度",
        "I00",
        "2020",
    )


def test_a_group_that_is_a_category_gives_the_code_and_other_groups_do_not_matter() -> None:
    groups = [{"name": "jobs", "title": "求職及就業"}, {"name": "map", "title": "地圖"}]
    assert _record(groups=groups)["categoryCode"] == "500"
    assert "categoryCode" not in _record(groups=groups[1:])
    assert "categoryCode" not in _record(groups=[*groups, {"name": "100", "title": "生育保健"}])


def test_a_category_that_does_not_exist_is_told_with_its_place() -> None:
    problem = _problem(extras=_extras(其他="x", 服務分類="交通"))
    assert "第 3 筆（識別碼 0f9c）：extras.1.value：「交通」不是服務分類" in problem.sentence


def test_contacts_stay_outside() -> None:
    text = str(
        _record(
            author="王小明",
            author_email="ming@agency.example",
            maintainer="李小華",
            maintainer_email="hua@agency.example",
            extras=_extras(提供機關聯絡人姓名="王小明", 提供機關聯絡人電話="02-1234"),
        )
    )
    assert not any(secret in text for secret in ("小明", "小華", "@", "1234"))


def test_an_author_stands_in_where_there_is_no_agency() -> None:
    assert _record(organization=None, author="職業安全衛生署")["publisher"] == "職業安全衛生署"


def test_a_geometry_is_no_place() -> None:
    assert "spatial" not in _record(extras=_extras(spatial='{"type": "Point", "coordinates": [121, 25]}'))
    assert _record(extras=_extras(spatial="臺中市"))["spatial"] == "臺中市"


def test_a_dataset_without_title_goes_by_its_name() -> None:
    assert _record(title="")["title"] == "dataset-0f9c"


def test_a_bad_dataset_costs_no_other() -> None:
    good = _package()
    bad = [
        None,
        [],
        7,
        {},
        {**good, "title": ["x"]},
        {**good, "resources": "x"},
        {**good, "id": "a b"},
    ]
    entries = list(to_entries([good, *bad, good]))
    assert [isinstance(entry, CatalogueRow) for entry in entries] == [
        True,
        *[False] * len(bad),
        True,
    ]
    assert [entry.number for entry in entries] == list(range(1, len(bad) + 3))


def test_errors_name_ckans_fields() -> None:
    sentence = _problem(title="字" * 501, notes="\x00", resources=[{"url": 1}, 3]).sentence
    for place in ("title：", "notes：", "resources.1："):
        assert place in sentence
    assert "：id：識別碼不可含空白" in _problem(id="a b").sentence


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*Site().add("x"), "categoryCode", "服務分類", "spatial", "keyword"])


@pytest.mark.filterwarnings("error")
@settings(deadline=None)
@given(
    st.dictionaries(
        FIELDS, JSON | st.lists(st.fixed_dictionaries({"key": FIELDS, "value": JSON}), max_size=3)
    )
)
def test_whatever_a_portal_sends_is_a_row_or_a_problem(package: dict[str, Any]) -> None:
    entry = package_entry(1, package)
    assert isinstance(entry, CatalogueRow) or entry.sentence
