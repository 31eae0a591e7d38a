"""Letters as DOCX, for those who go on writing in them."""

import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from io import BytesIO

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.table import Table as Grid
from docx.table import _Row
from docx.text.paragraph import Paragraph as Block

from api.reports.correction.letter import NORMAL, SMALL, Part, Text, plain
from api.reports.correction.setting import Setter
from api.reports.correction.words import UNSEEN, printable

_FONT, _LATIN = "標楷體", "Times New Roman"
_MARGIN, _EDGE, _WIDTH = Mm(25), Mm(20), Mm(160)
_TITLE_SIZE, _CELL_SIZE = 20.0, 11.0
_LEADING = 1.45
_EPOCH = (1980, 1, 1, 0, 0, 0)


def docx_file(letters: Iterable[list[Part]], title: str, day: date) -> bytes:
    """Letters as a DOCX file.

    Args:
        letters: each begins a page.
        title: of the whole.
        day: what the file says of its making.
    """
    writer = _Writer(title, day)
    for letter in letters:
        writer.letter(letter)
    return writer.file()


class _Writer(Setter):
    """Writes letters one after another."""

    def __init__(self, title: str, day: date) -> None:
        self._paper = _paper(title, datetime.combine(day, time()))
        self._begun = False

    def file(self) -> bytes:
        """The finished file; the same letters give the same bytes."""
        made = BytesIO()
        self._paper.save(made)
        fixed = BytesIO()
        # The archive would carry the time at which it was written.
        with zipfile.ZipFile(made) as parts, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in parts.namelist():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), parts.read(name), zipfile.ZIP_DEFLATED)
        return fixed.getvalue()

    def _title(self, text: str) -> None:
        block = self._paper.add_paragraph()
        block.alignment = WD_ALIGN_PARAGRAPH.CENTER
        block.paragraph_format.page_break_before = self._begun
        block.paragraph_format.space_after = Pt(6)
        self._write(block, plain(text), _TITLE_SIZE)
        self._begun = True

    def _paragraph(self, label: str, text: str, size: float) -> None:
        block = self._paper.add_paragraph()
        indent = Pt(size * len(label))
        block.paragraph_format.left_indent = indent
        block.paragraph_format.first_line_indent = Length(-indent)
        self._write(block, plain(label + text), size)

    def _table(self, shares: Sequence[float], rows: Sequence[tuple[Text, ...]], heading: bool) -> None:
        grid = self._grid(len(rows), shares)
        for place, (row, cells) in enumerate(zip(grid.rows, rows, strict=True)):
            for cell, text in zip(row.cells, cells, strict=True):
                self._write(cell.paragraphs[0], text, _CELL_SIZE)
            _mark_row(row, "w:cantSplit")
            if heading and place == 0:
                _mark_row(row, "w:tblHeader")
        self._gap()

    def _box(self, heading: str, texts: Sequence[str]) -> None:
        self._gap()
        [row] = self._grid(1, (1,)).rows
        _mark_row(row, "w:cantSplit")
        [cell] = row.cells
        self._write(cell.paragraphs[0], plain(heading), NORMAL)
        for text in texts:
            self._write(cell.add_paragraph(), plain(text), NORMAL)
        self._gap()

    def _grid(self, rows: int, shares: Sequence[float]) -> Grid:
        grid: Grid = self._paper.add_table(rows, len(shares))
        grid.style = "Table Grid"
        grid.autofit = False
        widths = [Length(int(_WIDTH * share / sum(shares))) for share in shares]
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = width
        for row in grid.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = width
        return grid

    def _gap(self) -> None:
        """A little room below a table, which has none of its own."""
        block = self._paper.add_paragraph()
        block.paragraph_format.line_spacing = Pt(6)
        block.paragraph_format.space_before = block.paragraph_format.space_after = Pt(0)

    def _write(self, block: Block, text: Text, size: float) -> None:
        # Exactly, since a reader's font may ask for half as much again.
        block.paragraph_format.line_spacing = Pt(size * _LEADING)
        for stretch, marked in text:
            shown = printable(stretch)
            self._unseen = self._unseen or UNSEEN in shown
            run = block.add_run(shown)
            run.font.size = Pt(size)
            run.font.underline = True if marked else None


def _paper(title: str, made_at: datetime) -> Paper:
    paper = Document()
    properties = paper.core_properties
    properties.title, properties.author, properties.last_modified_by = title, "", ""
    properties.comments, properties.language = "", "zh-TW"
    properties.created = properties.modified = made_at
    [section] = paper.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = _EDGE
    section.footer_distance = Mm(10)
    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, Pt(NORMAL)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    normal.paragraph_format.space_before, normal.paragraph_format.space_after = Pt(1), Pt(2)
    for language in paper.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-TW")
    _number_pages(section.footer.paragraphs[0])
    return paper


def _number_pages(block: Block) -> None:
    block.alignment = WD_ALIGN_PARAGRAPH.CENTER
    block.add_run("第 ").font.size = Pt(SMALL)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    block._p.append(field)
    block.add_run(" 頁").font.size = Pt(SMALL)


def _mark_row(row: _Row, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))
