"""Who may do what: each route is asked as each role, and what has no rule answers nobody."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.access import RULES
from api.access_table import access_table, routes
from api.app import create_app
from api.config import Settings
from api.services import Services
from api.services.accounts import AccountError, Person, create_token, end_token, tokens
from models.account import ROLES, SCOPES, SCOPES_OF_ROLES
from models.withdrawing import withdraw_datasets
from tests.api.people import bearer, make_person, signed_in_client

_DOCS = Path(__file__).parents[2] / "docs"
_FORMS_OF_OUR_OWN = {"review.sign_in.enter", "review.sign_in.leave"}
"""They refuse what does not come from our own page, whoever sends it."""


def _address(path: str) -> str:
    """An address of a route: of nothing that there is."""
    return re.sub(r"<(?:[^:>]+(?:\([^)]*\))?:)?[^>]+>", "1", path)


def _asked(client: FlaskClient, method: str, path: str, headers: dict[str, str] | None = None) -> Any:
    """What a route answers to somebody who sends nothing more than asking needs."""
    return client.open(
        _address(path), method=method, headers={"Accept": "application/json", **(headers or {})}
    )


def _protected(app: Flask) -> Iterator[tuple[str, str, str]]:
    return (route for route in routes(app) if RULES[route[2]].roles)


def test_every_route_has_a_rule_and_every_rule_a_route(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(RULES)


def test_a_route_without_a_rule_answers_nobody(
    settings: Settings, services: Services, administrator: Person
) -> None:
    app = create_app(settings, services)
    app.add_url_rule("/v1/forgotten", view_func=lambda: "secret")
    for headers in ({}, bearer(services, administrator)):
        answer = app.test_client().get("/v1/forgotten", headers=headers)
        assert (answer.status_code, "secret" in answer.text) == (403, False)


def test_nobody_gets_past_a_route_that_is_not_for_everybody(app: Flask, client: FlaskClient) -> None:
    asked = 0
    for method, path, _ in _protected(app):
        answer = _asked(client, method, path)
        sent = answer.status_code == 303 and answer.location.startswith("/sign-in?next=")
        assert sent or answer.status_code == 401, (method, path, answer.status_code)
        asked += 1
    assert asked > 60


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_the_rules_say_and_nothing_else(app: Flask, services: Services, role: str) -> None:
    token = bearer(services, make_person(services, "one", role))
    client = app.test_client()
    for method, path, endpoint in routes(app):
        answer = _asked(client, method, path, token)
        refused = answer.status_code in (401, 403)
        if endpoint in _FORMS_OF_OUR_OWN:
            continue
        expected = bool(RULES[endpoint].roles) and role not in RULES[endpoint].roles
        assert refused == expected, (role, method, path, answer.status_code, answer.text[:200])


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_is_for_its_scopes_only(
    app: Flask, services: Services, administrator: Person, scope: str
) -> None:
    token = create_token(services, administrator.name, "一個範圍", scopes=[scope])
    for method, path, endpoint in _protected(app):
        if "administrator" not in RULES[endpoint].roles:
            continue
        answer = _asked(app.test_client(), method, path, {"Authorization": f"Bearer {token}"})
        assert (answer.status_code == 403) == (RULES[endpoint].scope != scope), (method, path)


def test_a_token_gets_no_scope_that_its_role_has_no_use_for(services: Services, reviewer: Person) -> None:
    for scopes in (["manage"], ["read", "manage"], [], ["everything"]):
        with pytest.raises(AccountError, match="review"):
            create_token(services, reviewer.name, "太多", scopes=scopes)
    create_token(services, reviewer.name, "全部")
    assert [tuple(one.scopes) for one in tokens(services)] == [SCOPES_OF_ROLES["reviewer"]]


def test_the_matrix_in_the_docs_is_that_of_the_rules(app: Flask) -> None:
    again = "python -m api.access_table > docs/access.md"
    assert (_DOCS / "access.md").read_text(encoding="utf-8") == access_table(app), again


def test_an_account_of_an_agency_stores_its_own_datasets_only(app: Flask, services: Services) -> None:
    labour = bearer(services, make_person(services, "mol", "uploader", publisher="勞動部"))
    anybody = bearer(services, make_person(services, "all", "uploader"))
    client = app.test_client()

    def put(identifier: str, publisher: str | None, headers: dict[str, str]) -> int:
        body = {"title": "統計", "publisher": publisher}
        return client.put(f"/v1/datasets/{identifier}", json=body, headers=headers).status_code

    assert put("A-1", "勞動部", labour) == 201
    assert put("A-2", "交通部", labour) == 403
    assert put("A-2", None, labour) == 403
    assert put("B-1", "交通部", anybody) == 201
    # Taking over another agency's dataset by naming oneself its publisher.
    assert put("B-1", "勞動部", labour) == 403
    assert put("N-1", None, anybody) == 201
    assert put("N-1", "勞動部", labour) == 403
    stored = client.get("/v1/datasets/B-1").get_json()
    assert (stored["metadata"]["publisher"], stored["revision"]) == ("交通部", 1)


def test_a_withdrawn_dataset_of_another_agency_is_not_taken_over(
    app: Flask, services: Services, workflow: FlaskClient
) -> None:
    workflow.put("/v1/datasets/A-1", json={"title": "統計", "publisher": "交通部"})
    with services.database.writing() as session:
        withdraw_datasets(session, ["A-1"])
    labour = bearer(services, make_person(services, "mol", "uploader", publisher="勞動部"))
    body = {"title": "統計", "publisher": "勞動部"}
    assert app.test_client().put("/v1/datasets/A-1", json=body, headers=labour).status_code == 403


def test_a_script_is_sent_to_the_sign_in_by_pages_and_told_a_problem_by_rest(client: FlaskClient) -> None:
    page = client.get("/review", headers={"HX-Request": "true"})
    assert (page.status_code, page.headers["HX-Redirect"].startswith("/sign-in")) == (401, True)
    rest = client.get("/v1/reviews/queue", headers={"HX-Request": "true"})
    assert (rest.status_code, rest.content_type) == (401, "application/problem+json")


def test_a_revoked_an_expired_and_a_made_up_token_are_worth_less_than_none(
    client: FlaskClient, services: Services, reviewer: Person
) -> None:
    dead = create_token(services, reviewer.name, "舊", timedelta(seconds=-1))
    revoked = create_token(services, reviewer.name, "撤銷")
    end_token(services, revoked.split("_")[1])
    for token in (dead, revoked, revoked[:-1] + "x", "tgr_", "x"):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/v1/reviews/queue", headers=headers).status_code == 401
        # On a public route, too: who means to be somebody is told that they are not.
        assert client.get("/v1/categories", headers=headers).status_code == 401
    assert client.get("/v1/categories").status_code == 200


def test_a_page_offers_only_what_its_reader_may_do(
    app: Flask, services: Services, client: FlaskClient, reviewer: Person
) -> None:
    offered = "整理主題"
    assert offered not in client.get("/themes").text
    assert "登入" in client.get("/themes").text
    assert "從上面的表單" not in client.get("/themes").text
    assert offered in signed_in_client(app, reviewer).get("/themes").text
    auditor = make_person(services, "audit", "auditor")
    assert offered not in signed_in_client(app, auditor).get("/themes").text


def test_tokens_of_before_scopes_go_on_to_be_for_all(services: Services, reviewer: Person) -> None:
    create_token(services, reviewer.name, "舊")
    services.database.migrate("0006")
    assert [one.scopes for one in tokens(services)] == [[]]
    services.database.migrate()
    assert [tuple(one.scopes) for one in tokens(services)] == [SCOPES]
