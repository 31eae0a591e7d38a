"""Storing, reading and listing datasets over REST."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Settings

BODY = {"title": "職業災害統計", "publisher": "勞動部", "categoryCode": "I00", "keyword": "職災"}


def test_put_creates_then_changes_nothing_then_updates(client: FlaskClient) -> None:
    first = client.put("/v1/datasets/A-1", json=BODY)
    again = client.put("/v1/datasets/A-1", json=BODY)
    changed = client.put("/v1/datasets/A-1", json={**BODY, "title": "公車路線"})
    assert (first.status_code, again.status_code, changed.status_code) == (201, 200, 200)
    assert first.location.endswith("/v1/datasets/A-1")
    assert first.headers["ETag"] == again.headers["ETag"] != changed.headers["ETag"]
    assert again.get_json() == first.get_json()
    assert first.get_json()["suggestion"]["categories"][0]["categoryCode"] == "500"
    assert changed.get_json()["suggestion"]["categories"][0]["categoryCode"] == "A00"
    assert changed.get_json()["revision"] == 2


def test_get_gives_back_what_was_put(client: FlaskClient) -> None:
    put = client.put("/v1/datasets/A-1", json=BODY)
    got = client.get("/v1/datasets/A-1")
    assert got.get_json() == put.get_json()
    assert got.get_json()["metadata"] == {**BODY, "identifier": "A-1", "keyword": ["職災"]}
    unchanged = client.get("/v1/datasets/A-1", headers={"If-None-Match": got.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_an_unknown_dataset_is_a_404_that_says_so(client: FlaskClient) -> None:
    answer = client.get("/v1/datasets/none")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.get_json()["type"] == "/problems/dataset-not-found"


def test_an_update_of_what_has_changed_since_is_refused(client: FlaskClient) -> None:
    seen = client.put("/v1/datasets/A-1", json=BODY).headers["ETag"]
    first = client.put("/v1/datasets/A-1", json={**BODY, "title": "甲"}, headers={"If-Match": seen})
    second = client.put("/v1/datasets/A-1", json={**BODY, "title": "乙"}, headers={"If-Match": seen})
    assert (first.status_code, second.status_code) == (200, 412)
    assert client.get("/v1/datasets/A-1").get_json()["metadata"]["title"] == "甲"
    assert client.put("/v1/datasets/none", json=BODY, headers={"If-Match": seen}).status_code == 412


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("A-1", {**BODY, "identifier": "B-2"}, "/identifier"),
        ("a b", BODY, "/identifier"),
        ("x" * 101, BODY, "/identifier"),
        ("A-1", {**BODY, "title": ""}, "/title"),
        ("A-1", [], ""),
    ],
)
def test_bad_input_stores_nothing(client: FlaskClient, path: str, body: Any, pointer: str) -> None:
    answer = client.put(f"/v1/datasets/{path}", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer
    assert client.get("/v1/datasets").get_json() == {"datasets": [], "next": None}


def test_pages_reach_every_dataset_once_while_others_arrive(client: FlaskClient) -> None:
    for number in range(7):
        client.put(f"/v1/datasets/{number}", json=BODY)
    seen: list[str] = []
    address: str | None = "/v1/datasets?limit=3"
    while address:
        page = client.get(address).get_json()
        seen += [dataset["identifier"] for dataset in page["datasets"]]
        address = page["next"] and f"/v1/datasets?limit=3&cursor={page['next']}"
        if len(seen) == 3:
            client.put("/v1/datasets/late", json=BODY)
    assert seen == [*map(str, range(7)), "late"]


def test_filters(client: FlaskClient) -> None:
    client.put("/v1/datasets/wrong", json=BODY)
    client.put("/v1/datasets/right", json={**BODY, "categoryCode": "500", "publisher": "勞保局"})

    def found(query: str) -> list[str]:
        return [row["identifier"] for row in client.get(f"/v1/datasets?{query}").get_json()["datasets"]]

    assert found("mismatched=true") == ["wrong"]
    assert found("mismatched=false") == ["right"]
    assert found("categoryCode=500") == ["right"]
    assert found("publisher=勞動部") == ["wrong"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "limit=201",
        "categoryCode=Z99",
        "mismatched=perhaps",
        "cursor=forged",
        "colour=red",
    ],
)
def test_a_bad_query_is_a_400_with_a_reason(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/v1/datasets?{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_suggesting_goes_on_while_the_database_is_away() -> None:
    app: Flask = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    client = app.test_client()
    assert client.post("/v1/suggestions", json={"title": "職業災害"}).status_code == 200
    assert client.get("/livez").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["checks"]["model"]) == (503, "ok")
    answer = client.get("/v1/datasets/1")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.get_json()["type"] == "/problems/unavailable"
