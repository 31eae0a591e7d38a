"""A correction note as the parts of a letter, before it is set as DOCX or PDF."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from api.reports.correction import words
from api.reports.correction.words import Issue, clipped
from api.services.correcting.note import AgencyNotes, CorrectionNote

LARGE, NORMAL, SMALL = 13.0, 12.0, 10.0
"""Sizes of type in points."""
_BLANK = "＿"
_RULES = 2
_RULE = 34

Text: TypeAlias = tuple[tuple[str, bool], ...]
"""Stretches of text, and whether each is underlined."""


class Title(NamedTuple):
    """What the paper is called; each begins a page."""

    text: str


class Paragraph(NamedTuple):
    """A paragraph, indented behind its label."""

    label: str
    text: str
    size: float = NORMAL


class Table(NamedTuple):
    """A table; `widths` are shares of the page's, `heading` says whether the first row heads the columns."""

    widths: tuple[float, ...]
    rows: list[tuple[Text, ...]]
    heading: bool = True


class Box(NamedTuple):
    """What the agency fills in: kept on one page."""

    heading: str
    lines: tuple[str, ...]


Part: TypeAlias = Title | Paragraph | Table | Box


def letters(notes: Sequence[CorrectionNote], issue: Issue) -> Iterator[list[Part]]:
    """Each note as a letter."""
    for note in notes:
        yield list(_letter(note, issue))


def agency_letters(agency: AgencyNotes, issue: Issue) -> Iterator[list[Part]]:
    """The list of an agency's notes, then each note."""
    yield list(_list(agency, issue))
    yield from letters(agency.notes, issue)


def plain(text: str) -> Text:
    """A text of which nothing is underlined."""
    return ((text, False),)


def _row(*cells: str) -> tuple[Text, ...]:
    return tuple(plain(clipped(cell)) for cell in cells)


def _list(agency: AgencyNotes, issue: Issue) -> Iterator[Part]:
    yield Title(words.LIST_TITLE)
    yield Paragraph("提供機關：", agency.publisher)
    yield Paragraph("發文日期：", words.roc_date(issue.on))
    yield Paragraph("", words.list_said(agency, issue), LARGE)
    if agency.notes:
        rows = [words.list_row(number, note) for number, note in enumerate(agency.notes, 1)]
        yield Table(
            (6, 15, 32, 17, 17, 13), [_row(*cells) for cells in (words.LIST_HEADINGS, *rows)], heading=True
        )


def _letter(note: CorrectionNote, issue: Issue) -> Iterator[Part]:
    yield Title(words.TITLE)
    for label, text in words.heads(note, issue):
        yield Paragraph(f"{label}：", text)
    yield Paragraph("主旨：", words.subject(note), LARGE)
    yield Paragraph("說明：", "", LARGE)
    yield Paragraph("一、", "資料集及其服務分類如下：", LARGE)
    yield Table((22, 78), [_row(*pair) for pair in words.facts(note)], heading=False)
    yield Paragraph("二、", f"理由：{words.reason(note)}", LARGE)
    if note.quotes:
        yield Table((22, 78), [_row(*words.QUOTE_HEADINGS), *map(_quote, _fields(note))])
    else:
        yield Paragraph("", words.NO_QUOTES)
    yield Paragraph("三、", words.comparables_said(note), LARGE)
    if note.comparables:
        rows = [words.COMPARABLE_HEADINGS, *map(words.comparable_row, note.comparables)]
        yield Table((52, 33, 15), [_row(*cells) for cells in rows])
    yield Paragraph("四、", words.MAY_KEEP, LARGE)
    yield Box("回復欄（請貴機關勾選並填列）", _replies(note))
    yield Paragraph("", words.origin(note), SMALL)


def _fields(note: CorrectionNote) -> list[tuple[str, Text]]:
    return [
        (words.field_label(quote.field), tuple((piece.text, piece.marked) for piece in quote.pieces))
        for quote in note.quotes
    ]


def _quote(quoted: tuple[str, Text]) -> tuple[Text, ...]:
    label, text = quoted
    return plain(label), text


def _replies(note: CorrectionNote) -> tuple[str, ...]:
    agreed, other, kept = words.replies(note)
    return (
        f"□ {agreed}",
        f"□ {other}{_BLANK * 12}",
        f"□ {kept}",
        *(_BLANK * _RULE for _ in range(_RULES)),
        f"承辦人：{_BLANK * 6}　電話：{_BLANK * 6}　日期：{_BLANK * 6}",
    )
