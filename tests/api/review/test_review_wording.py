"""How numbers and times read."""

from datetime import UTC, datetime

import pytest

from api.review.wording import confidence_word, percent, taipei_time


@pytest.mark.parametrize(
    ("probability", "word", "number"),
    [
        (1.0, "高", ">99%"),
        (0.995, "高", ">99%"),
        (0.8, "高", "80%"),
        (0.7999, "中", "80%"),
        (0.5, "中", "50%"),
        (0.4, "低", "40%"),
        (0.01, "低", "1%"),
        (0.0, "低", "<1%"),
    ],
)
def test_probability_in_a_word_and_a_number(probability: float, word: str, number: str) -> None:
    assert (confidence_word(probability), percent(probability)) == (word, number)


def test_time_is_taipeis() -> None:
    assert taipei_time(datetime(2026, 2, 28, 16, 5, 59, tzinfo=UTC)) == "2026-03-01 00:05"
