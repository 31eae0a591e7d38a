"""People who sign in, for tests."""

import itertools

from flask import Flask
from flask.testing import FlaskClient

from api.services import Services
from api.services.accounts import Person, create_account, create_token, sign_in

PASSWORD = "correct horse battery"
_NUMBERS = itertools.count(1)


def make_person(
    services: Services, name: str, role: str = "reviewer", publisher: str | None = None
) -> Person:
    """An account with the password of all test accounts."""
    return create_account(services, name, f"{name}小姐", role, publisher=publisher, password=PASSWORD)


def signed_in_client(app: Flask, person: Person) -> FlaskClient:
    """A browser in which a person is signed in; it says where its forms come from, as browsers do."""
    client = app.test_client()
    key = sign_in(app.extensions["services"], person.name, PASSWORD)
    assert key is not None
    client.set_cookie("session", key)
    client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    return client


def bearer(services: Services, person: Person) -> dict[str, str]:
    """The headers of a program that acts for a person."""
    token = create_token(services, person.name, f"權杖 {next(_NUMBERS)}")
    return {"Authorization": f"Bearer {token}"}
