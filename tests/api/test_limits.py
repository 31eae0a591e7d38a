"""How much one caller may ask for, and that it costs nobody else anything."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Settings
from api.limits import GUESSES
from api.services import Services
from api.services.accounts import Person
from tests.api.people import bearer, signed_in_client
from tests.brokers import RedisServer

Limited = Callable[..., Flask]


@pytest.fixture
def limited(settings: Settings, services: Services) -> Limited:
    """Makes an application with budgets."""

    def make(anonymous: int = 0, account: int = 0, url: str | None = None) -> Flask:
        own = settings.model_copy(
            update={"limit_anonymous": anonymous, "limit_account": account, "limits_url": url}
        )
        return create_app(own, services)

    return make


def _until_refused(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> int:
    for granted in range(100):
        answer = client.get(path, headers=headers)
        if answer.status_code == 429:
            assert answer.content_type == "application/problem+json"
            assert 1 <= int(answer.headers["Retry-After"]) <= 120
            assert "Retry-After" in answer.get_json()["detail"]
            return granted
        assert answer.status_code == 200
    pytest.fail("nothing was refused")


def test_an_address_has_its_own_budget_and_signing_in_another(
    limited: Limited, services: Services, reviewer: Person
) -> None:
    app = limited(anonymous=10, account=50)
    near, far = app.test_client(), app.test_client()
    far.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert _until_refused(near, "/v1/categories") == 10
    assert far.get("/v1/categories").status_code == 200
    assert near.get("/v1/categories", headers=bearer(services, reviewer)).status_code == 200
    assert near.get("/livez").status_code == 200, "health is free"


def test_one_token_starved_leaves_the_others_unaffected(
    limited: Limited, services: Services, reviewer: Person
) -> None:
    app = limited(anonymous=10, account=10)
    one, other = bearer(services, reviewer), bearer(services, reviewer)
    client = app.test_client()
    assert _until_refused(client, "/v1/categories", one) == 10
    assert client.get("/v1/categories", headers=other).status_code == 200
    assert client.get("/v1/categories").status_code == 200
    assert signed_in_client(app, reviewer).get("/review").status_code == 200


def test_a_route_has_its_price_and_a_batch_that_of_its_datasets(limited: Limited) -> None:
    app = limited(anonymous=60)
    assert _until_refused(app.test_client(), "/v1/search/export?q=x") == 1
    batch = {"datasets": [{"title": "公車"}] * 40}
    client = limited(anonymous=60).test_client()
    assert client.post("/v1/suggestions", json=batch).status_code == 200
    assert client.post("/v1/suggestions", json=batch).status_code == 429
    assert client.post("/v1/suggestions", json={"title": "公車"}).status_code == 200


def test_what_costs_more_than_the_budget_may_be_asked_for_once(limited: Limited) -> None:
    assert _until_refused(limited(anonymous=5).test_client(), "/v1/search/export?q=x") == 1


def test_guessing_tokens_ends_without_looking_them_up(
    limited: Limited, services: Services, reviewer: Person
) -> None:
    client = limited(anonymous=1_000, account=1_000).test_client()
    for number in range(GUESSES):
        guess = {"Authorization": f"Bearer tgr_{number:012x}_x"}
        assert client.get("/v1/categories", headers=guess).status_code == 401
    guess = {"Authorization": "Bearer tgr_0123456789ab_x"}
    assert client.get("/v1/categories", headers=guess).status_code == 429
    assert client.get("/v1/categories").status_code == 200, "nobody is still served"


def test_a_network_of_ipv6_is_one_caller(limited: Limited) -> None:
    app = limited(anonymous=5)
    codes = []
    for number in range(7):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{number:x}"
        codes.append(client.get("/v1/categories").status_code)
    assert codes == [200] * 5 + [429] * 2
    neighbour = app.test_client()
    neighbour.environ_base["REMOTE_ADDR"] = "2001:db8:1:3::1"
    assert neighbour.get("/v1/categories").status_code == 200


def test_redis_counts_for_all_processes_and_its_outage_costs_no_answer(
    limited: Limited, tmp_path: Path
) -> None:
    redis = RedisServer(tmp_path)
    redis.start()
    try:
        first, second = (limited(anonymous=10, url=redis.address).test_client() for _ in range(2))
        assert _until_refused(first, "/v1/categories") == 10
        assert second.get("/v1/categories").status_code == 429
    finally:
        redis.stop()
    assert second.get("/v1/categories").status_code == 200


def test_without_its_redis_a_process_counts_for_itself(limited: Limited) -> None:
    client = limited(anonymous=10, url="redis://127.0.0.1:1/0").test_client()
    assert _until_refused(client, "/v1/categories") == 10
