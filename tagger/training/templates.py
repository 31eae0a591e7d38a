"""Which titles are the same but for a year or a place.

「臺北市107年度托嬰中心名冊」 and 「高雄市108年度托嬰中心名冊」 are one title template. Cross-validation must
not let one teach the other, or it measures memory.
"""

import re
from collections.abc import Sequence

from tagger.normalise import normalise

COUNTIES = [
    "臺北",
    "新北",
    "桃園",
    "臺中",
    "臺南",
    "高雄",
    "基隆",
    "新竹",
    "嘉義",
    "苗栗",
    "彰化",
    "南投",
    "雲林",
    "屏東",
    "宜蘭",
    "花蓮",
    "臺東",
    "澎湖",
    "金門",
    "連江",
]
_PLACE = re.compile(f"(?:{'|'.join(COUNTIES)})[市縣]?(?:政府)?|[一-鿿]{{1,2}}[鄉鎮區](?!域|公所)")
_NUMBER = re.compile(r"[0-9〇一二三四五六七八九十百]+")


def template(title: str) -> str:
    """The title with numbers and places masked."""
    return _NUMBER.sub("0", _PLACE.sub("@", normalise(title).text))


def folds(titles: Sequence[str], count: int) -> list[int]:
    """A fold, 0 to count - 1, for each title; the same template always has the same one.

    Templates are dealt out in the order of their first title, so the folds do not depend on chance.
    """
    dealt: dict[str, int] = {}
    return [dealt.setdefault(template(title), len(dealt) % count) for title in titles]
