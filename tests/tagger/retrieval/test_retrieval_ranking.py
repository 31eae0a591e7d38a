"""Which of two datasets comes first."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from tagger.meaning import Meaning
from tagger.metadata import DatasetMetadata
from tagger.retrieval.indexing import Labelled, index, title_words
from tagger.retrieval.intent import understand
from tagger.retrieval.lexemes import compact
from tagger.retrieval.ranking import score, similarity
from tagger.retrieval.syntax import parse_query
from tagger.retrieval.thesaurus import Thesaurus


class _Candidate(NamedTuple):
    title_words: str
    publisher: str | None
    concepts: str
    spatial: str
    vector: bytes


_Dataset = tuple[str, str, str]
"""Title, labels and place, blanks between the labels."""
Rank = Callable[..., list[tuple[str, float]]]


@pytest.fixture
def rank(meaning: Meaning, thesaurus: Thesaurus) -> Rank:
    """The titles of some datasets, best first, and their scores."""

    def rank(query: str, *datasets: _Dataset) -> list[tuple[str, float]]:
        intent = understand(parse_query(query), meaning, thesaurus)
        made = [
            _Candidate(
                title_words(meaning, title),
                "機關",
                " ".join(filter(None, map(thesaurus.find, map(compact, labels.split())))),
                spatial,
                meaning.vectors([title])[0].tobytes(),
            )
            for title, labels, spatial in datasets
        ]
        scores = score(intent, made, np.zeros(len(made), bool))
        named = [(dataset[0], float(points)) for dataset, points in zip(datasets, scores, strict=True)]
        return sorted(named, key=lambda pair: -pair[1])

    return rank


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("職業安全", ("職業安全檢查", "", ""), ("公車路線", "", "")),
        ("勞保", ("勞工保險投保人數", "", ""), ("健保投保人數", "", "")),
        ("停車場 臺北市", ("公有停車場", "", "臺北市"), ("公有停車場", "", "高雄市")),
        ("火災", ("火災統計", "", ""), ("各月案件統計", "火災", "")),
        ("火災", ("各月案件統計", "火災", ""), ("各月案件統計", "公車", "")),
        ("空氣品質監測", ("空氣品質監測", "", ""), ("某某計畫空氣品質監測及其他相關成果彙整報告", "", "")),
    ],
)
def test_what_answers_better_comes_first(rank: Rank, query: str, better: _Dataset, worse: _Dataset) -> None:
    [(first, one), (_, other)] = rank(query, worse, better)
    assert one > other
    assert first == better[0]


def test_scores_lie_between_0_and_1_and_need_no_candidates(rank: Rank, meaning: Meaning) -> None:
    scores = [points for _, points in rank("職業訓練", ("職業訓練", "職業訓練", ""), ("無關", "", ""))]
    assert all(0 <= points <= 1 for points in scores)
    assert scores[0] > 0.9
    assert rank("職業訓練") == []
    assert similarity(meaning.vectors(["職業訓練"])[0], []).shape == (0,)


def test_a_dataset_is_found_by_title_labels_and_places(meaning: Meaning) -> None:
    metadata = DatasetMetadata(title="各月案件", publisher="消防署", description="救護車出勤")
    [made] = index(meaning, [metadata], [[Labelled("火災", "c0226"), Labelled("自由詞", None)]], [["臺北市"]])
    assert made.concepts == ("c0226",)
    assert {"t案件", "a消防", "a救护", "a火灾", "kc0226"} <= made.lexemes
    assert "t火灾" not in made.lexemes
    assert len(made.vector) == meaning.dimensions
