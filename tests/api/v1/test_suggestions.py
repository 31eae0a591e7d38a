"""POST /v1/suggestions as the upload workflow meets it."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WORK_ACCIDENTS = {"identifier": "1", "title": "職業災害統計", "categoryCode": "I00"}
PROBLEM = "application/problem+json"


def post(client: FlaskClient, body: Any) -> Any:
    return client.post("/v1/suggestions", json=body)


def test_one_dataset_gets_category_labels_mismatch_and_evidence(client: FlaskClient) -> None:
    answer = post(client, WORK_ACCIDENTS)
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["identifier"] == "1"
    assert body["categories"][0] == {
        "categoryCode": "500",
        "name": "求職及就業",
        "confidence": body["categories"][0]["confidence"],
    }
    assert "職業災害" in [label["label"] for label in body["labels"]]
    assert body["mismatch"]["flagged"] is True
    assert body["mismatch"]["suggested"] == "500"
    assert body["evidence"]["categories"][0]["spans"]
    assert body["modelVersion"]


def test_a_batch_keeps_its_order_and_one_bad_item_costs_only_itself(client: FlaskClient) -> None:
    body = post(
        client,
        {
            "datasets": [
                WORK_ACCIDENTS,
                {"identifier": "2", "title": " "},
                3,
                {"identifier": 4, "title": "公車路線"},
            ]
        },
    ).get_json()
    first, second, third, fourth = body["suggestions"]
    assert body["failed"] == 2
    assert first["identifier"] == "1"
    assert (second["identifier"], second["problem"]["status"]) == ("2", 422)
    assert second["problem"]["errors"][0]["pointer"] == "/title"
    assert third["identifier"] is None
    assert (fourth["identifier"], fourth["categories"][0]["categoryCode"]) == ("4", "A00")


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        ({}, "/title", "缺少"),
        ({"title": ""}, "/title", "不可空白"),
        ({"title": "　"}, "/title", "不可空白"),
        ({"title": "好", "categoryCode": "Z99"}, "/categoryCode", "I00 公共資訊"),
        ({"title": "好" * 1_000_000}, "/title", "500"),
        ({"title": "好", "description": "好" * 1_000_000}, "/description", "20000"),
        ({"title": "好", "titel": "x"}, "/titel", "欄位名稱"),
        ({"title": 5.5}, None, None),
        ({"title": ["好"]}, "/title", "文字"),
        ({"title": "好\0"}, "/title", "控制字元"),
        ([], "", "物件"),
        ({"datasets": []}, "/datasets", "至少"),
        ({"datasets": [{"title": "好"}] * 101}, "/datasets", "100"),
        ({"datasets": "好"}, "/datasets", "陣列"),
    ],
)
def test_bad_input_is_told_where_and_why(
    client: FlaskClient, body: Any, pointer: str | None, says: str | None
) -> None:
    answer = post(client, body)
    if pointer is None:
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert answer.content_type == PROBLEM
    problem = answer.get_json()
    assert problem["title"] == "Invalid input"
    assert problem["requestId"] == answer.headers["X-Request-Id"]
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert says in problem["errors"][0]["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"title": "\xa4\xa4"}', b"NaN", b'{"title": "\\ud800"}', b"[" * 5000]
)
def test_what_is_not_json_is_a_400(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/v1/suggestions", data=body, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (400, PROBLEM)


def test_another_media_type_is_a_415_and_another_method_a_405(client: FlaskClient) -> None:
    assert client.post("/v1/suggestions", data="title=x").status_code == 415
    answer = client.get("/v1/suggestions")
    assert (answer.status_code, answer.content_type) == (405, PROBLEM)
    assert "POST" in answer.headers["Allow"]


def test_a_body_over_the_limit_is_a_413(client: FlaskClient) -> None:
    answer = client.post("/v1/suggestions", data=b" " * (9 * 1024 * 1024), content_type="application/json")
    assert (answer.status_code, answer.content_type) == (413, PROBLEM)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["title", "datasets", "keyword", "identifier", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(body=json_values)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
def test_no_json_at_all_makes_it_fail(client: FlaskClient, body: Any) -> None:
    answer = client.post("/v1/suggestions", data=json.dumps(body), content_type="application/json")
    assert answer.status_code in {200, 400, 422}
