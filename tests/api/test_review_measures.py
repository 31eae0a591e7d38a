"""Measures of decisions against the libraries that define them."""

import random
import threading
from collections import Counter

import pytest
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from api.services.keeping import Kept
from api.services.review.measures import CategoryAgreement, Difference, agreement_of, share_of
from models.review.statistics import Pair


@pytest.mark.parametrize(("right", "decisions"), [(0, 1), (1, 1), (0, 10), (9, 10), (10, 10), (923, 1000)])
def test_the_interval_of_a_share_is_wilsons(right: int, decisions: int) -> None:
    expected = binomtest(right, decisions).proportion_ci(0.95, "wilson")
    found = share_of(right, decisions)
    assert (found.share, found.decisions, found.right) == (right / decisions, decisions, right)
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high, abs=1e-12)


def test_a_share_of_nothing_is_none() -> None:
    assert share_of(0, 0)[2:] == (None, None, None)


def _pairs(opinions: list[tuple[str | None, str | None]]) -> list[Pair]:
    return [Pair(*codes, count) for codes, count in Counter(opinions).items()]


@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_cohens(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    codes = ["500", "E00", "I00", None][: 2 + seed % 3]
    opinions = []
    for _ in range(200):
        first = draw.choice(codes)
        opinions.append((first, first if draw.random() < 0.7 else draw.choice(codes)))
    first, second = ([code or "-" for code in side] for side in zip(*opinions, strict=True))
    found = agreement_of(_pairs(opinions))
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
    assert found.observed == sum(one == other for one, other in opinions) / 200


def test_kappa_by_hand() -> None:
    found = agreement_of(
        [Pair("500", "500", 20), Pair("500", "E00", 5), Pair("E00", "500", 10), Pair("E00", "E00", 15)]
    )
    assert (found.datasets, found.agreed, found.observed, found.chance) == (50, 35, 0.7, 0.5)
    assert found.kappa == pytest.approx(0.4)
    assert found.differences == [Difference("500", "E00", 15)]
    assert found.categories == [
        CategoryAgreement("500", 55, 20, 40 / 55),
        CategoryAgreement("E00", 45, 15, 30 / 45),
    ]


def test_kappa_is_none_where_chance_alone_would_agree() -> None:
    assert agreement_of([])[:5] == (0, 0, None, None, None)
    found = agreement_of([Pair("500", "500", 7)])
    assert (found.observed, found.chance, found.kappa) == (1, 1, None)
    assert agreement_of([Pair("500", "E00", 1), Pair("E00", "500", 1)]).kappa == -1


def test_what_is_kept_is_made_once_for_all_that_ask_and_again_when_it_is_old() -> None:
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    kept: Kept[int] = Kept(60)
    asking = [threading.Thread(target=lambda: kept.get(make)) for _ in range(20)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert (kept.get(make), made) == (0, [0])
    fleeting: Kept[int] = Kept(0)
    assert (fleeting.get(make), fleeting.get(make)) == (1, 2)
