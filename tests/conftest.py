"""Fixtures for all tests. Tests of the real catalogues are skipped where these are not."""

import os
from pathlib import Path

import pytest

from tagger import Tagger
from tests.databases import stop_server

# For what the tests start, too. What production asks for has tests of its own.
os.environ["TAGGER_ENVIRONMENT"] = "development"
_SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real catalogues."""
    if not _SHARED.is_dir():
        pytest.skip(f"the real catalogues are not at {_SHARED} (set SHARED_DATA)")
    return _SHARED


def pytest_unconfigure() -> None:
    """At the end of each process of the suite."""
    stop_server()


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    """The shipped model."""
    return Tagger.load()
