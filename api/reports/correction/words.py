"""What a correction note says in words, wherever it is printed."""

import re
import unicodedata
from datetime import date
from typing import NamedTuple

from api.reports.import_workbook import FIELD_NAMES
from api.services.correcting.note import AgencyNotes, Comparable, CorrectionNote
from tagger.categories import categories, category_names
from tagger.mismatch import CONFIRM

TITLE = "資料集服務分類修正建議單"
LIST_TITLE = "資料集服務分類修正建議清單"
LIST_HEADINGS = ("序", "識別碼", "資料集名稱", "現行分類", "建議分類", "程度")
COMPARABLE_HEADINGS = ("資料集", "提供機關", "審核")
QUOTE_HEADINGS = ("欄位", "內容（底線為判斷依據）")
MAY_KEEP = "貴機關如認為現行分類適當，可回覆維持原分類，並敘明理由。"
NO_QUOTES = "詮釋資料中沒有可引述的字詞。"
UNSEEN = "〓"
"""Stands for a character that cannot be printed."""
UNSEEN_SAID = f"註：「{UNSEEN}」代表無法印出的字元，原文請見資料集的詮釋資料。"
FIRST_DAY = date(1912, 1, 1)
"""Before it there is no year of the Republic to print."""
_BLANKS = re.compile(" {2,}")
_DIRECTIONS = {"\u061c", "\u200e", "\u200f", *map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))}


class Issue(NamedTuple):
    """How a note is sent out.

    Attributes:
        on: the day.
        number: 發文字號, as the sender's own register has it; None leaves a blank to be filled in.
    """

    on: date
    number: str | None = None


def roc_date(day: date) -> str:
    """A day as official papers in Taiwan have it: `中華民國 115 年 11 月 24 日`."""
    return f"中華民國 {day.year - FIRST_DAY.year + 1} 年 {day.month} 月 {day.day} 日"


def category(code: str) -> str:
    """A category with its code."""
    return f"{code} {category_names()[code]}"


def heads(note: CorrectionNote, issue: Issue) -> list[tuple[str, str]]:
    """The lines above the letter."""
    return [
        ("受文者", note.publisher or "（提供機關未填）"),
        ("發文日期", roc_date(issue.on)),
        ("發文字號", issue.number or "＿＿＿＿字第＿＿＿＿＿＿＿＿號"),
        ("單號", note.number),
    ]


def subject(note: CorrectionNote) -> str:
    """主旨."""
    proposal = note.proposal
    before, after = category(proposal.declared), category(proposal.suggested)
    about = f"貴機關提供之資料集「{note.title}」"
    if proposal.level == CONFIRM:
        asked = f"請確認現行服務分類「{before}」是否適當，可考慮改為「{after}」"
    else:
        asked = f"現行服務分類「{before}」建議修正為「{after}」"
    return f"{about}，{asked}，請查照惠復。"


def facts(note: CorrectionNote) -> list[tuple[str, str]]:
    """The dataset and the two categories."""
    return [
        ("資料集識別碼", note.identifier or "（尚未上架，未填識別碼）"),
        ("現行分類", category(note.proposal.declared)),
        ("建議分類", category(note.proposal.suggested)),
        ("程度", note.proposal.level),
    ]


def reason(note: CorrectionNote) -> str:
    """理由, with what belongs to the proposed category."""
    code = note.proposal.suggested
    definition = next(one.definition for one in categories() if one.code == code)
    return f"{note.proposal.reason}「{category_names()[code]}」包括：{definition}。"


def field_label(field: str) -> str:
    """A field of the metadata as people call it."""
    name = field.partition("/")[0]
    return FIELD_NAMES.get(name, name)


def comparables_said(note: CorrectionNote) -> str:
    """What the list of comparable datasets is."""
    code = category(note.proposal.suggested)
    approved = sum(one.reviewed for one in note.comparables)
    others = len(note.comparables) - approved
    if approved and not others:
        return f"下列相近資料集經審核者核可為「{code}」："
    if approved:
        return (
            f"經審核者核可為「{code}」的相近資料集有 {approved} 筆；"
            f"另列 {others} 筆由其提供機關填為該分類、尚未審核的資料集，僅供參考："
        )
    if others:
        return f"尚無經審核者核可為「{code}」的相近資料集。下列資料集由其提供機關填為該分類，尚未審核，僅供參考："
    return f"目前沒有「{code}」的相近資料集可供比較。"


def comparable_row(one: Comparable) -> tuple[str, str, str]:
    """A comparable dataset: name with identifier, agency, and whether it was reviewed."""
    return (
        f"{one.title}（{one.identifier}）",
        one.publisher or "未填",
        "已核可" if one.reviewed else "尚未審核",
    )


def replies(note: CorrectionNote) -> tuple[str, str, str]:
    """What the agency can answer; the last one keeps its category and says why."""
    proposal = note.proposal
    return (
        f"同意，修正為「{category(proposal.suggested)}」。",
        "改為其他服務分類：",
        f"維持原分類「{category(proposal.declared)}」，理由：",
    )


def origin(note: CorrectionNote) -> str:
    """Who proposes it: reviewers or a model alone, and which."""
    model = f"模型版本 {note.model_version}" if note.model_version else "尚無模型建議"
    if note.proposal.reviewed:
        return f"本項建議已經審核者核可。{model}。"
    return f"本項建議由程式依詮釋資料產生，尚未經審核者核可。{model}。"


def list_said(agency: AgencyNotes, issue: Issue) -> str:
    """What a list of notes holds."""
    day = roc_date(issue.on)
    if not agency.total:
        return f"截至{day}，已儲存的資料集中，沒有服務分類需要修正或確認者。"
    shown = len(agency.notes)
    more = f"本文件依儲存順序列出前 {shown:,} 筆，其餘未列出。" if agency.total > shown else ""
    return f"截至{day}，服務分類建議修正或確認的資料集共 {agency.total:,} 筆。{more}"


def list_row(number: int, note: CorrectionNote) -> tuple[str, ...]:
    """A note's row in the list of an agency."""
    proposal = note.proposal
    return (
        str(number),
        note.identifier or "",
        note.title,
        category(proposal.declared),
        category(proposal.suggested),
        proposal.level,
    )


def printable(text: str) -> str:
    """A text as it can be printed: in one line, `UNSEEN` for what would not be seen or would turn the text.

    Characters without width are left out, since nothing of the text is lost with them.
    """
    return _BLANKS.sub(" ", "".join(map(_printable, text)))


def has_unseen(note: CorrectionNote) -> bool:
    """Whether `printable` leaves `UNSEEN` in the sentences or the quotations of a note."""
    pieces = (piece.text for quote in note.quotes for piece in quote.pieces)
    return any(UNSEEN in printable(text) for text in (note.title, note.proposal.reason, *pieces))


def clipped(text: str, most: int = 120) -> str:
    """The beginning of a text where it is too long for a cell."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _printable(char: str) -> str:
    if char.isspace():
        return " "
    kind = unicodedata.category(char)
    if char in _DIRECTIONS or kind in {"Cc", "Cs", "Co", "Cn"}:
        return UNSEEN
    return "" if kind == "Cf" else char
