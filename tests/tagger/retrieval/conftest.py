"""The shipped meaning and vocabulary, loaded once."""

import pytest

from tagger.meaning import Meaning
from tagger.retrieval.thesaurus import Thesaurus
from tagger.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def meaning() -> Meaning:
    """The shipped model of meaning."""
    return Meaning.load()


@pytest.fixture(scope="session")
def thesaurus() -> Thesaurus:
    """The shipped vocabulary."""
    return Thesaurus(Vocabulary.read().concepts)
