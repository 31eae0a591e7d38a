"""The national standard's three dialects: in, out, and out and in again."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from api.interchange.national import (
    DIALECTS,
    Dialect,
    schema,
    to_national,
    to_portal,
    to_standard,
    with_decisions,
)
from api.readers import CatalogueError, CatalogueRow, RowProblem, read_catalogue
from api.readers.lines import read_lines
from api.readers.national import FIELDS, FREQUENCY, MEANINGS, RESOURCE_FIELDS
from api.readers.portal import PORTAL_COLUMNS
from tagger.metadata import DatasetMetadata
from tests.api.interchange.records import FULL, datasets

EXAMPLE: dict[str, Any] = {
    "categoryService": "I00",
    "categoryDataset": "A",
    "datasetid": "157477",
    "title": "資料集清單",
    "description": "詮釋資料",
    "type": "rawData",
    "license": "1",
    "cost": "free",
    "dataProvider": "loginaccount",
    "publisherOID": "2.16.886.101.20003.20082|數位發展部",
    "publisherContactName": "王小明",
    "publisherContactPhone": "02-8995-6666#123",
    "publisherContactEmail": "ming@example.gov.tw",
    "updateFrequency": {"regularupdate": "1", "Frequency": "1", "unittime": "日"},
    "dataQuality": "無(白名單)",
    "coverageStartedDate": "2014-01-01",
    "coverageEndedDate": "",
    "publishedDate": "2013-11-01",
    "modifiedDate": "2023-04-21 15:43:26",
    "spatialCoverage": "臺灣",
    "language": "zh",
    "relatedUrl": "https://example.gov.tw/list",
    "keyword": ["開放資料"],
    "notes": "備註",
    "distribution": [
        {
            "resourceDescription": "每日更新",
            "resourceField": [{"name": "識別碼", "description": ""}, {"name": "名稱", "description": "全名"}],
            "resourceFormat": "CSV",
            "resourceCharacterEncoding": "UTF-8",
            "resourceDownloadUrl": "https://example.gov.tw/a.csv",
            "resourceAmount": "12",
            "resourceNotes": "",
        },
        {"resourceFormat": "JSON", "resourceField": [{"name": "識別碼", "description": ""}]},
    ],
}


def read(path: Path, records: list[Any]) -> list[CatalogueRow | RowProblem]:
    """The entries of a file of these records."""
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return list(read_catalogue(path))


def read_one(path: Path, record: Any) -> DatasetMetadata:
    """The one dataset of a file."""
    (row,) = read(path, [record])
    assert isinstance(row, CatalogueRow), row
    return row.metadata


def test_the_platforms_names_become_the_standards(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.jsonl", EXAMPLE).to_record() == {
        "identifier": "157477",
        "title": "資料集清單",
        "description": "詮釋資料",
        "fieldDescription": "識別碼;名稱:全名",
        "publisher": "數位發展部",
        "keyword": ["開放資料"],
        "categoryCode": "I00",
        "type": "rawData",
        "dataQuality": "無(白名單)",
        "accrualPeriodicity": "每1日",
        "license": "政府資料開放授權條款-第1版",
        "landingPage": "https://example.gov.tw/list",
        "cost": "免費",
        "issued": "2013-11-01",
        "modified": "2023-04-21 15:43:26",
        "temporalCoverageFrom": "2014-01-01",
        "spatial": "臺灣",
        "language": "zh",
        "numberOfData": "12",
        "notes": "備註",
        "distribution": [
            {
                "resourceDescription": "每日更新",
                "format": "CSV",
                "characterSetCode": "UTF-8",
                "downloadURL": "https://example.gov.tw/a.csv",
            },
            {"format": "JSON"},
        ],
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"updateFrequency": {"regularupdate": 1, "frequency": 2, "unittime": "月"}}, {"每2月"}),
        ({"updateFrequency": {"regularupdate": "2"}}, {None}),
        ({"updateFrequency": "每1年"}, {"每1年"}),
        ({"publisherOID": "2.16.886.101.20003"}, {None}),
        ({"publisherOID": "數位發展部"}, {"數位發展部"}),
        ({"categoryService": "公共資訊 (123)"}, {"I00"}),
        ({"distribution": [{"resourceField": "Date,PMI"}]}, {"Date,PMI"}),
        ({"datasetid": None, "datasetId": 6281}, {"6281"}),
        ({"datasetid": None, "identifier": "A17000000J-000001"}, {"A17000000J-000001"}),
    ],
)
def test_spellings_seen_in_answers_are_understood(
    tmp_path: Path, changed: dict[str, Any], expected: set[str | None]
) -> None:
    metadata = read_one(tmp_path / "a.jsonl", {**EXAMPLE, **changed})
    attribute = {
        "updateFrequency": metadata.accrual_periodicity,
        "publisherOID": metadata.publisher,
        "categoryService": metadata.category_code,
        "distribution": metadata.field_description,
        "datasetid": metadata.identifier,
    }
    assert {attribute[next(iter(changed))]} == expected


@pytest.mark.parametrize(("name", "indent"), [("a.json", None), ("a.json", 2), ("a.jsonl", None)])
def test_an_answer_of_the_platform_is_one_dataset(tmp_path: Path, name: str, indent: int | None) -> None:
    path = tmp_path / name
    path.write_text(json.dumps({"help": "", "success": True, "result": EXAMPLE}, indent=indent), "utf-8")
    (row,) = read_catalogue(path)
    assert isinstance(row, CatalogueRow)
    assert row.metadata.identifier == "157477"


@pytest.mark.parametrize(
    "content", ['{\n"title": ', '{\n"success": true,\n"result": "no"}', "{\n" + " " * 3_000_000 + "}"]
)
def test_an_object_that_is_no_dataset_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, "utf-8")
    with pytest.raises(CatalogueError, match="JSON"):
        list(read_catalogue(path))


def test_one_file_may_mix_the_dialects(tmp_path: Path) -> None:
    metadata = DatasetMetadata.model_validate(FULL)
    records = [
        to_standard(metadata),
        to_portal(metadata),
        to_national(metadata),
        {"result": 1, "success": True},
    ]
    standard, portal, national, problem = read(tmp_path / "a.jsonl", records)
    assert isinstance(problem, RowProblem)
    for row in (standard, portal, national):
        assert isinstance(row, CatalogueRow)
        assert (row.metadata.identifier, row.metadata.category_code) == ("900001", "500")
        assert row.metadata.field_description == FULL["fieldDescription"]
        assert row.metadata.accrual_periodicity == "每1月"
        assert [resource.download_url for resource in row.metadata.distribution or ()] == [
            "https://example.gov.tw/a.csv",
            "https://example.gov.tw/b?x=1",
        ]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"categoryService": "Z99"}, "/categoryService"),
        ({"categoryService": 5.5}, "/categoryService"),
        ({"publisherOID": ["a"]}, "/publisherOID"),
        ({"updateFrequency": []}, "/updateFrequency"),
        ({"distribution": {}}, "/distribution"),
        ({"distribution": [1]}, "/distribution/0"),
        ({"distribution": [{"resourceFormat": []}]}, "/distribution/0/resourceFormat"),
        ({"relatedUrl": {}}, "/relatedUrl"),
        ({"keyword": [[]]}, "/keyword/0"),
        ({"datasetid": "a b"}, "/datasetid"),
        ({"title": ""}, "/title"),
    ],
)
def test_what_is_wrong_is_named_as_the_file_names_it(
    tmp_path: Path, changed: dict[str, Any], pointer: str
) -> None:
    good = {**EXAMPLE, "datasetid": "good"}
    problem, row = read(tmp_path / "a.jsonl", [{**EXAMPLE, **changed}, good])
    assert isinstance(problem, RowProblem)
    assert isinstance(row, CatalogueRow)
    assert [error.pointer for error in problem.errors] == [pointer]


def test_no_contact_person_comes_through(tmp_path: Path) -> None:
    contact = [EXAMPLE[f"publisherContact{part}"] for part in ("Name", "Phone", "Email")]
    metadata = read_one(tmp_path / "a.jsonl", EXAMPLE)
    bad = read(tmp_path / "b.jsonl", [{**EXAMPLE, "title": 5, "categoryService": "?"}])
    shown = [json.dumps(write(metadata), ensure_ascii=False) for write in DIALECTS.values()]
    for text in (*shown, str(bad), metadata.model_dump_json()):
        assert not [part for part in contact if part in text]


def test_a_very_long_field_list_is_cut_behind_a_field(tmp_path: Path) -> None:
    resources = [{"resourceField": [{"name": f"{n}-{'長' * 500}"}]} for n in range(100)]
    text = read_one(tmp_path / "a.jsonl", {**EXAMPLE, "distribution": resources}).field_description
    assert text is not None
    assert 19_000 < len(text) <= 20_000
    assert text.split(";")[-1].endswith("長" * 500)


def carried(dialect: str, metadata: DatasetMetadata) -> DatasetMetadata:
    """What of a dataset a dialect has a place for: the promise that the round trip is held to."""
    if dialect == "standard":
        return metadata
    fields = metadata.to_record()
    if dialect == "portal":
        lost: set[str] = {
            "organization", "keyword", "licenseURL", "costURL", "costLaw", "temporalCoverageFrom",
            "temporalCoverageTo", "spatial", "language",
        }  # fmt: skip
        kept = {"format", "downloadURL", "characterSetCode"}
    else:
        lost = {"organization", "listingMethod", "licenseURL", "costURL", "costLaw"}
        kept = set(RESOURCE_FIELDS.values())
        if not FREQUENCY.fullmatch(fields.get("accrualPeriodicity", "")):
            lost.add("accrualPeriodicity")
        for name, meanings in MEANINGS.items():
            fields[name] = meanings.get(fields.get(name, ""), fields.get(name))
    resources = [
        {name: text for name, text in resource.items() if name in kept}
        for resource in fields.pop("distribution", ())
    ]
    if resources := [resource for resource in resources if resource]:
        fields["distribution"] = resources
    return DatasetMetadata.model_validate({name: fields[name] for name in fields if name not in lost})


def said(metadata: DatasetMetadata) -> dict[str, Any]:
    """The filled fields; an empty resource or text says nothing."""
    record = metadata.to_record()
    resources = [
        {name: text for name, text in resource.items() if text} for resource in record.pop("distribution", ())
    ]
    return {**record, "distribution": [resource for resource in resources if resource]}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(metadata=datasets)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_dialect_carries_comes_back(
    tmp_path: Path, dialect: Dialect, metadata: DatasetMetadata
) -> None:
    written = DIALECTS[dialect](metadata)
    assert not list(Draft202012Validator(schema(dialect)).iter_errors(written))
    (row,) = read(tmp_path / "a.jsonl", [written])
    assert isinstance(row, CatalogueRow), row
    assert said(row.metadata) == said(carried(dialect, metadata))


@pytest.mark.parametrize("dialect", get_args(Dialect))
def test_the_schemas_are_sound_and_refuse_what_is_not_the_dialect(dialect: Dialect) -> None:
    Draft202012Validator.check_schema(schema(dialect))
    validator = Draft202012Validator(schema(dialect))
    write: Callable[[DatasetMetadata], dict[str, Any]] = DIALECTS[dialect]
    written = write(DatasetMetadata.model_validate(FULL))
    assert validator.is_valid(written)
    assert not validator.is_valid({**written, "publisherContactName": "王小明"})
    assert not validator.is_valid({**written, "提供機關聯絡人姓名": "王小明"})
    for name in ("identifier", "datasetid", "資料集識別碼"):
        assert not validator.is_valid({key: text for key, text in written.items() if key != name}) or (
            name not in written
        )


def test_the_schemas_know_every_name_that_is_written() -> None:
    assert list(schema("portal")["properties"]) == list(PORTAL_COLUMNS)
    assert set(schema("national")["properties"]) == {*FIELDS, "distribution"}
    names = {field.alias for field in DatasetMetadata.model_fields.values()}
    assert set(schema("standard")["properties"]) == names


def test_decisions_stand_above_what_was_declared() -> None:
    declared = DatasetMetadata(title="甲", category_code="I00", keyword=["職災"])
    decided = with_decisions(declared, "500", ["職業災害", "職災"])
    assert (decided.category_code, decided.keyword) == ("500", ["職災", "職業災害"])
    assert with_decisions(declared, None, []) == declared
    full = DatasetMetadata(title="甲", keyword=[str(number) for number in range(99)])
    assert len(with_decisions(full, None, ["a", "b"]).keyword or ()) == 100


@pytest.mark.shared
def test_the_portals_sample_comes_back_in_every_dialect(tmp_path: Path, shared_data: Path) -> None:
    rows = list(read_catalogue(shared_data / "portal-export-sample.csv"))
    assert len(rows) == 100
    for dialect, write in DIALECTS.items():
        validator = Draft202012Validator(schema(dialect))  # type: ignore[arg-type]
        for row in rows:
            assert isinstance(row, CatalogueRow)
            written = write(row.metadata)
            assert validator.is_valid(written)
            again = read_one(tmp_path / "a.jsonl", written)
            assert said(again) == said(carried(dialect, row.metadata))


def test_lines_to_suggest_for_may_be_in_any_dialect_and_need_no_identifier() -> None:
    metadata = DatasetMetadata.model_validate({**FULL, "identifier": 900001})
    records: list[dict[str, Any]] = [write(metadata) for write in DIALECTS.values()]
    records[1]["資料集識別碼"] = 900001
    del records[2]["datasetid"]
    bad = {**EXAMPLE, "categoryService": "Z99", "datasetid": 5}
    lines = [*records, {"success": True, "result": EXAMPLE}, bad, {"title": "甲"}]
    read_back = list(read_lines(io.BytesIO("\n".join(map(json.dumps, lines)).encode())))
    problem = read_back.pop(4)
    assert isinstance(problem, RowProblem)
    assert [error.pointer for error in problem.errors] == ["/categoryService"]
    found = [one.publisher for one in read_back if isinstance(one, DatasetMetadata)]
    assert found == ["勞動部職業安全衛生署"] * 3 + ["數位發展部", None]
    identified = [one.identifier for one in read_back if isinstance(one, DatasetMetadata)]
    assert identified == ["900001", "900001", None, "157477", None]
