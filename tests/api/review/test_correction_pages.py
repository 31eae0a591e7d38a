"""The correction note and the list of an agency as pages."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.services import Services
from api.services.accounts import Person
from tests.api.people import signed_in_client
from tests.api.review.page_reader import Node, read
from tests.api.review.search_pages import put

HOSTILE = "<b>粗</b></script>\"'\u202e職業災害"
WANTED = {"Accept": "text/html"}


@pytest.fixture
def catalogue(services: Services) -> None:
    """A flagged dataset, one with a hostile title, and one that fits."""
    put(
        services,
        {"identifier": "A-1", "title": "職業災害統計", "categoryCode": "I00", "publisher": "勞動部"},
        {"identifier": "A-2", "title": HOSTILE, "categoryCode": "I00", "publisher": "勞動部"},
        {"identifier": "B-1", "title": "公車動態路線", "categoryCode": "A00", "publisher": "公路局"},
    )


def _links(page: Node, text: str) -> list[str]:
    return [link.attributes["href"] for link in page.one("main").all("a") if link.text == text]


@pytest.mark.usefixtures("catalogue")
def test_a_note_is_reached_from_the_dataset_and_from_the_queue(
    app: Flask, client: FlaskClient, reviewer: Person
) -> None:
    address = "/datasets/A-1/correction-note"
    assert _links(read(client.get("/datasets/A-1").text), "修正建議單") == [address]
    assert _links(read(client.get("/datasets/B-1").text), "修正建議單") == []
    item = read(signed_in_client(app, reviewer).get("/review/items/A-1").text)
    assert _links(item, "修正建議單") == [address]
    page = read(client.get(address).text)
    assert page.one("h1").text == "資料集服務分類修正建議單"
    text = page.one("article").text
    for said in ("受文者勞動部", "500 求職及就業", "回覆維持原分類", "尚未經審核者核可"):
        assert said in text
    assert "職業災害" in "".join(mark.raw_text for mark in page.all("u"))
    for form, name in (("docx", "下載 DOCX"), ("pdf", "下載 PDF")):
        [file] = _links(page, name)
        assert client.get(file).status_code == 200, form


@pytest.mark.usefixtures("catalogue")
def test_a_category_that_is_not_doubted_has_no_note(client: FlaskClient) -> None:
    answer = client.get("/datasets/B-1/correction-note", headers=WANTED)
    assert answer.status_code == 404
    assert read(answer.text).one("p", class_="lead").text == "現行分類無疑義。"
    assert client.get("/datasets/none/correction-note", headers=WANTED).status_code == 404


@pytest.mark.usefixtures("catalogue")
def test_the_list_of_an_agency_has_each_note_behind_it(
    app: Flask, client: FlaskClient, reviewer: Person
) -> None:
    assert client.get("/correction-notes?publisher=勞動部").status_code == 303
    client = signed_in_client(app, reviewer)
    page = read(client.get("/correction-notes", query_string={"publisher": "勞動部"}).text)
    assert [one.all("h1") + one.all("h2") != [] for one in page.all("article")] == [True, True, True]
    assert "共 2 筆" in page.all("article")[0].text
    assert "<b>粗</b></script>" in page.all("article")[2].text
    # What turns the text around would turn the sentence that the title stands in.
    assert "\u202e" not in page.all("article")[2].all("p", class_="hung")[0].text
    assert client.get("/correction-notes?publisher=無").status_code == 404
    assert client.get("/correction-notes").status_code == 400


@pytest.mark.usefixtures("catalogue")
def test_a_note_leads_to_the_list_of_its_publisher_and_to_none_where_only_the_owner_is_told(
    client: FlaskClient, services: Services
) -> None:
    put(
        services,
        {"identifier": "C-1", "title": "職業災害統計", "categoryCode": "I00", "organization": "職安署"},
    )
    text = "同機關的修正建議清單"
    [link] = _links(read(client.get("/datasets/A-1/correction-note").text), text)
    assert link.startswith("/correction-notes?publisher=")
    assert _links(read(client.get("/datasets/C-1/correction-note").text), text) == []
