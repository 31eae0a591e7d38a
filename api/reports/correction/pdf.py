"""Letters as PDF, in a font that is embedded."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from itertools import groupby
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

from api.reports.correction.letter import LARGE, SMALL, Part, Text, plain
from api.reports.correction.lines import Glyph, Line, broken
from api.reports.correction.setting import Setter
from api.reports.correction.words import UNSEEN, printable

FONT = Path(__file__).parents[1] / "fonts" / "TW-Kai-subset.woff"
"""全字庫正楷體 with the characters that papers need; the README beside it says which, and where it is from."""
_FAMILY = "kai"
# The licence of the font asks for it.
_ATTRIBUTION = "字型：全字庫正楷體，國家發展委員會，依政府資料開放授權條款第 1 版提供"
_MARGIN, _EDGE = 25.0, 20.0
"""Beside the text, and above and below it."""
_PADDING = 1.2
_TITLE_SIZE = 20.0
_MILLIMETRES = 25.4 / 72
_LEADING = 1.4
_ASCENT = 0.85
_GAP = 1.5


def pdf_file(letters: Iterable[list[Part]], title: str, day: date) -> bytes:
    """Letters as a PDF file.

    Args:
        letters: each begins a page.
        title: of the whole.
        day: what the file says of its making.
    """
    setter = _Setter(title, day)
    try:
        for letter in letters:
            setter.letter(letter)
        return setter.file()
    finally:
        setter.close()


class _Pages(FPDF):
    """Pages with their number at the foot."""

    def footer(self) -> None:
        """Write the number of the page."""
        self.set_font(_FAMILY, size=SMALL)
        said = f"第 {self.page_no()} 頁"
        self.text((self.w - self.get_string_width(said)) / 2, self.h - _EDGE / 2, said)


class _Setter(Setter):
    """Sets letters on pages, from the top down; lengths are millimetres, sizes of type points."""

    def __init__(self, title: str, day: date) -> None:
        self._pdf = _Pages(format="A4")
        # Else a title with {nb} in it would get the number of pages there.
        self._pdf.alias_nb_pages("")
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_creation_date(datetime.combine(day, time(), UTC))
        self._pdf.set_title(title)
        self._pdf.set_lang("zh-TW")
        self._pdf.set_keywords(_ATTRIBUTION)
        self._pdf.add_font(_FAMILY, fname=FONT)
        self._pdf.set_font(_FAMILY, size=LARGE)
        self._pdf.set_line_width(0.2)
        self._known = self._font.cmap
        self._widths: dict[str, float] = {}
        self._width = self._pdf.w - 2 * _MARGIN
        self._bottom = self._pdf.h - _EDGE
        self._y = 0.0

    @property
    def _font(self) -> TTFFont:
        font = self._pdf.current_font
        if not isinstance(font, TTFFont):
            raise TypeError("no font is embedded")
        return font

    def file(self) -> bytes:
        """The finished file."""
        return bytes(self._pdf.output())

    def close(self) -> None:
        """Let go of the font's file."""
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def _title(self, text: str) -> None:
        self._new_page()
        [line] = self._lines(plain(text), self._width, _TITLE_SIZE)
        room = self._width - sum(self._measure(_TITLE_SIZE, char) for char, _ in line)
        self._draw(line, _MARGIN + room / 2, _TITLE_SIZE)
        self._y += _GAP * 2

    def _paragraph(self, label: str, text: str, size: float) -> None:
        indent = sum(self._measure(size, char) for char in label)
        lines = self._lines(plain(text), self._width - indent, size)
        for place, line in enumerate(lines):
            self._need(_height(size))
            if place == 0 and label:
                top = self._y
                self._draw([(char, False) for char in label], _MARGIN, size)
                self._y = top
            self._draw(line, _MARGIN + indent, size)
        self._y += _GAP / 2

    def _table(self, shares: Sequence[float], rows: Sequence[tuple[Text, ...]], heading: bool) -> None:
        widths = [self._width * share / sum(shares) for share in shares]
        size = 11.0
        laid = [
            [self._lines(cell, width - 2 * _PADDING, size) for cell, width in zip(row, widths, strict=True)]
            for row in rows
        ]
        for place, row in enumerate(laid):
            if self._need(_row_height(row, size)) and heading and place:
                self._row(laid[0], widths, size)
            self._row(row, widths, size)
        self._y += _GAP

    def _row(self, cells: Sequence[list[Line]], widths: Sequence[float], size: float) -> None:
        top, left, height = self._y, _MARGIN, _row_height(cells, size)
        for lines, width in zip(cells, widths, strict=True):
            self._pdf.rect(left, top, width, height)
            self._y = top + _PADDING
            for line in lines:
                self._draw(line, left + _PADDING, size)
            left += width
        self._y = top + height

    def _box(self, heading: str, texts: Sequence[str]) -> None:
        size = 12.0
        room = self._width - 4 * _PADDING
        lines = [line for text in (heading, *texts) for line in self._lines(plain(text), room, size)]
        height = len(lines) * _height(size) + 4 * _PADDING
        self._y += _GAP
        self._need(height)
        self._pdf.rect(_MARGIN, self._y, self._width, height)
        top = self._y
        self._y += 2 * _PADDING
        for line in lines:
            self._draw(line, _MARGIN + 2 * _PADDING, size)
        self._y = top + height + _GAP

    def _need(self, height: float) -> bool:
        """Begin a page where this one has no room; whether it did."""
        if self._y + height <= self._bottom:
            return False
        self._new_page()
        return True

    def _new_page(self) -> None:
        self._pdf.add_page()
        self._y = _EDGE

    def _lines(self, text: Text, room: float, size: float) -> list[Line]:
        return broken(self._glyphs(text), room, lambda char: self._measure(size, char))

    def _glyphs(self, text: Text) -> list[Glyph]:
        """The characters as they can be printed with the font."""
        found = [
            (char if ord(char) in self._known else UNSEEN, marked)
            for stretch, marked in text
            for char in printable(stretch)
        ]
        self._unseen = self._unseen or any(char == UNSEEN for char, _ in found)
        return found

    def _measure(self, size: float, char: str) -> float:
        if char not in self._widths:
            self._pdf.set_font_size(1)
            self._widths[char] = self._pdf.get_string_width(char)
        return self._widths[char] * size

    def _draw(self, line: Line, left: float, size: float) -> None:
        """Draw a line of text below what there is."""
        self._pdf.set_font(_FAMILY, size=size)
        baseline = self._y + size * _MILLIMETRES * _ASCENT + (_LEADING - 1) / 2 * size * _MILLIMETRES
        for marked, run in groupby(line, key=lambda glyph: glyph[1]):
            text = "".join(char for char, _ in run)
            width = sum(self._measure(size, char) for char in text)
            self._pdf.set_font(_FAMILY, size=size)
            self._pdf.text(left, baseline, text)
            if marked:
                below = baseline + size * _MILLIMETRES * 0.18
                self._pdf.line(left, below, left + width, below)
            left += width
        self._y += _height(size)


def _height(size: float) -> float:
    """Of a line."""
    return size * _MILLIMETRES * _LEADING


def _row_height(cells: Sequence[list[Line]], size: float) -> float:
    return max(map(len, cells)) * _height(size) + 2 * _PADDING
