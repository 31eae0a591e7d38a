"""Themes over REST: what is in them and why, their versions, and what is refused."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from api.services import Services
from api.services.datasets import put_dataset
from tagger import DatasetMetadata

DATASETS = [
    ("1", "職業安全衛生教育訓練機構名單", "勞動部職業安全衛生署"),
    ("2", "勞動檢查違反職業安全衛生法事業單位", "臺北市政府勞動局"),
    ("3", "工廠登記清冊", "經濟部"),
    ("4", "火災次數及起火原因", "消防署"),
    ("5", "危險性機械及設備檢查", "勞動部職業安全衛生署"),
    ("6", "112年職業安全衛生檢查次數", "勞動部"),
    ("7", "113年職業安全衛生檢查次數", "勞動部"),
    ("8", "公園名冊", "文化部"),
    ("9", "圖書館借閱統計", "文化部"),
]


@pytest.fixture
def filled(workflow: FlaskClient, services: Services) -> FlaskClient:
    """A client of a store with tagged datasets."""
    for identifier, title, publisher in DATASETS:
        put_dataset(services, DatasetMetadata(identifier=identifier, title=title, publisher=publisher))
    return workflow


def _made(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/themes", json={"topic": "職業安全", **body})
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def _identifiers(theme: dict[str, Any]) -> list[str]:
    return [dataset["identifier"] for dataset in theme["datasets"]]


def test_a_theme_holds_datasets_of_several_ministries_each_with_its_reason(filled: FlaskClient) -> None:
    theme = _made(filled)
    assert {"1", "2", "6"} <= set(_identifiers(theme))
    assert "8" not in _identifiers(theme)
    assert {"勞動部", "臺北市政府"} <= {dataset["agency"] for dataset in theme["datasets"]}
    first = theme["datasets"][0]
    assert first["reason"]["matches"]
    for match in first["reason"]["matches"]:
        assert first["title"][match["start"] : match["end"]] in first["reason"]["text"]
    for dataset in theme["datasets"]:
        assert dataset["reason"]["text"]
        assert dataset["level"] in {"高", "中", "低"}
        assert 0 < dataset["nearness"] <= 1


def test_a_reason_by_way_of_an_aspect_names_the_way_from_the_topic(filled: FlaskClient) -> None:
    theme = _made(filled, topic="工廠火災")
    by_identifier = {dataset["identifier"]: dataset for dataset in theme["datasets"]}
    assert by_identifier["4"]["reason"]["path"] == ["工廠火災", "火災"]
    assert by_identifier["3"]["reason"]["path"][0] == "工廠火災"
    assert {"經濟部", "內政部"} <= {dataset["agency"] for dataset in theme["datasets"]}


def test_a_series_is_listed_once_and_says_how_many_more(filled: FlaskClient) -> None:
    theme = _made(filled)
    listed = [dataset for dataset in theme["datasets"] if dataset["identifier"] in {"6", "7"}]
    assert len(listed) == 1
    assert listed[0]["more"] == 1


def test_who_contributes_and_who_has_nothing_near(filled: FlaskClient) -> None:
    theme = _made(filled)
    assert "勞動部" in {agency["name"] for agency in theme["agencies"] if agency["selected"]}
    assert {"name": "文化部", "kind": "central", "stored": 2} in theme["agenciesWithNothingNear"]


def test_a_gap_comes_with_the_draft_of_a_request(filled: FlaskClient) -> None:
    theme = _made(filled, topic="量子計算")
    [gap] = [gap for gap in theme["gaps"] if gap["label"] == "量子計算"]
    assert (gap["kind"], gap["datasets"]) == ("none", 0)
    assert "主旨：建議開放「量子計算」相關資料" in gap["request"]


def test_agencies_are_left_out_and_datasets_put_in_and_out(filled: FlaskClient) -> None:
    theme = _made(filled, excludePublishers=["勞動部"], accept=["8"], drop=["2"], limit=5)
    assert "8" in _identifiers(theme)
    assert not {"1", "2", "5", "6", "7"} & set(_identifiers(theme))
    accepted = theme["datasets"][0]
    assert (accepted["identifier"], accepted["accepted"]) == ("8", True)
    assert len(_made(filled, limit=1)["datasets"]) == 1


def test_the_hash_is_that_of_the_content(filled: FlaskClient) -> None:
    theme = _made(filled)
    outside = {"identifier", "version", "newestVersion", "createdAt", "contentHash", "page"}
    content = {name: value for name, value in theme.items() if name not in outside}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == theme["contentHash"]


def test_versions_are_kept(filled: FlaskClient) -> None:
    first = filled.post("/v1/themes", json={"topic": "職業安全"})
    address = first.location
    versions = f"/v1/themes/{first.get_json()['identifier']}/versions"
    dropped = _identifiers(first.get_json())[0]
    second = filled.post(
        versions,
        json={"drop": [dropped], "accept": ["9"], "title": "新名稱"},
        headers={"If-Match": first.headers["ETag"]},
    )
    assert second.status_code == 201
    assert dropped not in _identifiers(second.get_json())
    assert _identifiers(second.get_json())[-1] == "9"
    newest = filled.get(address).get_json()
    assert (newest["version"], newest["title"]) == (2, "新名稱")
    old = filled.get(f"{address}?version=1").get_json()
    assert old["contentHash"] == first.get_json()["contentHash"]
    assert (old["newestVersion"], old["datasets"]) == (2, first.get_json()["datasets"])
    remade = filled.post(versions, json={"remake": True}, headers={"If-Match": "*"}).get_json()
    assert dropped not in _identifiers(remade)
    assert "9" in _identifiers(remade)


def test_a_new_version_needs_the_etag_of_the_newest(filled: FlaskClient) -> None:
    first = filled.post("/v1/themes", json={"topic": "職業安全"})
    versions = f"/v1/themes/{first.get_json()['identifier']}/versions"
    seen = {"If-Match": first.headers["ETag"]}
    statuses = [
        filled.post(versions, json={}).status_code,
        filled.post(versions, json={}, headers=seen).status_code,
        filled.post(versions, json={}, headers=seen).status_code,
        filled.post("/v1/themes/none/versions", json={}, headers=seen).status_code,
    ]
    assert statuses == [428, 201, 412, 404]


def test_the_same_key_makes_one_theme(filled: FlaskClient) -> None:
    key = {"Idempotency-Key": "d1f6a3"}
    first = filled.post("/v1/themes", json={"topic": "職業安全"}, headers=key)
    again = filled.post("/v1/themes", json={"topic": "職業安全"}, headers=key)
    other = filled.post("/v1/themes", json={"topic": "火災"}, headers=key)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert first.get_json() == again.get_json()
    assert other.get_json()["type"] == "/problems/idempotency-key-reused"
    assert len(filled.get("/v1/themes").get_json()["themes"]) == 1
    too_long = filled.post("/v1/themes", json={"topic": "火災"}, headers={"Idempotency-Key": "x" * 256})
    assert too_long.status_code == 400


def test_unchanged_is_not_sent_again(filled: FlaskClient) -> None:
    made = filled.post("/v1/themes", json={"topic": "職業安全"})
    unchanged = filled.get(made.location, headers={"If-None-Match": made.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    book = filled.get(f"{made.location}.xlsx")
    unchanged = filled.get(f"{made.location}.xlsx", headers={"If-None-Match": book.headers["ETag"]})
    assert unchanged.status_code == 304


def test_the_workbook_has_everything_and_no_formula(filled: FlaskClient) -> None:
    made = _made(filled, title="=HYPERLINK(1)")
    book = filled.get(f"/v1/themes/{made['identifier']}.xlsx")
    assert book.content_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with zipfile.ZipFile(io.BytesIO(book.data)) as archive:
        names = archive.read("xl/workbook.xml").decode()
        texts = "".join(archive.read(name).decode() for name in archive.namelist() if "sheets/sheet" in name)
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
    for name in ("資料集", "面向", "機關", "缺口", "說明"):
        assert f'name="{name}"' in names
    assert made["contentHash"] in texts
    assert "職業安全衛生教育訓練機構名單" in texts
    assert not any("<f>" in sheet for sheet in sheets)


def test_themes_are_listed_newest_first_in_pages(filled: FlaskClient) -> None:
    for topic in ("職業安全", "火災", "工廠"):
        _made(filled, topic=topic)
    page = filled.get("/v1/themes?limit=2").get_json()
    rest = filled.get(f"/v1/themes?limit=2&cursor={page['next']}").get_json()
    assert [one["topic"] for one in (*page["themes"], *rest["themes"])] == ["工廠", "火災", "職業安全"]
    assert rest["next"] is None
    assert filled.get("/v1/themes?cursor=forged").status_code == 400


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/topic"]),
        ({"topic": " "}, ["/topic"]),
        ({"topic": "——"}, ["/topic"]),
        ({"topic": "字" * 101}, ["/topic"]),
        ({"topic": "火\u0000災"}, ["/topic"]),
        ({"topic": "火\u202e災"}, ["/topic"]),
        ({"topic": "火災", "limit": 0}, ["/limit"]),
        ({"topic": "火災", "limit": 201}, ["/limit"]),
        ({"topic": "火災", "more": 1}, ["/more"]),
        ({"topic": "火災", "accept": ["1", "a b"]}, ["/accept/1"]),
        ({"topic": "火災", "accept": ["1", "none"], "drop": ["gone"]}, ["/accept/1", "/drop/0"]),
        ({"topic": "火災", "accept": ["1"], "drop": ["1"]}, ["/accept/0"]),
        ({"topic": "火災", "excludePublishers": ["字" * 201]}, ["/excludePublishers/0"]),
        ([], [""]),
    ],
)
def test_bad_input_is_refused_with_its_place(filled: FlaskClient, body: Any, pointers: list[str]) -> None:
    answer = filled.post("/v1/themes", json=body)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert [error["pointer"] for error in answer.get_json()["errors"]] == pointers
    assert filled.get("/v1/themes").get_json()["themes"] == []


@pytest.mark.parametrize(
    "topic", ['"; DROP TABLE theme;--', "<script>alert(1)</script>", "a OR b NOT (", "𠮷火災"]
)
def test_no_topic_is_query_syntax(filled: FlaskClient, topic: str) -> None:
    assert _made(filled, topic=topic)["topic"] == topic


@pytest.mark.parametrize("address", ["/v1/themes/none", "/v1/themes/none.xlsx"])
def test_an_unknown_theme_is_a_404_that_says_so(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/theme-not-found")


def test_an_empty_store_makes_a_theme_of_gaps(workflow: FlaskClient) -> None:
    theme = _made(workflow)
    assert theme["datasets"] == []
    assert theme["gaps"]


def test_a_theme_is_a_fixed_number_of_statements(filled: FlaskClient, services: Services) -> None:
    statements: list[str] = []

    def seen(*args: object) -> None:
        statements.append(str(args[2]))

    def spent(topic: str) -> int:
        statements.clear()
        _made(filled, topic=topic)
        return len(statements)

    _made(filled)
    event.listen(services.database.engine, "before_cursor_execute", seen)
    try:
        assert spent("職業安全") <= 28
        assert spent("長期照顧") <= 28
    finally:
        event.remove(services.database.engine, "before_cursor_execute", seen)
