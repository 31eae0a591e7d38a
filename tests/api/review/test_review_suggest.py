"""The first page: what one types, and what is suggested for it."""

import pytest
from flask.testing import FlaskClient

from api.review.examples import EXAMPLES
from api.services import Services
from tagger import DatasetMetadata
from tagger.suggestion import Evidence
from tests.api.review.page_reader import Node, read

TYPED = {
    "title": "職業災害統計",
    "description": "各行業職業災害\r\n死亡與失能人數",
    "fieldDescription": "年度、行業別、死亡人數",
    "publisher": "勞動部職業安全衛生署",
    "keyword": "職業災害、 職業安全;",
    "categoryCode": "I00",
}
HOSTILE = "</script><script>alert(1)</script>\"' onfocus=alert(1) \u202e職業災害"
FRAGMENT = {"HX-Request": "true"}


def _errors(page: Node) -> dict[str, str]:
    messages = {
        node.attributes["data-error-of"]: node.text
        for node in page.all("p", class_="error")
        if "data-error-of" in node.attributes
    }
    return {name: message for name, message in messages.items() if message}


def test_first_visit_asks_for_a_title_and_complains_of_nothing(client: FlaskClient) -> None:
    response = client.get("/")
    page = read(response.text)
    assert response.status_code == 200
    assert page.by_id("title").attributes["required"] == ""
    assert "輸入資料集名稱之後" in page.by_id("result").text
    assert _errors(page) == {}


def test_button_without_javascript_answers_with_the_whole_page(client: FlaskClient) -> None:
    response = client.post("/", data=TYPED)
    page = read(response.text)
    result = page.by_id("result")
    assert response.status_code == 200
    assert result.one("p", class_="headline").text.startswith("500 求職及就業 信心 高")
    assert len(result.one("ul", class_="alternatives").all("li")) == 2
    assert "職業災害" in result.one("ul", class_="labels").text
    assert "疑似分類不符" in result.one("div", class_="flagged").text
    assert "所填 I00 公共資訊 → 建議 500 求職及就業" in result.one("div", class_="flagged").text
    assert page.by_id("summary").text.startswith("500 求職及就業 高")


def test_what_was_typed_stays_in_the_form(client: FlaskClient) -> None:
    page = read(client.post("/", data=TYPED).text)
    form = page.one("form")
    assert form.attributes["method"] == "post"
    assert {name: page.by_id(name).attributes["value"] for name in ("title", "publisher", "keyword")} == {
        name: TYPED[name] for name in ("title", "publisher", "keyword")
    }
    assert page.by_id("description").raw_text.lstrip("\n") == "各行業職業災害\n死亡與失能人數"
    assert [o.attributes["value"] for o in form.all("option") if "selected" in o.attributes] == ["I00"]
    assert len(form.all("option")) == 19


def test_htmx_gets_only_what_changes(client: FlaskClient) -> None:
    response = client.post("/", data=TYPED, headers=FRAGMENT)
    part = read(response.text)
    assert response.status_code == 200
    assert not part.all("html")
    assert not part.all("form")
    assert part.one("p", class_="headline").text.startswith("500 求職及就業")
    outside = {node.attributes["id"] for node in part if "hx-swap-oob" in node.attributes}
    assert outside == {"summary", *(f"{name}-error" for name in TYPED)}
    whole = read(client.get("/").text)
    assert all(whole.by_id(name) for name in outside)


def _expected_marks(text: str, spans: list[Evidence]) -> set[int]:
    for span in spans:
        assert text[span["start"] : span["end"]] == span["text"]
    return {place for span in spans for place in range(span["start"], span["end"])}


def _marks(node: Node, tag: str, inside: bool = False) -> list[bool]:
    """For each character in an element whether it stands in one of this tag."""
    inside = inside or node.tag == tag
    return [
        flag
        for child in node.children
        for flag in ([inside] * len(child) if isinstance(child, str) else _marks(child, tag, inside))
    ]


