"""Texts that people take for the same have the same lexemes, and none of them is query syntax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.retrieval.lexemes import (
    compact,
    concept_lexeme,
    grams,
    label_lexeme,
    needed_grams,
    place_lexeme,
    text_lexemes,
    title_lexemes,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("臺北", "台北"),
        ("職業安全", "职业安全"),
        ("ＰＭ２．５", "pm2.5"),
        ("空氣 品質", "空氣品質"),
        ("勞工保險（局）", "勞工保險局"),
        ("食\u200b安", "食安"),
    ],
)
def test_spellings_of_one_word_are_one(one: str, other: str) -> None:
    assert compact(one) == compact(other)
    assert label_lexeme(one) == label_lexeme(other)
    assert place_lexeme(one) == place_lexeme(other)


def test_the_grams_of_a_text() -> None:
    assert grams("火災 PM2.5") == ["火", "灾", "火灾", "pm2", "5"]
    assert needed_grams("火災 PM2.5") == ["火灾", "pm2", "5"]
    assert needed_grams("稅") == ["税"]


@given(st.text(max_size=60))
def test_every_lexeme_is_letters_and_digits(text: str) -> None:
    lexemes = [*title_lexemes(text), *text_lexemes(text), concept_lexeme(text), label_lexeme(text)]
    assert all(lexeme.isalnum() for lexeme in lexemes)


@given(
    st.text(max_size=30), st.text(alphabet="職業安全衛生統計台北abc12 ", max_size=10), st.text(max_size=30)
)
def test_a_text_has_all_that_a_part_of_it_needs(before: str, part: str, after: str) -> None:
    # A blank apart, so that the part's edge is not inside a longer Latin word or number.
    whole = set(grams(f"{before} {part} {after}"))
    assert set(needed_grams(part)) <= whole


@given(st.text(max_size=60))
def test_compact_form_of_a_compact_form_is_itself(text: str) -> None:
    assert compact(compact(text)) == compact(text)
