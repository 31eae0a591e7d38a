"""A real application with the shipped model, on SQLite and on PostgreSQL.

The store, with its schema and the shipped vocabulary, is made once for each engine; each test gets a copy.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Settings
from api.services import Services
from api.services.accounts import Person
from api.services.migrating import migrate
from tests.api.people import bearer, make_person
from tests.api.review.browser import browser  # noqa: F401 - one for all: two of them cannot run in one process
from tests.databases import ENGINES, copied_store, empty_store

SECRET = "x" * 32


def _prepared(address: str) -> None:
    services = Services(Settings(database_url=address, secret_key=SECRET))
    migrate(services)
    services.database.engine.dispose()


@pytest.fixture(scope="session", params=ENGINES)
def prepared_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a store with schema and vocabulary, to be copied and not to be written to."""
    with empty_store(request.param, tmp_path_factory.mktemp("store")) as address:
        _prepared(address)
        yield address


@pytest.fixture
def settings(prepared_store: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a test: a store of its own."""
    with copied_store(prepared_store, tmp_path) as address:
        # What a test asks for in a second is more than people ask for in minutes.
        yield Settings(database_url=address, secret_key=SECRET, limit_anonymous=0, limit_account=0)


@pytest.fixture(scope="session")
def loaded() -> Services:
    """The shipped models, loaded once for all tests: nothing in them changes."""
    return Services(Settings(database_url="sqlite://", secret_key=SECRET))


@pytest.fixture
def app(settings: Settings, loaded: Services) -> Iterator[Flask]:
    """The application with an empty, migrated store."""
    services = Services(settings)
    services.tagger, services.meaning = loaded.tagger, loaded.meaning
    yield create_app(settings, services)
    services.database.engine.dispose()


@pytest.fixture
def services(app: Flask) -> Services:
    """The application's use cases."""
    found: Services = app.extensions["services"]
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()


@pytest.fixture
def workflow(app: Flask, services: Services) -> FlaskClient:
    """The upload workflow of an agency: a client that shows an uploader's token."""
    program = app.test_client()
    token = bearer(services, make_person(services, "workflow", "uploader"))
    program.environ_base["HTTP_AUTHORIZATION"] = token["Authorization"]
    return program


@pytest.fixture
def reviewer(services: Services) -> Person:
    """A reviewer."""
    return make_person(services, "wang")


@pytest.fixture
def second_reviewer(services: Services) -> Person:
    """Another reviewer."""
    return make_person(services, "lin")


@pytest.fixture
def third_reviewer(services: Services) -> Person:
    """A third reviewer."""
    return make_person(services, "chen")


@pytest.fixture
def administrator(services: Services) -> Person:
    """An administrator."""
    return make_person(services, "root", "administrator")
