"""Catalogue files for the readers' tests, and a row as the portal writes it."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

HEADER = [
    "資料集識別碼",
    "資料集名稱",
    "資料提供屬性",
    "服務分類",
    "品質檢測",
    "檔案格式",
    "資料下載網址",
    "編碼格式",
    "資資料集上架方式",
    "資料集描述",
    "主要欄位說明",
    "提供機關",
    "更新頻率",
    "授權方式",
    "相關網址",
    "計費方式",
    "提供機關聯絡人姓名",
    "提供機關聯絡人電話",
    "上架日期",
    "詮釋資料更新時間",
    "備註",
    "資料量",
]
CONTACT = {"提供機關聯絡人姓名": "王小明", "提供機關聯絡人電話": "02-8995-6666#123"}
CELLS = [
    "900001",
    "職業災害統計",
    "檔案資料",
    "求職及就業",
    "金",
    "CSV;JSON",
    "https://example.gov.tw/a?x=1;y=2;https://example.gov.tw/b",
    "UTF-8;UTF-8",
    "系統介接程式",
    '第一行\r\n第二行，含「引號"」',
    "年月;件數",
    "勞動部職業安全衛生署",
    "每1月",
    "政府資料開放授權條款-第1版",
    "https://example.gov.tw",
    "免費",
    *CONTACT.values(),
    "2024-01-01 00:00:00",
    "2026-01-01 12:00:00",
    " 前後有空白 ",
    "875;12",
]

Write = Callable[[str, bytes | str], Path]


@pytest.fixture
def portal_row() -> dict[str, str]:
    """One full row: line breaks, quotes, semicolons in a URL, a contact person."""
    return dict(zip(HEADER, CELLS, strict=True))


@pytest.fixture
def contact() -> list[str]:
    """The contact person's cells of that row."""
    return list(CONTACT.values())


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of a name and its content, return its path."""

    def to_file(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to_file


@pytest.fixture
def as_csv() -> Callable[[Sequence[dict[str, str]]], str]:
    """Rows as CSV with a header, quoted where needed."""

    def to_csv(rows: Sequence[dict[str, str]]) -> str:
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    return to_csv
