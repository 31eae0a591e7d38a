"""New terms are words of the title that the vocabulary lacks."""

import pytest

from tagger.new_terms import MOST_TERMS, TermFinder


@pytest.fixture(scope="module")
def finder() -> TermFinder:
    """A finder that knows three terms."""
    return TermFinder(["職業災害", "離岸風力發電", "勞工"])


def test_what_the_vocabulary_has_is_not_new(finder: TermFinder) -> None:
    [known, new] = finder.find(["職業災害", "氫燃料電池"])
    assert known == []
    assert "".join(item["term"] for item in new) == "氫燃料電池"


def test_spans_quote_the_title_and_do_not_overlap(finder: TermFinder) -> None:
    titles = [
        "臺北市住宅區都市更新整建維護案件補助清冊",
        "２０２４年離岸風電區塊開發選商結果",
        "勞工重建服務",
    ]
    for title, terms in zip(titles, finder.find(titles), strict=True):
        assert 0 < len(terms) <= MOST_TERMS
        taken: set[int] = set()
        for span in (item["spans"][0] for item in terms):
            assert span["text"] == title[span["start"] : span["end"]]
            assert not taken & set(range(span["start"], span["end"]))
            taken |= set(range(span["start"], span["end"]))


def test_places_years_and_empty_words_are_no_terms(finder: TermFinder) -> None:
    assert finder.find(["臺中市大里區", "107年度", "統計資料一覽表"]) == [[], [], []]
