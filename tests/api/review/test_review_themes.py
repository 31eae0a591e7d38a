"""The pages of themes and of relevance, as their visitors see them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.services import Services
from api.services.accounts import Person
from api.services.datasets import put_dataset
from tagger import DatasetMetadata
from tests.api.people import signed_in_client
from tests.api.review.page_reader import Node, read


@pytest.fixture
def filled(app: Flask, services: Services, reviewer: Person) -> FlaskClient:
    """A reviewer's browser at a store with some datasets."""
    for identifier, title, publisher in (
        ("1", "職業安全衛生教育訓練機構名單", "勞動部"),
        ("2", "違反職業安全衛生法<script>事業單位", "臺北市政府勞動局"),
        ("3", "公園名冊", "文化部"),
    ):
        put_dataset(services, DatasetMetadata(identifier=identifier, title=title, publisher=publisher))
    return signed_in_client(app, reviewer)


def _made(client: FlaskClient) -> str:
    answer = client.post("/themes", data={"topic": "職業安全", "key": "k1"})
    assert answer.status_code == 303
    return answer.location


def _page(client: FlaskClient, address: str) -> Node:
    answer = client.get(address)
    assert answer.status_code == 200
    return read(answer.text)


def test_a_form_without_script_makes_a_theme_and_pressing_twice_makes_one(filled: FlaskClient) -> None:
    form = _page(filled, "/themes").one("form", class_="theme-form")
    assert form.attributes["method"] == "post"
    assert _made(filled) == _made(filled)
    listed = _page(filled, "/themes").one("ul", class_="theme-list")
    assert len(listed.all("li")) == 1


def test_the_page_has_the_citation_the_reasons_and_who_has_nothing(filled: FlaskClient) -> None:
    address = _made(filled)
    page = _page(filled, address)
    assert page.one("h1").text == "職業安全"
    citation = page.one("section", class_="citation").text
    assert f"http://localhost{address}/versions/1" in citation
    assert "SHA-256" in citation
    rows = page.one("ul", class_="theme-datasets").all("li")
    assert len(rows) == 2
    assert all(row.one("p", class_="why").text for row in rows)
    assert "職業安全" in [mark.text for row in rows for mark in row.all("mark")]
    assert "文化部" in page.text


def test_datasets_are_grouped_by_aspect_or_by_agency(filled: FlaskClient) -> None:
    address = _made(filled)
    headings = [node.text for node in _page(filled, f"{address}?by=agency").all("h3")]
    assert any(heading.startswith("勞動部") for heading in headings)
    assert any(
        heading.startswith("職業安全") for heading in [n.text for n in _page(filled, address).all("h3")]
    )


def test_a_dataset_is_taken_out_in_a_new_version_and_the_old_one_stays(filled: FlaskClient) -> None:
    address = _made(filled)
    page = _page(filled, address)
    etag = page.one("input", name="etag").attributes["value"]
    form = {"etag": etag, "drop": "1", "accept": "3"}
    assert filled.post(f"{address}/versions", data=form).status_code == 303
    newest = _page(filled, address)
    assert "公園名冊" in newest.text
    assert "職業安全衛生教育訓練機構名單" not in newest.text
    old = _page(filled, f"{address}/versions/1")
    assert "職業安全衛生教育訓練機構名單" in old.text
    assert old.one("p", class_="older").one("a").attributes["href"] == address
    assert not old.all("input", name="drop")
    assert filled.post(f"{address}/versions", data=form).status_code == 412


def test_what_is_wrong_is_said_at_its_field(filled: FlaskClient) -> None:
    answer = filled.post("/themes", data={"topic": " ", "limit": "x"})
    assert answer.status_code == 422
    page = read(answer.text)
    assert page.by_id("topic-error").text == "至少要有 1 個字"
    assert page.by_id("limit-error").text == "應為整數"
    address = _made(filled)
    etag = _page(filled, address).one("input", name="etag").attributes["value"]
    wrong = filled.post(f"{address}/versions", data={"etag": etag, "accept": "gone"})
    assert wrong.status_code == 422
    assert "沒有這個識別碼的資料集" in read(wrong.text).by_id("accept-error").text


def test_an_unknown_theme_or_version_is_a_page_that_says_so(filled: FlaskClient) -> None:
    for address in ("/themes/none", f"{_made(filled)}/versions/9"):
        answer = filled.get(address, headers={"Accept": "text/html"})
        assert (answer.status_code, "沒有這個主題" in answer.text) == (404, True)


def test_relevance_marks_the_abstract_and_shows_what_it_cannot_tell(filled: FlaskClient) -> None:
    answer = filled.post(
        "/relevance",
        data={
            "topic": "職業安全",
            "datasets": "1\r\n公園名\r\n3",
            "abstract": "<b>職業安全</b>很重要。\r\n我們用職業安全衛生教育訓練機構名單。",
        },
    )
    assert answer.status_code == 200
    page = read(answer.text)
    abstract = page.one("p", class_="abstract")
    assert next(mark.text for mark in abstract.all("mark")) == "職業安全"
    assert abstract.text.startswith("<b>職業安全</b>")
    assert "公園名冊" in page.one("ul", class_="unmatched").text
    assert len(page.one("ul", class_="limits").all("li")) >= 3


def test_relevance_without_a_theme_says_what_is_missing(filled: FlaskClient) -> None:
    answer = filled.post("/relevance", data={"datasets": "1"})
    assert answer.status_code == 422
    assert "擇一" in read(answer.text).by_id("theme-error").text
    assert _page(filled, "/relevance?theme=abc").by_id("theme").attributes["value"] == "abc"
