"""Words of a text and what they weigh."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.meaning import Meaning
from tagger.normalise import VARIANTS
from tagger.simplify import fold, simplify

_MIXED = st.text(
    st.one_of(st.sampled_from("職业安全臺台北㎡①Ａaé１1 　，（\u200bİ薴租房子說説"), st.characters()),
    max_size=30,
)


@given(_MIXED)
def test_folding_keeps_a_place_in_the_original_for_each_character(text: str) -> None:
    folded = fold(text)
    for at in range(len(folded.text)):
        start, end = folded.original_span(at, at + 1, text)
        assert 0 <= start < end <= len(text)
        assert fold(text[start:end]).text.find(folded.text[at]) >= 0 or not text[start:end].isascii()


@given(_MIXED)
def test_folding_twice_is_as_folding_once(text: str) -> None:
    assert fold(fold(text).text).text == fold(text).text


@given(st.text(max_size=50))
def test_simplified_text_is_as_long(text: str) -> None:
    assert len(simplify(text)) == len(text)


@pytest.mark.parametrize(("variant", "preferred"), VARIANTS.items())
def test_variant_characters_fold_to_one(variant: str, preferred: str) -> None:
    assert fold(variant).text == fold(preferred).text == fold(simplify(preferred)).text


@given(text=_MIXED)
def test_words_cover_letters_and_digits_in_order(meaning: Meaning, text: str) -> None:
    spans = meaning.words(text)
    end_before = 0
    for start, end in spans:
        assert end_before <= start < end <= len(text)
        assert any(map(str.isalnum, fold(text[start:end]).text))
        end_before = end
    covered = {at for start, end in spans for at in range(start, end)}
    folded = fold(text)
    for at, character in enumerate(folded.text):
        if character.isalnum():
            assert folded.original_span(at, at + 1, text)[0] in covered


@pytest.mark.parametrize(
    "spellings",
    [
        ("臺北市職業安全衛生檢查", "台北市職業安全衛生檢查", "台北市职业安全卫生检查"),
        ("營業稅稅籍登記", "營業税税籍登記", "营业税税籍登记"),
        ("群眾說明會", "羣眾説明會", "群众说明会"),
        ("AI人工智慧", "ＡＩ人工智慧", "ai人工智慧"),
    ],
)
def test_all_spellings_have_the_same_words(meaning: Meaning, spellings: tuple[str, ...]) -> None:
    first, *others = (meaning.words(text) for text in spellings)
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("職業災害統計", ["職業災害", "統計"]),
        ("營造業職業災害", ["營造業", "職業災害"]),
        ("長照2.0據點", ["長照2.0", "據點"]),
        ("e-mail信箱（mail）", ["e", "mail", "信箱", "mail"]),
        ("工廠 火災，停車場", ["工廠", "火災", "停車場"]),
        ("", []),
        ("，。 —", []),
    ],
)
def test_terms_are_whole_and_latin_words_are_not_cut(
    meaning: Meaning, text: str, expected: list[str]
) -> None:
    assert [text[start:end] for start, end in meaning.words(text)] == expected


def test_words_are_found_in_the_original(meaning: Meaning) -> None:
    text = "面積㎡\u200b職業\u200b災害"
    assert [text[start:end] for start, end in meaning.words(text)] == ["面積", "㎡\u200b", "職業\u200b災害"]


def test_a_lone_surrogate_is_between_words(meaning: Meaning) -> None:
    assert meaning.words("工廠\ud800火災") == [(0, 2), (3, 5)]
    assert meaning.vectors(["工廠\ud800火災"]).any()
    assert meaning.concepts("\udfff") == []


def test_rare_words_weigh_more_than_those_that_say_little(meaning: Meaning) -> None:
    little = [meaning.weight(fold(word).text) for word in ("統計", "名冊", "年度", "一覽表", "的", "怎麼")]
    much = [meaning.weight(fold(word).text) for word in ("職業災害", "租屋", "流浪狗", "塞車", "沒有的詞")]
    assert max(little) < 0.2
    assert min(much) > 0.7
    assert meaning.weight("，") == 0
