"""Labels are found where they are written and where they are only meant, with evidence to check them by."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.features import pack
from tagger.fields import FieldText, field_texts
from tagger.labels import LabelAnswer, LabelModel
from tagger.labels.lexicon import Lexicon
from tagger.labels.ranker import MOST_LABELS
from tagger.labels.texts import TITLE, Texts
from tagger.metadata import DatasetMetadata
from tagger.normalise import normalise
from tagger.suggestion import Evidence
from tagger.vocabulary import CONCEPT_BASE, Concept
from tagger.weights import SHIPPED_MODEL, ModelFiles, save_model

# Pieces that normalising moves, joins or drops, among words that the model knows.
PIECES = [
    "勞保", "職業災害", "保母", "名冊", "公車路線", "ＷｉＦｉ熱點", "AED", "ＡＥＤ", "PM2.5", "台灣", "統計",
    "㎡", "㈱",
    "İ", "ﬁ", "e\u0301", "か\u3099", "👩‍🌾", "🏳️‍🌈", "\u200b", "\u3000", " ", "  ", "107", "１０７年",
    "(", "、", "x", "𠀀", "衞生所", "說明",
]  # fmt: skip
written = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
records = st.fixed_dictionaries(
    {"title": written},
    optional={
        "publisher": written,
        "organization": written,
        "description": written,
        "fieldDescription": written,
        "keyword": st.lists(written, max_size=3),
    },
)
TITLES = [
    "桃園市保母名冊",
    "勞保被保險人數按投保薪資分",
    "新北市公車路線即時到站動態",
    "臺南市登革熱病媒蚊密度調查結果",
    "各縣市低收入戶戶數及人數",
    "交通違規罰鍰收入統計",
    "國小學區一覽",
    "農藥殘留抽驗不合格名單",
]


@pytest.fixture(scope="module")
def labels() -> LabelModel:
    """The shipped model's labels."""
    return LabelModel.load(ModelFiles(SHIPPED_MODEL))


def texts_of(record: dict[str, object]) -> list[FieldText]:
    """The fields that the model reads; a title that is blank, which no door lets in, is left out."""
    if not str(record.get("title", "")).strip():
        record = {**record, "title": "x"}
    return list(field_texts(DatasetMetadata.model_validate(record)))


def ask(labels: LabelModel, **record: object) -> dict[str, tuple[float, list[Evidence]]]:
    """Score and evidence of each label of one record."""
    [answer] = labels.suggest([texts_of(record)])
    return by_label(answer)


def by_label(answer: LabelAnswer) -> dict[str, tuple[float, list[Evidence]]]:
    return {
        item["label"]: (item["score"], shown["spans"])
        for item, shown in zip(answer.suggestions, answer.evidence, strict=True)
    }


def check(answer: LabelAnswer, fields: Sequence[FieldText]) -> None:
    """What holds for every answer."""
    scores = [item["score"] for item in answer.suggestions]
    names = [item["label"] for item in answer.suggestions]
    assert len(scores) <= MOST_LABELS
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len(set(names)) == len(names)
    assert [shown["label"] for shown in answer.evidence] == names
    originals = {field.field: field.original for field in fields}
    for shown in answer.evidence:
        assert len(shown["spans"]) <= 3
        for span in shown["spans"]:
            assert 0 <= span["start"] < span["end"]
            assert span["text"] == originals[span["field"]][span["start"] : span["end"]]
            assert span["weight"] > 0


def test_what_is_meant_is_found_though_it_is_not_written(labels: LabelModel) -> None:
    found = ask(labels, title="保母名冊")
    assert "托育" in found
    _, spans = found["托育"]
    assert "保母" in spans[0]["text"]
    assert spans[0]["weight"] < 1


def test_an_abbreviation_finds_its_concept_and_is_the_evidence(labels: LabelModel) -> None:
    found = ask(labels, title="勞保給付統計")
    _, spans = found["勞工保險"]
    assert spans == [{"field": "title", "start": 0, "end": 2, "text": "勞保", "weight": 1.0}]


def test_a_label_names_its_concept(labels: LabelModel) -> None:
    [answer] = labels.suggest([texts_of({"title": "職業災害統計"})])
    known = {CONCEPT_BASE + concept.identifier: concept.label for concept in labels.concepts}
    assert {known[item["concept"]] for item in answer.suggestions} >= {"職業災害"}
    assert all(known[item["concept"]] == item["label"] for item in answer.suggestions)


