"""A theme as a workbook: 資料集, 面向, 機關, 缺口, 說明."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.reports.sheets import Cell, Sheet, workbook
from api.services.themes.citing import citation, made_on
from api.services.themes.saving import SavedTheme
from tagger.retrieval.themes_agencies import KIND_NAMES

BASIS_NAMES = {
    "spelled": "主題字面",
    "meaning": "語意相近",
    "labels": "常同時標註",
    "vocabulary": "詞彙表關聯",
}
"""Why an aspect is near, in words."""
GAP_NAMES = {"none": "沒有資料集", "few": "資料集很少", "oneAgency": "只有一個機關提供"}
"""What a gap is, in words."""
Content = Mapping[str, Any]


def theme_workbook(theme: SavedTheme, address: str) -> bytes:
    """The workbook of one version of a theme.

    Args:
        theme: the version.
        address: where it stands for good.
    """
    content = theme.content
    sheets = (
        Sheet(
            "資料集",
            (
                *(
                    ("序", 5),
                    ("識別碼", 14),
                    ("資料集名稱", 48),
                    ("提供機關", 24),
                    ("所屬部會或地方政府", 20),
                ),
                *(("相近程度", 9), ("相近數值", 9), ("列入理由", 52), ("面向", 28), ("同系列未列筆數", 12)),
                ("由整理者納入", 10),
            ),
            _datasets(content),
        ),
        Sheet(
            "面向",
            (
                *(("面向", 18), ("相近程度", 9), ("相近數值", 9), ("由主題到面向", 36), ("依據", 24)),
                *(("目錄筆數", 9), ("列入筆數", 9), ("列入的部會或地方政府", 48)),
            ),
            _aspects(content),
        ),
        Sheet(
            "機關",
            (
                ("部會或地方政府", 24),
                ("類別", 12),
                ("列入筆數", 9),
                ("相近筆數", 9),
                ("目錄筆數", 9),
                ("狀況", 16),
            ),
            _agencies(content),
        ),
        Sheet(
            "缺口",
            (
                *(("面向", 18), ("缺口", 18), ("相近程度", 9), ("目錄筆數", 9), ("可能的主管機關", 28)),
                ("開放需求草稿", 90),
            ),
            _gaps(content),
        ),
        Sheet("說明", (("項目", 18), ("內容", 100)), _notes(theme, address)),
    )
    return workbook(sheets, theme.created_at)


def _datasets(content: Content) -> Iterator[list[Cell]]:
    labels = {aspect["concept"]: aspect["label"] for aspect in content["aspects"]}
    for dataset in content["datasets"]:
        yield [
            dataset["rank"],
            dataset["identifier"],
            dataset["title"],
            dataset["publisher"],
            dataset["agency"],
            dataset["level"],
            dataset["nearness"],
            dataset["reason"]["text"],
            "、".join(labels[concept] for concept in dataset["aspects"] if concept in labels),
            dataset["more"],
            dataset["accepted"],
        ]


def _aspects(content: Content) -> Iterator[list[Cell]]:
    for aspect in content["aspects"]:
        yield [
            aspect["label"],
            aspect["level"],
            aspect["nearness"],
            " → ".join(aspect["path"]),
            "、".join(BASIS_NAMES[basis] for basis in aspect["basis"]),
            aspect["datasets"],
            aspect["selected"],
            "、".join(aspect["agencies"]),
        ]


def _agencies(content: Content) -> Iterator[list[Cell]]:
    for agency in content["agencies"]:
        state = "有資料集列入" if agency["selected"] else "有相近資料集，未列入"
        yield [
            agency["name"],
            KIND_NAMES[agency["kind"]],
            agency["selected"],
            agency["near"],
            agency["stored"],
            state,
        ]
    for agency in content["agenciesWithNothingNear"]:
        yield [agency["name"], KIND_NAMES[agency["kind"]], 0, 0, agency["stored"], "沒有相近資料集"]


def _gaps(content: Content) -> Iterator[list[Cell]]:
    for gap in content["gaps"]:
        yield [
            gap["label"],
            GAP_NAMES[gap["kind"]],
            gap["level"],
            gap["datasets"],
            "、".join(gap["likelyAgencies"]),
            gap["request"],
        ]


def _notes(theme: SavedTheme, address: str) -> Iterator[list[Cell]]:
    content = theme.content
    options = content["options"]
    yield ["名稱", content["title"]]
    yield ["主題", content["topic"]]
    yield ["版本", f"第 {theme.number} 版，{made_on(theme)}"]
    yield ["永久網址", address]
    yield ["內容雜湊", f"SHA-256 {theme.content_hash}"]
    yield ["引用方式", citation(theme, address)]
    yield ["搜尋範圍", f"目錄中的 {content['summary']['searched']:,} 筆資料集"]
    yield ["至多列出", options["limit"]]
    yield ["不列入的機關", "、".join(options["excludePublishers"]) or "無"]
    yield ["整理者納入", "、".join(options["accept"]) or "無"]
    yield ["整理者排除", "、".join(options["drop"]) or "無"]
    yield ["語意模型", content["model"]]
    yield [
        "相近程度",
        "由程式依字詞、語意、標籤與詞彙表估計，介於 0 與 1：0.6 以上為高，0.4 以上為中，其餘為低。",
    ]
    yield ["限制", "僅依詮釋資料判斷，未檢視資料內容；沒有列出不表示沒有資料。"]
