"""Terms of the categories, each a small dataset to learn from: what no annotated title happens to say."""

from importlib.resources import files
from typing import NamedTuple

from tagger.categories import category_names


class CategoryTerm(NamedTuple):
    """A term with the category that it speaks for, and others that it also fits."""

    term: str
    primary: str
    also: tuple[str, ...]


def category_terms() -> list[CategoryTerm]:
    """The terms of `resources/category-terms.txt`: a line has codes joined by +, a colon, and terms.

    A term on several lines speaks for the first and also fits the others.
    """
    text = files("tagger").joinpath("resources/category-terms.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            codes, _, terms = line.partition(":")
            for term in terms.split():
                known = found.setdefault(term, [])
                known += [code for code in codes.split("+") if code not in known]
    unknown = {code for codes in found.values() for code in codes} - category_names().keys()
    if unknown:
        raise ValueError(f"category-terms.txt names unknown categories: {', '.join(sorted(unknown))}")
    return [CategoryTerm(term, codes[0], tuple(codes[1:])) for term, codes in found.items()]
