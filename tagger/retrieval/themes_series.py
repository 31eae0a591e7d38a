"""Which titles are one series: the same but for the year, the place, or a number."""

import re
from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind

from tagger.places import counties
from tagger.simplify import fold

_NUMBERS = re.compile(
    r"[0-9]+|[〇零一二三四五六七八九十百]+(?=年|月|季|期|届|次|版|区|号|级|学年)|(?:上|下)(?=半年|学期)"
)
_PERIODS = re.compile(r"#(?:学年度?|年度?|月份?|季|半年|日)|民国|(?:#|[-~至到、,.]){2,}")
_ORGANS = re.compile(r"(?:县|市)?政府(?=.)")
_LETTERS = re.compile(r"[^\w#]+|_")
_PLACE, _NUMBER = "@", "#"


@cache
def _places() -> tuple[AhoCorasick, int]:
    names: dict[str, None] = {}
    for county, townships in counties().items():
        for name in (county, county[:2], *townships, *(t[:-1] for t in townships if len(t) > 2)):
            names[fold(name).text] = None
    return AhoCorasick(list(names), matchkind=MatchKind.LeftmostLongest), len(names)


def series_of(title: str) -> str:
    """What a title has in common with its series; equal for 112年度大安區公園名冊 and 113年度中山區公園名冊.

    Args:
        title: as written or folded; blanks do not matter.
    """
    text = fold(title).text.replace(" ", "")
    masked: list[str] = []
    position = 0
    automaton, _ = _places()
    for _, start, end in automaton.find_matches_as_indexes(text):
        masked += [text[position:start], _PLACE]
        position = end
    text = "".join([*masked, text[position:]])
    text = _ORGANS.sub("", text)
    text = _NUMBERS.sub(_NUMBER, text)
    text = _PERIODS.sub(_NUMBER, text)
    text = re.sub(rf"[{_NUMBER}{_PLACE}]+", "", text)
    return _LETTERS.sub("", text) or fold(title).text
