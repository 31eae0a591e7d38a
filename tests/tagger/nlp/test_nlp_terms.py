"""New terms: nouns and noun phrases that the vocabulary lacks, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from tagger.nlp import Candidate, load_engine, new_terms, tokens, tokens_of
from tagger.nlp.terms import LONGEST, SHORTEST
from tagger.normalise import normalise

_VOCAB = Vocab()


def _never(_: str) -> bool:
    return False


def _doc(*words: tuple[str, str]) -> Doc:
    return Doc(_VOCAB, [w for w, _ in words], [False] * len(words), pos=[pos for _, pos in words])


def _texts(doc: Doc, *known: str) -> list[str]:
    (candidates,) = new_terms([tokens_of(doc)], known.__contains__)
    return [candidate.text for candidate in candidates]


def test_nouns_and_rows_of_nouns() -> None:
    doc = _doc(("空氣", "NOUN"), ("品質", "NOUN"), ("及", "CCONJ"), ("噪音", "NOUN"))
    assert new_terms([tokens_of(doc)], _never) == [
        [
            Candidate("空氣品質", ((0, 4),)),
            Candidate("空氣", ((0, 2),)),
            Candidate("品質", ((2, 4),)),
            Candidate("噪音", ((5, 7),)),
        ]
    ]


def test_what_the_vocabulary_has_is_not_new_but_may_be_part_of_what_is() -> None:
    doc = _doc(("空氣", "NOUN"), ("品質", "NOUN"))
    assert _texts(doc, "空氣", "品質") == ["空氣品質"]
    assert _texts(doc, "空氣", "空氣品質") == ["品質"]


def test_one_verb_or_adjective_beside_a_noun() -> None:
    assert _texts(_doc(("公司", "NOUN"), ("登記", "VERB"))) == ["公司登記"]
    assert _texts(_doc(("公共", "ADJ"), ("圖書", "NOUN"))) == ["公共圖書", "圖書"]
    assert _texts(_doc(("登記", "VERB"))) == []
    assert "設公園" not in _texts(_doc(("設", "VERB"), ("公園", "NOUN")))
    assert _texts(_doc(("補助", "VERB"), ("公園", "NOUN"), ("綠化", "VERB"))) == [
        "補助公園",
        "公園綠化",
        "公園",
    ]


@pytest.mark.parametrize(
    "word",
    [
        "資料",
        "統計表",
        "一覽表",
        "資訊",
        "名冊",
        "CSV",
        "107年",
        "２０２０",
        "勞動部",
        "衛生局",
        "區公所",
        "會計室",
        "秘書處",
        "牙",
        "計畫",
    ],
)
def test_empty_words_numbers_agencies_and_single_characters_are_no_terms(word: str) -> None:
    assert _texts(_doc((word, "NOUN"))) == []


@pytest.mark.parametrize("word", ["醫院", "公共廁所", "托嬰中心", "哺集乳室", "農會", "藥局", "社會"])
def test_what_only_ends_as_agencies_do_is_a_term(word: str) -> None:
    assert _texts(_doc((word, "NOUN"))) == [word]


def test_empty_words_and_agencies_end_a_row_but_general_words_do_not() -> None:
    assert _texts(_doc(("都市", "NOUN"), ("計畫", "NOUN"))) == ["都市計畫", "都市"]
    assert _texts(_doc(("公園", "NOUN"), ("資料", "NOUN"), ("路燈", "NOUN"))) == ["公園", "路燈"]
    assert _texts(_doc(("公園", "NOUN"), ("管理處", "NOUN"))) == ["公園"]


def test_blocked_words_are_in_no_term() -> None:
    doc = _doc(("臺北市", "PROPN"), ("公園", "NOUN"), ("路燈", "NOUN"))
    (candidates,) = new_terms([tokens_of(doc)], _never, {"臺北市", "公園路燈"}.__contains__)
    assert [candidate.text for candidate in candidates] == ["公園", "路燈"]


def test_latin_words_stand_alone() -> None:
    doc = _doc(("ＹｏｕＢｉｋｅ", "X"), ("站點", "NOUN"), ("AED", "X"), ("𠀀𠀁", "X"))
    assert _texts(doc) == ["youbike", "站點", "aed"]


def test_every_place_of_a_term_is_told() -> None:
    doc = _doc(("公園", "NOUN"), ("、", "PUNCT"), ("公園", "NOUN"))
    assert new_terms([tokens_of(doc)], _never) == [[Candidate("公園", ((0, 2), (3, 5)))]]


def test_the_default_engine_feeds_it() -> None:
    engine = load_engine(terms=["勞動部", "職業安全衛生署", "職業災害"])
    titles = ["勞動部職業安全衛生署職業災害統計表", "台北市路燈及公廁一覽表"]
    found = new_terms(tokens(engine, titles), {"職業災害"}.__contains__, {"臺北市"}.__contains__)
    assert [[candidate.text for candidate in row] for row in found] == [[], ["路燈", "公廁"]]


@settings(deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=30), st.text(alphabet="公園路燈管理處統計表台北市 、Ａａ12㎡\u200b", max_size=30)
    )
)
def test_spans_quote_the_original_and_nothing_is_said_twice(words: Language, text: str) -> None:
    (candidates,) = new_terms([tokens_of(words(text))], _never)
    assert new_terms([tokens_of(words(text))], _never) == [candidates]
    assert len({candidate.text for candidate in candidates}) == len(candidates)
    for candidate in candidates:
        assert SHORTEST <= len(candidate.text) <= LONGEST
        assert not any(character.isdigit() for character in candidate.text)
        for start, end in candidate.spans:
            assert normalise(text[start:end]).text.strip() == candidate.text


@settings(deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=30), st.text(alphabet="公園路燈管理處統計表台北市 　、Ａａ12㎡\u200b\n", max_size=30)
    )
)
def test_words_without_docs_are_those_of_the_doc(words: Language, text: str) -> None:
    with_doc = [token for token in tokens_of(words(text)) if not token.text.isspace()]
    assert list(tokens(words, [text])) == [with_doc]
