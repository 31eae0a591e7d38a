"""The n-grams counted in bulk are those that a plain loop would count."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tagger.features import Batch, Vocabulary, ngrams, pack

words = st.lists(st.text(alphabet="甲乙丙 丁a𠀀", max_size=12), min_size=1, max_size=6)


def _by_hand(texts: list[str]) -> Counter[tuple[int, int, str]]:
    return Counter(
        (row, start, text[start : start + size])
        for row, text in enumerate(texts)
        for size in (1, 2, 3)
        for start in range(len(text) - size + 1)
        if " " not in text[start : start + size]
    )


@given(words)
def test_every_ngram_is_found_where_it_stands(texts: list[str]) -> None:
    found = ngrams(texts)
    seen = Counter(
        (int(row), int(start), texts[row][start : start + size])
        for row, start, size in zip(found.text, found.start, found.size, strict=True)
    )
    assert seen == _by_hand(texts)
    for row, start, size, key in zip(*found, strict=True):
        assert key == pack(texts[row][start : start + size])


@given(words)
def test_contributions_sum_to_the_score(texts: list[str]) -> None:
    keys = np.unique([pack(gram) for gram in ("甲", "乙", "甲乙", "丙丁a", "𠀀")])
    vocabulary = Vocabulary(keys, np.linspace(1, 2, len(keys), dtype=np.float32))
    weights = np.arange(len(keys) * 2, dtype=np.float32).reshape(-1, 2) - 3
    batch = Batch(vocabulary, texts, range(len(texts)), [1.0] * len(texts), len(texts))
    scores = batch.scores(weights)
    for row in range(len(texts)):
        for output in range(2):
            _found, added = batch.contributions(weights, row, output)
            np.testing.assert_allclose(added.sum(), scores[row, output], rtol=1e-4, atol=1e-5)


def test_a_batch_of_nothing_scores_nothing() -> None:
    empty = Vocabulary(np.empty(0, np.int64), np.empty(0, np.float32))
    assert Batch(empty, ["甲"], [0], [1.0], 1).scores(np.zeros((0, 3), np.float32)).tolist() == [[0, 0, 0]]
