"""Training makes the same model from the same data, and refuses what it cannot use."""

import json
import shutil
from pathlib import Path

import pytest

from tagger import DatasetMetadata, Tagger
from tagger.annotated import AnnotationError, read_annotated
from tagger.evaluation import alike, calibration_bins, calibration_error, evaluate
from tagger.training.build import train
from tagger.training.templates import folds, template
from tagger.weights import ModelError

ROWS = [
    {
        "identifier": str(number),
        "title": f"{kind}{number}年度統計",
        "primary": code,
        "also": [],
        "labels": [label],
    }
    for number in range(12)
    for kind, code, label in (
        ("公車路線班次", "A00", "公車路線"),
        ("登革熱病例", "B00", "登革熱"),
        ("職業災害", "500", "職業災害"),
    )
]


@pytest.fixture(scope="module")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An annotated file of three plain categories."""
    path = tmp_path_factory.mktemp("annotated") / "annotated.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(annotated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained on it."""
    path = tmp_path_factory.mktemp("trained") / "model"
    train([annotated], path)
    return path


def test_training_again_replaces_the_model_as_a_whole_by_the_same_bits(
    annotated: Path, model: Path, tmp_path: Path
) -> None:
    output = tmp_path / "model"
    output.mkdir()
    (output / "left-over.txt").write_text("x")
    train([annotated], output)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert sorted(path.name for path in output.iterdir()) == sorted(path.name for path in model.iterdir())
    for path in model.iterdir():
        assert path.read_bytes() == (output / path.name).read_bytes(), path.name


def test_a_trained_model_answers_what_it_was_taught(annotated: Path, model: Path) -> None:
    tagger = Tagger.load(model)
    suggestion = tagger.suggest(DatasetMetadata(title="登革熱疫情"))
    assert suggestion["categories"][0]["categoryCode"] == "B00"
    assert suggestion["labels"][0]["label"] == "登革熱"
    scores = evaluate(tagger, read_annotated(annotated))
    assert scores.accepted_at_1 == 1
    assert scores.label_f1 >= 0.8


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "2:"),
        ('{"title": "x"}', "primary"),
        ('{"title": "x", "primary": "Z99"}', "Z99"),
        ('{"title": " ", "primary": "500"}', "title"),
    ],
)
def test_a_bad_line_stops_training_and_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"title": "好", "primary": "500"}\n' + line, encoding="utf-8")
    with pytest.raises(AnnotationError, match=says):
        train([path], tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_one_changed_byte_makes_a_model_unusable(model: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model, tmp_path / "model")
    weights = copy / "text-weights.npy"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelError, match=r"text-weights\.npy"):
        Tagger.load(copy)


@pytest.mark.parametrize(
    "broken", ["", "[]", '{"format": 99, "files": {}}', '{"format": 1, "files": {"x.npy": ""}}']
)
def test_a_broken_manifest_is_named(tmp_path: Path, broken: str) -> None:
    (tmp_path / "manifest.json").write_text(broken)
    with pytest.raises(ModelError):
        Tagger.load(tmp_path)


def test_a_year_or_a_place_makes_no_new_template() -> None:
    titles = ["臺北市107年度托嬰中心名冊", "高雄市108年度托嬰中心名冊", "台南市政府托嬰中心名冊"]
    assert template(titles[0]) == template(titles[1])
    dealt = folds([*titles, "公車路線"], 3)
    assert dealt[0] == dealt[1]
    assert dealt[3] != dealt[0]


def test_calibration_error_is_the_gap_between_word_and_deed() -> None:
    assert calibration_error(calibration_bins([0.8] * 10, [True] * 8 + [False] * 2)) == pytest.approx(0)
    assert calibration_error(calibration_bins([1.0] * 4, [True] + [False] * 3)) == pytest.approx(0.75)


def test_labels_are_alike_when_they_share_half_of_their_bigrams() -> None:
    assert alike("職業災害", "職業災害統計")
    assert not alike("職業災害", "天然災害")


@pytest.mark.shared
def test_scores_on_the_real_annotations(tagger: Tagger, shared_data: Path) -> None:
    scores = evaluate(tagger, read_annotated(shared_data / "annotated-dev.jsonl"))
    assert scores.datasets == 398
    assert scores.accepted_at_1 >= 0.985
    assert scores.macro_f1 >= 0.985
    assert scores.calibration_error <= 0.025
    assert scores.label_f1 >= 0.48
    assert scores.label_f1_soft >= 0.67
    assert scores.mismatch.f1 >= 0.95
    assert scores.mismatch.false_alarms <= 0.04
