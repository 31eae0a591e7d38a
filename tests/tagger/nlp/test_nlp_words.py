"""The default engine: every token is the original's, terms stay whole, and nouns are found."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from tagger.nlp import load_engine
from tagger.nlp.dictionary import LEAST_FORCED
from tagger.nlp.words import TERM_TAG, WordTokenizer
from tagger.normalise import normalise

_TITLE = (
    "".join(chr(c) for c in (*range(0x4E00, 0x4E40), 0xF9D9, 0x2F3C))
    + "台灣職業安全衞生署數據ＡＩai㎡１2 　-()（）、\n\t"
)
any_text = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=_TITLE, max_size=40),
    st.text(alphabet="𠀀𪚥😀👨‍👩‍👧 e\u0301\u0323\u200b\ufe0f ㈱ﬁ", max_size=20),
)


@settings(deadline=None)
@given(text=any_text)
@example(text="")
@example(text=" ")
@example(text="  台北 市 \n\n 資料  ")
@example(text="\u200b")
@example(text="\u200b詞\u200b\u200b ")
@example(text="面積㎡與㈱")
@example(text="İstanbul Ⅷ")
@example(text="\x00a\x00")
@example(text="\r\n")
def test_a_doc_is_its_text_and_tokens_stand_where_they_say(words: Language, text: str) -> None:
    doc = words(text)
    assert doc.text == text
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)
    assert all(token.text and token.tag_ and token.pos_ for token in doc)


def test_a_lone_surrogate_is_no_text(words: Language) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        words("職業\ud800災害")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("勞動部職業安全衛生署統計", ["勞動部", "職業安全衛生署", "統計"]),
        ("勞動部職業安全衞生署", ["勞動部", "職業安全衞生署"]),
        ("台北市政府ＷｉＦｉ熱點", ["台北市政府", "ＷｉＦｉ", "熱點"]),
        ("各區Ｗｉ-Ｆｉ熱點", ["各區", "Ｗｉ-Ｆｉ熱點"]),
        ("空氣品質監測站", ["空氣品質監測", "站"]),
        ("勞工 保險", ["勞工", "保險"]),
    ],
)
def test_terms_stay_whole_however_they_are_spelt(words: Language, text: str, expected: list[str]) -> None:
    assert [token.text for token in words(text)] == expected


@settings(deadline=None)
@given(before=any_text, after=any_text, term=st.sampled_from(["職業安全衛生署", "空氣品質監測"]))
def test_a_term_wins_in_any_text(words: Language, before: str, after: str, term: str) -> None:
    doc = words(f"{before}、{term}、{after}")
    assert term in {normalise(token.text).text for token in doc if token.tag_ == TERM_TAG}


def test_the_longest_of_the_leftmost_terms_wins() -> None:
    engine = load_engine(terms=["空氣品質", "空氣品質監測", "品質監測站", "監測站"])
    assert [token.text for token in engine("空氣品質監測站")] == ["空氣品質監測", "站"]


def test_a_short_term_cuts_no_word_but_joins_characters() -> None:
    assert LEAST_FORCED == 3
    plain, engine = load_engine(), load_engine(terms=["市政", "年會", "煙塭"])
    for text in ("臺北市政府", "年會計報告"):
        assert [t.text for t in engine(text)] == [t.text for t in plain(text)]
    assert [token.text for token in plain("煙塭")] == ["煙", "塭"]
    assert [(token.text, token.tag_) for token in engine("煙塭")] == [("煙塭", TERM_TAG)]


def test_a_latin_term_is_not_found_inside_a_word() -> None:
    engine = load_engine(terms=["api", "open data", "11號線"])
    assert [token.text for token in engine("RAPIDS")] == ["RAPIDS"]
    assert [token.text for token in engine("各API清單")] == ["各", "API", "清單"]
    assert next(token.text for token in engine("Open Data平台")) == "Open Data"
    assert "111號線" not in [token.text for token in engine("111號線")]
    assert "11號線" not in [token.text for token in engine("111號線")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("環境檢查", [("環境", "NOUN"), ("檢查", "NOUN")]),
        ("臺灣的鐵路", [("臺灣", "PROPN"), ("的", "PART"), ("鐵路", "NOUN")]),
        ("107年", [("107", "NUM"), ("年", "NUM")]),
        ("（一、二）", [("（", "PUNCT"), ("一", "NUM"), ("、", "PUNCT"), ("二", "NUM"), ("）", "PUNCT")]),
        ("勞動部 勞工", [("勞動部", "PROPN"), ("勞工", "NOUN")]),
        ("a\n", [("a", "X"), ("\n", "SPACE")]),
        ("1＋1", [("1", "NUM"), ("＋", "SYM"), ("1", "NUM")]),
    ],
)
def test_parts_of_speech_are_universal(words: Language, text: str, expected: list[tuple[str, str]]) -> None:
    assert [(token.text, token.pos_) for token in words(text)] == expected


def test_pipe_answers_as_one_by_one(words: Language) -> None:
    texts = ["職業災害統計", "", "公車路線", "職業災害統計"]
    piped = [[(t.text, t.idx, t.tag_, t.pos_) for t in doc] for doc in words.pipe(texts)]
    assert piped == [[(t.text, t.idx, t.tag_, t.pos_) for t in words(text)] for text in texts]


def test_a_saved_pipeline_loads_again(words: Language) -> None:
    tokenizer = words.from_bytes(words.to_bytes()).tokenizer
    assert isinstance(tokenizer, WordTokenizer)
    assert words.config["nlp"]["tokenizer"] == {"@tokenizers": "tagger.words.v1"}


def test_a_memory_zone_forgets_new_words() -> None:
    engine = load_engine()
    size = len(engine.vocab.strings)
    with engine.memory_zone():
        assert engine("捷運環狀線𠀀").text == "捷運環狀線𠀀"
        assert len(engine.vocab.strings) > size
    assert len(engine.vocab.strings) == size
