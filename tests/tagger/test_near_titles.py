"""Near titles: the same dataset written otherwise is found, another one of its series is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.metadata import TITLE_LENGTH
from tagger.near_titles import LIKE, letters, likely, nearest, settled, title_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("全國環境輻射偵測", "全國環境輻射偵測。"),
        ("都市及區域發展統計彙編 ─ 12-2. 失業率", "都市及區域發展統計彙編12-2失業率"),
        ("各縣市農業用水量統計表", "各縣市農業用水量統計"),
        ("台灣地區電力負載資訊", "臺灣地區電力負載資訊"),
        ("公路客運車站站名及地址資料", "公路客運車站站名與地址資料"),
    ],
)
def test_the_same_written_otherwise(one: str, other: str) -> None:
    [found] = nearest([one], ["完全無關的名稱", other])
    chosen = settled(found)
    assert chosen is not None
    assert chosen.place == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("106年度單位預算書", "107年度單位預算書"),
        ("監獄分預算(按年)", "監獄分決算(按年)"),
        ("施行細則(中文版)", "施行細則(英文版)"),
        ("臺北市公有停車場使用情形統計", "臺中市公有停車場使用情形統計"),
        ("國民中學男性教師人數統計表", "國民中學女性教師人數統計表"),
        ("貨物進口總值統計月報資料", "貨物出口總值統計月報資料"),
        ("第一季失業給付統計資料表", "第二季失業給付統計資料表"),
        ("上半年車禍件數統計資料表", "下半年車禍件數統計資料表"),
        ("土地徵收公告資料", "土地重劃公告資料"),
    ],
)
def test_another_one_of_the_series(one: str, other: str) -> None:
    [found] = nearest([one], [other])
    assert settled(found) is None


def test_several_that_are_as_near_settle_nothing() -> None:
    title = "各級學校學生輔導資源服務統計"
    [found] = nearest([title], [f"{title}表", "無關的名稱", f"{title}檔"])
    assert settled(found) is None
    assert [one.place for one in likely(found)] == [0, 2]


def test_what_differs_in_more_than_form_is_shown_and_not_taken() -> None:
    [found] = nearest(["臺東縣工商及服務業場所單位經營概況"], ["臺東縣工業及服務業場所單位經營概況"])
    assert settled(found) is None
    [shown] = likely(found)
    assert shown.likeness >= LIKE
    [far] = nearest(["自然步道軌跡圖"], ["自然步道路線圖說明"])
    assert likely(far) == []


def test_the_name_of_the_agency_may_stand_in_front() -> None:
    names = ("經濟部能源局", "能源局", "經濟部能源署")
    [found] = nearest(["經濟部能源局_能源供給月資料"], ["能源需求月資料", "能源供給月資料"], names)
    chosen = settled(found)
    assert chosen is not None
    assert (chosen.place, chosen.likeness) == (1, 100)
    assert nearest(["能源局"], ["經濟部能源署"], names) == [[]]


def test_of_a_title_as_long_as_a_book_the_beginning_counts() -> None:
    title = "職業災害統計" * 1_000
    assert title_key(title) == title[:TITLE_LENGTH] == letters(title)
    assert [one.likeness for one in nearest([title], [title[:TITLE_LENGTH]])[0]] == [100]


def test_nothing_to_look_at() -> None:
    assert nearest(["一"], []) == [[]]
    assert nearest([], ["一"]) == []
    assert nearest(["", "！"], ["", "？"]) == [[], []]


@given(st.text(), st.text())
def test_any_texts_can_be_looked_at(one: str, other: str) -> None:
    [found] = nearest([one], [other])
    assert len(found) <= 1
    assert all(0 < near.likeness <= 100 for near in found)
