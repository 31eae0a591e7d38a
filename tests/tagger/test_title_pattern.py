"""Titles of one series have one pattern."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.title_pattern import title_pattern


@pytest.mark.parametrize(
    ("one", "other", "pattern"),
    [
        ("臺北市108年垃圾量", "高雄市111年垃圾量", "○○#年垃圾量"),
        ("台中市政府１０８年度預算", "臺中市政府 113 年度預算", None),
        ("桃園市垃圾量", "新北市垃圾量", "○○垃圾量"),
    ],
)
def test_a_series_by_place_or_year_has_one_pattern(one: str, other: str, pattern: str | None) -> None:
    assert title_pattern(one).replace(" ", "") == title_pattern(other).replace(" ", "")
    if pattern:
        assert title_pattern(one) == pattern


def test_places_below_a_county_are_masked_where_they_are_known() -> None:
    one, other = "高雄市三民區公所活動", "高雄市左營區公所活動"
    assert title_pattern(one) != title_pattern(other)
    assert title_pattern(one, [(3, 6)]) == title_pattern(other, [(0, 3), (3, 6)]) == "○○公所活動"


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_any_title_has_a_pattern_without_digits(title: str, places: list[tuple[int, int]]) -> None:
    spans = [(start, end) for start, end in places if start < end <= len(title)]
    assert not any(character in "0123456789" for character in title_pattern(title, spans))
