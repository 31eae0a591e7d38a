"""Normalisation folds what means the same, and never loses where it came from."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagger.normalise import normalise

texts = st.text(max_size=60)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("台北市政府", "臺北市政府"),
        ("ＷｉＦｉ熱點（室內）", "wifi熱點(室內)"),
        ("面積㎡", "面積m2"),
        ("㈱", "(株)"),
        ("衞生所", "衛生所"),
        ("é".join("ab"), "aéb"),
        ("零\u200b寬", "零寬"),
        ("一\u3000二", "一 二"),
    ],
)
def test_one_spelling_for_what_means_the_same(written: str, compared: str) -> None:
    assert normalise(written).text == compared


@given(texts)
@example("İ")
@example("ᄀ" + "ᅡ" + "ᆨ")
@example("a\u0301\u0301")
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@given(texts, st.data())
def test_every_span_leads_back_to_the_original(text: str, data: st.DataObject) -> None:
    folded = normalise(text)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    first, last = folded.original_span(start, end, text)
    assert 0 <= first < last <= len(text)
    # The span of the original, normalised by itself, holds the span that was asked for.
    assert folded.text[start:end] in normalise(text[first:last]).text or any(
        unicodedata.combining(c) or unicodedata.category(c) in {"Lo", "Cf"} for c in text
    )


@given(texts)
def test_all_of_the_text_is_the_whole_original_or_its_edges_were_invisible(text: str) -> None:
    folded = normalise(text)
    if folded.text:
        first, last = folded.original_span(0, len(folded.text), text)
        assert not normalise(text[:first]).text
        assert last <= len(text)
