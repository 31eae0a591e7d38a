"""What a check hands back, and how texts are compared and quoted in it."""

import re
from functools import lru_cache
from typing import NamedTuple

from tagger.normalise import normalise

QUOTED = 24
"""Characters of a text that a message quotes."""
_NO_WORD = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")
_PLACEHOLDERS = frozenset(
    (
        "",
        "無",
        "略",
        "空",
        "na",
        "null",
        "none",
        "nil",
        "test",
        "測試",
        "待補",
        "暫無",
        "如題",
        "同上",
        "詳內",
        "文本",
    )
) | {
    "如附件",
    "詳如附件",
    "詳見附件",
    "如附檔",
    "如圖所示",
    "檔案",
    "檔案資料",
    "文本資料",
    "文本語料",
    "資料集描述",
}


class Fault(NamedTuple):
    """What a check found.

    Attributes:
        rule: its id in `tagger.lint.RULES`.
        field: the standard's name of the field.
        message: what is wrong, in 繁體中文.
        fix: how to mend it, in 繁體中文.
    """

    rule: str
    field: str
    message: str
    fix: str


def tidy(text: str) -> str:
    """The text with single spaces and none around it."""
    return _SPACES.sub(" ", text).strip()


def quote(text: str) -> str:
    """The text in brackets, cut where it is long."""
    short = tidy(text)
    return f"「{short[:QUOTED]}…」" if len(short) > QUOTED else f"「{short}」"


def letters(normalised: str) -> str:
    """The letters and digits of a normalised text: what is left to compare."""
    return _NO_WORD.sub("", normalised)


@lru_cache(maxsize=64)
def core(text: str) -> str:
    """The letters and digits of a text, normalised. Several checks of one record compare the same texts."""
    return _NO_WORD.sub("", normalise(text).text)


def is_placeholder(letters_of_it: str) -> bool:
    """Whether a field was filled only because it had to be: 無, NA, 如附件, 文本資料."""
    return letters_of_it in _PLACEHOLDERS
