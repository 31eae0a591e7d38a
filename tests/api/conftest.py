"""A real application on a temporary SQLite file, with the shipped model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Settings
from api.services import Services


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a test: a database of its own."""
    return Settings(database_url=f"sqlite:///{tmp_path}/test.sqlite3", secret_key="x" * 32)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application with an empty, migrated store."""
    app = create_app(settings)
    services: Services = app.extensions["services"]
    services.database.migrate()
    yield app
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
