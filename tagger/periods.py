"""The periods that a text names, as dates.

Read are years of the Republic (民國107年, 107年度, 一百零七年; year 1 is 1912) and of the common era (2018年,
2018), their months, days, quarters and halves, school years (107學年度 is 2018-08-01 to 2019-07-31), lists
and ranges (107-109年, 107年1月至6月, 2018~2020), dates in digits (107/03/01, 1070301, 201803) and open ends
(107年起, 截至107年底).

A number alone is no year: 第107條, 107筆, 307路線, 1999專線, 近5年 and 100年重現期 name no period. 2018 alone
does, where no unit, letter or digit touches it. A year of the Republic without 民國 must lie between 70 and
two years from now. Dates of a rule (107年3月1日修正) say nothing of the data and are left out.

The texts are those of `tagger.normalise`. Time is linear in the text: every repetition in the expressions is
bounded, and no number is looked at from its middle.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

REPUBLIC = 1911
"""What makes a year of the Republic one of the common era when added."""
_EARLIEST, _LATEST = 1895, 2100
_LEAST_BARE = 70
_LEAST_IN_RANGE = 34
"""The first years that are believed without 民國, alone and in a range: smaller numbers are durations."""

_CHINESE = "〇零○一二三四五六七八九十百"
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_MONTH = r"(?:(?:1[0-2]|0?[1-9])(?!\d)|十[一二]?|[一二三四五六七八九])"
_TO = r"\s?[-~–—─至到、,及和與]\s?"
# What makes of a number an amount, an address or a part of a name.
_UNIT = r"[元萬億件筆人戶個號路公米克k字張條項歲頁座m%:多餘套處次場年月日]"

_YEARS = (
    r"(?:(?P<era>民國|西元|公元)\s?)?"
    rf"(?P<early>(?:\d{{2,4}}\s?(?:學?年度?)?{_TO}(?:民國)?){{0,7}})"
    rf"(?P<year>\d{{2,4}}|[{_CHINESE}]{{2,6}}|(?<=民國)\d)\s?(?P<unit>學年度?|年度?)"
)
_WITHOUT_YEAR_SIGN = {
    "day": r"(?P<day_year>\d{2,4})(?P<mark>[./-])(?P<day_month>\d\d?)(?P=mark)(?P<day_day>\d\d?)(?![\d./-])",
    "month": r"(?P<month_year>(?:19|20)\d\d)[/-](?P<month_month>0[1-9]|1[0-2])(?![\d/-])",
    "roc_month": r"(?P<roc_year>1\d\d)[./](?P<roc_month_of>\d\d?)月",
    "quarter": r"(?P<quarter_year>\d{3,4})\s?(?:q(?P<q>[1-4])(?![\da-z])|第(?P<nth>[1-4一二三四])季)",
    "half": r"(?P<half_year>\d{2,4})(?P<which>[上下])半年?",
    "compact": rf"(?P<digits>\d{{5,8}})(?![\da-z./-]|\s?{_UNIT})",
    "span": rf"(?P<low>\d{{2,4}})\s?[-~–—至到]\s?(?P<high>\d{{3,4}})(?![\d./a-z-]|\s?{_UNIT})",
    "lone": rf"(?P<lone_year>(?:19|20)\d\d)(?:(?P<open>[-~](?=\)|$))|(?![\d./a-z~-]|\s?{_UNIT}))",
    "republic": r"民國\s?(?P<named>\d{3})(?![\d年學])",
}
_POINT = re.compile(
    rf"(?<![\d./])(?:(?P<years>{_YEARS})|(?<![a-z])(?<![\da-z]-)(?:"
    + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _WITHOUT_YEAR_SIGN.items())
    + "))",
    re.ASCII,
)
# Where a period can begin; a number is passed over as a whole.
_CANDIDATE = re.compile(rf"\d+|民國|西元|公元|[{_CHINESE}]{{2,6}}\s?學?年", re.ASCII)
_WITHIN = re.compile(
    rf"\s?(?:(?P<m1>{_MONTH})"
    rf"(?:月份?(?:(?P<d1>\d\d?)日)?(?:{_TO}(?:(?P<m2>{_MONTH})月份?(?:(?P<d2>\d\d?)日)?|(?P<d3>\d\d?)日))?"
    rf"|{_TO}(?P<m3>{_MONTH})月份?)"
    rf"|(?P<to>[至到])?第?(?P<q1>[1-4一二三四])(?:季?{_TO}第?(?P<q2>[1-4一二三四]))?季"
    r"|q(?P<q>[1-4])(?![\da-z])"
    r"|(?P<half>[上下])半年?"
    r"|(?:第(?P<term>[12一二])|(?P<half_term>[上下]))學期)",
    re.ASCII,
)
_AFTER = re.compile(
    r"[底末初]?(?:(?P<since>\s?(?:起(?!\s?[至到迄~、造訖點-])|以後|以來|之後|[至迄]今))"
    r"|(?P<until>以前|之前|底?止|(?<=日)前)"
    r"|(?P<rule>\s?(?:[修增制訂][正訂定]|函|版))"
    r"|(?P<rule_of_a_day>\s?(?:公布|發布|施行|令|總統|更新|核定|生效|頒|召開|簽署)))?"
)
_UNTIL = re.compile(r"(?:截至|截止|迄|迄至|累計至|統計至|更新至)\s?$")
_DURATION_BEFORE = frozenset("近前約滿逾達每過")
_DURATION_AFTER = re.compile(
    r"以上|以下|以內|期|重現|代|間|來|齡|限|歷史|頻率|洪水|防洪|降雨|一遇|老|級|多|餘"
)
_RANGE = re.compile("[至到~-]")
_DIGIT = re.compile("[0-9]")
_EARLY = re.compile(r"(\d{2,4})\s?(學?年)?", re.ASCII)


class Period(NamedTuple):
    """A period that a text names.

    Attributes:
        first: its first day, or None where it is open (截至107年).
        last: its last day, or None where it is open (107年起).
        start: position of its first character.
        end: position behind its last.
    """

    first: date | None
    last: date | None
    start: int
    end: int


class _Read(NamedTuple):
    """What one match says: first and last day, and where the text of it begins and ends."""

    first: date
    last: date
    start: int
    end: int


def find_periods(text: str) -> list[Period]:
    """The periods that a text names, in its order.

    A date of digits alone (名冊1070301) counts where nothing else is named: elsewhere it tells of the file.

    Args:
        text: normalised.
    """
    found: list[Period] = []
    if _DIGIT.search(text) is None and "年" not in text:
        return found
    latest = datetime.now(UTC).year + 2
    position = 0
    while candidate := _CANDIDATE.search(text, position):
        position = candidate.end()
        match = _POINT.match(text, candidate.start())
        if match is None:
            continue
        read = _read(match, latest)
        period = _with_open_ends(match, read) if read else None
        position = max(match.end(), read.end if read else 0, period.end if period else 0)
        if period:
            found.append(period)
    if len(found) > 1:
        return [period for period in found if not _is_compact(text, period)] or found
    return found


def _is_compact(text: str, period: Period) -> bool:
    return period.end - period.start >= 5 and text[period.start : period.end].isdecimal()


def hull(periods: Sequence[Period]) -> tuple[date | None, date | None]:
    """From the first day of all to the last one; None for an end that is open or not named.

    截至 tells the last day, whatever else is named; 起 without it leaves the end open.
    """
    if len(periods) == 1:
        return periods[0].first, periods[0].last
    firsts = [period.first for period in periods if period.first]
    lasts = [period.last for period in periods if period.last]
    until = [period.last for period in periods if period.last and not period.first]
    first = min(firsts, default=None)
    if until and (not firsts or max(until) >= max(firsts)):
        return first, max(until)
    if any(period.last is None for period in periods):
        return first, None
    return first, max(lasts, default=None)


def _with_open_ends(match: re.Match[str], read: _Read) -> Period | None:
    """The period with what stands around it, or None where it is the date of a rule."""
    text = match.string
    around = _AFTER.match(text, read.end)
    kind = around.lastgroup if around else None
    end = around.end() if around and kind in {"since", "until"} else read.end
    if kind == "rule" or (kind == "rule_of_a_day" and read.first == read.last):
        return None
    first, last = read.first, read.last
    if kind == "since" or (match.lastgroup == "lone" and match["open"]):
        return Period(first, None, read.start, end)
    until = kind == "until" and not _RANGE.search(text, read.start, read.end)
    if until or _UNTIL.search(text, max(0, read.start - 5), read.start):
        return Period(None, last, read.start, end)
    return Period(first, last, read.start, end)


def _read(match: re.Match[str], latest: int) -> _Read | None:
    """What a match says, or None where it is no period after all."""
    if match.lastgroup == "years":
        return _years(match, latest)
    days = _days(match, latest)
    return _Read(*days, match.start(), match.end()) if days else None


def _years(match: re.Match[str], latest: int) -> _Read | None:
    """Years with 年 behind them: one, a list or a range, and what part of the last one is meant."""
    part = _WITHIN.match(match.string, match.end())
    # A part of a year, or another year before it, tells that this one is no duration: 66年下半年, 57年至66年.
    least = _LEAST_IN_RANGE if part or "年" in match["early"] else _LEAST_BARE
    year = _year(match["year"], match["era"], match["unit"], (least, latest))
    if year is None or _is_duration(match):
        return None
    early = [
        value
        for number, sign in _EARLY.findall(match["early"])
        if (value := _year_in_range(int(number), match["era"] or sign)) is not None
    ]
    first_year, last_year = min([year, *early]), max([year, *early])
    start = match.start() if early or not match["early"] else match.start("year")
    if match["unit"].startswith("學"):
        whole = date(first_year, 8, 1), date(last_year + 1, 7, 31)
    else:
        whole = date(first_year, 1, 1), date(last_year, 12, 31)
    days = _part(part, year, match["unit"]) if part else None
    if part is None or days is None:
        return _Read(*whole, start, match.end())
    return _Read(whole[0] if early or part["to"] else days[0], days[1], start, part.end())


def _year(number: str, era: str | None, unit: str, believed: tuple[int, int]) -> int | None:
    """The year of the common era, or None where the number is hardly one.

    Args:
        number: digits or Chinese numerals.
        era: 民國, 西元 or 公元, where it says so.
        unit: 年, 年度 or 學年度.
        believed: without an era, the first year of the Republic and the last one of the common era.
    """
    chinese = not number.isdecimal()
    value = _chinese(number) if chinese else int(number)
    if value >= 1000:
        return value if _EARLIEST <= value <= _LATEST and era != "民國" else None
    if era == "民國":
        return value + REPUBLIC if 1 <= value <= _LATEST - REPUBLIC else None
    least = (90 if unit != "年" else 101) if chinese else believed[0]
    return value + REPUBLIC if not era and least <= value <= believed[1] - REPUBLIC else None


def _year_in_range(value: int, certain: str) -> int | None:
    """The year that begins a range or a list; the year that ends it is known to be one."""
    if value >= 1000:
        return value if _EARLIEST <= value <= _LATEST else None
    if not certain and value < _LEAST_IN_RANGE:
        return None
    return value + REPUBLIC if 1 <= value <= _LATEST - REPUBLIC else None


def _is_duration(match: re.Match[str]) -> bool:
    """Whether 年 counts years: 近90年, 100年重現期, 第107年."""
    before = match.string[match.start() - 1] if match.start() else ""
    if match["era"] or before == "第":
        return before == "第"
    if match["unit"] != "年" or match["early"] or not match["year"].isdecimal() or int(match["year"]) > 100:
        return False
    return before in _DURATION_BEFORE or _DURATION_AFTER.match(match.string, match.end()) is not None


def _chinese(number: str) -> int:
    """一百零七, 一〇七 and 二〇一八 as numbers."""
    if "十" not in number and "百" not in number:
        return int("".join(str(_DIGITS[character]) for character in number))
    total = digit = 0
    for character in number:
        weight = {"十": 10, "百": 100}.get(character)
        total += (digit or 1) * weight if weight else 0
        digit = 0 if weight else _DIGITS[character]
    return total + digit


def _small(number: str) -> int:
    return int(number) if number.isdecimal() else _chinese(number)


def _part(part: re.Match[str], year: int, unit: str) -> tuple[date, date] | None:
    """Months, quarters, halves or terms of a year."""
    if part["term"] or part["half_term"]:
        if not unit.startswith("學"):
            return None
        first = (part["term"] or part["half_term"]) in "1一上"
        return (
            (date(year, 8, 1), date(year + 1, 1, 31))
            if first
            else (date(year + 1, 2, 1), date(year + 1, 7, 31))
        )
    if part["half"]:
        return _months(year, 1, 6) if part["half"] == "上" else _months(year, 7, 12)
    if quarter := part["q1"] or part["q"]:
        return _months(year, _small(quarter) * 3 - 2, _small(part["q2"] or quarter) * 3)
    low = _small(part["m1"])
    high = _small(part["m2"] or part["m3"] or part["m1"])
    return _months(
        year, low, high, part["d1"], part["d2"] or part["d3"] or (None if part["m2"] else part["d1"])
    )


def _months(
    year: int, low: int, high: int, first: str | None = None, last: str | None = None
) -> tuple[date, date] | None:
    """From a month of a year to another one, and from a day to a day; None where there are no such days."""
    end = monthrange(year, high)[1]
    start_day, end_day = int(first or 1), int(last or end)
    if not 1 <= start_day <= monthrange(year, low)[1] or not 1 <= end_day <= end:
        return None
    days = date(year, low, start_day), date(year, high, end_day)
    return days if days[0] <= days[1] else None


def _days(match: re.Match[str], latest: int) -> tuple[date, date] | None:
    """The first and last day of what is written without 年."""
    kind = match.lastgroup
    if kind == "span":
        return _span(match, latest)
    if kind == "lone":
        year = int(match["lone_year"])
        return _whole(year, year) if (2000 if not match["open"] else 1894) < year <= latest else None
    if kind == "republic":
        year = int(match["named"])
        return _whole(year + REPUBLIC, year + REPUBLIC) if 1 <= year <= _LATEST - REPUBLIC else None
    if kind == "compact":
        return _compact(match["digits"], latest)
    if kind == "day":
        return _day(match["day_year"], match["day_month"], match["day_day"], latest)
    return _part_without_sign(match, latest)


def _part_without_sign(match: re.Match[str], latest: int) -> tuple[date, date] | None:
    number = match["month_year"] or match["roc_year"] or match["quarter_year"] or match["half_year"]
    year = _year(number, None, "年", (_LEAST_BARE, latest))
    if year is None:
        return None
    if match["which"]:
        return _months(year, 1, 6) if match["which"] == "上" else _months(year, 7, 12)
    if quarter := match["q"] or match["nth"]:
        return _months(year, _small(quarter) * 3 - 2, _small(quarter) * 3)
    month = int(match["month_month"] or match["roc_month_of"])
    return _months(year, month, month) if 1 <= month <= 12 else None


def _whole(first: int, last: int) -> tuple[date, date]:
    return date(first, 1, 1), date(last, 12, 31)


def _span(match: re.Match[str], latest: int) -> tuple[date, date] | None:
    """2018-2020 anywhere; 107-109 only in brackets, or where the text begins or ends with it."""
    low, high, text = int(match["low"]), int(match["high"]), match.string
    if len(match["low"]) == len(match["high"]) == 4:
        return _whole(low, high) if _EARLIEST <= low < high <= latest else None
    alone = (
        match.start() == 0
        or text[match.start() - 1] == "("
        or text[match.end() : match.end() + 1] in {"", ")"}
    )
    fits = len(match["high"]) == 3 and 80 <= low < high <= latest - REPUBLIC
    return _whole(low + REPUBLIC, high + REPUBLIC) if alone and fits else None


def _compact(digits: str, latest: int) -> tuple[date, date] | None:
    """10703, 201803, 1070301 and 20180301; numbers that are no dates of these decades are something else."""
    width = 3 if len(digits) in {5, 7} else 4
    year, month = int(digits[:width]), int(digits[width : width + 2])
    year += REPUBLIC if width == 3 else 0
    if not (1990 if width == 4 else REPUBLIC + 90) <= year <= latest or not 1 <= month <= 12:
        return None
    day = digits[width + 2 :] or None
    return _months(year, month, month, day, day)


def _day(year: str, month: str, day: str, latest: int) -> tuple[date, date] | None:
    value = int(year)
    value += REPUBLIC if len(year) < 4 else 0
    least = _EARLIEST if len(year) == 4 else REPUBLIC + 80
    if not least <= value <= (_LATEST if len(year) == 4 else latest) or not 1 <= int(month) <= 12:
        return None
    return _months(value, int(month), int(month), day, day)
