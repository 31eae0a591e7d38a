"""The vocabulary is a sound SKOS concept scheme."""

from pathlib import Path

import pytest

from tagger.vocabulary import CONCEPT_BASE, Concept, Vocabulary, VocabularyError, check


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    return Vocabulary.read()


def test_it_is_large_enough_and_each_concept_has_what_it_needs(vocabulary: Vocabulary) -> None:
    assert 800 <= len(vocabulary) <= 2_000
    for concept in vocabulary.concepts:
        assert concept.uri.startswith(CONCEPT_BASE)
        assert concept.category_code
        assert 2 <= len(concept.label) <= 10


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("勞保", "勞工保險"),
        ("勞工保險", "勞工保險"),
        ("職災", "職業災害"),
        ("Ｗｉ－Ｆｉ", None),
        ("不存在的詞", None),
    ],
)
def test_a_label_is_found_however_it_is_written(
    vocabulary: Vocabulary, written: str, label: str | None
) -> None:
    found = vocabulary.find(written)
    assert (found and found.label) == label


@pytest.mark.parametrize(
    ("concepts", "says"),
    [
        ([Concept("a", "甲"), Concept("b", "乙", ("甲",))], "means both"),
        ([Concept("a", "臺"), Concept("b", "台")], "means both"),
        ([Concept("a", "甲", (" ",))], "empty"),
        ([Concept("a", "甲", broader=("x",))], "points to x"),
        ([Concept("a", "甲", broader=("a",))], "points to a"),
        ([Concept("a", "甲", broader=("b",)), Concept("b", "乙", broader=("a",))], "broader than itself"),
        ([Concept("a", "甲", related=("b",)), Concept("b", "乙")], "other way"),
        (
            [Concept("a", "甲", broader=("b",), related=("b",)), Concept("b", "乙", related=("a",))],
            "broader than",
        ),
        ([Concept("a", "甲", category_code="Z99")], "unknown category"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(concepts: list[Concept], says: str) -> None:
    with pytest.raises(VocabularyError, match=says):
        check(concepts)


def test_a_file_that_is_not_turtle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.ttl"
    path.write_text("<a> <b>", encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"v\.ttl"):
        Vocabulary.read(path)
