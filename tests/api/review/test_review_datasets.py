"""The catalogue in a table, and a dataset on its page."""

import re

import pytest
from flask.testing import FlaskClient

from api.review.wording import taipei_time
from api.services import Services
from api.services.datasets import get_dataset, put_dataset, to_record
from models.catalogue import store_records
from tagger import DatasetMetadata
from tests.api.review.page_reader import Node, read

HOSTILE = "<b>粗</b></script>\"'\u202e職業災害"
PAGE_WANTED = {"Accept": "text/html"}


def _put(
    services: Services, identifier: str, title: str, category: str | None = None, **more: object
) -> None:
    record = {"identifier": identifier, "title": title, "categoryCode": category, **more}
    put_dataset(services, DatasetMetadata.model_validate(record))


def _store_untagged(services: Services, identifier: str, title: str) -> None:
    metadata = DatasetMetadata(identifier=identifier, title=title)
    with services.database.writing() as session:
        store_records(session, [to_record(metadata)])


def _rows(page: Node) -> list[list[str]]:
    return [[cell.text for cell in row if cell.tag in {"th", "td"}] for row in page.one("tbody").all("tr")]


def _identifiers(page: Node) -> list[str]:
    return [row[0] for row in _rows(page)] if page.all("tbody") else []


@pytest.fixture
def catalogue(services: Services) -> None:
    """Four datasets: flagged, fitting, undeclared, untagged."""
    _put(services, "A-1", "職業災害統計", "I00", publisher="勞動部")
    _put(services, "A-2", "公車動態路線", "A00")
    _put(services, "A-3", "納骨塔位置")
    _store_untagged(services, "A-4", "醫院門診")


def test_empty_store_says_which_command_fills_it(client: FlaskClient) -> None:
    page = read(client.get("/datasets").text)
    assert page.one("pre").text == "tagger import FILE tagger retag --all"
    assert not page.all("table")


@pytest.mark.usefixtures("catalogue")
def test_table_shows_each_dataset_and_the_totals(client: FlaskClient) -> None:
    page = read(client.get("/datasets").text)
    assert {name: node.text for name, node in page.one("dl", class_="totals").described().items()} == {
        "已儲存": "4",
        "已標註": "3",
        "疑似不符": "1",
    }
    rows = _rows(page)
    assert rows[0][:4] == ["A-1", "職業災害統計", "勞動部", "I00 公共資訊"]
    assert (rows[0][4], rows[0][6]) == ("500 求職及就業", "▲ 疑似不符")
    assert re.fullmatch(r"[高中低] [<>]?\d+%", rows[0][5])
    assert "職業災害" in rows[0][7]
    assert rows[1][6] == "未見不符"
    assert (rows[2][3], rows[2][6]) == ("未填", "未檢查")
    assert rows[3][4] == "尚未標註"
    assert "1 筆未標註" in page.one("main").text
    assert page.one("table").one("caption").text == "全部資料集，本頁 4 筆"
    assert {head.attributes["scope"] for head in page.one("thead").all("th")} == {"col"}


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["A-1", "A-2", "A-3", "A-4"]),
        ("categoryCode=&mismatched=", ["A-1", "A-2", "A-3", "A-4"]),
        ("mismatched=true", ["A-1"]),
        ("categoryCode=A00", ["A-2"]),
        ("categoryCode=H00", ["A-3"]),
        ("categoryCode=A00&mismatched=true", []),
    ],
)
def test_filters_are_in_the_address(client: FlaskClient, query: str, expected: list[str]) -> None:
    page = read(client.get(f"/datasets?{query}").text)
    assert _identifiers(page) == expected
    chosen = page.one("form").all("option", selected="")
    assert [option.attributes["value"] for option in chosen] == (
        [query.split("categoryCode=")[1][:3]] if "categoryCode=" in query and "00" in query else []
    )
    assert ("checked" in page.one("input", type="checkbox").attributes) == ("mismatched=true" in query)
    if not expected:
        assert "沒有符合篩選的資料集" in page.one("main").text


