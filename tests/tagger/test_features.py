"""The n-grams looked up in bulk are those that a plain loop would find, and their sums are exact."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tagger.features import PLACE_MASK, GramTable, mask, mask_offsets, ngram_keys, original_span, pack
from tagger.normalise import normalise

words = st.lists(st.text(alphabet="甲乙丙 丁a𠀀", max_size=12), min_size=1, max_size=6)
GRAMS = ["甲", "乙", "甲乙", "丙丁a", "𠀀", "乙 丙"]


def _by_hand(text: str) -> Counter[tuple[int, int]]:
    return Counter(
        (start, pack(text[start : start + size]))
        for size in (1, 2, 3)
        for start in range(len(text) - size + 1)
        if text[start : start + size] != " "
    )


def _table() -> GramTable:
    keys = np.asarray([pack(gram) for gram in GRAMS], np.uint64)
    weights = np.arange(len(keys) * 2, dtype=np.float32).reshape(-1, 2) - 3
    return GramTable(keys, np.linspace(1, 2, len(keys), dtype=np.float32), weights)


@given(words)
def test_every_ngram_is_found_where_it_stands(texts: list[str]) -> None:
    keys, starts = ngram_keys(texts)
    for number, text in enumerate(texts):
        mine = keys[starts[number] : starts[number] + len(text) + 1]
        found = Counter((int(at), int(mine[at, size])) for at, size in zip(*np.nonzero(mine), strict=True))
        assert found == _by_hand(text)


@given(words)
def test_the_shares_of_a_texts_characters_sum_to_its_score(texts: list[str]) -> None:
    table = _table()
    found = table.look_up(texts)
    for output in range(2):
        shares = table.shares(found, np.full(len(texts), output))
        assert not shares[np.append(found.starts[1:], len(shares)) - 1].any()
        np.testing.assert_allclose(
            np.add.reduceat(shares, found.starts), table.sums(found)[:, output], rtol=1e-4, atol=1e-5
        )


@given(st.sets(st.integers(1, 2**63 - 1), min_size=1, max_size=300), st.integers(1, 2**63 - 1))
def test_the_table_finds_each_key_and_no_other(keys: set[int], other: int) -> None:
    stored = np.asarray(sorted(keys), np.uint64)
    table = GramTable(stored, np.ones(len(stored), np.float32), np.ones((len(stored), 1), np.float32))
    assert table.find(stored).tolist() == list(range(1, len(stored) + 1))
    found = int(table.find(np.asarray([other], np.uint64))[0])
    assert (found > 0) == (other in keys)


def test_a_text_without_known_ngrams_adds_nothing() -> None:
    assert _table().sums(_table().look_up(["戊己", ""])).tolist() == [[0, 0], [0, 0]]


def test_numbers_and_places_are_made_one() -> None:
    assert mask("臺北市107年度  托育") == f"{PLACE_MASK}0年度 托育"
    assert mask(normalise("台中縣大里市第３季").text) == f"{PLACE_MASK}大里市第0季"


@given(st.text(alphabet="臺北市新 0123甲乙", max_size=20), st.data())
def test_spans_of_the_masked_text_lead_back(text: str, data: st.DataObject) -> None:
    masked = mask(text)
    offsets = mask_offsets(text)
    assert len(offsets) == len(masked) + 1
    assert offsets[-1] == len(text)
    if masked:
        start = data.draw(st.integers(0, len(masked) - 1))
        first, last = original_span(normalise(text), text, start, start + 1)
        assert 0 <= first < last <= len(text)
        assert mask(text[first:last]) == masked[start] or masked[start] == PLACE_MASK
