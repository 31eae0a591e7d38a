"""Correction notes as DOCX and PDF: what is in them, whatever the metadata says, and the same bytes each time."""

import hashlib
import io
from datetime import date

import docx
import pytest
from docx.document import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from api.reports.correction.documents import Form, document
from api.reports.correction.lines import broken
from api.reports.correction.pdf import FONT
from api.reports.correction.words import UNSEEN, UNSEEN_SAID, Issue
from api.services.correcting.note import (
    AgencyNotes,
    Comparable,
    CorrectionNote,
    Proposal,
    quotes,
)
from tagger import DatasetMetadata, Tagger
from tagger.suggestion import CategoryEvidence, Evidence, LabelEvidence
from tests.api.reports.pdf_text import pdf_text

ISSUE = Issue(date(2026, 11, 24), "數授字第1150001234號")
HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://example.invalid","x")',
    "<b>粗</b></w:t><script>alert(1)</script>",
    "\u202e反轉\u2066隔離",
    "控\x07制\x0b字\ufffe元",
    "{nb} \\(括號\\) ）",
    "字" * 1_000,
    "A" * 1_000,
    "，" * 1_000,
    "𠮷野家 😀 ﷽",
    "第一行\r\n第二行\t欄",
)


def _note(title: str = "職業災害統計", **more: object) -> CorrectionNote:
    reason = "所填服務分類為「公共資訊」，內容提到「職業災害」，較符合「求職及就業」。"
    note = CorrectionNote(
        identifier="A-1",
        title=title,
        publisher="勞動部職業安全衛生署",
        proposal=Proposal("I00", "500", "建議修正", False, 0.93, reason),
        quotes=(),
        comparables=(
            Comparable("B-1", "勞工職業災害保險給付", "勞動部勞工保險局", True),
            Comparable("B-2", title, None, False),
        ),
        model_version="1e798780b3b9",
    )
    return note._replace(**more)  # type: ignore[arg-type]


def _docx(file: bytes) -> Document:
    return docx.Document(io.BytesIO(file))


def _docx_text(file: bytes) -> str:
    paper = _docx(file)
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(block.text for block in paper.paragraphs), *cells])


def test_a_note_says_what_is_asked_why_and_that_the_category_may_stay(tagger: Tagger) -> None:
    metadata = {"title": "職業災害統計", "categoryCode": "I00"}
    found = quotes(metadata, tagger.suggest_batch([DatasetMetadata.model_validate(metadata)])[0], "500")
    note = _note(quotes=found)
    for text in (
        _docx_text(document(note, ISSUE, "docx")),
        pdf_text(document(note, ISSUE, "pdf")).replace("\n", ""),
    ):
        assert "中華民國 115 年 11 月 24 日" in text
        assert "數授字第1150001234號" in text
        assert note.number in text
        assert "I00 公共資訊" in text
        assert "500 求職及就業" in text
        assert "內容提到「職業災害」" in text
        assert "尚未審核" in text
        assert "回覆維持原分類" in text
        assert "理由：" in text
        assert "1e798780b3b9" in text
        assert UNSEEN not in text
    paper = _docx(document(note, ISSUE, "docx"))
    cells = [cell for table in paper.tables for row in table.rows for cell in row.cells]
    underlined = [
        run.text for cell in cells for block in cell.paragraphs for run in block.runs if run.font.underline
    ]
    assert underlined == [text for quote in found for _, _, text in quote.marks] != []


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_the_same_notes_are_the_same_bytes(form: Form) -> None:
    agency = AgencyNotes("勞動部", [_note(), _note("另一個資料集")], 2)
    first = document(agency, ISSUE, form)
    assert first == document(agency, ISSUE, form)
    assert first != document(agency, ISSUE._replace(on=date(2026, 11, 25)), form)


def test_hostile_texts_are_texts_and_what_cannot_be_printed_is_told() -> None:
    notes = [_note(title, publisher=title, identifier=title) for title in HOSTILE]
    agency = AgencyNotes(HOSTILE[0], notes, 500)
    text = _docx_text(document(agency, ISSUE, "docx"))
    printed = pdf_text(document(agency, ISSUE, "pdf")).replace("\n", "")
    for shown in (text, printed):
        assert "共 500 筆" in shown
        assert "<b>粗</b></w:t><script>alert(1)</script>" in shown
        assert f"{UNSEEN}反轉{UNSEEN}隔離" in shown
        assert f"控{UNSEEN}制" in shown
        assert "{nb} \\(括號\\) ）" in shown
        assert "第一行 第二行 欄" in shown
        assert UNSEEN_SAID in shown
    assert "字" * 1_000 in text
    assert f"{UNSEEN}野家" in printed


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_no_title_breaks_a_document(title: str) -> None:
    note = _note(title, publisher=title)
    assert "維持原分類" in _docx_text(document(note, ISSUE, "docx"))


@given(st.text(max_size=200), st.floats(3, 40))
def test_lines_hold_all_characters_and_are_no_wider_than_the_room(text: str, room: float) -> None:
    lines = broken([(char, False) for char in text], room, lambda char: 1.0)
    shown = ["".join(char for char, _ in line) for line in lines]
    assert "".join(shown) == text
    assert all(len(line.rstrip(" ")) <= room for line in shown)


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    text = "資料集「火災（統計）」，現行。" * 9
    for room in range(8, 30):
        for line in broken([(char, False) for char in text], room, lambda char: 1.0):
            assert line[0][0] not in "」），。"
            assert line[-1][0] not in "「（"


def test_the_font_is_the_one_that_is_described() -> None:
    described = (FONT.parent / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(FONT.read_bytes()).hexdigest() in described


def test_quotations_are_whole_words_and_cut_around_what_speaks_for_the_category() -> None:
    text = "甲" * 100 + "就業" + "乙" * 100 + "失業" + "丙"
    spans = [_span(text, 203, 204), _span(text, 100, 102), _span(text, 150, 151)]
    labels = [LabelEvidence(label="失業", spans=[_span(text, 202, 204)])]
    found = CategoryEvidence(categoryCode="500", spans=spans)
    evidence = {"evidence": {"categories": [found], "labels": labels}}
    [quote] = quotes({"description": text}, evidence, "500")  # type: ignore[arg-type]
    said = "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in quote.pieces)
    assert said == f"…{'甲' * 16}[就業]{'乙' * 16}…{'乙' * 16}[失業]丙"
    assert quote.marks == ((100, 102, "就業"), (202, 204, "失業"))


def _span(text: str, start: int, end: int) -> Evidence:
    return Evidence(field="description", start=start, end=end, text=text[start:end], weight=1.0)
