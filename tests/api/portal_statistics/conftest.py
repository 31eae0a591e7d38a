"""A small catalogue and the statistics of a portal about it."""

from pathlib import Path

import pytest

from api.readers.tables import Cell, open_table
from api.services import Services
from tests.api.review.search_pages import put

HEADER = ["提供機關名稱", "資料集名稱", "瀏覽人次", "下載次數", "資料集評分", "上架日", "備註"]
ROWS = [
    ["勞動部", "職業災害統計", "7,472", "1,099", "100", "2013/03/18", "=1+1"],
    ["行政院農業委員會", "農產品交易行情", "5,080", "667", "40", "2013/03/18", ""],
    ["交通部公路總局", "公車動態路線資料", "609", "29", "", "2014/01/01", "x,y"],
    ["文化部", "藝文活動資訊", "90", "不詳", "", "", ""],
    ["國家公園警察大隊", "登山事故救援案件統計", "", "12", "20", "", ""],
    ["國家公園警察大隊", "登山事故救援案件統計", "１,000", "3", "", "", ""],
    ["", "  ", "1", "1", "", "", "沒有名稱"],
]
CSV = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in [HEADER, *ROWS]) + "\r\n"
DATASETS: list[dict[str, object]] = [
    {"identifier": "A-1", "title": "職業災害統計", "publisher": "勞動部", "categoryCode": "I00"},
    {"identifier": "B-1", "title": "農產品交易行情", "publisher": "農業部", "categoryCode": "I00"},
    {"identifier": "C-1", "title": "公車動態路線資料", "publisher": "交通部公路局", "categoryCode": "A00"},
    {"identifier": "D-1", "title": "藝文活動資訊", "publisher": "文化部"},
    {"identifier": "D-2", "title": "藝文活動資訊", "publisher": "文化部"},
]


@pytest.fixture
def stored(services: Services) -> None:
    """Five datasets, tagged."""
    put(services, *DATASETS)


def read_back(
    path: Path, first: str = HEADER[0], second: str = HEADER[1]
) -> tuple[list[str], list[list[Cell]]]:
    """The columns and rows of the first sheet that has two columns of these names."""
    with open_table(path, required=((first,), (second,))) as table:
        return table.columns, list(table.rows)
