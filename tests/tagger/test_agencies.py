"""Agencies by the names they had and have."""

import pytest

from tagger.agencies import agencies_today, agency_key, are_related, is_renamed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("行政院農業委員會", ("農業部",)),
        ("行政院農業委員會漁業署", ("農業部漁業署",)),
        ("行政院農業委員會林務局", ("農業部林業及自然保育署",)),
        ("行政院環境保護署", ("環境部", "國家環境研究院")),
        ("海岸巡防署 (現海巡署)", ("海洋委員會海巡署",)),
        ("行政院海岸巡防署（現為海洋委員會海巡署）", ("海洋委員會海巡署",)),
        ("舊機關(現農糧署)", ("農糧署",)),
        ("科技部", ("國家科學及技術委員會",)),
        ("行政院國家科學委員會", ("國家科學及技術委員會",)),
        ("交通部中央氣象局", ("交通部中央氣象署",)),
        ("內政部營建署", ("內政部國土管理署", "內政部國家公園署")),
        ("行政院衛生署", ("衛生福利部",)),
        ("台灣臺北地方法院檢察署", ("臺灣臺北地方檢察署",)),
        ("臺灣高等法院臺中分院檢察署", ("臺灣高等檢察署臺中檢察分署",)),
        ("桃園縣政府", ("桃園市政府",)),
        ("臺中市政府資訊中心‧網路科", ("臺中市政府數位發展局",)),
        ("教育部體育署", ("運動部",)),
        ("行政院體育委員會", ("運動部",)),
    ],
)
def test_an_agency_of_before_leads_to_who_answers_today(before: str, after: tuple[str, ...]) -> None:
    assert agencies_today(before) == after
    assert is_renamed(before)


@pytest.mark.parametrize("name", ["農業部", "勞動部職業安全衛生署", "臺中市政府財政局", "社會處", "", None])
def test_what_nobody_renamed_stays(name: str | None) -> None:
    assert agencies_today(name) == (agency_key(name),)
    assert not is_renamed(name)


def test_every_name_of_the_table_ends_where_nothing_changes_any_more() -> None:
    for name in ("行政院農業委員會", "科技部", "行政院原子能委員會", "高雄縣政府", "環境部國家環境研究院"):
        for today in agencies_today(name):
            assert agencies_today(today) == (today,)


def test_keys_know_one_spelling_and_no_unit() -> None:
    assert agency_key("台糖 公司") == agency_key("臺糖公司")
    assert agency_key("臺中市政府財政局‧菸酒管理科第一股") == "臺中市政府財政局"
    assert agency_key("‧") == "‧", "what is nothing but a unit stays"


def test_of_a_name_as_long_as_a_book_the_beginning_counts() -> None:
    name = "行政院農業委員會" + "署" * 3_000
    assert agency_key(name) == name[:1_000]
    assert agencies_today(name) == ("農業部" + name[8:1_000],)
    assert agencies_today("(現" * 3_000 + ")") == (agency_key("(現" * 500),)


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ("高雄市政府", "高雄市政府地政局", True),
        ("高雄市政府地政局", "高雄市政府", True),
        ("基隆市政府", "基隆市環境保護局", True),
        ("環境部", "環境部資源循環署", True),
        ("高雄市政府地政局", "高雄市政府財政局", False),
        ("基隆市政府", "高雄市環境保護局", False),
        ("農業部", "環境部", False),
        ("", "環境部", False),
    ],
)
def test_part_and_whole(one: str, other: str, related: bool) -> None:
    assert are_related(one, other) is related