def test_pages_reach_every_dataset_once(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.review.datasets.PAGE", 5)
    for number in range(12):
        _put(services, f"N-{number}", f"公車路線{number}", "A00" if number % 2 else "I00")
    assert _walk(client, "/datasets") == [f"N-{number}" for number in range(12)]
    assert _walk(client, "/datasets?mismatched=true") == [f"N-{number}" for number in range(0, 12, 2)]


def _walk(client: FlaskClient, address: str) -> list[str]:
    seen: list[str] = []
    for _ in range(9):
        page = read(client.get(address).text)
        seen += _identifiers(page)
        further = page.all("a", rel="next")
        if not further:
            return seen
        address = further[0].attributes["href"]
    raise AssertionError("the pages do not end")


def test_forged_cursor_and_unknown_category_are_refused(client: FlaskClient) -> None:
    for query in ("cursor=12", "categoryCode=Z99"):
        response = client.get(f"/datasets?{query}", headers=PAGE_WANTED)
        assert response.status_code == 400
        assert read(response.text).one("h1").text


@pytest.mark.usefixtures("catalogue")
def test_dataset_page_sets_declared_beside_suggested(client: FlaskClient, services: Services) -> None:
    page = read(client.get("/datasets/A-1").text)
    stored = get_dataset(services, "A-1")
    assert stored is not None
    assert page.one("h1").text == "職業災害統計"
    described = page.one("main").described()
    assert described["所填"].text == "I00 公共資訊"
    assert described["建議"].text.startswith("500 求職及就業 高")
    assert "內容提到" in page.one("div", class_="flagged").text
    assert "職業災害" in "".join(mark.text for mark in described["資料集名稱"].all("mark"))
    assert described["修訂版次"].text == "1"
    assert described["模型版本"].text == services.tagger.model_version
    assert described["首次儲存"].text == taipei_time(stored.created_at)
    link = described["JSON"].one("a").attributes["href"]
    assert client.get(link).get_json()["identifier"] == "A-1"


@pytest.mark.usefixtures("catalogue")
def test_untagged_dataset_says_what_to_run(client: FlaskClient) -> None:
    page = read(client.get("/datasets/A-4").text)
    assert "tagger retag --all" in page.one("main").described()["建議"].text
    assert not page.all("mark")


def test_unknown_identifier_is_a_page_that_says_what_to_do(client: FlaskClient) -> None:
    response = client.get("/datasets/<script>NOPE", headers=PAGE_WANTED)
    page = read(response.text)
    assert response.status_code == 404
    assert page.one("h1").text == "找不到這個頁面"
    assert "「<script>NOPE」" in page.one("main").text
    assert "/datasets" in [link.attributes["href"] for link in page.one("main").all("a")]


@pytest.mark.parametrize("identifier", ["臺-1", "a&b=c", '"><script>'])
def test_every_identifier_has_its_page(client: FlaskClient, services: Services, identifier: str) -> None:
    _put(services, identifier, "公車路線")
    link = read(client.get("/datasets").text).one("tbody").one("a").attributes["href"]
    response = client.get(link)
    assert response.status_code == 200
    assert read(response.text).one("p", class_="trail").one("bdi").raw_text == identifier


def test_hostile_metadata_is_only_text(client: FlaskClient, services: Services) -> None:
    resource = {"format": HOSTILE, "resourceDescription": HOSTILE, "downloadURL": "javascript:alert(1)"}
    _put(
        services, "X-1", HOSTILE, publisher=HOSTILE, keyword=[HOSTILE], notes=HOSTILE, distribution=[resource]
    )
    table = read(client.get("/datasets").text)
    page = read(client.get("/datasets/X-1").text)
    assert table.one("tbody").one("th").one("bdi").raw_text == HOSTILE
    assert page.one("h1").one("bdi").raw_text == HOSTILE
    assert f"\u2068{HOSTILE}\u2069" in page.one("title").raw_text
    for shown in (table, page):
        assert all(script.raw_text == "" for script in shown.all("script"))
        assert not [a for a in shown.all("a") if not a.attributes["href"].startswith(("/", "#"))]
    texts = [bdi.raw_text for bdi in page.one("ul", class_="resources").all("bdi")]
    assert texts == [HOSTILE, HOSTILE]


def test_long_text_is_whole(client: FlaskClient, services: Services) -> None:
    _put(services, "L-1", "職業災害" * 125, description="職" * 20_000)
    fields = read(client.get("/datasets/L-1").text).one("dl", class_="fields").described()
    assert len(fields["資料集描述"].one("bdi").raw_text) == 20_000
