"""Searching over REST: what is found and why, filters, pages, and what is refused."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from api.readers import CatalogueRow
from api.services import Services
from api.services.datasets import put_dataset
from api.services.importing import import_catalogue
from api.services.indexing import index_datasets
from models.catalogue import dataset_key, find_dataset
from models.deciding import DecisionRecord, LabelChoice, record_decisions
from tagger import DatasetMetadata

DATASETS = [
    ("1", "勞工保險投保人數統計", "勞動部勞工保險局", "500"),
    ("2", "臺北市公有停車場", "臺北市停車管理工程處", "A00"),
    ("3", "高雄市公有停車場", "高雄市政府交通局", "A00"),
    ("4", "各縣市火災次數及起火原因", "內政部消防署", "E00"),
    ("5", "工廠登記名錄", "經濟部", "I00"),
    ("6", "108年職業災害統計", "勞動部職業安全衛生署", "I00"),
    ("7", "公司決算書", "台灣電力公司", "I00"),
]


@pytest.fixture
def filled(client: FlaskClient, services: Services) -> FlaskClient:
    """A client of a store with some datasets."""
    for identifier, title, publisher, code in DATASETS:
        put_dataset(
            services,
            DatasetMetadata(identifier=identifier, title=title, publisher=publisher, category_code=code),
        )
    return client


def _found(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"/v1/search?{query}")
    assert answer.status_code == 200, answer.get_json()
    return [result["identifier"] for result in answer.get_json()["results"]]


def _exact(client: FlaskClient, query: str) -> set[str]:
    results = client.get(f"/v1/search?{query}").get_json()["results"]
    return {result["identifier"] for result in results if result["exact"]}


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("勞保", "1"),
        ("劳工保险", "1"),
        ("台北 停車場", "2"),
        ("停車場 高雄", "3"),
        ("「起火原因」", "4"),
        ("消防署", "4"),
        ("職災", "6"),
        ("臺電 決算", "7"),
    ],
)
def test_synonyms_variants_places_and_agencies_find(filled: FlaskClient, query: str, first: str) -> None:
    assert _found(filled, f"q={quote(query)}")[0] == first


def test_syntax_narrows(filled: FlaskClient) -> None:
    assert _exact(filled, "q=停車場") == {"2", "3"}
    assert _exact(filled, "q=停車場 -高雄") == {"2"}
    assert _exact(filled, "q=停車場 OR 工廠") == {"2", "3", "5"}
    assert _exact(filled, "q=「公有停車」") == {"2", "3"}
    assert _exact(filled, "q=「停車公有」") == set()


def test_filters_narrow_and_combine(filled: FlaskClient) -> None:
    assert set(_found(filled, "categoryCode=A00")) == {"2", "3"}
    assert _found(filled, "categoryCode=A00&spatial=台北市") == ["2"]
    assert _found(filled, "publisher=經濟部") == ["5"]
    assert "6" in _found(filled, "status=mismatched")
    assert _found(filled, "from=2019-01-01&to=2019-12-31") == ["6"]
    assert _found(filled, "from=2020-01-01") == []
    assert "6" in _found(filled, "label=職災")
    assert _exact(filled, "q=停車場&spatial=高雄市") == {"3"}
    assert _found(filled, "label=沒有這個標籤") == []


def test_the_category_that_holds_is_the_declared_one_unless_it_is_flagged(filled: FlaskClient) -> None:
    results = filled.get("/v1/search?q=職業災害").get_json()["results"]
    assert (results[0]["categoryCode"], results[0]["status"]) == ("500", "mismatched")
    assert "6" in _found(filled, "categoryCode=500")


def test_without_a_query_the_newest_come_first(filled: FlaskClient) -> None:
    assert _found(filled, "") == _found(filled, "q=%20") == ["7", "6", "5", "4", "3", "2", "1"]


def test_results_say_why_and_how_many(filled: FlaskClient) -> None:
    page = filled.get("/v1/search?q=停車場").get_json()
    assert (page["total"], page["totalIsExact"]) == (2, True)
    for result in page["results"][:2]:
        [mark] = [mark for mark in result["highlights"] if mark["field"] == "title"]
        assert "停車場" in result["title"][mark["start"] : mark["end"]]
        assert "停車場" in result["labels"]
    assert {"value": "A00", "count": 2} in page["facets"]["categoryCode"]
    assert {"value": "高雄市", "count": 1} in page["facets"]["spatial"]
    assert page["results"] == sorted(page["results"], key=lambda one: (not one["exact"], -one["score"]))


def test_a_slip_is_pointed_out(filled: FlaskClient) -> None:
    assert filled.get("/v1/search?q=停車廠").get_json()["didYouMean"] == "停車場"
    assert filled.get("/v1/search?q=停車場 高雄").get_json()["didYouMean"] is None


def test_pages_bring_each_result_once_while_others_arrive(client: FlaskClient, services: Services) -> None:
    rows = [
        CatalogueRow(n, DatasetMetadata(identifier=f"p{n:02}", title=f"公有停車場第{n}處"), n)
        for n in range(23)
    ]
    import_catalogue(services, rows, on_problem=print, progress=lambda done: None)
    for query in ("q=停車場", "status=untagged"):
        seen: list[str] = []
        address: str | None = f"/v1/search?{query}&limit=5"
        while address:
            page = client.get(address).get_json()
            seen += [result["identifier"] for result in page["results"]]
            address = page["next"] and f"/v1/search?{query}&limit=5&cursor={page['next']}"
            late = f"late{len(seen)}-{query[0]}"
            put_dataset(services, DatasetMetadata(identifier=late, title="停車場"))
        assert len(seen) == len(set(seen))
        assert {f"p{n:02}" for n in range(23)} <= set(seen)


def test_what_changes_is_found_as_it_is_now(filled: FlaskClient, services: Services) -> None:
    put_dataset(services, DatasetMetadata(identifier="2", title="捷運車站出口"))
    assert _exact(filled, "q=停車場") == {"3"}
    assert _found(filled, "q=捷運車站")[0] == "2"


def test_decided_tags_are_what_is_searched(filled: FlaskClient, services: Services) -> None:
    with services.database.writing() as session:
        dataset = find_dataset(session, "5")
        assert dataset is not None
        assert dataset.current_revision_id is not None
        decision = DecisionRecord(
            dataset.id,
            dataset.current_revision_id,
            category_code="600",
            accepted=(LabelChoice("自訂的標籤"),),
        )
        record_decisions(session, [decision])
        index_datasets(services, session, [dataset.id])
    assert _found(filled, "label=自訂的標籤") == ["5"]
    assert _found(filled, "status=approved") == ["5"]
    assert _found(filled, "categoryCode=600&q=自訂") == ["5"]


HOSTILE = [
    "' OR 1=1 --",
    '"; DROP TABLE dataset; --',
    "<script>alert(1)</script>",
    "%00",
    "\\",
    "*",
    "NEAR(a b)",
]


@pytest.mark.parametrize(
    "field", ["q", "label", "publisher", "spatial", "status", "categoryCode", "from", "cursor"]
)
def test_code_in_any_field_is_data_or_refused(filled: FlaskClient, field: str) -> None:
    for text in HOSTILE:
        answer = filled.get(f"/v1/search?{field}={quote(text)}")
        assert answer.status_code in {200, 400}, text
        if answer.status_code == 400:
            assert answer.content_type == "application/problem+json"
            assert answer.get_json()["errors" if field != "cursor" else "detail"]
        else:
            assert field in {"q", "label", "publisher"}
    assert len(_found(filled, "")) == len(DATASETS)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("q=「勞保", "/q"),
        ("q=OR", "/q"),
        ("q=-勞保", "/q"),
        ("q=" + "火" * 10_000, "/q"),
        ("label=" + "火" * 10_000, "/label"),
        ("label=<b>", "/label"),
        ("publisher=a;b", "/publisher"),
        ("spatial=火星", "/spatial"),
        ("status=new", "/status"),
        ("categoryCode=Z99", "/categoryCode"),
        ("from=昨天", "/from"),
        ("from=2020-02-30", "/from"),
        ("from=2021-01-01&to=2020-01-01", "/to"),
        ("limit=0", "/limit"),
        ("colour=red", "/colour"),
    ],
)
def test_a_bad_query_is_a_400_that_names_the_place(client: FlaskClient, query: str, pointer: str) -> None:
    answer = client.get(f"/v1/search?{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [pointer]
    assert answer.get_json()["errors"][0]["detail"]


def test_a_forged_cursor_or_one_of_another_list_is_refused(filled: FlaskClient) -> None:
    other = filled.get("/v1/datasets?limit=1").get_json()["next"]
    for forged in ("forged", other, "x" * 300):
        answer = filled.get(f"/v1/search?cursor={forged}")
        assert (answer.status_code, answer.get_json()["type"]) == (400, "/problems/invalid-cursor")


@pytest.mark.parametrize(
    ("typed", "label", "written"),
    [
        ("勞保", "勞工保險", "勞保"),
        ("劳保", "勞工保險", "勞保"),
        ("職業安全衛", "職業安全衛生", "職業安全衛生"),
    ],
)
def test_labels_complete_by_any_spelling(client: FlaskClient, typed: str, label: str, written: str) -> None:
    found = client.get(f"/v1/labels?q={quote(typed)}").get_json()["labels"][0]
    assert (found["label"], found["written"]) == (label, written)
    assert found["concept"].startswith("https://")


@pytest.mark.parametrize("query", ["", "q=", "q=" + "火" * 101, "q=火&limit=51", "q=火&x=1"])
def test_a_bad_completion_is_a_400(client: FlaskClient, query: str) -> None:
    assert client.get(f"/v1/labels?{query}").status_code == 400


@pytest.mark.parametrize("text", ["%", "_", "';--", "<>", "\\"])
def test_a_completion_of_signs_is_empty(client: FlaskClient, text: str) -> None:
    assert client.get(f"/v1/labels?q={quote(text)}").get_json() == {"labels": []}


def test_related_datasets_share_meaning_and_leave_out_the_series(
    filled: FlaskClient, services: Services
) -> None:
    put_dataset(services, DatasetMetadata(identifier="8", title="107年職業災害統計", publisher="勞動部"))
    put_dataset(services, DatasetMetadata(identifier="9", title="重大職業災害案例", publisher="勞動部"))
    found = filled.get("/v1/datasets/6/related").get_json()["datasets"]
    assert found[0]["identifier"] == "9"
    assert "職業災害" in found[0]["reasons"]
    assert "8" not in {one["identifier"] for one in found}
    assert filled.get("/v1/datasets/none/related").status_code == 404


def test_the_number_of_statements_does_not_grow_with_the_results(
    filled: FlaskClient, services: Services
) -> None:
    seen: list[str] = []
    event.listen(
        services.database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2])
    )

    def statements(address: str) -> int:
        filled.get(address)
        seen.clear()
        assert filled.get(address).status_code == 200
        return len(seen)

    for address in ("/v1/search?q=停車場&limit={}", "/v1/search?limit={}", "/v1/datasets/6/related?limit={}"):
        assert statements(address.format(1)) == statements(address.format(50)) <= 16
    with services.database.reading() as session:
        assert dataset_key(session, "6") is not None
