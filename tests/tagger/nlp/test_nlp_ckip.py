"""CKIP runs for real, on generated networks: WS, POS and NER into a Doc."""

import os
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from ckip_data import REAL_HIDDEN, SMALL, hidden_size, make_data_directory
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from tagger.nlp import DataDirectoryError, load_engine
from tagger.nlp.ckip import CkipTagger
from tagger.nlp.pos import ckip_upos

TITLES = (
    "臺北市政府勞動部職業安全衛生署職業災害統計",
    "公車路線即時到站資訊（106年12月）",
    "",
    "登革熱 病例\n統計  ",
    "𠀀𠀁空氣品質😀監測",
)


@pytest.fixture
def component(ckip: Language) -> CkipTagger:
    """A component of its own on the same networks, to be given terms."""
    loaded = ckip.get_pipe("tagger_ckip")
    assert isinstance(loaded, CkipTagger)
    return CkipTagger(loaded.networks)


def _rows(doc: Doc) -> list[tuple[str, int, str, str]]:
    return [(token.text, token.idx, token.tag_, token.pos_) for token in doc]


def _entities(doc: Doc) -> list[tuple[int, int, str]]:
    return [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]


@given(
    text=st.one_of(
        st.text(max_size=30),
        st.text(alphabet="臺北市統計（１２） \n\u0301\u0323\u0344\uff9eé😀\u200b", max_size=20),
    )
)
@example(text="a\u0301\u0323")
@example(text="ཱི\u0f71")
@example(text=" \n ")
@settings(max_examples=60, deadline=None)
def test_a_doc_is_its_text_whatever_ckip_makes_of_it(ckip: Language, text: str) -> None:
    doc = ckip(text)
    assert doc.text == text
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)


def test_words_tags_and_entities_are_those_of_ckip(ckip: Language, component: CkipTagger) -> None:
    networks = component.networks
    texts = [TITLES[0], TITLES[1]]
    words = networks.segment(texts)
    tags = networks.tag(words)
    entities = networks.recognise(words, tags)
    some = 0
    for doc, its_words, its_tags, its_entities in zip(ckip.pipe(texts), words, tags, entities, strict=True):
        assert [token.text for token in doc] == its_words
        assert [token.tag_ for token in doc] == its_tags
        assert [token.pos_ for token in doc] == [ckip_upos(tag) for tag in its_tags]
        found = {(start, end, kind) for start, end, kind, _ in its_entities}
        edges = {token.idx for token in doc} | {len(doc.text)}
        some += len(doc.ents)
        for start, end, kind in _entities(doc):
            assert any(start <= s and e <= end and k == kind for s, e, k in found)
            assert {start, end} <= edges
    assert some, "the random networks should name something"


def test_a_batch_answers_as_one_by_one(ckip: Language) -> None:
    piped = list(ckip.pipe(TITLES, batch_size=3))
    alone = [ckip(title) for title in TITLES]
    assert [_rows(doc) for doc in piped] == [_rows(doc) for doc in alone]
    assert [_entities(doc) for doc in piped] == [_entities(doc) for doc in alone]
    assert list(ckip.pipe([])) == []


def test_what_travels_with_a_text_comes_back_with_its_doc(ckip: Language) -> None:
    pairs = [(title, number) for number, title in enumerate(TITLES)]
    answers = list(ckip.pipe(pairs, as_tuples=True))
    assert [(doc.text, number) for doc, number in answers] == pairs


def test_terms_are_recommended_in_every_spelling(ckip: Language, component: CkipTagger) -> None:
    title = "台北市政府職業安全統計"
    before = [token.text for token in ckip(title)]
    # Two neighbouring words are one term: its edges are edges of words already, so a recommendation holds.
    term = "".join(before[:2]).replace("台", "臺")
    component.use_terms([term])
    assert [token.text for token in component(ckip.make_doc(title))] == ["".join(before[:2]), *before[2:]]


def test_a_recommended_term_cuts_no_word(ckip: Language, component: CkipTagger) -> None:
    before = [token.text for token in ckip(TITLES[0])]
    # It ends within a word.
    term = next(one + other[:1] for one, other in pairwise(before) if len(other) > 1)
    component.use_terms([term])
    assert [token.text for token in component(ckip.make_doc(TITLES[0]))] == before


@pytest.mark.parametrize("name", ["embedding_word/vector_list.npy", "model_pos/label_list.txt"])
def test_a_missing_file_is_named(ckip_data: Path, tmp_path: Path, name: str) -> None:
    data = shutil.copytree(ckip_data, tmp_path / "data")
    (data / name).unlink()
    with pytest.raises(DataDirectoryError, match=f"lacks {name}") as caught:
        load_engine("ckip", data_directory=data)
    assert caught.value.files == (name,)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("embedding_character/token_list.npy", "WS"),
        ("model_pos/label_list.txt", "POS"),
        ("model_ws/model_asbc_Att-0_BiLSTM-cross-2-500_batch128-run1.index", "WS"),
    ],
)
def test_a_broken_file_is_reported_with_its_network(
    ckip_data: Path, tmp_path: Path, name: str, part: str
) -> None:
    data = shutil.copytree(ckip_data, tmp_path / "data")
    (data / name).write_bytes(b"no such thing\n")
    with hidden_size(SMALL), pytest.raises(DataDirectoryError, match=f"CKIP's {part} cannot be loaded"):
        load_engine("ckip", data_directory=data)


def test_networks_of_another_size_are_refused(ckip_data: Path) -> None:
    with (
        hidden_size(SMALL // 2),
        pytest.raises(DataDirectoryError, match=r"do not fit.*Matrix size-incompatible"),
    ):
        load_engine("ckip", data_directory=ckip_data)


@pytest.mark.skipif(not os.environ.get("CI"), reason="283 MB of random networks; CI makes them")
@pytest.mark.usefixtures("ckip_packages")
def test_ckiptagger_as_it_is_loads_and_runs(tmp_path: Path) -> None:
    data = make_data_directory(tmp_path / "data", REAL_HIDDEN)
    engine = load_engine("ckip", terms=["職業安全衛生署"], data_directory=data)
    docs = list(engine.pipe(TITLES))
    assert [doc.text for doc in docs] == list(TITLES)
    assert all(token.tag_ and token.pos_ for doc in docs for token in doc)
    shutil.rmtree(data)