@given(st.lists(records, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_a_batch_answers_as_one_by_one_and_quotes_what_was_written(
    labels: LabelModel, batch: list[dict[str, object]]
) -> None:
    fields = [texts_of(record) for record in batch]
    answers = labels.suggest(fields)
    assert answers == [labels.suggest([texts])[0] for texts in fields]
    for answer, texts in zip(answers, fields, strict=True):
        check(answer, texts)


def test_a_long_batch_answers_as_one_by_one(labels: LabelModel) -> None:
    fields = [
        texts_of({"title": f"{title}{number}", "publisher": "交通部"})
        for number in range(20)
        for title in TITLES
    ]
    answers = labels.suggest(fields)
    assert answers == [labels.suggest([texts])[0] for texts in fields]
    assert labels.suggest([]) == []


@pytest.mark.parametrize("title", TITLES)
def test_without_its_evidence_a_label_scores_less(labels: LabelModel, title: str) -> None:
    found = ask(labels, title=title)
    assert found
    for label, (score, spans) in found.items():
        assert spans, label
        rest = title.replace(spans[0]["text"], "") or "x"
        after, _ = ask(labels, title=rest).get(label, (0.0, []))
        assert after < score, (label, spans[0]["text"])


@pytest.mark.parametrize("title", ["𠀀𠀁𠀂", "🏳️‍🌈", "()", "\u200b"])
def test_a_text_that_says_nothing_gets_no_label(labels: LabelModel, title: str) -> None:
    assert labels.suggest([texts_of({"title": title})]) == [LabelAnswer([], [])]


def test_a_record_without_any_text_gets_no_label(labels: LabelModel) -> None:
    assert labels.suggest([[], []]) == [LabelAnswer([], []), LabelAnswer([], [])]


def test_a_description_alone_is_enough(labels: LabelModel) -> None:
    [title, description] = texts_of({"title": "x", "description": "提供勞工申請職業災害給付之統計"})
    assert description.field == "description"
    [with_title, alone] = labels.suggest([[title, description], [description]])
    for answer in (with_title, alone):
        _, spans = by_label(answer)["職業災害"]
        assert [(span["field"], span["text"]) for span in spans] == [("description", "職業災害")]


def test_a_keyword_counts_more_than_a_mention(labels: LabelModel) -> None:
    mentioned, _ = ask(labels, title="x", description="勞保相關資料")["勞工保險"]
    chosen, spans = ask(labels, title="x", keyword=["月報", "勞保"])["勞工保險"]
    assert mentioned < chosen < ask(labels, title="勞保")["勞工保險"][0]
    assert [(span["field"], span["text"]) for span in spans] == [("keyword/1", "勞保")]
    assert "勞工保險" not in ask(labels, title="x")
    assert "勞工保險" in ask(labels, title="月報表", keyword=["勞保"])


def test_the_publisher_is_heard_and_its_owner_stands_in(labels: LabelModel) -> None:
    silent = ask(labels, title="按月統計")
    [publisher, organization] = (
        ask(labels, **{"title": "按月統計", field: "勞動部勞工保險局"})
        for field in ("publisher", "organization")
    )
    assert {label: score for label, (score, _) in publisher.items()} == {
        label: score for label, (score, _) in organization.items()
    }
    assert publisher != silent
    assert "勞工保險" in publisher
    assert publisher["勞工保險"][1][0]["field"] == "publisher"
    assert organization["勞工保險"][1][0]["field"] == "organization"


def test_spellings_are_found_whole_and_nested() -> None:
    lexicon = Lexicon(
        [
            Concept("c1", "勞工保險", ("勞保",)),
            Concept("c2", "保險"),
            Concept("c3", "AED"),
            Concept("c4", "PM10"),
        ]
    )
    texts = Texts(
        [texts_of({"title": "勞工保險、勞保 aedes ＡＥＤ2台 PM100 pm10", "description": "勞工保險"})]
    )
    hits = lexicon.match(texts)
    seen = [
        (int(concept), texts.joined[start:end], bool(longest), bool(preferred))
        for concept, start, end, longest, preferred in zip(*hits[1:], strict=True)
    ]
    assert seen == [
        (0, "勞工保險", True, True),
        (1, "保險", False, True),
        (0, "勞保", True, False),
        (2, "aed", True, True),
        (3, "pm10", True, True),
        (0, "勞工保險", True, True),
    ]
    assert texts.roles[hits.text].tolist() == [TITLE] * 5 + [texts.roles[-1]]


@given(st.lists(st.text(alphabet="甲乙 12", max_size=8), min_size=1, max_size=4))
def test_ngrams_know_begin_and_end_and_see_numbers_as_one(titles: list[str]) -> None:
    [field] = texts_of({"title": "x"})
    texts = Texts([[field._replace(original=title, normalised=normalise(title))] for title in titles])
    grams = texts.grams()
    for row, title in enumerate(titles):
        plain = "\x02" + re.sub("[12]+", "0", re.sub(" +", " ", title.strip())) + "\x03"
        mine = grams.text == row
        assert grams.keys[mine].tolist() == [
            [_key(plain, at, size) for size in (1, 2, 3)] for at in range(len(plain))
        ]
        seen = "".join(texts.joined[place] for place in grams.place[mine])
        assert re.sub("[12]", "0", seen) == plain


def _key(plain: str, at: int, size: int) -> int:
    gram = plain[at : at + size]
    return 0 if len(gram) < size or gram in {"\x02", "\x03", " ", "\x02\x03"} else pack(gram)


def test_a_saved_model_answers_the_same(labels: LabelModel, tmp_path: Path) -> None:
    arrays, documents = labels.saved()
    assert all(name.startswith("label-") for name in arrays)
    assert not any(array.dtype == object for array in arrays.values())
    save_model(tmp_path / "model", arrays, documents)
    again = LabelModel.load(ModelFiles(tmp_path / "model"))
    fields = [texts_of({"title": title}) for title in TITLES]
    assert again.suggest(fields) == labels.suggest(fields)
    assert again.concepts == labels.concepts
