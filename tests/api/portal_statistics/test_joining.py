"""Which stored dataset a row is about: each rule, and what is not told."""

import pytest

from api.services.portal_statistics.joining import Join, Named, join_rows
from api.services.portal_statistics.known import Catalogue, Known

_STORED = [
    ("1", "農業部", "農產品交易行情"),
    ("2", "農業部", "畜禽統計調查結果"),
    ("3", "環境部", "空氣品質監測站基本資料"),
    ("4", "高雄市政府地政局", "高雄市地價指數資料"),
    ("5", "高雄市政府地政局", "預算書"),
    ("6", "高雄市政府財政局", "預算書"),
    ("7", "勞動部", "106年職業災害統計資料表"),
    ("8", "勞動部", "107年職業災害統計資料表"),
    ("9", "文化部", "藝文活動資訊"),
    ("10", "文化部", "藝文活動資訊"),
    ("11", "文化部", "全國博物館名冊及地址一覽"),
    ("12", "勞動部", "台灣地區失業率統計"),
    ("13", None, "沒有機關的資料集"),
]


@pytest.fixture
def catalogue() -> Catalogue:
    """Some datasets."""
    return Catalogue(
        [
            Known(place, identifier, title, publisher, None, None, (), None)
            for place, (identifier, publisher, title) in enumerate(_STORED, 1)
        ]
    )


def _joined(catalogue: Catalogue, *rows: Named) -> list[tuple[str, list[str]]]:
    """How each row is joined, and the identifiers of its candidates."""
    return [_told(catalogue, join) for join in join_rows(catalogue, rows)]


def _told(catalogue: Catalogue, join: Join) -> tuple[str, list[str]]:
    return join.how, [catalogue.datasets[one.place].identifier for one in join.candidates]


@pytest.mark.parametrize(
    ("identifier", "agency", "title", "how", "found"),
    [
        ("11", "文化部", "館名與地址", "identifier", ["11"]),
        ("11", "農業部", "全國博物館名冊及地址一覽", "identifier", ["11"]),
        ("1", "行政院農業委員會", "農產行情", "identifier", ["1"]),
        ("4", "高雄市政府", "地價指數", "identifier", ["4"]),
        ("11", "", "", "identifier", ["11"]),
        # The number of a row is the identifier of a dataset by chance.
        ("11", "農業部", "農產品交易行情", "ambiguous", ["11", "1"]),
        ("11", "農業部", "圖書館借閱冊數", "ambiguous", ["11"]),
        ("404", "農業部", "農產品交易行情", "exact", ["1"]),
        ("", "農業部", "農產品 交易行情", "exact", ["1"]),
        ("", "勞動部", "臺灣地區失業率統計", "exact", ["12"]),
        ("", "行政院農業委員會", "畜禽統計調查結果", "renamed", ["2"]),
        ("", "行政院環境保護署", "空氣品質監測站基本資料", "renamed", ["3"]),
        ("", "高雄市政府地政局‧地價科", "高雄市地價指數資料", "exact", ["4"]),
        ("", "高雄市政府", "高雄市地價指數資料", "related", ["4"]),
        ("", "文化部", "全國博物館名冊與地址一覽", "near", ["11"]),
        ("", "勞動部", "106年職業災害統計資料", "near", ["7"]),
        # Several have this title: they are shown.
        ("", "文化部", "藝文活動資訊", "ambiguous", ["9", "10"]),
        ("", "高雄市政府", "預算書", "ambiguous", ["5", "6"]),
        # Only another agency has it: that is shown, not taken.
        ("", "農業部", "空氣品質監測站基本資料", "ambiguous", ["3"]),
        ("", "", "農產品交易行情", "ambiguous", ["1"]),
        # Many have such a title; another year's; another subject's.
        ("", "農業部", "預算書", "none", []),
        ("", "勞動部", "108年職業災害統計資料表", "none", []),
        ("", "文化部", "圖書館借閱冊數", "none", []),
        ("", "農業部", "", "none", []),
        ("", "", "沒有機關的資料集", "exact", ["13"]),
    ],
)
def test_each_rule(
    catalogue: Catalogue, identifier: str, agency: str, title: str, how: str, found: list[str]
) -> None:
    assert _joined(catalogue, Named(identifier, agency, title)) == [(how, found)]


def test_a_dataset_that_a_row_names_is_not_near_to_another_row(catalogue: Catalogue) -> None:
    own = Named("", "文化部", "全國博物館名冊及地址一覽")
    like = Named("", "文化部", "全國博物館名冊與地址一覽")
    assert _joined(catalogue, own, like) == [("exact", ["11"]), ("none", [])]


def test_two_rows_that_are_near_to_one_dataset_are_both_shown(catalogue: Catalogue) -> None:
    one = Named("", "文化部", "全國博物館名冊與地址一覽")
    other = Named("", "文化部", "全國博物館名冊及地址一覽表")
    assert _joined(catalogue, one, other, one) == [("ambiguous", ["11"])] * 3
