"""The shipped meaning model, loaded once."""

import pytest

from tagger.meaning import Meaning


@pytest.fixture(scope="session")
def meaning() -> Meaning:
    """The shipped model."""
    return Meaning.load()
