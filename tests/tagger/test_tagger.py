"""The shipped model gives answers that a reader can follow."""

from pathlib import Path

import pytest

from tagger import DatasetMetadata, Tagger
from tagger.categories import categories, category_code
from tagger.normalise import normalise


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("職業災害保險給付件數統計", "500"),
        ("公車路線即時到站資訊", "A00"),
        ("登革熱病例統計", "B00"),
        ("不動產實價登錄資訊", "C00"),
        ("空氣品質監測站基本資料", "E00"),
        ("長期照顧服務機構名冊", "G00"),
        ("單位預算書", "I00"),
        ("立法委員選舉候選人得票數", "D00"),
    ],
)
def test_plain_titles_get_the_plain_category(tagger: Tagger, title: str, expected: str) -> None:
    first = tagger.suggest(DatasetMetadata(title=title))["categories"][0]
    assert first["categoryCode"] == expected
    assert first["confidence"] > 0.5


def test_a_batch_answers_as_one_by_one(tagger: Tagger) -> None:
    records = [
        DatasetMetadata(title="登革熱病例", publisher="衛生福利部疾病管制署", keyword=["傳染病", "蚊媒"]),
        DatasetMetadata(title="x"),
        DatasetMetadata(title="勞工保險給付", description="職業災害給付統計", category_code="I00"),
    ]
    assert tagger.suggest_batch(records) == [tagger.suggest(record) for record in records]
    assert tagger.suggest_batch([]) == []


def test_a_wrong_declaration_is_flagged_and_a_right_one_is_not(tagger: Tagger) -> None:
    wrong = tagger.suggest(DatasetMetadata(title="職業災害統計", category_code="I00"))["mismatch"]
    right = tagger.suggest(DatasetMetadata(title="職業災害統計", category_code="500"))["mismatch"]
    none = tagger.suggest(DatasetMetadata(title="職業災害統計"))["mismatch"]
    assert wrong is not None
    assert wrong["flagged"]
    assert wrong["suggested"] == "500"
    assert "公共資訊" in wrong["reason"]
    assert "求職及就業" in wrong["reason"]
    assert right is not None
    assert not right["flagged"]
    assert none is None


def test_evidence_quotes_the_text_as_it_was_written(tagger: Tagger) -> None:
    record = DatasetMetadata(title="台北市ＹｏｕＢｉｋｅ㈱站點", description="公共自行車租賃站即時車位資訊")
    suggestion = tagger.suggest(record)
    texts = {"title": record.title, "description": record.description or ""}
    spans = [
        span
        for group in (*suggestion["evidence"]["categories"], *suggestion["evidence"]["labels"])
        for span in group["spans"]
    ]
    assert spans
    for span in spans:
        assert span["text"] == texts[span["field"]][span["start"] : span["end"]]
        assert span["text"]


def test_label_evidence_holds_the_label(tagger: Tagger) -> None:
    suggestion = tagger.suggest(DatasetMetadata(title="職業災害勞工保險給付統計"))
    assert suggestion["labels"]
    for label in suggestion["evidence"]["labels"]:
        assert all(normalise(span["text"]).text == normalise(label["label"]).text for span in label["spans"])


def test_unknown_characters_still_get_an_answer(tagger: Tagger) -> None:
    suggestion = tagger.suggest(DatasetMetadata(title="𠀀𠀁𠀂"))
    assert len(suggestion["categories"]) == 3
    assert suggestion["labels"] == []


def test_there_are_18_categories_and_published_misspellings_are_understood() -> None:
    assert len({category.code for category in categories()}) == 18
    assert category_code("購屋及遷徒") == "C00"
    assert category_code("公共資訊 (123)") == "I00"
    assert category_code(" 500 ") == "500"
    assert category_code("交通資訊") == "A00"
    assert category_code("美食") is None


def test_shipped_weights_are_small_and_hold_no_pickle() -> None:
    files = list((Path(__file__).parents[2] / "tagger" / "resources").rglob("*"))
    assert sum(path.stat().st_size for path in files if path.is_file()) < 20_000_000
    assert {path.suffix for path in files if path.is_file()} <= {
        ".npy",
        ".json",
        ".csv",
        ".ttl",
        ".md",
        ".svg",
    }
