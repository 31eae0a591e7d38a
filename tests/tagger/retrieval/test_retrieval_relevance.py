"""Sentences of a text and what they speak of; offsets are those of the original."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tagger.meaning import Meaning
from tagger.retrieval.lexemes import compact
from tagger.retrieval.relevance import alike, mentions, sentences, spoken_words, title_forms

TEXT = "  本作品用火災資料。\n它也看職 業 安全！最後呢？；"


def test_sentences_end_where_people_end_them() -> None:
    assert [TEXT[start:end] for start, end in sentences(TEXT)] == [
        "本作品用火災資料。",
        "它也看職 業 安全！",
        "最後呢？；",
    ]


@given(st.text(max_size=200))
def test_sentences_hold_every_letter_once_and_in_order(text: str) -> None:
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    said = "".join(text[start:end] for start, end in spans)
    assert list(filter(str.isalnum, said)) == list(filter(str.isalnum, text))


def test_mentions_are_found_across_blanks_and_other_characters() -> None:
    found = mentions(TEXT, {compact("職業安全"): "職業安全", compact("火災"): "火災"})
    assert [(TEXT[one.start : one.end], one.name) for one in found] == [
        ("火災", "火災"),
        ("職 業 安全", "職業安全"),
    ]


def test_the_longest_of_overlapping_words_holds() -> None:
    forms = {compact(word): word for word in ("火災", "工廠火災")}
    assert [one.name for one in mentions("工廠火災", forms)] == ["工廠火災"]


@given(st.text(max_size=80))
def test_mentions_lie_within_any_text(text: str) -> None:
    for one in mentions(text, {compact("火災"): "火災", "a": "a"}):
        assert 0 <= one.start < one.end <= len(text)


def test_years_and_places_do_not_say_what_a_title_is_about(meaning: Meaning) -> None:
    forms = title_forms("112年臺北市火災起火原因統計", meaning)
    assert compact("火災") in forms
    assert not {compact("臺北市"), "112", compact("統計")} & set(forms)


def test_a_text_speaks_of_a_dataset_by_its_title_or_most_of_its_words(meaning: Meaning) -> None:
    title = "全國火災次數及起火原因"
    assert spoken_words(f"我們用「{title}」。", title, meaning) == [compact(title)]
    assert spoken_words("分析起火原因與火災次數", title, meaning)
    assert not spoken_words("分析停車場", title, meaning)


def test_a_name_with_a_slip_is_near_to_its_title() -> None:
    titles = ["公園名冊", "職業災害統計", "火災統計"]
    assert alike("職業災害的統計", titles, 1) == [1]
    assert alike("完全無關xyz", titles, 3) == []
