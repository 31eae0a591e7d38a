"""A portal's datasets into the store, and approved labels back: the use cases with a real store."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select

from api.interchange.ckan import CkanClient
from api.interchange.ckan_push import Outcome
from api.readers.results import CatalogueError, RowProblem
from api.services import Services
from api.services.ckan import PUSHED, PushReport, pull, push
from api.services.datasets import get_dataset
from api.services.importing import ImportReport
from models.dataset import Dataset
from models.deciding import DecisionRecord, LabelChoice, record_decisions
from models.event import Event, first_broken_event
from tests.api.interchange.ckan import faults
from tests.api.interchange.ckan.portal import Portal

Connect = Callable[..., CkanClient]


def _pull(
    services: Services, client: CkanClient, fq: str | None = None, limit: int | None = None
) -> tuple[ImportReport, list[RowProblem]]:
    problems: list[RowProblem] = []
    return pull(services, client, fq, limit, problems.append, lambda done: None), problems


def _push(services: Services, client: CkanClient, **options: Any) -> tuple[PushReport, dict[str, Outcome]]:
    outcomes: list[Outcome] = []
    report = push(services, client, outcomes.append, **options)
    assert report.outcomes.total() == len(outcomes)
    return report, {outcome.identifier: outcome for outcome in outcomes}


def _decide(
    services: Services, identifier: str, approve: tuple[str, ...] = (), reject: tuple[str, ...] = ()
) -> None:
    with services.database.writing() as session:
        dataset = session.scalars(select(Dataset).where(Dataset.identifier == identifier)).one()
        record = DecisionRecord(
            dataset.id,
            dataset.current_revision_id or 0,
            accepted=tuple(map(LabelChoice, approve)),
            rejected=tuple(map(LabelChoice, reject)),
        )
        record_decisions(session, [record])


def _keywords(services: Services, identifier: str) -> list[str]:
    dataset = get_dataset(services, identifier)
    assert dataset
    return sorted(dataset.metadata.get("keyword", []))


@pytest.fixture
def key(portal: Portal, client: CkanClient, services: Services) -> str:
    """The id of a dataset that was pulled."""
    found: str = portal.site.add("職災統計", ("職災",))["id"]
    _pull(services, client)
    return found


def test_pulling_stores_every_dataset_and_again_changes_nothing(
    portal: Portal, client: CkanClient, services: Services
) -> None:
    for number in range(130):
        portal.site.add(f"統計 {number}")
    report, problems = _pull(services, client)
    assert (report.rows, report.created, problems) == (130, 130, [])
    assert _pull(services, client)[0].unchanged == 130


def test_pulling_takes_only_what_is_asked_for(portal: Portal, client: CkanClient, services: Services) -> None:
    for number in range(5):
        portal.site.add(f"統計 {number}")
    portal.site.add("火災", organization={"name": "nfa", "title": "消防署"})
    assert _pull(services, client, "organization:nfa")[0].created == 1
    assert _pull(services, client, limit=3)[0].rows == 3
    assert portal.asked[-1].data["rows"] == "3"


def test_a_bad_dataset_is_told_and_costs_no_other(
    portal: Portal, client: CkanClient, services: Services
) -> None:
    portal.site.add("好的")
    portal.site.add("壞的", notes="字" * 20_001)
    report, [problem] = _pull(services, client)
    assert (report.created, report.failed) == (1, 1)
    assert "notes：超過 20000 字" in problem.sentence


def test_a_portal_that_breaks_off_keeps_what_came_before(
    portal: Portal, client: CkanClient, services: Services
) -> None:
    ids = [portal.site.add(f"統計 {number}")["id"] for number in range(150)]
    portal.faults["package_search"] = [lambda _: True, *[faults.truncated] * 3]
    with pytest.raises(CatalogueError, match="請稍後再試"):
        _pull(services, client)
    assert sum(get_dataset(services, key) is not None for key in ids) == 100


def test_approved_labels_go_to_the_portal_once(
    portal: Portal, client: CkanClient, services: Services, key: str
) -> None:
    other = portal.site.add("未決定的")["id"]
    _pull(services, client)
    _decide(services, key, ("職業災害", "勞工保險"), ("工廠",))
    report, outcomes = _push(services, client)
    assert dict(report.outcomes) == {"changed": 1}
    assert outcomes[key].added == ("職業災害", "勞工保險")
    assert portal.site.names(key) == sorted(["職災", "職業災害", "勞工保險"])
    assert portal.site.names(other) == []
    asked = len(portal.asked)
    assert dict(_push(services, client)[0].outcomes) == {"unchanged": 1}
    assert portal.count("package_patch") == 1
    assert len(portal.asked) - asked == 2


def test_a_label_that_is_rejected_later_is_taken_back_and_only_that(
    portal: Portal, client: CkanClient, services: Services, key: str
) -> None:
    _decide(services, key, ("職業災害", "勞工保險"))
    _push(services, client)
    _decide(services, key, reject=("勞工保險", "職災"))
    _, outcomes = _push(services, client)
    assert outcomes[key].removed == ("勞工保險",)
    assert portal.site.names(key) == ["職業災害", "職災"]
    _decide(services, key, reject=("職業災害",))
    _push(services, client)
    assert portal.site.names(key) == ["職災"]
    assert dict(_push(services, client)[0].outcomes) == {"unchanged": 1}


def test_a_tag_that_the_portal_had_already_is_never_taken_back(
    portal: Portal, client: CkanClient, services: Services, key: str
) -> None:
    _decide(services, key, ("職災",))
    _push(services, client)
    _decide(services, key, reject=("職災",))
    _push(services, client)
    assert portal.site.names(key) == ["職災"]


def test_what_was_pushed_to_one_portal_is_not_taken_from_another(
    portal: Portal, client: CkanClient, connect: Connect, services: Services, key: str
) -> None:
    _decide(services, key, ("職業災害",))
    _push(services, client)
    _decide(services, key, reject=("職業災害",))
    with Portal().running() as mirror:
        mirror.site.users = portal.site.users
        mirror.site.add("職災統計", ("職業災害",), id=key)
        assert dict(_push(services, connect(mirror.url))[0].outcomes) == {"unchanged": 1}
        assert mirror.site.names(key) == ["職業災害"]


def test_what_was_pushed_is_an_event_of_the_chain(
    portal: Portal, client: CkanClient, services: Services, key: str
) -> None:
    _decide(services, key, ("職業災害",))
    _push(services, client)
    with services.database.reading() as session:
        [content] = session.scalars(select(Event.content).where(Event.kind == PUSHED))
        assert first_broken_event(session) is None
    assert content == {"portal": portal.url, "identifier": key, "added": ["職業災害"], "removed": []}


def test_our_own_labels_do_not_come_back_as_the_publishers_keywords(
    portal: Portal, client: CkanClient, services: Services, key: str
) -> None:
    _decide(services, key, ("職業災害",))
    _push(services, client)
    portal.site.edit(key, ("機關加的",))
    _pull(services, client)
    assert _keywords(services, key) == sorted(["職災", "機關加的"])


def test_a_dry_run_leaves_portal_and_store_alone(
    portal: Portal, connect: Connect, services: Services, key: str
) -> None:
    _decide(services, key, ("職業災害",))
    report, outcomes = _push(services, connect(), dry_run=True)
    assert (dict(report.outcomes), outcomes[key].added) == ({"planned": 1}, ("職業災害",))
    assert portal.site.names(key) == ["職災"]
    with services.database.reading() as session:
        assert session.scalars(select(Event).where(Event.kind == PUSHED)).all() == []


def test_one_dataset_that_fails_costs_no_other(
    portal: Portal, client: CkanClient, services: Services
) -> None:
    ids = [portal.site.add(f"統計 {number}", id=f"000{number}")["id"] for number in range(6)]
    _pull(services, client)
    for identifier in ids:
        _decide(services, identifier, ("職業災害",))
    portal.site.packages[ids[0]]["owner_org"] = "moi"
    portal.site.set_tags(portal.site.packages[ids[1]], [{"name": "A、B"}])
    del portal.site.packages[ids[2]]
    portal.faults["package_patch"] = [lambda _: True, lambda _: True, faults.status(502)]
    report, outcomes = _push(services, client)
    statuses = [outcomes[identifier].status for identifier in ids]
    assert statuses == ["failed", "failed", "absent", "failed", "changed", "changed"]
    assert "not authorized" in (outcomes[ids[0]].error or "")
    assert "A、B" in (outcomes[ids[1]].error or "")
    assert report.stopped is None
    assert dict(_push(services, client)[0].outcomes) == {
        "failed": 2,
        "absent": 1,
        "changed": 1,
        "unchanged": 2,
    }


def test_a_portal_that_is_down_is_left_alone_soon(
    portal: Portal, client: CkanClient, services: Services
) -> None:
    ids = [portal.site.add(f"統計 {number}")["id"] for number in range(6)]
    _pull(services, client)
    for identifier in ids:
        _decide(services, identifier, ("職業災害",))
    portal.faults["package_show"] = [faults.status(503)] * 100
    report, _ = _push(services, client)
    assert dict(report.outcomes) == {"failed": 3}
    assert "連續 3 次" in (report.stopped or "")


def test_only_one_publishers_datasets_are_pushed_where_asked(
    portal: Portal, client: CkanClient, services: Services, key: str
) -> None:
    other = portal.site.add("火災", organization={"name": "nfa", "title": "消防署"})["id"]
    _pull(services, client)
    for identifier in (key, other):
        _decide(services, identifier, ("公共安全",))
    _push(services, client, publisher="消防署")
    assert (portal.site.names(key), portal.site.names(other)) == (["職災"], ["公共安全"])


def test_labels_that_cannot_be_tags_and_near_spellings_are_told(
    portal: Portal, client: CkanClient, services: Services, key: str
) -> None:
    portal.site.add("別的", ("台北", "勞工保險"))
    _decide(services, key, ("臺北", "勞工保險", "稅", "公共安全（火災）"))
    report, outcomes = _push(services, client)
    assert set(report.refused) == {"稅", "公共安全（火災）"}
    assert report.similar == {"臺北": "台北"}
    assert outcomes[key].added == ("臺北", "勞工保險")


def test_a_portal_without_a_list_of_tags_is_pushed_to_all_the_same(
    portal: Portal, client: CkanClient, services: Services, key: str
) -> None:
    portal.faults["tag_list"] = [faults.status(403)]
    _decide(services, key, ("職業災害",))
    report, outcomes = _push(services, client)
    assert (report.spellings_checked, outcomes[key].status) == (False, "changed")


def test_reading_the_store_takes_as_many_statements_for_many_datasets_as_for_one(
    portal: Portal, connect: Connect, services: Services
) -> None:
    counts = []
    for number in (1, 40):
        ids = [portal.site.add(f"統計 {index}")["id"] for index in range(number)]
        _pull(services, connect())
        for identifier in ids:
            _decide(services, identifier, ("職業災害",))
        statements: list[str] = []
        engine = services.database.engine
        event.listen(engine, "before_cursor_execute", lambda *given, into=statements: into.append(given[2]))
        _push(services, connect(), dry_run=True)
        counts.append(sum(statement.startswith("SELECT") for statement in statements))
    assert counts[0] == counts[1]
