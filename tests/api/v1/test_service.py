"""Health, numbers and description of the service."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from api.app import create_app
from api.config import Settings
from api.problems import KINDS
from api.services import Services
from api.services.accounts import Person
from tests.api.people import bearer


def test_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/livez").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ok", "checks": {"database": "ok", "model": "ok"}}


def test_not_ready_before_the_schema_is_there(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/empty.sqlite3")
    answer = create_app(settings).test_client().get("/readyz")
    assert answer.status_code == 503
    assert "tagger migrate" in answer.get_json()["checks"]["database"]


def test_metrics_count_requests_and_suggestions(
    client: FlaskClient, services: Services, administrator: Person
) -> None:
    own = bearer(services, administrator)

    def value(name: str) -> float:
        found = re.search(
            rf"^{re.escape(name)} (\S+)$", client.get("/metrics", headers=own).text, re.MULTILINE
        )
        return float(found[1]) if found else 0.0

    requests = 'tagger_requests_total{method="POST",route="/v1/suggestions",status="200"}'
    flagged = 'tagger_mismatches_total{declared="I00"}'
    before = value(requests), value(flagged)
    client.post("/v1/suggestions", json={"title": "職業災害", "categoryCode": "I00"})
    assert (value(requests), value(flagged)) == (before[0] + 1, before[1] + 1)


def test_the_description_is_valid_openapi_and_names_every_route(app: Flask, client: FlaskClient) -> None:
    document = client.get("/v1/openapi.json").get_json()
    validate(document)
    assert document["openapi"] == "3.1.0"
    described = set(document["paths"])
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/v1/") and rule.rule != "/v1/openapi.json":
            assert re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule) in described


def test_every_reference_of_the_description_leads_somewhere(client: FlaskClient) -> None:
    answer = client.get("/v1/openapi.json")
    components = answer.get_json()["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/([^"]+)"', answer.text):
        assert name in components


def test_categories_are_the_18(client: FlaskClient) -> None:
    listed = client.get("/v1/categories").get_json()["categories"]
    assert len(listed) == 18
    assert {"categoryCode": "I00", "name": "公共資訊"}.items() <= listed[-1].items()


def test_each_kind_of_problem_has_a_page(client: FlaskClient) -> None:
    for kind in KINDS:
        assert client.get(f"/problems/{kind}").status_code == 200


@pytest.mark.parametrize("given", ["abc-123", "x" * 64])
def test_a_request_id_is_echoed(client: FlaskClient, given: str) -> None:
    assert client.get("/livez", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "<script>"])
def test_a_strange_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    assert re.fullmatch(
        "[0-9a-f]{32}", client.get("/livez", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    )


def test_an_unknown_address_is_a_problem_for_programs(client: FlaskClient) -> None:
    answer = client.get("/v1/none")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
