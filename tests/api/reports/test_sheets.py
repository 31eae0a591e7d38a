"""Workbooks: what a cell says is text or a number, whatever it looks like."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.reports import sheets
from api.reports.sheets import Sheet, workbook, write_sheets

MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-1",
    "@SUM(A1)",
    "＝1",
    "http://example.invalid/",
    "1e5",
    "{=1}",
    "\t=1",
]


def _parts(file: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def _streamed(rows: Iterable[list[str]]) -> bytes:
    """The same by the other way, for reports of any length."""
    file = io.BytesIO()
    write_sheets(file, [Sheet("資料", (("甲", 10), ("乙", 10)), rows)], MOMENT)
    return file.getvalue()


def _book(rows: list[list[str]]) -> bytes:
    return workbook([Sheet("資料", (("甲", 10), ("乙", 10)), rows)], MOMENT)


@pytest.mark.parametrize("made", [_book, _streamed])
def test_hostile_texts_stay_texts(made: Callable[[list[list[str]]], bytes]) -> None:
    parts = _parts(made([[text, text] for text in HOSTILE]))
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert len(re.findall(r't="(?:s|inlineStr)"', sheet)) == 2 + 2 * len(HOSTILE)


def test_a_sheet_that_is_full_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 5)
    sheet = _parts(_streamed([str(number), "x"] for number in range(10)))["xl/worksheets/sheet1.xml"]
    assert sheet.count("<row ") == 5
    assert "其餘未列出" in sheet


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_no_text_makes_a_formula(texts: list[str]) -> None:
    parts = _parts(_book([[text, f"={text}"] for text in texts]))
    assert not any("<f>" in part or "<f " in part for part in parts.values())


def test_numbers_are_numbers_and_nothing_is_empty() -> None:
    sheet = _parts(workbook([Sheet("資料", (("甲", 10),), [[1.5], [None], [True]])], MOMENT))[
        "xl/worksheets/sheet1.xml"
    ]
    assert "<v>1.5</v>" in sheet


def test_the_same_rows_are_the_same_bytes() -> None:
    assert _book([["a", "b"]]) == _book([["a", "b"]])
