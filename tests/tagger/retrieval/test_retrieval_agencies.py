"""Which ministry or local government an agency belongs to."""

import pytest

from tagger.retrieval.themes_agencies import CENTRAL, LOCAL, UNTOLD, Agency, agency_of


@pytest.mark.parametrize(
    ("publisher", "ministry"),
    [
        ("勞動部職業安全衛生署", "勞動部"),
        ("經濟部水利署", "經濟部"),
        ("消防署", "內政部"),
        ("地政司", "內政部"),
        ("國家科學及技術委員會中部科學園區管理局", "國家科學及技術委員會"),
        ("行政院公共工程委員會", "行政院公共工程委員會"),
        ("行政院主計總處", "行政院主計總處"),
        ("教育部統計處", "教育部"),
        ("臺灣高等檢察署花蓮檢察分署", "法務部"),
        ("福建高等法院金門分院", "司法院"),
        ("台灣電力股份有限公司", "經濟部"),
        ("國立自然科學博物館", "教育部"),
        ("國立臺灣美術館", "文化部"),
        ("臺北榮民總醫院", "國軍退除役官兵輔導委員會"),
        ("作戰及計畫參謀次長室", "國防部"),
    ],
)
def test_agencies_of_the_state_are_told_from_their_names(publisher: str, ministry: str) -> None:
    assert agency_of(publisher) == Agency(ministry, CENTRAL)


@pytest.mark.parametrize(
    ("publisher", "government"),
    [
        ("臺北市政府消防局", "臺北市政府"),
        ("台北市政府消防局", "臺北市政府"),
        ("嘉義縣竹崎地政事務所", "嘉義縣政府"),
        ("嘉義市政府", "嘉義市政府"),
        ("桃園市政府智慧城鄉發展委員會", "桃園市政府"),
        ("臺北大眾捷運股份有限公司", "臺北市政府"),
    ],
)
def test_local_agencies_belong_to_their_county_or_city(publisher: str, government: str) -> None:
    assert agency_of(publisher) == Agency(government, LOCAL)


@pytest.mark.parametrize("publisher", ["社會處", "統計處", "客家事務委員會", "某某基金會"])
def test_a_name_that_does_not_tell_stays_by_itself(publisher: str) -> None:
    assert agency_of(publisher) == Agency(publisher, UNTOLD)


@pytest.mark.parametrize("publisher", [None, "", " "])
def test_no_publisher_is_no_agency(publisher: str | None) -> None:
    assert agency_of(publisher).kind == UNTOLD
