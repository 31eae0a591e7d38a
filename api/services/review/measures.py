"""Measures of decisions: a share with its interval, and agreement beyond chance."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from models.review.statistics import Pair

_Z = 1.959963984540054
"""The normal deviate of a two-sided 95% interval."""
_MOST_DIFFERENCES = 10


class Share(NamedTuple):
    """How many decisions were right, as a share with its 95% interval by Wilson's score method.

    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22(158), 209-212. Unlike the usual interval it holds for few decisions and for shares near
    0 and 1.

    Attributes:
        share, low, high: 0 to 1; None where nothing was decided.
    """

    decisions: int
    right: int
    share: float | None = None
    low: float | None = None
    high: float | None = None


def share_of(right: int, decisions: int) -> Share:
    """A share with its interval."""
    if not decisions:
        return Share(0, 0)
    share = right / decisions
    weight = _Z**2 / decisions
    centre = (share + weight / 2) / (1 + weight)
    spread = _Z * sqrt(share * (1 - share) / decisions + weight / (4 * decisions)) / (1 + weight)
    return Share(decisions, right, share, max(centre - spread, 0.0), min(centre + spread, 1.0))


class Difference(NamedTuple):
    """How many datasets one opinion put into one category and the other into the other; None: into none."""

    one: str | None
    other: str | None
    datasets: int


class CategoryAgreement(NamedTuple):
    """Agreement on one category.

    Attributes:
        opinions: how often it was chosen, first and second opinions together.
        agreed: how many datasets both chose it for.
        share: of these opinions, those that the other one shares: 2 agreed / opinions.
    """

    category_code: str | None
    opinions: int
    agreed: int
    share: float


class Agreement(NamedTuple):
    """How far first and blind second opinions on the same datasets agree.

    J. Cohen (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20(1),
    37-46: kappa = (observed - chance) / (1 - chance). Chance agreement is what opinions would share that were drawn
    independently: the sum over the categories of the share among first opinions times the share among second ones.
    No category (退回) counts as a category of its own.

    Attributes:
        datasets: those with two opinions.
        agreed: those for which both chose the same.
        observed, chance: shares; None where there are no datasets.
        kappa: 1 for full agreement, 0 for that of chance; None where there are no datasets or chance agreement is 1,
            so that there is nothing to agree on.
        differences: the pairs of categories for which opinions differed most often, at most ten.
        categories: by how many opinions are not shared.
    """

    datasets: int
    agreed: int
    observed: float | None
    chance: float | None
    kappa: float | None
    differences: list[Difference]
    categories: list[CategoryAgreement]


def agreement_of(pairs: Sequence[Pair]) -> Agreement:
    """The agreement of pairs of opinions."""
    datasets = sum(pair.datasets for pair in pairs)
    if not datasets:
        return Agreement(0, 0, None, None, None, [], [])
    first, second, both = Counter[str | None](), Counter[str | None](), Counter[str | None]()
    differences = Counter[tuple[str | None, str | None]]()
    for pair in pairs:
        first[pair.first] += pair.datasets
        second[pair.second] += pair.datasets
        if pair.first == pair.second:
            both[pair.first] += pair.datasets
        else:
            one, other = sorted((pair.first, pair.second), key=_by_code)
            differences[one, other] += pair.datasets
    agreed = both.total()
    # Whole numbers up to the end: of one category only, chance agreement is exactly 1.
    by_chance = sum(first[code] * second[code] for code in first)
    whole = datasets * datasets
    kappa = (agreed * datasets - by_chance) / (whole - by_chance) if by_chance != whole else None
    return Agreement(
        datasets,
        agreed,
        agreed / datasets,
        by_chance / whole,
        kappa,
        [Difference(*codes, count) for codes, count in _ranked(differences)[:_MOST_DIFFERENCES]],
        _categories(first + second, both),
    )


def _categories(opinions: Counter[str | None], both: Counter[str | None]) -> list[CategoryAgreement]:
    found = [
        CategoryAgreement(code, count, both[code], 2 * both[code] / count) for code, count in opinions.items()
    ]
    return sorted(found, key=lambda one: (2 * one.agreed - one.opinions, _by_code(one.category_code)))


def _ranked(
    differences: Counter[tuple[str | None, str | None]],
) -> list[tuple[tuple[str | None, str | None], int]]:
    return sorted(
        differences.items(), key=lambda item: (-item[1], _by_code(item[0][0]), _by_code(item[0][1]))
    )


def _by_code(code: str | None) -> str:
    """Orders codes as the official list does, with no category last."""
    return code or "~"
