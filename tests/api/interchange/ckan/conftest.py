"""A portal that runs, and clients of it that do not wait."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from api.config import Settings
from api.interchange.ckan import CkanClient, Limits
from tests.api.cli.conftest import run  # noqa: F401 - a fixture
from tests.api.interchange.ckan.portal import Portal

TOKEN = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0"
# Generous where nothing waits for it, since the machine may be busy.
QUICK = Limits(connect=10, read=10, whole=30, size=1024 * 1024, attempts=3)


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A running portal with one editor of the organization mol."""
    with Portal().running() as running:
        running.site.users = {TOKEN: {"mol"}}
        yield running


@pytest.fixture
def waits() -> list[float]:
    """How long the client would have waited, each time."""
    return []


@pytest.fixture
def connect(portal: Portal, waits: list[float]) -> Iterator[Callable[..., CkanClient]]:
    """Make a client of the portal, or of another address."""
    with ExitStack() as stack:

        def connect(url: str | None = None, token: str | None = None, **options: Any) -> CkanClient:
            options = {"limits": QUICK, "sleep": waits.append, **options}
            return stack.enter_context(closing(CkanClient(url or portal.url, token, **options)))

        yield connect


@pytest.fixture
def client(connect: Callable[..., CkanClient]) -> CkanClient:
    """A client with a token that may edit."""
    return connect(token=TOKEN)


@pytest.fixture
def database_address(settings: Settings) -> str:
    """The command works on the store of the use cases."""
    return settings.database_url
