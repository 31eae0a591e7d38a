"""A receiver that runs, and a reviewer whose decisions it is told of."""

from collections.abc import Callable, Iterator

import pytest

from api.config import Settings
from api.services import Services
from api.services.accounts import Person
from api.services.datasets import get_dataset
from api.services.review.deciding import Choice, Decided, decide
from models.decision import DECIDE
from tests.api.cli.conftest import run  # noqa: F401 - a fixture
from tests.api.review.search_pages import put
from tests.api.webhooks.receiver import Receiver

Decide = Callable[..., Decided]


@pytest.fixture
def receiver(services: Services) -> Iterator[Receiver]:
    """A running receiver in the inner network, which the settings let through."""
    with Receiver().running() as running:
        services.settings.webhook_hosts = (running.host,)
        yield running


@pytest.fixture
def decided(services: Services, reviewer: Person) -> Decide:
    """Store a dataset, unless it is there, and decide on it; nobody is asked for second opinions."""
    services.settings.second_share = services.settings.random_share = 0

    def decided(identifier: str = "A-1", code: str = "500", person: Person = reviewer) -> Decided:
        if get_dataset(services, identifier) is None:
            put(services, {"identifier": identifier, "title": "勞工慰問金統計", "categoryCode": "I00"})
        shown = get_dataset(services, identifier)
        assert shown is not None
        choice = Choice(DECIDE, code, accepted=("職業災害",), rejected=("統計",), reason="依標題")
        made = decide(services, person, identifier, choice, shown.etag)
        assert made is not None
        return made

    return decided


@pytest.fixture
def database_address(settings: Settings) -> str:
    """The command works on the store of the use cases."""
    return settings.database_url
