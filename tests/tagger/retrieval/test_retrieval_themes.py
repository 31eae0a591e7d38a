"""Aspects of a topic, and how near datasets are by them."""

from typing import NamedTuple

import pytest

from tagger.meaning import Meaning
from tagger.retrieval.lexemes import compact
from tagger.retrieval.themes import (
    LABELS,
    SPELLED,
    Aspect,
    Corpus,
    first_aspects,
    read_topic,
    second_aspects,
    together,
)
from tagger.retrieval.themes_ranking import LABEL, TITLE, WORDS, nearness_of
from tagger.retrieval.thesaurus import Thesaurus

CORPUS = Corpus({}, 10_000)


class Found(NamedTuple):
    """A candidate."""

    dataset_id: int
    title_words: str
    publisher: str | None
    concepts: str
    spatial: str
    vector: bytes


def _found(meaning: Meaning, key: int, title: str, concepts: str = "", publisher: str = "某機關") -> Found:
    return Found(key, compact(title), publisher, concepts, "", meaning.vectors([title])[0].tobytes())


def _concept(thesaurus: Thesaurus, label: str) -> str:
    found = thesaurus.find(compact(label))
    assert found
    return found


def test_labels_that_go_together_more_than_by_chance_are_near() -> None:
    corpus = Corpus({"rare": 20, "common": 5_000}, 10_000)
    near = together([["rare", "common"]] * 15 + [["common"]] * 5 + [["once"]], corpus)
    assert near["rare"] > 2 * near["common"]
    assert "once" not in near


def test_a_topic_is_its_own_first_aspect_however_it_is_written(
    meaning: Meaning, thesaurus: Thesaurus
) -> None:
    for text in ("職業安全", "职业安全", "職業\u200b安全"):
        topic = read_topic(text, meaning, thesaurus)
        first = first_aspects(topic, [], CORPUS, meaning, thesaurus)[0]
        assert (thesaurus.label(first.concept), first.nearness) == ("職業安全", 1.0)
        assert first.basis == (SPELLED,)


def test_a_compound_has_its_parts_as_aspects(meaning: Meaning, thesaurus: Thesaurus) -> None:
    topic = read_topic("工廠火災", meaning, thesaurus)
    aspects = first_aspects(topic, [], CORPUS, meaning, thesaurus)
    nearness = {thesaurus.label(aspect.concept): aspect.nearness for aspect in aspects}
    assert nearness["工廠火災"] == 1.0
    assert 0.5 <= nearness["工廠"] < 1.0
    assert 0.5 <= nearness["火災"] < 1.0


def test_labels_of_the_topic_s_datasets_become_aspects(meaning: Meaning, thesaurus: Thesaurus) -> None:
    topic = read_topic("職業安全", meaning, thesaurus)
    mountain = _concept(thesaurus, "登山健行")
    aspects = first_aspects(topic, [[mountain]] * 10, CORPUS, meaning, thesaurus)
    [found] = [aspect for aspect in aspects if aspect.concept == mountain]
    assert LABELS in found.basis
    without = first_aspects(topic, [], CORPUS, meaning, thesaurus)
    assert mountain not in {aspect.concept for aspect in without}


def test_a_label_that_most_datasets_have_is_no_aspect(meaning: Meaning, thesaurus: Thesaurus) -> None:
    topic = read_topic("職業安全", meaning, thesaurus)
    statistics = _concept(thesaurus, "統計")
    corpus = Corpus({statistics: 5_000}, 10_000)
    aspects = first_aspects(topic, [[statistics]] * 10, corpus, meaning, thesaurus)
    assert statistics not in {aspect.concept for aspect in aspects}


def test_the_second_step_is_damped_and_names_its_way(meaning: Meaning, thesaurus: Thesaurus) -> None:
    near, far = _concept(thesaurus, "消防"), _concept(thesaurus, "登山健行")
    first = [Aspect(near, 0.8, (near,), (LABELS,))]
    aspects = second_aspects(first, {near: [[near, far]] * 10}, CORPUS, meaning, thesaurus)
    [found] = [aspect for aspect in aspects if aspect.concept == far]
    assert found.path == (near, far)
    assert found.nearness < 0.8
    assert near not in {aspect.concept for aspect in aspects}


@pytest.mark.parametrize("text", ["🙂a", "-- \" OR ' AND (", "一", "x" * 100])
def test_any_text_can_be_a_topic(text: str, meaning: Meaning, thesaurus: Thesaurus) -> None:
    topic = read_topic(text, meaning, thesaurus)
    aspects = first_aspects(topic, [], CORPUS, meaning, thesaurus)
    assert all(0 < aspect.nearness <= 1 for aspect in aspects)


def test_nearness_is_higher_by_title_than_by_label_and_lowest_by_the_agency_s_name(
    meaning: Meaning, thesaurus: Thesaurus
) -> None:
    fire = _concept(thesaurus, "火災")
    topic = read_topic("工廠火災", meaning, thesaurus)
    aspects = [Aspect(fire, 0.8, (fire,), (LABELS,))]
    candidates = [
        _found(meaning, 1, "火災案件統計"),
        _found(meaning, 2, "案件統計", fire),
        _found(meaning, 3, "火災防治局預算", fire, "火災防治局"),
        _found(meaning, 4, "公園名冊"),
    ]
    near = {
        one.dataset_id: one for one in nearness_of(topic, aspects, ((), ()), candidates, meaning, thesaurus)
    }
    assert set(near) == {1, 2, 3}
    assert near[1].nearness > near[2].nearness > near[3].nearness
    assert (near[1].ways[0].kind, near[2].ways[0].kind) == (TITLE, LABEL)


def test_what_has_the_topic_s_words_is_there_for_its_words(meaning: Meaning, thesaurus: Thesaurus) -> None:
    topic = read_topic("職業安全", meaning, thesaurus)
    aspects = first_aspects(topic, [], CORPUS, meaning, thesaurus)
    one = _found(meaning, 1, "職業安全訓練機構名單")
    [near] = nearness_of(topic, aspects, ((one,), ()), [one], meaning, thesaurus)
    assert near.nearness > 0.8
    assert (near.ways[0].kind, near.ways[0].aspect) == (WORDS, None)
