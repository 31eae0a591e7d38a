"""Agencies by the names they had and have: who answers today for what an agency of before published.

Lists that a portal gave out years ago name agencies that were renamed, merged or divided since. The table
`resources/renamed-agencies.csv` has, for each name of before, the name or names of today, and the act that says so. A
name that begins with one of before is renamed likewise: 行政院農業委員會漁業署 is 農業部漁業署 today.
"""

import csv
import re
from functools import cache, lru_cache
from importlib.resources import files

from tagger.normalise import normalise
from tagger.retrieval.themes_agencies import LOCAL, agency_of

# No bracket opens within: a text of nothing but beginnings is read once, not once from each.
_NOW = re.compile(r"[(（\[]現(?:為|名|稱)?(?P<name>[^()（）\[\]]+)[)）\]]")
# 臺中市政府財政局‧菸酒管理科: the unit behind the point keeps the data, the agency answers for them.
_UNIT = re.compile(r"[‧·・•].*$")
# Prosecutors' offices left the name of the court in May 2018 (法院組織法 第 114-2 條).
_OF_COURT = re.compile(r"法院(?P<branch>.{2}分院)?檢察署$")
_OF_MINISTRY = re.compile(r".{2,6}?[部會院府](?P<own>.{2,}[局處署會所司])$")
_DEEPEST = 4
"""How often a name may have been changed, one change after the other."""
_LONGEST = 1_000
"""Characters of a name that are looked at; a cell of a table may hold a million."""


def agency_key(name: str | None) -> str:
    """An agency's name as it is compared: one spelling, no blanks, without unit or remark; empty where none is given."""
    return _key((name or "")[:_LONGEST])


def agencies_today(name: str | None) -> tuple[str, ...]:
    """The keys under which an agency is known today, the likeliest first; its own where nothing changed.

    Args:
        name: as it was written, "海岸巡防署 (現海巡署)" too.
    """
    return _today((name or "")[:_LONGEST])


def is_renamed(name: str | None) -> bool:
    """Whether an agency has another name today than the one that is written, a unit aside."""
    return agencies_today(name) != (agency_key(name),)


def names_in_titles(name: str | None) -> tuple[str, ...]:
    """What an agency calls itself in front of its titles: each of its names, short and long.

    經濟部礦務局 is 礦務局 there, too; 台灣中油股份有限公司 is 台灣中油公司.
    """
    found: list[str] = []
    for key in (agency_key(name), *agencies_today(name)):
        own = _OF_MINISTRY.match(key)
        found += [key, key.replace("股份有限公司", "公司"), own["own"] if own else key]
    return tuple(dict.fromkeys(one for one in found if one))


def are_related(one: str, other: str) -> bool:
    """Whether one of two agencies is part of the other, told from their keys alone.

    臺中市政府 and 臺中市政府地政局; 基隆市政府 and 基隆市環境保護局.
    """
    if not one or not other:
        return False
    if one.startswith(other) or other.startswith(one):
        return True
    whole = agency_of(one), agency_of(other)
    return whole[0] == whole[1] and whole[0].kind == LOCAL and whole[0].name in {one, other}


@lru_cache(16_384)
def _key(name: str) -> str:
    text = _compact(name)
    return _UNIT.sub("", _NOW.sub("", text)) or text


@lru_cache(16_384)
def _today(name: str) -> tuple[str, ...]:
    key = _key(name)
    found = _followed(key, _DEEPEST)
    remark = _NOW.search(_compact(name))
    if found == (key,) and remark:
        # No table is needed for what the name itself says.
        return _followed(remark["name"], _DEEPEST)
    return found


def _followed(key: str, deepest: int) -> tuple[str, ...]:
    after = _renamed(key)
    if after == (key,) or not deepest:
        return after
    return tuple(dict.fromkeys(name for one in after for name in _followed(one, deepest - 1)))


def _renamed(key: str) -> tuple[str, ...]:
    """The names after one change, or the key alone."""
    table = _table()
    for end in range(min(len(key), _longest_before()), 1, -1):
        after = table.get(key[:end])
        if after and after[0] + key[end:] != key:
            return after if end == len(key) else (after[0] + key[end:],)
    return (_OF_COURT.sub(_without_court, key),)


def _without_court(found: re.Match[str]) -> str:
    """臺灣高等法院臺中分院檢察署 is 臺灣高等檢察署臺中檢察分署."""
    branch = found["branch"]
    return f"檢察署{branch[:2]}檢察分署" if branch else "檢察署"


@cache
def _table() -> dict[str, tuple[str, ...]]:
    text = files("tagger").joinpath("resources/renamed-agencies.csv").read_text(encoding="utf-8")
    return {
        _compact(row["before"]): tuple(map(_compact, row["after"].split(";")))
        for row in csv.DictReader(text.splitlines())
    }


@cache
def _longest_before() -> int:
    return max(map(len, _table()))


def _compact(name: str) -> str:
    return normalise(name).text.replace(" ", "")
