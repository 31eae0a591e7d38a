"""The 18 service categories (服務分類) of the national open data platform.

Source: code list of 政府資料開放平臺, as kept in `resources/service-categories.csv`.
"""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

PUBLIC_INFORMATION = "I00"
"""公共資訊, the category of last resort."""


class Category(NamedTuple):
    """One service category.

    Attributes:
        code: three characters, `100` to `I00`.
        name: its official name in 繁體中文.
        definition: what belongs to it, in 繁體中文.
        variants: spellings seen in published catalogues that mean it.
    """

    code: str
    name: str
    definition: str
    variants: tuple[str, ...]


@cache
def categories() -> tuple[Category, ...]:
    """The 18 categories in the order of the official list."""
    text = files("tagger").joinpath("resources/service-categories.csv").read_text(encoding="utf-8")
    return tuple(
        Category(row["code"], row["name"], row["definition"], tuple(filter(None, row["variants"].split(";"))))
        for row in csv.DictReader(text.splitlines())
    )


@cache
def category_names() -> dict[str, str]:
    """Code → name of each category."""
    return {category.code: category.name for category in categories()}


@cache
def _codes_by_spelling() -> dict[str, str]:
    return {
        spelling: category.code
        for category in categories()
        for spelling in (category.code, category.name, *category.variants)
    }


def category_code(text: str) -> str | None:
    """The code that a catalogue's cell means, or None where it means none of the 18.

    Accepts a code, a name, the misspellings seen in published catalogues (購屋及遷徒), and a name with the
    number of datasets behind it (`公共資訊 (123)`).
    """
    spelling = text.strip()
    known = _codes_by_spelling()
    if spelling in known:
        return known[spelling]
    name, bracket, _count = spelling.replace("（", "(").partition("(")
    return known.get(name.strip()) if bracket else None
