"""Who is asking: passwords, sessions, tokens, and requests that another site sent."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from api.services import Services
from api.services.accounts import (
    ABSOLUTE,
    AccountError,
    Person,
    create_account,
    create_token,
    end_token,
    set_disabled,
    set_password,
    sign_in,
    sign_out,
)
from models.account import WebSession
from models.base import Base, now
from tests.api.people import PASSWORD, bearer, signed_in_client

_HERE = {"Origin": "http://localhost"}


def _sign_in(client: FlaskClient, password: str = PASSWORD, **more: str) -> int:
    form = {"name": "wang", "password": password, **more}
    return client.post("/sign-in", data=form, headers=_HERE).status_code


def test_a_page_sends_to_the_sign_in_and_from_there_back(client: FlaskClient, reviewer: Person) -> None:
    sent = client.get("/review?queue=uncertain")
    assert (sent.status_code, sent.location) == (303, "/sign-in?next=/review?queue%3Duncertain")
    answer = client.post(
        "/sign-in",
        data={"name": "wang", "password": PASSWORD, "next": "/review?queue=uncertain"},
        headers=_HERE,
    )
    assert (answer.status_code, answer.location) == (303, "/review?queue=uncertain")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert reviewer.display_name in client.get("/review").text


@pytest.mark.parametrize(
    "following", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "//["]
)
def test_nobody_is_sent_to_another_site(client: FlaskClient, reviewer: Person, following: str) -> None:
    answer = client.post(
        "/sign-in", data={"name": reviewer.name, "password": PASSWORD, "next": following}, headers=_HERE
    )
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_wrong_password_an_unknown_and_a_disabled_account_are_answered_alike(
    client: FlaskClient, services: Services, reviewer: Person
) -> None:
    wrong = client.post("/sign-in", data={"name": "wang", "password": "x" * 20}, headers=_HERE)
    unknown = client.post("/sign-in", data={"name": "wang2", "password": PASSWORD}, headers=_HERE)
    set_disabled(services, reviewer.name, True)
    disabled = client.post("/sign-in", data={"name": "wang", "password": PASSWORD}, headers=_HERE)
    assert {wrong.status_code, unknown.status_code, disabled.status_code} == {422}
    assert wrong.text == disabled.text == unknown.text.replace("wang2", "wang")


def test_a_signed_out_cookie_is_dead_and_signing_in_makes_another(
    app: Flask, services: Services, client: FlaskClient, reviewer: Person
) -> None:
    client.set_cookie("session", "chosen by somebody else")
    assert _sign_in(client) == 303
    key = client.get_cookie("session")
    assert key is not None
    assert key.value != "chosen by somebody else"
    copied = app.test_client()
    copied.set_cookie("session", key.value)
    assert copied.get("/review").status_code == 200
    client.post("/sign-out", headers=_HERE)
    assert copied.get("/review").status_code == 303


def test_a_session_ends_with_time_with_another_password_and_with_the_account(
    services: Services, app: Flask, reviewer: Person
) -> None:
    idle = signed_in_client(app, reviewer)
    with services.database.writing() as session:
        row = session.scalars(select(WebSession)).one()
        row.last_seen_at = now() - timedelta(hours=8)
    assert idle.get("/review").status_code == 303
    old = signed_in_client(app, reviewer)
    with services.database.writing() as session:
        for row in session.scalars(select(WebSession)):
            row.expires_at -= ABSOLUTE
    assert old.get("/review").status_code == 303
    changed = signed_in_client(app, reviewer)
    set_password(services, reviewer.name, PASSWORD)
    assert changed.get("/review").status_code == 303
    disabled = signed_in_client(app, reviewer)
    set_disabled(services, reviewer.name, True)
    assert disabled.get("/review").status_code == 303


def test_a_write_of_another_sites_page_is_refused(app: Flask, services: Services, reviewer: Person) -> None:
    client = signed_in_client(app, reviewer)
    del client.environ_base["HTTP_ORIGIN"]
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {},
        {"Origin": "null"},
    ):
        assert client.post("/review/undo", headers=headers).status_code == 403
        assert client.post("/v1/decisions/undo", headers=headers).status_code == 403
        assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.post("/v1/decisions/undo", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 404
    token = bearer(services, reviewer)
    program = app.test_client()
    assert program.post("/v1/decisions/undo", headers=token).status_code == 404


def test_behind_a_proxy_the_public_address_counts(app: Flask, services: Services, reviewer: Person) -> None:
    services.settings.public_url = "https://tagger.example.gov.tw"
    client = app.test_client()
    own = {"Origin": "https://tagger.example.gov.tw"}
    answer = client.post("/sign-in", data={"name": "wang", "password": PASSWORD}, headers=own)
    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie


def test_what_a_signed_in_person_saw_is_kept_nowhere(
    app: Flask, client: FlaskClient, reviewer: Person
) -> None:
    for address in ("/", "/review", "/datasets"):
        seen = signed_in_client(app, reviewer).get(address)
        assert "no-store" in seen.headers["Cache-Control"], address
    assert "Cookie" in client.get("/").headers["Vary"]


def test_a_name_with_a_nul_is_nobodys(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"name": "a\0b", "password": PASSWORD}, headers=_HERE)
    assert answer.status_code == 422


def test_a_token_is_worth_nothing_once_it_is_revoked_expired_or_its_account_disabled(
    client: FlaskClient, services: Services, reviewer: Person
) -> None:
    def status(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return client.get("/v1/reviews/queue", headers=headers).status_code

    token = create_token(services, reviewer.name, "上傳流程")
    assert status(token) == 200
    assert status(token[:-1] + ("A" if token[-1] != "A" else "B")) == 401
    assert status("tgr_unknown_x") == 401
    assert status("") == 401
    expired = create_token(services, reviewer.name, "過期", timedelta(seconds=-1))
    assert status(expired) == 401
    end_token(services, token.split("_")[1])
    assert status(token) == 401
    other = create_token(services, reviewer.name, "另一個")
    set_disabled(services, reviewer.name, True)
    assert status(other) == 401
    refused = client.get("/v1/reviews/queue")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_what_is_stored_opens_no_door(services: Services, reviewer: Person) -> None:
    key = sign_in(services, reviewer.name, PASSWORD)
    token = create_token(services, reviewer.name, "上傳流程")
    assert key is not None
    with services.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(text(f'SELECT * FROM "{table.name}"')):  # noqa: S608
                written = repr(tuple(row))
                assert key not in written
                assert token.split("_", 2)[2] not in written
                assert PASSWORD not in written
    sign_out(services, key)


@pytest.mark.parametrize(
    ("name", "role", "password", "says"),
    [
        ("wang", "reviewer", PASSWORD, "已存在"),
        ("lin", "king", PASSWORD, "角色"),
        ("lin", "reviewer", "short", "12"),
        ("a b", "reviewer", PASSWORD, "空白"),
        ("@lin", "reviewer", PASSWORD, "@"),
        ("a\0b", "reviewer", PASSWORD, "控制字元"),
    ],
)
def test_an_account_that_cannot_be_made_says_why(
    services: Services, reviewer: Person, name: str, role: str, password: str, says: str
) -> None:
    with pytest.raises(AccountError, match=says):
        create_account(services, name, "", role, password=password)
