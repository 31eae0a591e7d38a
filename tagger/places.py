"""The counties and townships of Taiwan that a text names.

22 counties and cities, 368 townships and districts, from `resources/places.csv` (checked name by name against
two public lists). The older names of places that were merged or raised lead to today's: 臺北縣 to 新北市,
板橋市 to 板橋區, 員林鎮 to 員林市.

What counts:
- A county or city by its whole name (臺中市), and by its short one (臺中捷運) where that cannot be something
  else: not 全臺中小學, 資金門檻, 基隆河, 彰化銀行, 臺北大學, 臺中區農業改良場, 標準檢驗局臺南分局.
- 新竹 and 嘉義 alone say neither the city nor the county, so they say nothing.
- A township by its whole name. One whose name several counties have (中正區), or that is an ordinary word
  (新社區), needs its county from the text or from the publisher; a name of one character (東區) must stand
  right behind its county, or behind another township of it (臺中市中區、東區).
- Where the text names counties, a township of another one does not count: 臺北市奇岩新社區 is not in 臺中市.

The texts are those of `tagger.normalise`, where 台 is 臺 already.
"""

import csv
import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from tagger.normalise import normalise

_AMBIGUOUS = frozenset({"新竹", "嘉義"})
_TWO_AT_ONCE = {"新竹縣市": ("新竹縣", "新竹市"), "嘉義縣市": ("嘉義縣", "嘉義市")}
# Longer words that begin or end like a place and are none; the longest match wins.
_NOT_PLACES = (
    *("新北投", "中華臺北", "臺北港", "基隆河", "基隆路", "金門街", "金門高粱", "南投資"),
    *("森林園區", "竹林園區", "奇岩新社區", "臺北外匯", "臺北外幣", "臺北飛航", "臺北翡翠"),
    *("臺北經濟文化", "臺北代表處", "臺北辦事處", "臺北商務", "臺北富邦"),
    # These prisons carry the name of 臺北 and stand in 桃園市 and 新北市.
    *("臺北監獄", "臺北看守所", "臺北女子看守所", "臺北少年觀護所"),
)
# Behind a short name: an agency's branch, a bank, a school or a street that only bears the name.
_BEARS_THE_NAME = re.compile(
    r"區|路(?!燈|邊|跑|外|口|面|段|況)|街(?!頭)|河(?!川)|銀行|商銀|商業銀|農田水利會|客運|分署|分局|分關|業務組|營業處"
    r"|[一-鿿]{0,5}大學"
)
# Characters that join with a short name into another word: 全臺/中小學, 資金/門檻.
_JOINS_NEXT = {
    "臺中": re.compile(r"小|國(?![際家立])|央|華|英|文(?![化心創學])|低|期"),
    "臺南": re.compile(r"北"),
    "臺東": re.compile(r"[南北]亞|歐"),
    "金門": re.compile(r"[檻診]"),
}
_JOINS_FIRST = {
    "臺": frozenset("全電舞平櫃後砲月講灶擂井燈塔"),
    "新": frozenset("更創革最翻嶄全重"),
    "南": frozenset("向東西越對新"),
    "金": frozenset("黃資基現押租獎罰美酬薪"),
}
# Behind a township: a zone, a market, or an agency's area that only bears the name.
_NO_TOWNSHIP = re.compile(
    r"域|場|農業改良|國稅|漁會|監理|營業處|業務組|水資源|養護|管理處|職業訓練|老人之家|電信"
)
# Townships whose names are also ordinary words (最新社區, 十大園區): not in the middle of a text.
_ORDINARY_WORDS = frozenset({"新社區", "新市區", "大社區", "大園區", "林園區", "山上區", "西港區", "安定區"})
_BETWEEN = frozenset(" -_()、,及和與~:.·/")
_WORD_GOES_ON = re.compile("[一-鿿](?<![年月日度季市縣及與和至於])")


class Place(NamedTuple):
    """A place that a text names.

    Attributes:
        county: today's name of the county or city.
        township: today's name of the township or district, empty where only the county is named.
        start: position of its first character.
        end: position behind its last.
    """

    county: str
    township: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """County and township: 臺中市, 臺中市大里區."""
        return self.county + self.township


class _Spelling(NamedTuple):
    """A way to write a place; `townships` holds county → today's township, or is empty for a county."""

    text: str
    counties: tuple[str, ...]
    townships: dict[str, str]


