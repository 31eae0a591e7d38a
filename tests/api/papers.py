"""Datasets for tests of the papers of a meeting: what they lack is known."""

from typing import Any

from api.services import Services
from api.services.datasets import put_dataset
from tagger import DatasetMetadata

AGENCY = "勞動部勞工保險局"
GOOD: dict[str, Any] = {
    "identifier": "P-1",
    "title": "職業災害勞工保險給付件數統計",
    "description": "收錄勞工保險被保險人因職業災害請領各項給付的件數與金額，依行業分列，每月由勞保局產製。",
    "fieldDescription": "行業別；給付種類；件數(件)；金額(新臺幣千元)",
    "publisher": AGENCY,
    "keyword": ["職業災害", "勞保給付", "職業安全"],
    "categoryCode": "500",
    "type": "檔案資料",
    "dataQuality": "金",
    "license": "政府資料開放授權條款-第1版",
    "cost": "免費",
    "accrualPeriodicity": "每1月",
    "issued": "2018-03-01",
    "modified": "2026-11-05",
    "distribution": [
        {"format": "CSV", "characterSetCode": "UTF-8", "downloadURL": "https://data.gov.tw/a.csv"}
    ],
}
LACKING: list[dict[str, Any]] = [
    GOOD,
    {**GOOD, "identifier": "P-2", "license": None, "title": "=職業災害\u202e統計"},
    {**GOOD, "identifier": "P-3", "license": None, "modified": "2026-09-01", "dataQuality": None},
    {"identifier": "P-4", "title": "公車動態", "publisher": "交通部公路局"},
]
"""P-1 lacks nothing, P-2 a licence, P-3 a licence and an update, P-4 of another agency nearly all."""


def store(services: Services) -> None:
    """Put them into the store."""
    for record in LACKING:
        put_dataset(services, DatasetMetadata.model_validate(record))
