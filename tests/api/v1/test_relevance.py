"""Relevance over REST: evidence of scope, quantity and degree, and no score."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.services import Services
from api.services.datasets import put_dataset
from tagger import DatasetMetadata

DATASETS = [
    ("1", "職業安全衛生教育訓練機構名單", "勞動部職業安全衛生署"),
    ("2", "違反職業安全衛生法事業單位", "臺北市政府勞動局"),
    ("3", "公園名冊", "臺北市政府"),
    ("4", "火災起火原因統計", "消防署"),
    ("5", "公園名冊", "高雄市政府"),
]
ABSTRACT = "  我們用「職業安全衛生教育訓練機構名單」。\r\n也想到天氣。職業災害要避免！"


@pytest.fixture
def filled(client: FlaskClient, services: Services) -> FlaskClient:
    """A client of a store with some datasets."""
    for identifier, title, publisher in DATASETS:
        put_dataset(services, DatasetMetadata(identifier=identifier, title=title, publisher=publisher))
    return client


def _evidence(client: FlaskClient, **body: Any) -> dict[str, Any]:
    asked = {"topic": "職業安全", "abstract": ABSTRACT, "datasets": ["1"], **body}
    answer = client.post("/v1/relevance", json=asked)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_scope_says_where_each_dataset_lies_and_why(filled: FlaskClient) -> None:
    found = _evidence(filled, datasets=["1", "違反職業安全衛生法事業單位", "3"])
    where = {dataset["identifier"]: dataset["where"] for dataset in found["scope"]["datasets"]}
    assert where == {"1": "inside", "2": "inside", "3": "outside"}
    assert all(dataset["reason"] for dataset in found["scope"]["datasets"])
    covered = {aspect["label"]: aspect["datasets"] for aspect in found["scope"]["aspects"]}
    assert "1" in covered["職業安全"]
    assert found["scope"]["agencies"] == ["勞動部", "臺北市政府"]


def test_quantity_counts_and_nothing_is_a_score(filled: FlaskClient) -> None:
    found = _evidence(filled, datasets=["1", "1", "3", "不存在的名稱"])
    assert found["quantity"] == {
        "named": 4,
        "found": 2,
        "inside": 1,
        "beside": 0,
        "outside": 1,
        "unmatched": 1,
        "repeated": 1,
    }
    assert not {"score", "rank", "total"} & set(found)
    assert len(found["limits"]) >= 3


def test_degree_marks_the_sentences_of_the_original_text(filled: FlaskClient) -> None:
    degree = _evidence(filled, datasets=["1", "4"])["degree"]
    assert degree["sentencesInAll"] == 3
    about = {sentence["text"]: sentence["about"] for sentence in degree["sentences"]}
    assert about["我們用「職業安全衛生教育訓練機構名單」。"] == ["theme", "dataset"]
    assert "也想到天氣。" not in about
    for sentence in degree["sentences"]:
        assert ABSTRACT[sentence["start"] : sentence["end"]] == sentence["text"]
        for match in sentence["matches"]:
            assert sentence["start"] <= match["start"] < match["end"] <= sentence["end"]
    assert (degree["datasetsSpokenOf"], degree["datasetsNotSpokenOf"]) == (["1"], ["4"])


def test_names_that_are_no_title_are_shown_with_near_ones_and_not_guessed(filled: FlaskClient) -> None:
    found = _evidence(filled, datasets=["職業安全衛生的教育訓練機構", "公園名冊", "台灣"])
    unmatched = {one["name"]: one for one in found["unmatched"]}
    assert found["quantity"]["found"] == 0
    assert unmatched["職業安全衛生的教育訓練機構"]["near"][0]["identifier"] == "1"
    ambiguous = unmatched["公園名冊"]
    assert ambiguous["reason"] == "ambiguous"
    assert {near["identifier"] for near in ambiguous["near"]} == {"3", "5"}
    assert unmatched["台灣"]["near"] == []


def test_titles_are_found_however_their_characters_are_written(filled: FlaskClient) -> None:
    found = _evidence(filled, datasets=["火灾起火原因 统计"])
    assert [dataset["identifier"] for dataset in found["scope"]["datasets"]] == ["4"]


def test_a_saved_theme_is_compared_with_as_it_was_saved(filled: FlaskClient, workflow: FlaskClient) -> None:
    theme = workflow.post("/v1/themes", json={"topic": "職業安全", "accept": ["3"]}).get_json()
    found = _evidence(filled, topic=None, theme=theme["identifier"], datasets=["3"])
    assert found["theme"]["contentHash"] == theme["contentHash"]
    [dataset] = found["scope"]["datasets"]
    assert (dataset["where"], dataset["reason"]) == ("inside", "主題已列入：由整理者納入")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"datasets": ["1"]}, "/theme"),
        ({"datasets": ["1"], "topic": "火災", "theme": "x"}, "/theme"),
        ({"datasets": ["1"], "theme": "x"}, "/theme"),
        ({"datasets": [], "topic": "火災"}, "/datasets"),
        ({"datasets": ["1"] * 51, "topic": "火災"}, "/datasets"),
        ({"datasets": ["字" * 256], "topic": "火災"}, "/datasets/0"),
        ({"datasets": ["1"], "topic": "火災", "abstract": "字" * 10_001}, "/abstract"),
        ({"datasets": ["1"], "topic": "火災", "abstract": "火\u0000"}, "/abstract"),
        ({"datasets": ["1"], "topic": "火災", "score": 1}, "/score"),
    ],
)
def test_bad_input_is_refused_with_its_place(filled: FlaskClient, body: Any, pointer: str) -> None:
    answer = filled.post("/v1/relevance", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "name", ['" OR 1=1', "<script>", "😀", "a" * 255, "職" * 255, "'; DROP TABLE x;--", "-"]
)
def test_any_name_is_a_name(filled: FlaskClient, name: str) -> None:
    assert _evidence(filled, datasets=[name])["quantity"]["unmatched"] == 1
