"""The label model learns what its examples say, however few, and always the same."""

from pathlib import Path

import numpy as np
import pytest

from tagger.annotated import Annotated
from tagger.fields import field_texts
from tagger.labels import LabelModel
from tagger.labels.candidates import CandidateFinder
from tagger.labels.lexicon import Lexicon
from tagger.labels.ranker import Quota
from tagger.metadata import DatasetMetadata
from tagger.training.label_targets import SHIPPED_LABELS, annotation_labels, find_targets
from tagger.training.labels import fit_labels
from tagger.vocabulary import Concept, Vocabulary
from tagger.weights import ModelFiles, save_model

VOCABULARY = Vocabulary(
    [
        Concept("c1", "托育", ("托嬰",), category_code="200"),
        Concept("c2", "名冊", ("清冊",)),
        Concept("c3", "勞工保險", ("勞保",)),
        Concept("c4", "統計"),
        Concept("c5", "保險"),
        Concept("c6", "登革熱"),
        Concept("c7", "管理"),
    ]
)
SUBJECTS = [
    ("保母", "臺北市政府社會局", ("托育",)),
    ("勞工保險給付", "勞動部勞工保險局", ("勞工保險",)),
    ("登革熱病例", "衛生福利部疾病管制署", ("登革熱",)),
]
KINDS = [
    ("管理名冊", ("名冊",)),
    ("管理統計", ("統計",)),
    ("管理資料", ()),
    ("管理情形", ()),
    ("管理清冊", ("名冊",)),
    ("管理月報", ()),
]


def example(title: str, labels: tuple[str, ...], publisher: str | None = None) -> Annotated:
    return Annotated(DatasetMetadata(title=title, publisher=publisher), "I00", (), labels)


EXAMPLES = [
    example(subject + kind, labels + more, publisher)
    for subject, publisher, labels in SUBJECTS
    for kind, more in KINDS
]


def suggested(model: LabelModel, title: str) -> dict[str, float]:
    [answer] = model.suggest([list(field_texts(DatasetMetadata(title=title)))])
    return {item["label"]: item["score"] for item in answer.suggestions}


@pytest.fixture(scope="module")
def model() -> LabelModel:
    return fit_labels(EXAMPLES, VOCABULARY, {})


def test_the_same_examples_give_the_same_bits(model: LabelModel, tmp_path: Path) -> None:
    again = fit_labels(EXAMPLES, VOCABULARY, {})
    for name, taught in (("one", model), ("two", again)):
        save_model(tmp_path / name, *taught.saved())
    assert ModelFiles(tmp_path / "one").version == ModelFiles(tmp_path / "two").version


def test_a_word_that_is_no_spelling_is_learned(model: LabelModel) -> None:
    [answer] = model.suggest([list(field_texts(DatasetMetadata(title="保母訓練")))])
    assert answer.suggestions[0]["label"] == "托育"
    assert answer.evidence[0]["spans"][0]["text"] == "保母"


def test_what_annotators_never_choose_is_not_suggested(model: LabelModel) -> None:
    found = suggested(model, "登革熱管理")
    assert "登革熱" in found
    assert "管理" not in found


def test_what_the_linear_model_adds_up_is_its_score(model: LabelModel) -> None:
    finder = CandidateFinder(Lexicon(VOCABULARY.concepts), model.linear)
    reading = finder.read([list(field_texts(example.metadata)) for example in EXAMPLES])
    scores = reading.scores
    exact, alike = np.zeros_like(scores.exact), np.zeros_like(scores.alike)
    np.add.at(exact, scores.cell, scores.to_exact)
    np.add.at(alike, scores.cell, scores.to_alike)
    np.testing.assert_allclose(exact, scores.exact, atol=1e-12)
    np.testing.assert_allclose(alike, scores.alike, atol=1e-12)
    assert scores.ends[-1] == len(scores.cell)
    # A dataset that was learned from scores higher for its own label than the average one does.
    by_concept = scores.exact.reshape(len(EXAMPLES), -1)
    own = by_concept[: len(KINDS), 0]
    assert own.min() > by_concept[len(KINDS) :, 0].max()


@pytest.mark.parametrize(
    "examples",
    [
        [example("保母名冊", ("托育", "名冊"))],
        [example("保母名冊", ())],
        [example("保母名冊107", ("托育",)), example("保母名冊108", ("托育",))],
        [example("甲", ("乙",)), example("丙", ("丁",))],
        [example("保母名冊", ("托育",)), example("勞保給付", ("勞工保險",), "勞動部")],
    ],
    ids=["one", "without labels", "one template", "labels unknown", "two"],
)
def test_few_examples_are_enough_to_answer(examples: list[Annotated]) -> None:
    model = fit_labels(examples, VOCABULARY, {})
    for title in ("保母名冊", "勞保", "x"):
        assert all(0 <= score <= 1 for score in suggested(model, title).values())


def test_targets_tell_the_word_from_the_meaning_and_from_the_like() -> None:
    rows = [
        example("x", labels) for labels in (("托育",), ("托嬰",), ("保母",), ("勞工保險費",), ("勞 工 保險",))
    ]
    targets = find_targets(rows, VOCABULARY, {"保母": "c1", "勞工保險費": "c9999"})
    assert targets.exact[:, 0].tolist() == [True, False, False, False, False]
    assert targets.mapped[:, 0].tolist() == [True, True, True, False, False]
    assert targets.alike[:, 2].tolist() == [False, False, False, True, True]
    assert targets.exact[:, 2].tolist() == [False, False, False, False, True]
    assert targets.given == 5
    exact, alike = targets.taught()
    assert exact[:, 0].tolist() == [1, 0.5, 0.5, 0, 0]
    assert alike[:3, 0].tolist() == pytest.approx([1, 0.3, 0.3])


def test_as_many_labels_as_pay() -> None:
    quota = Quota(wanted=4.0, spread=0.2)
    row, rank = np.repeat(np.arange(3), 5), np.tile(np.arange(5), 3)
    chances = np.asarray([[0.9] * 5, [0.9, 0.9, 0.9, 0.1, 0.1], [0.9, 0.01, 0.01, 0.01, 0.01]])
    probabilities = np.repeat(chances.ravel()[:, None], 2, axis=1).astype(np.float32)
    assert quota.counts(row, rank, probabilities, 3).tolist() == [5, 3, 2]


def test_the_shipped_meanings_lead_to_concepts() -> None:
    meanings = annotation_labels()
    known = Vocabulary.read().by_identifier
    assert len(meanings) > 5000
    assert set(meanings.values()) <= known.keys()
    lines = SHIPPED_LABELS.read_text(encoding="utf-8").splitlines()[1:]
    assert lines == sorted(lines)
