"""What is asked for only if it has changed, and what is fetched whether it has changed or not."""

from datetime import date

import pytest

from api.outgoing.fetching import Known
from api.services import Services
from api.services.updating.catalogue import Asked
from api.services.updating.syncing import known_state, of_day
from models.base import now
from models.catalogue_import import CHANGES, PART, SNAPSHOT
from models.imports import begin_import, finish_import

DAYS = "https://example.gov.tw/50%_of/changes?date={date}&a_b"
WHOLE = "https://example.gov.tw/export.csv"
EARLIER, DAY, LATER = date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)


class _History:
    """Imports as they come in; none brings a dataset."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def begin(self, source: str, kind: str = CHANGES) -> int:
        with self._services.database.writing() as session:
            return begin_import(session, source, kind, Asked().options, 1, now())

    def finish(self, key: int, etag: str | None = None) -> None:
        with self._services.database.writing() as session:
            finish_import(session, key, {}, etag)

    def take(self, source: str, kind: str = CHANGES, etag: str | None = None) -> None:
        self.finish(self.begin(source, kind), etag)

    def known(self, url: str, asked: Asked = Asked()) -> bool:  # noqa: B008 - it cannot change
        found = known_state(self._services, url, DAY, asked)
        assert found in {Known(), Known("v1")}
        return found != Known()


@pytest.fixture
def history(services: Services) -> _History:
    """A history in which a day and a snapshot before it came in."""
    history = _History(services)
    history.take(WHOLE, SNAPSHOT, "v1")
    history.take(of_day(DAYS, DAY), etag="v1")
    return history


def test_an_import_is_known_that_was_asked_for_in_the_same_way(history: _History) -> None:
    for url in (WHOLE, DAYS):
        assert history.known(url)
        assert not history.known(url, Asked(encoding="cp950"))


def test_one_that_was_cut_short_is_not_known_and_what_was_before_it_neither(history: _History) -> None:
    key = history.begin(WHOLE, SNAPSHOT)
    assert not history.known(WHOLE)
    history.finish(key, "v1")
    assert history.known(WHOLE)


@pytest.mark.parametrize("is_cut_short", [False, True])
def test_a_day_is_not_known_after_a_snapshot_or_an_earlier_day(history: _History, is_cut_short: bool) -> None:
    for source, kind in ((WHOLE, SNAPSHOT), (of_day(DAYS, EARLIER), CHANGES)):
        assert history.known(DAYS)
        key = history.begin(source, kind)
        if not is_cut_short:
            history.finish(key, "v1")
        assert not history.known(DAYS)
        history.take(of_day(DAYS, DAY), etag="v1")


def test_a_day_is_not_known_after_a_snapshot_that_began_before_it_and_ended_after(history: _History) -> None:
    key = history.begin("catalogue.csv", SNAPSHOT)
    history.take(of_day(DAYS, DAY), etag="v1")
    assert history.known(DAYS)
    history.finish(key)
    assert not history.known(DAYS)


def test_what_undoes_no_day_leaves_it_known(history: _History) -> None:
    history.take(of_day(DAYS, LATER))
    history.take(of_day(DAYS.replace("50%_of", "50%%of"), EARLIER))
    history.take(of_day(DAYS, EARLIER) + "x")
    history.take("second.csv", PART)
    assert history.known(DAYS)
    assert history.known(WHOLE)
