"""The numbers of reviewing over REST, counted by hand."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import TypeAdapter
from scipy.stats import binomtest

from api.services import Services
from api.services.accounts import Person
from api.services.keeping import Kept
from api.v1.review_statistics import StatisticsOut
from models.review.statistics import TAIPEI
from tests.api.people import bearer, make_person
from tests.api.review_numbers import HOSTILE, OTHER, Filled, fill

ADDRESS = "/v1/reviews/statistics"


@pytest.fixture
def filled(services: Services, reviewer: Person, second_reviewer: Person) -> Filled:
    """Decisions whose numbers are known."""
    return fill(services, reviewer, second_reviewer)


@pytest.fixture
def numbers(filled: Filled, client: FlaskClient, services: Services, reviewer: Person) -> Any:
    """The numbers of them."""
    answer = client.get(ADDRESS, headers=bearer(services, reviewer))
    assert answer.status_code == 200
    return answer.get_json()


def test_decisions_are_counted_by_day_and_those_taken_back_are_not(numbers: Any) -> None:
    TypeAdapter(StatisticsOut).validate_python(numbers)
    today = datetime.fromisoformat(numbers["calculatedAt"]).astimezone(TAIPEI).date()
    days = [date.fromisoformat(day.pop("day")) for day in numbers["days"]]
    assert days == [today - timedelta(days=back) for back in reversed(range(30))]
    assert numbers["days"][-1] == {"accepted": 11, "otherwise": 1, "kept": 1, "rejected": 2}
    assert all(set(day.values()) == {0} for day in numbers["days"][:-1])


def test_precision_is_that_of_the_random_check_and_agreement_that_of_second_opinions(
    numbers: Any, filled: Filled
) -> None:
    precision = numbers["precision"]
    interval = binomtest(10, 11).proportion_ci(0.95, "wilson")
    share = {
        "decisions": 11,
        "right": 10,
        "share": pytest.approx(10 / 11),
        "low": pytest.approx(interval.low),
        "high": pytest.approx(interval.high),
    }
    assert precision["overall"] == share
    assert precision["categories"] == [{"categoryCode": filled.suggested, **share}]
    assert precision["modelVersions"] == [{"modelVersion": filled.model_version, **share}]
    assert [week["decisions"] for week in precision["weeks"]] == [0] * 11 + [11]
    assert date.fromisoformat(precision["weeks"][-1]["monday"]).weekday() == 0
    assert precision["weeks"][0]["share"] is None
    agreement = numbers["agreement"]
    assert (agreement["datasets"], agreement["agreed"]) == (3, 1)
    # All first opinions are alike, so chance agrees as often as the opinions do.
    assert agreement["observed"] == agreement["chance"] == pytest.approx(1 / 3)
    assert agreement["kappa"] == 0
    assert sorted(tuple(map(str, one["categoryCodes"])) for one in agreement["differences"]) == sorted(
        [tuple(sorted((filled.suggested, OTHER))), (filled.suggested, "None")]
    )
    assert agreement["categories"][0] == {
        "categoryCode": filled.suggested,
        "opinions": 4,
        "agreed": 1,
        "share": 0.5,
    }


def test_pace_flags_and_the_campaign_add_up(numbers: Any, filled: Filled) -> None:
    assert numbers["pace"] == {
        "overall": {"decisions": 15, "medianSeconds": 8.0},
        "reviewers": [
            {"name": "wang小姐", "decisions": 12, "medianSeconds": 6.5},
            {"name": "lin小姐", "decisions": 3, "medianSeconds": 20.0},
        ],
    }
    ours = {"datasets": 13, "flagged": 13, "open": 1, "corrected": 10, "kept": 1}
    theirs = {"datasets": 1, "flagged": 1, "open": 1, "corrected": 0, "kept": 0}
    assert numbers["mismatch"]["publishers"] == [
        {"publisher": "勞動部", **ours},
        {"publisher": HOSTILE, **theirs},
    ]
    assert numbers["mismatch"]["overall"] == {name: ours[name] + theirs[name] for name in ours}
    assert (numbers["datasets"], numbers["open"]) == (14, 2)
    assert numbers["publicInformation"] == {
        "declared": 14,
        "moved": [{"categoryCode": filled.suggested, "datasets": 10}],
        "kept": 1,
        "undetermined": 1,
        "flagged": 2,
        "unflagged": 0,
    }
    changes = {one["categoryCode"]: (one["before"], one["now"]) for one in numbers["categories"]}
    assert len(changes) == 19
    assert (changes["I00"], changes[filled.suggested], changes[None]) == ((14, 4), (0, 10), (0, 0))


def test_numbers_are_kept_for_a_minute(
    app: Flask, services: Services, reviewer: Person, second_reviewer: Person
) -> None:
    client, headers = app.test_client(), bearer(services, reviewer)
    before = client.get(ADDRESS, headers=headers).get_json()
    assert (before["datasets"], before["precision"]["overall"]["share"]) == (0, None)
    assert (before["agreement"]["kappa"], before["pace"]["overall"]["medianSeconds"]) == (None, None)
    fill(services, reviewer, second_reviewer)
    assert client.get(ADDRESS, headers=headers).get_json() == before
    services.statistics = Kept(0)
    assert client.get(ADDRESS, headers=headers).get_json()["datasets"] == 14


def test_only_those_who_read_reviews_get_numbers(client: FlaskClient, services: Services) -> None:
    assert client.get(ADDRESS).status_code == 401
    uploader, auditor = make_person(services, "u", "uploader"), make_person(services, "a", "auditor")
    refused = client.get(ADDRESS, headers=bearer(services, uploader))
    assert (refused.status_code, refused.get_json()["type"]) == (403, "/problems/forbidden")
    assert client.get(ADDRESS, headers=bearer(services, auditor)).status_code == 200
