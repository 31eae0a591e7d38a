"""Storing, reading and listing datasets over REST."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Settings

BODY = {"title": "職業災害統計", "publisher": "勞動部", "categoryCode": "I00", "keyword": "職災"}


def test_put_creates_then_changes_nothing_then_updates(workflow: FlaskClient) -> None:
    first = workflow.put("/v1/datasets/A-1", json=BODY)
    again = workflow.put("/v1/datasets/A-1", json=BODY)
    changed = workflow.put("/v1/datasets/A-1", json={**BODY, "title": "公車路線"})
    assert (first.status_code, again.status_code, changed.status_code) == (201, 200, 200)
    assert first.location.endswith("/v1/datasets/A-1")
    assert first.headers["ETag"] == again.headers["ETag"] != changed.headers["ETag"]
    assert again.get_json() == first.get_json()
    assert first.get_json()["suggestion"]["categories"][0]["categoryCode"] == "500"
    assert changed.get_json()["suggestion"]["categories"][0]["categoryCode"] == "A00"
    assert changed.get_json()["revision"] == 2


def test_get_gives_back_what_was_put(workflow: FlaskClient) -> None:
    put = workflow.put("/v1/datasets/A-1", json=BODY)
    got = workflow.get("/v1/datasets/A-1")
    assert got.get_json() == put.get_json()
    assert got.get_json()["metadata"] == {**BODY, "identifier": "A-1", "keyword": ["職災"]}
    unchanged = workflow.get("/v1/datasets/A-1", headers={"If-None-Match": got.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_an_unknown_dataset_is_a_404_that_says_so(workflow: FlaskClient) -> None:
    answer = workflow.get("/v1/datasets/none")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.get_json()["type"] == "/problems/dataset-not-found"


def test_an_update_of_what_has_changed_since_is_refused(workflow: FlaskClient) -> None:
    seen = workflow.put("/v1/datasets/A-1", json=BODY).headers["ETag"]
    first = workflow.put("/v1/datasets/A-1", json={**BODY, "title": "甲"}, headers={"If-Match": seen})
    second = workflow.put("/v1/datasets/A-1", json={**BODY, "title": "乙"}, headers={"If-Match": seen})
    assert (first.status_code, second.status_code) == (200, 412)
    assert workflow.get("/v1/datasets/A-1").get_json()["metadata"]["title"] == "甲"
    assert workflow.put("/v1/datasets/none", json=BODY, headers={"If-Match": seen}).status_code == 412


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
def test_bad_input_stores_nothing(workflow: FlaskClient, path: str, body: Any, pointer: str) -> None:
    answer = workflow.put(f"/v1/datasets/{path}", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer
    assert workflow.get("/v1/datasets").get_json() == {"datasets": [], "next": None}


def test_pages_reach_every_dataset_once_while_others_arrive(workflow: FlaskClient) -> None:
    for number in range(7):
        workflow.put(f"/v1/datasets/{number}", json=BODY)
    seen: list[str] = []
    address: str | None = "/v1/datasets?limit=3"
    while address:
        page = workflow.get(address).get_json()
        seen += [dataset["identifier"] for dataset in page["datasets"]]
        address = page["next"] and f"/v1/datasets?limit=3&cursor={page['next']}"
        if len(seen) == 3:
            workflow.put("/v1/datasets/late", json=BODY)
    assert seen == [*map(str, range(7)), "late"]


def test_filters(workflow: FlaskClient) -> None:
    workflow.put("/v1/datasets/wrong", json=BODY)
    workflow.put("/v1/datasets/right", json={**BODY, "categoryCode": "500", "publisher": "勞保局"})

    def found(query: str) -> list[str]:
        return [row["identifier"] for row in workflow.get(f"/v1/datasets?{query}").get_json()["datasets"]]

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
def test_a_bad_query_is_a_400_with_a_reason(workflow: FlaskClient, query: str) -> None:
    answer = workflow.get(f"/v1/datasets?{query}")
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