def test_marked_words_are_exactly_the_evidence(client: FlaskClient, services: Services) -> None:
    record = {**TYPED, "description": "各行業職業災害\n死亡與失能人數", "keyword": ["職業災害", "職業安全"]}
    evidence = services.tagger.suggest(DatasetMetadata.model_validate(record))["evidence"]
    category = [span for item in evidence["categories"] for span in item["spans"]]
    spans = category + [span for item in evidence["labels"] for span in item["spans"]]
    fields = read(client.post("/", data=TYPED).text).one("dl", class_="fields").described()
    shown = {
        "title": fields["資料集名稱"],
        "description": fields["資料集描述"],
        "fieldDescription": fields["主要欄位說明"],
        "publisher": fields["提供機關"],
        **{f"keyword/{place}": item for place, item in enumerate(fields["關鍵字"].all("li"))},
    }
    assert {span["field"] for span in spans} <= shown.keys()
    for field, node in shown.items():
        bdi = node.one("bdi")
        here = [span for span in spans if span["field"] == field]
        strong = [span for span in category if span["field"] == field]
        marked = {place for place, flag in enumerate(_marks(bdi, "mark")) if flag}
        loud = {place for place, flag in enumerate(_marks(bdi, "b")) if flag}
        assert marked == _expected_marks(bdi.raw_text, here), field
        assert loud == _expected_marks(bdi.raw_text, strong), field
    assert any(node.all("mark") for node in shown.values())


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"title": ""}, "title", "不可空白"),
        ({"title": "　\n"}, "title", "不可空白"),
        ({}, "title", "不可空白"),
        ({"title": "字" * 501}, "title", "超過 500 字"),
        ({"title": "統計", "description": "字" * 20_001}, "description", "超過 20000 字"),
        ({"title": "統計", "keyword": "職災、" + "字" * 256}, "keyword", "第 2 個：超過 255 字"),
        ({"title": "統計", "keyword": "字;" * 101}, "keyword", "至多 100 項"),
        ({"title": "統計", "categoryCode": "Z99"}, "categoryCode", "不是服務分類代碼"),
        ({"title": "統\x00計"}, "title", "控制字元"),
    ],
)
def test_wrong_input_is_told_beside_its_field(
    client: FlaskClient, typed: dict[str, str], field: str, message: str
) -> None:
    response = client.post("/", data=typed)
    page = read(response.text)
    assert response.status_code == 422
    assert list(_errors(page)) == [field]
    assert message in _errors(page)[field]
    assert page.by_id(field).attributes["aria-invalid"] == "true"
    assert f"{field}-error" in page.by_id(field).attributes["aria-describedby"].split()
    part = client.post("/", data=typed, headers=FRAGMENT)
    assert part.status_code == 200
    assert message in _errors(read(part.text))[field]


def test_hostile_text_is_only_text(client: FlaskClient) -> None:
    typed = {"title": HOSTILE, "description": HOSTILE, "publisher": HOSTILE, "keyword": HOSTILE}
    page = read(client.post("/", data=typed).text)
    assert all("src" in script.attributes and not script.raw_text for script in page.all("script"))
    assert page.by_id("title").attributes["value"] == HOSTILE
    assert page.by_id("description").raw_text.lstrip("\n") == HOSTILE
    assert page.one("dl", class_="fields").described()["資料集名稱"].one("bdi").raw_text == HOSTILE
    assert not [node for node in page if "onfocus" in node.attributes]


def test_examples_fill_the_form_by_a_plain_link(client: FlaskClient) -> None:
    links = read(client.get("/").text).one("nav", class_="examples").all("a")
    assert len(links) == 3
    for link, example in zip(links, EXAMPLES.values(), strict=True):
        page = read(client.get(link.attributes["href"]).text)
        assert page.by_id("title").attributes["value"] == example.values["title"]
        assert page.by_id("result").all("p", class_="headline")


def test_examples_show_what_their_names_promise(client: FlaskClient) -> None:
    mismatch, agreeing, close = (read(client.get(f"/?example={n}").text).by_id("result") for n in (1, 2, 3))
    assert "疑似分類不符" in mismatch.text
    assert "與所填分類相同" in agreeing.text
    second = close.one("ul", class_="alternatives").all("li")[0].one("span", class_="number").text
    assert int(second.rstrip("%")) >= 10


def test_unknown_example_is_an_empty_form(client: FlaskClient) -> None:
    assert read(client.get("/?example=99").text).by_id("title").attributes["value"] == ""


def test_declared_category_that_fits_is_told(client: FlaskClient) -> None:
    page = read(client.post("/", data={**TYPED, "categoryCode": "500"}).text)
    assert "與所填分類相同" in page.by_id("result").text
    undeclared = read(client.post("/", data={**TYPED, "categoryCode": ""}).text)
    assert not undeclared.all("div", class_="verdict")


def test_title_without_known_words_still_gets_an_answer(client: FlaskClient) -> None:
    page = read(client.post("/", data={"title": "𠮷"}).text)
    assert page.by_id("result").all("p", class_="headline")
    assert "沒有合適的標籤" in page.by_id("result").text
