"""Bringing files in, without a process of its own for each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from api.services import Services
from api.services.updating.catalogue import Asked, Origin, UpdateReport, check, look_through, take
from api.services.updating.journal import Journal
from models.base import now
from tests.api.updating.files import Row, write

Bring = Callable[..., UpdateReport]


def bring_file(
    services: Services, path: Path, journal: Journal | None = None, **asked: object
) -> UpdateReport:
    """Bring a file in, as `tagger import` does."""
    wanted = Asked(**asked)  # type: ignore[arg-type]
    origin = Origin(path.name, now())
    look = look_through(path, wanted, lambda done: None)
    check(services, look, wanted)
    journal = journal or Journal(lambda problem: None)
    return take(services, path, look, wanted, origin, journal, lambda done: None)


@pytest.fixture
def bring(services: Services, tmp_path: Path) -> Iterator[Bring]:
    """Write records to a file and bring it in; returns what that did."""
    with ExitStack() as open_journals:

        def bring(rows: Sequence[Row], form: str = "csv", **asked: object) -> UpdateReport:
            journal = open_journals.enter_context(Journal(lambda problem: None, whole=True))
            return bring_file(services, write(tmp_path / f"catalogue.{form}", rows), journal, **asked)

        yield bring
