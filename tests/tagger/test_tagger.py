"""The shipped model gives answers that a reader can follow."""

from pathlib import Path

import numpy as np
import pytest

from tagger import DatasetMetadata, Tagger
from tagger.annotated import Annotated, read_annotated
from tagger.categories import categories, category_code
from tagger.evaluation import evaluate
from tagger.fields import field_texts

SAMPLE = Path(__file__).parents[1] / "data" / "annotated-sample.jsonl"


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


def test_the_score_falls_when_the_evidence_is_taken_away(tagger: Tagger) -> None:
    """Each span of the title by itself, on every sample: the category's score before calibration falls."""
    model = tagger.categories
    for dataset in read_annotated(SAMPLE):
        title = dataset.metadata.title
        suggestion = tagger.suggest(dataset.metadata)
        column = model.codes.index(suggestion["categories"][0]["categoryCode"])

        def score(text: str, dataset: Annotated = dataset, column: int = column) -> float:
            fields = [list(field_texts(dataset.metadata.model_copy(update={"title": text or "　"})))]
            return float(model.scores(model.read(fields), 1).primary[0, column])

        before = score(title)
        [evidence] = suggestion["evidence"]["categories"]
        spans = [span for span in evidence["spans"] if span["field"] == "title"]
        assert spans, title
        rest = title
        for span in sorted(spans, key=lambda span: -span["start"]):
            rest = rest[: span["start"]] + rest[span["end"] :]
        assert score(rest) < before, (title, spans)


def test_what_the_characters_add_is_the_whole_score(tagger: Tagger) -> None:
    model = tagger.categories
    batch = [list(field_texts(dataset.metadata)) for dataset in read_annotated(SAMPLE)]
    reading = model.read(batch)
    scores = model.scores(reading, len(batch)).primary
    for column in range(len(model.codes)):
        shares = model.shares(reading, np.full(len(batch), column))
        added = [sum(float(row.sum()) for _, row in fields) for fields in shares]
        np.testing.assert_allclose(np.asarray(added) + model.bias[column], scores[:, column], atol=1e-3)


def test_scores_on_our_own_sample(tagger: Tagger) -> None:
    scores = evaluate(tagger, read_annotated(SAMPLE))
    assert scores.datasets == 70
    assert scores.accepted_at_1 >= 0.97
    assert scores.macro_f1 >= 0.97
    assert scores.label_f1_soft >= 0.5
    assert scores.mismatch.f1 >= 0.93
    assert scores.mismatch.false_alarms <= 0.05


def test_a_flag_has_a_level_a_reason_and_a_proposal(tagger: Tagger) -> None:
    record = DatasetMetadata(title="公車路線即時動態", publisher="桃園市政府交通局", category_code="I00")
    flagged = tagger.suggest(record)["mismatch"]
    assert flagged is not None
    assert flagged["level"] == "建議修正"
    assert "「公車" in flagged["reason"]
    assert flagged["proposal"].startswith("建議將服務分類由「I00 公共資訊」修正為「A00 交通及通訊」")
    assert "維持原分類" in flagged["proposal"]


def test_the_best_category_is_never_flagged(tagger: Tagger) -> None:
    for dataset in read_annotated(SAMPLE):
        first = tagger.suggest(dataset.metadata)["categories"][0]["categoryCode"]
        declared = dataset.metadata.model_copy(update={"category_code": first})
        mismatch = tagger.suggest(declared)["mismatch"]
        assert mismatch is not None
        assert not mismatch["flagged"]


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
    assert {path.suffix for path in files if path.is_file()} <= {".npy", ".json", ".csv", ".ttl", ".txt"}
