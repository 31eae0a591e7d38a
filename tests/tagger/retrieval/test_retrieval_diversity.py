"""Series of titles, and selections that repeat themselves little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.retrieval.diversity import Kin, diverse
from tagger.retrieval.themes_series import series_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("112年度大安區公園名冊", "113年度中山區公園名冊"),
        ("臺北市火災統計", "高雄市火災統計"),
        ("臺南市政府火災統計", "臺中市火災統計"),
        ("民國108年1月工廠名冊", "109年12月工廠名冊"),
        ("第一季營運報告", "第四季營運報告"),
        ("台北市火災統計", "臺北市 火災統計"),
    ],
)
def test_years_places_and_numbers_make_a_series(one: str, other: str) -> None:
    assert series_of(one) == series_of(other)


@pytest.mark.parametrize(("one", "other"), [("火災統計", "水災統計"), ("一般護理之家", "產後護理之家")])
def test_other_words_are_another_series(one: str, other: str) -> None:
    assert series_of(one) != series_of(other)


@pytest.mark.parametrize("title", ["112年", "臺北市", "１０３年度"])
def test_a_title_of_nothing_else_is_its_own_series(title: str) -> None:
    assert series_of(title)


def test_the_nearest_is_first_and_other_agencies_come_before_more_of_the_same() -> None:
    scores = [0.9, 0.89, 0.88, 0.87, 0.86, 0.7]
    kin = [Kin("甲", f"s{n}", "a") for n in range(5)] + [Kin("乙", "s9", "b")]
    taken = diverse(scores, kin, 4)
    assert taken[0] == 0
    assert 5 in taken


def test_the_same_title_of_other_agencies_counts_less() -> None:
    kin = [Kin("甲", "火災", "a"), Kin("乙", "火災", "a"), Kin("丙", "工廠", "b")]
    assert diverse([0.9, 0.89, 0.6], kin, 2) == [0, 2]


def test_each_central_aspect_gets_two_agencies_before_the_nearest_fills_the_list() -> None:
    kin = [Kin(f"機關{n}", f"s{n}", "近", central=True) for n in range(20)]
    kin += [
        Kin("甲", "x", "機械", central=True),
        Kin("甲", "y", "機械", central=True),
        Kin("乙", "z", "機械", True),
    ]
    taken = diverse([0.9] * 20 + [0.2, 0.19, 0.18], kin, 10)
    assert {20, 22} <= set(taken)
    assert 21 not in taken


@given(
    st.lists(
        st.tuples(
            st.floats(0.01, 1), st.sampled_from("甲乙丙"), st.sampled_from("stu"), st.sampled_from("ab")
        ),
        max_size=30,
    ),
    st.integers(0, 40),
)
def test_as_many_as_there_are_are_taken_and_none_twice(
    items: list[tuple[float, str, str, str]], most: int
) -> None:
    taken = diverse([item[0] for item in items], [Kin(*item[1:]) for item in items], most)
    assert len(taken) == len(set(taken)) == min(most, len(items))
    if taken:
        assert items[taken[0]][0] == max(item[0] for item in items)
