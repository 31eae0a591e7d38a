"""What a query asks for: synonyms, narrower concepts, places, slips; and where its words stand in a text."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.meaning import Meaning
from tagger.retrieval.intent import Intent, understand
from tagger.retrieval.lexemes import compact
from tagger.retrieval.marks import intent_forms, marks
from tagger.retrieval.syntax import parse_query
from tagger.retrieval.thesaurus import Thesaurus
from tagger.vocabulary import Concept

Ask = Callable[[str], Intent]


@pytest.fixture
def ask(meaning: Meaning, thesaurus: Thesaurus) -> Ask:
    """What a query asks for."""

    def ask(text: str) -> Intent:
        return understand(parse_query(text), meaning, thesaurus)

    return ask


def test_an_abbreviation_asks_for_its_concept_too(ask: Ask, thesaurus: Thesaurus) -> None:
    [need] = ask("勞保").needs
    [reading] = need.readings
    assert compact("勞工保險") in reading.synonyms
    assert thesaurus.label(reading.concepts[0]) == "勞工保險"


def test_a_concept_brings_its_narrower_ones(ask: Ask, thesaurus: Thesaurus) -> None:
    [need] = ask("職業安全衛生").needs
    assert "職業安全" in {thesaurus.label(concept) for concept in need.readings[0].concepts}


def test_what_is_quoted_means_only_itself(ask: Ask) -> None:
    [need] = ask("「勞保」").needs
    assert need.readings[0] == (compact("勞保"), (), (), None)


def test_simplified_and_variant_spellings_ask_the_same(ask: Ask) -> None:
    assert ask("职业训练").needs == ask("職業訓練").needs
    assert ask("台北市 停车场").needs == ask("臺北市 停車場").needs


def test_a_place_is_known_by_its_short_name(ask: Ask) -> None:
    places = [need.readings[0].place for need in ask("高雄 公車").needs]
    assert places == ["高雄市", None]


def test_words_that_only_ask_are_left_out_unless_there_are_no_others(ask: Ask) -> None:
    forms = [need.readings[0].form for need in ask("哪裡 可以 停車").needs]
    assert forms == [compact("停車")]
    assert ask("資料").needs


def test_alternatives_are_one_need(ask: Ask) -> None:
    [need] = ask("火災 OR 水災").needs
    assert [reading.form for reading in need.readings] == [compact("火災"), compact("水災")]


def test_near_concepts_are_others_than_those_asked_for(ask: Ask, thesaurus: Thesaurus) -> None:
    intent = ask("職業安全")
    exact = {concept for need in intent.needs for reading in need.readings for concept in reading.concepts}
    assert intent.near
    assert exact.isdisjoint(intent.near)
    assert all(0 <= nearness <= 1 for nearness in intent.near.values())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("職業安金", "職業安全"), ("空氣品值", "空氣品質"), ("停車廠", "停車場"), ("職業安全", None)],
)
def test_a_slip_is_mended(ask: Ask, thesaurus: Thesaurus, typed: str, meant: str | None) -> None:
    assert thesaurus.mended_text(ask(typed).pieces) == meant


def test_what_was_merged_is_found_under_its_successor() -> None:
    thesaurus = Thesaurus([Concept("c1", "幼兒園", ("幼稚園",)), Concept("c2", "學前", ())], {"c9": "c1"})
    assert thesaurus.narrower("c1") == ("c9",)
    assert (thesaurus.label("c9"), "c9" in thesaurus, "c8" in thesaurus) == ("幼兒園", True, False)


def test_marks_are_where_the_words_stand_in_the_text_as_written(ask: Ask) -> None:
    text = "台北市 勞 保及勞工保險統計"
    found = [text[start:end] for start, end in marks(text, intent_forms(ask("勞保 臺北市")))]
    assert found == ["台北市", "勞 保", "勞工保險"]


@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=4), max_size=4))
def test_marks_never_overlap_and_stay_inside(text: str, words: list[str]) -> None:
    forms = sorted(filter(None, map(compact, words)), key=len, reverse=True)
    end = 0
    for start, stop in marks(text, forms):
        assert end <= start < stop <= len(text)
        assert any(form in compact(text[start:stop]) for form in forms)
        end = stop
