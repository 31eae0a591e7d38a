"""title and description."""

import re
from collections import Counter
from collections.abc import Iterator

from tagger.linting.fault import Fault, core, is_placeholder, letters, quote, tidy
from tagger.metadata import DatasetMetadata
from tagger.normalise import normalise
from tagger.periods import find_periods, hull

TITLE_STANDARD, DESCRIPTION_STANDARD = 255, 500
"""The standard's limits, in characters."""
_TITLE_LEAST, _DESCRIPTION_LEAST = 4, 8
"""Letters. 站牌 and 水位計 do not tell where; no description of fewer than eight told more than its title."""

# Words that say of what form the data are, or that they are data at all.
_FORM = re.compile(
    r"資料集描述|資料集|(?:統計|基本|相關)資料(?!集)|相關資訊|統計表|一覽表|彙整表|明細表|清冊|名冊|名單|清單"
    r"|目錄|總表|報表|統計|資料|資訊|內容|表"
)
_SAYS_NOTHING = re.compile(
    r"(?:本項|本)?資料集?(?:係|為)|提供|包含|包括|供民眾(?:參考|參閱|查詢|下載)|供各界參考|供參考|供參|參考|民眾"
    r"|本市|本縣|本府|本局|本署|本部|本處|本所|本公司|描述|等|之|的|及|與|各|為|供|依|" + _FORM.pattern
)
_UNTIDY = re.compile(r"\A\s|\s\Z|[\r\n\t\v\f]|  |　　")


def check_texts(metadata: DatasetMetadata) -> Iterator[Fault]:
    """Title and description."""
    normalised = normalise(metadata.title).text
    title = letters(normalised)
    yield from _check_title(metadata, title)
    yield from _check_period(metadata, normalised)
    yield from _check_description(metadata.description, title)


def _check_title(metadata: DatasetMetadata, title: str) -> Iterator[Fault]:
    written = metadata.title
    if len(written) > TITLE_STANDARD:
        yield Fault(
            "title-too-long",
            "title",
            f"標題有 {len(written)} 字，標準規範的上限是 {TITLE_STANDARD} 字。",
            "請只留下對象、範圍與資料內容，其餘移到資料集描述。",
        )
    yield from _check_subject(metadata, title)
    if _UNTIDY.search(written):
        yield Fault(
            "title-untidy",
            "title",
            "標題的開頭、結尾或中間有多餘的空白或換行。",
            f"請改為「{tidy(written)}」。",
        )


def _check_subject(metadata: DatasetMetadata, title: str) -> Iterator[Fault]:
    agency = (metadata.publisher or "").strip()
    rest = title.removeprefix(core(agency)) if agency else title
    if _FORM.sub("", rest):
        if len(title) < _TITLE_LEAST and not title.endswith("法"):
            yield Fault(
                "title-too-short",
                "title",
                f"標題只有 {len(title)} 字，看不出是哪裡、什麼範圍的資料。",
                f"請補上地區或機關與資料內容，例如「{agency or '○○市'}{tidy(metadata.title)}一覽」。",
            )
    elif rest != title:
        yield Fault(
            "title-only-agency",
            "title",
            f"標題除了機關名稱，只有{quote(rest)}。" if rest else "標題只有機關名稱。",
            f"請寫出資料的主題，例如「{agency}○○{rest or '名冊'}」。",
        )
    else:
        yield Fault(
            "title-without-subject",
            "title",
            f"標題{quote(metadata.title)}只說了形式，沒有說是什麼的資料。",
            f"請在前面寫出主題，例如「○○{rest or '名冊'}」。",
        )


def _check_period(metadata: DatasetMetadata, title: str) -> Iterator[Fault]:
    if metadata.temporal_coverage_from or metadata.temporal_coverage_to:
        return
    periods = find_periods(title)
    if not periods:
        return
    first, last = hull(periods)
    says = "、".join(dict.fromkeys(f"「{title[period.start : period.end]}」" for period in periods[:3]))
    days = (("temporalCoverageFrom", first), ("temporalCoverageTo", last))
    fill = "、".join(f"{name} 填 {day.isoformat()}" for name, day in days if day)
    yield Fault(
        "title-holds-period",
        "title",
        f"標題寫了期間{says}，但收錄期間欄位空白，無法依時間查詢。",
        f"請將 {fill}。",
    )


def _check_description(text: str | None, title: str) -> Iterator[Fault]:
    says = core(text or "")
    if text is None or is_placeholder(says):
        yield Fault(
            "description-missing",
            "description",
            f"資料集描述只寫{quote(text)}。" if text and text.strip() else "沒有資料集描述。",
            "請寫明資料的內容、範圍、來源與更新方式，讓沒看過檔案的人也能判斷是否合用。",
        )
    elif len(text) > DESCRIPTION_STANDARD:
        yield Fault(
            "description-too-long",
            "description",
            f"資料集描述有 {len(text)} 字，標準規範的上限是 {DESCRIPTION_STANDARD} 字。",
            f"請縮短 {len(text) - DESCRIPTION_STANDARD} 字以上；條文或計畫緣由可移到備註或相關網址。",
        )
    elif _adds_nothing(says, title):
        yield Fault(
            "description-repeats-title",
            "description",
            f"資料集描述{quote(text)}沒有標題以外的內容。",
            "請補上標題沒說的：資料涵蓋的對象與範圍、來源、統計方式、更新方式或使用限制。",
        )
    elif len(says) < _DESCRIPTION_LEAST:
        yield Fault(
            "description-too-short",
            "description",
            f"資料集描述{quote(text)}只有 {len(says)} 字，不足以說明資料。",
            "請至少以一句話寫明資料的內容、範圍與來源。",
        )


def _adds_nothing(says: str, title: str) -> bool:
    """Whether a text has no characters but the title's, in any order, and words that say nothing."""
    if says == title:
        return True
    if len(says) > 2 * len(title) + 20:
        return False
    rest = _SAYS_NOTHING.sub("", says)
    return len(rest) <= len(title) and not Counter(rest) - Counter(title)