class _Gazetteer(NamedTuple):
    automaton: AhoCorasick
    spellings: tuple[_Spelling, ...]


def _rows() -> Iterator[tuple[str, str, list[str]]]:
    """County, township (empty for the county itself) and the other spellings, normalised."""
    text = files("tagger").joinpath("resources/places.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        also = [normalise(name).text for name in row["also"].split(";") if name]
        yield normalise(row["county"]).text, normalise(row["township"]).text, also


@cache
def counties() -> dict[str, tuple[str, ...]]:
    """Each county or city with its townships or districts, in the order of the official list."""
    result: dict[str, list[str]] = {}
    for county, township, _also in _rows():
        result.setdefault(county, []).extend([township] if township else [])
    return {county: tuple(townships) for county, townships in result.items()}


@cache
def _gazetteer() -> _Gazetteer:
    whole: dict[str, tuple[str, ...]] = dict(_TWO_AT_ONCE)
    parts: dict[str, dict[str, str]] = {}
    for county, township, also in _rows():
        if township:
            for name in (township, *also):
                parts.setdefault(name, {})[county] = township
            continue
        for name in (county, county[:2], *also):
            whole[name] = () if name in _AMBIGUOUS else (county,)
    spellings = [_Spelling(name, owners, {}) for name, owners in whole.items()]
    spellings += [_Spelling(name, tuple(owners), owners) for name, owners in parts.items()]
    # Some agencies write 巿 (U+5DFF, another character) for 市.
    spellings += [
        item._replace(text=item.text.replace("市", "巿")) for item in spellings if "市" in item.text
    ]
    spellings += [_Spelling(name, (), {}) for name in _NOT_PLACES]
    automaton = AhoCorasick([item.text for item in spellings], matchkind=MatchKind.LeftmostLongest)
    return _Gazetteer(automaton, tuple(spellings))


def find_places(text: str, home: Collection[str] = (), *, short_names: bool = True) -> list[Place]:
    """The places that a text names, in its order.

    Args:
        text: normalised.
        home: counties that the publisher's name names: they decide between townships of one name.
        short_names: whether 臺中 alone counts for 臺中市.
    """
    automaton, spellings = _gazetteer()
    matches = [
        (spellings[index], start, end)
        for index, start, end in automaton.find_matches_as_indexes(text)
        if _stands(spellings[index], text, start, end, short_names)
    ]
    named = {county for item, _start, _end in matches if not item.townships for county in item.counties}
    found: list[Place] = []
    for item, start, end in matches:
        if not item.townships:
            found += [Place(county, "", start, end) for county in item.counties]
            continue
        near = found[-1].county if found and _joined(text, found[-1].end, start) else None
        county = _county_of(item, near, named or home, text, start)
        if county:
            found.append(Place(county, item.townships[county], start, end))
    return found


def whole_place(text: str) -> str | None:
    """The place that a text names and nothing beside it, by its name of today: 高雄 and 高雄市 are 高雄市."""
    whole = normalise(text.strip()).text
    for place in find_places(whole):
        if (place.start, place.end) == (0, len(whole)):
            return place.name
    return None


def _stands(item: _Spelling, text: str, start: int, end: int, short_names: bool) -> bool:
    """Whether a match is the place and not a piece of another word."""
    if item.townships:
        return _NO_TOWNSHIP.match(text, end) is None
    if len(item.text) > 2:
        return bool(item.counties)
    return (
        short_names
        and bool(item.counties)
        and not (start and text[start - 1] in _JOINS_FIRST.get(item.text[0], ""))
        and not (item.text in _JOINS_NEXT and _JOINS_NEXT[item.text].match(text, end))
        and _BEARS_THE_NAME.match(text, end) is None
    )


def _joined(text: str, end: int, start: int) -> bool:
    return start - end <= 2 and _BETWEEN.issuperset(text[end:start])


def _county_of(
    item: _Spelling, near: str | None, context: Collection[str], text: str, start: int
) -> str | None:
    """The county that a township is in, or None where the text does not tell."""
    if near in item.townships:
        return near
    if len(item.text) == 2:
        return None
    if item.text in _ORDINARY_WORDS and start and _WORD_GOES_ON.match(text, start - 1):
        return None
    candidates = [county for county in item.counties if county in context] if context else item.counties
    if len(candidates) != 1 or (not context and item.text in _ORDINARY_WORDS):
        return None
    return candidates[0]
