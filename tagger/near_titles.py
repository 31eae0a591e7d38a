"""Titles that differ in how they are written but name the same dataset.

Two titles are near when their characters nearly agree (normalised similarity of the Indel distance, as rapidfuzz's
`ratio` computes it) and what tells the datasets of a series apart agrees exactly: numbers (106年 is not 107年), counties
and townships, and single characters such as 男 and 女 or 進 and 出.

However near, two titles may be of two datasets: 預算 and 決算, 中文版 and 英文版 differ by a character. So near ones are
the same only where nothing but words of form differs (資料, 統計表, 名冊) and the agency's name in front; the others are
to be shown to somebody. docs/statistics-report.md has what was measured.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from tagger.metadata import TITLE_LENGTH
from tagger.normalise import normalise
from tagger.places import find_places

LIKE = 88.0
"""From this likeness on two titles of one agency may well name the same dataset, 0 to 100."""
MARGIN = 4.0
"""By so much one must be ahead of others that may be the same, too."""
WORTH_SHOWING = 70.0
"""From this likeness on a title is worth showing to somebody who looks for it."""
_MOST = 5
_LOOKED_AT = 40
_CHUNK = 500
_NUMBER = re.compile(r"[0-9]+")
_TELLING = frozenset(
    "一二三四五六七八九十百甲乙丙丁上下內外男女東西南北大小進出新舊前後年季月週日國縣市鄉鎮區里公私老幼水陸海空"
)
_FORM = re.compile(
    r"資料集|資料|資訊|統計|一覽|清冊|名冊|名單|清單|明細|情形|概況|相關|(?<=年)度|[的之及與和暨表檔冊各]|分$"
)


class Near(NamedTuple):
    """A title that is like another one.

    Attributes:
        place: its position among the titles that were looked at.
        likeness: 0 to 100.
        same: whether nothing but words of form differs.
    """

    place: int
    likeness: float
    same: bool


def title_key(title: str) -> str:
    """A title as it is compared for being equal: one spelling, no blanks; as much of it as a title may have."""
    return _key(title[:TITLE_LENGTH])


def likeness(one: str, other: str) -> float:
    """How nearly the characters of two titles agree, 0 to 100."""
    return float(fuzz.ratio(letters(one), letters(other)))


def nearest(titles: Sequence[str], among: Sequence[str], names: Sequence[str] = ()) -> list[list[Near]]:
    """For each title those that are like it and agree in what tells a series apart, at most five.

    Those that are the same come first, then by likeness.

    Args:
        titles: to look for.
        among: to look at.
        names: of the agency, which may stand in front of a title or not.
    """
    if not among:
        return [[] for _ in titles]
    front = tuple(sorted({letters(name) for name in names if name}, key=len, reverse=True))
    bare = [_without(title, front) for title in among]
    found: list[list[Near]] = []
    for start in range(0, len(titles), _CHUNK):
        part = [_without(title, front) for title in titles[start : start + _CHUNK]]
        ratios = process.cdist(part, bare, scorer=fuzz.ratio, score_cutoff=WORTH_SHOWING, dtype=np.float32)
        found.extend(_agreeing(one, bare, row) for one, row in zip(part, ratios, strict=True))
    return found


def settled(near: Sequence[Near]) -> Near | None:
    """The one that is the same, or None where none is, or several are."""
    same = [one for one in near if one.same]
    if not same or (len(same) > 1 and same[0].likeness - same[1].likeness < MARGIN):
        return None
    return same[0]


def likely(near: Sequence[Near]) -> list[Near]:
    """Those to choose from where nothing is settled; empty where none is like enough."""
    same = [one for one in near if one.same]
    if same:
        return same
    return [one for one in near if one.likeness >= max(LIKE, near[0].likeness - MARGIN)]


def letters(title: str) -> str:
    """A title without blanks and punctuation; as much of it as a title may have."""
    return _letters(title[:TITLE_LENGTH])


# A cell of a table may hold a million characters: the caches are given none of them.
@lru_cache(65_536)
def _key(title: str) -> str:
    return normalise(title).text.replace(" ", "")


@lru_cache(65_536)
def _letters(title: str) -> str:
    return "".join(one for one in normalise(title).text if unicodedata.category(one)[0] in "LN")


def _without(title: str, front: Sequence[str]) -> str:
    """A title's letters without the agency's name in front, unless that is all of it."""
    text = letters(title)
    name = next((one for one in front if text.startswith(one) and len(text) > len(one) + 1), "")
    return text[len(name) :]


def _agreeing(title: str, among: Sequence[str], row: npt.NDArray[np.float32]) -> list[Near]:
    # Two titles without a letter are alike in nothing.
    places = np.flatnonzero(row) if title else np.zeros(0, np.int64)
    ordered = places[np.argsort(-row[places], kind="stable")][:_LOOKED_AT]
    found = [
        Near(int(place), float(row[place]), _core(among[place]) == _core(title))
        for place in ordered
        if _telling(among[place]) == _telling(title)
    ]
    return sorted(found, key=lambda near: (not near.same, -near.likeness))[:_MOST]


@lru_cache(65_536)
def _telling(text: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, int], ...]]:
    """What tells a title apart from others of its series: numbers, places, and characters that make a difference."""
    numbers = tuple(number.lstrip("0") or "0" for number in _NUMBER.findall(text))
    places = tuple(sorted({place.name for place in find_places(text)}))
    marks = Counter(character for character in text if character in _TELLING)
    return numbers, places, tuple(sorted(marks.items()))


@lru_cache(65_536)
def _core(text: str) -> str:
    """What a title says without words of form; all of it where it is nothing else."""
    plain = text.replace("依", "按")
    return _FORM.sub("", plain) or plain
