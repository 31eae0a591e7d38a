"""Datasets for the pages to show."""

import pytest

from api.services import Services
from tests.api.review.search_pages import put

_FIRES: list[dict[str, object]] = [
    {
        "identifier": "F-1",
        "title": "臺中市火災統計",
        "publisher": "臺中市政府消防局",
        "categoryCode": "E00",
        "description": "消防局"
        + "按月整理各行政區的案件，" * 20
        + "火災以建築物最多，"
        + "另列財物損失。" * 30,
        "temporalCoverageFrom": "2019-01-01",
        "temporalCoverageTo": "2019-12-31",
    },
    {"identifier": "F-2", "title": "工廠火災原因統計", "publisher": "內政部消防署", "categoryCode": "E00"},
    {
        "identifier": "F-3",
        "title": "森林火災面積",
        "publisher": "林業及自然保育署",
        "temporalCoverageFrom": "2021-03-05",
    },
    {
        "identifier": "F-4",
        "title": "職業災害死亡人數：火災與爆炸",
        "publisher": "勞動部職業安全衛生署",
        "categoryCode": "I00",
    },
    {"identifier": "B-1", "title": "公車動態路線", "publisher": "交通部公路局", "categoryCode": "A00"},
]


@pytest.fixture
def fires(services: Services) -> None:
    """Four datasets about fires, of which one is flagged, and one about buses."""
    put(services, *_FIRES)
