"""Bringing one dataset's tags on a portal up to date."""

from collections.abc import Callable

import pytest

from api.interchange.ckan import CkanClient
from api.interchange.ckan_answer import CkanDenied, CkanError, CkanInvalid, CkanUnavailable
from api.interchange.ckan_push import Wanted, plan, push_one
from tests.api.interchange.ckan import faults
from tests.api.interchange.ckan.portal import Portal

Connect = Callable[..., CkanClient]


@pytest.fixture
def key(portal: Portal) -> str:
    """The id of a dataset that has a tag of its own."""
    found: str = portal.site.add("職災統計", ("職災",))["id"]
    return found


def test_approved_labels_are_added_and_the_portals_own_tags_stay(
    portal: Portal, client: CkanClient, key: str
) -> None:
    outcome = push_one(client, Wanted(key, ("職業災害", "職災", "職業災害")))
    assert (outcome.status, outcome.title, outcome.added, outcome.removed) == (
        "changed",
        "職災統計",
        ("職業災害",),
        (),
    )
    assert portal.site.names(key) == ["職業災害", "職災"]


@pytest.mark.parametrize("always_touches", [True, False])
def test_pushing_again_writes_nothing(
    portal: Portal, client: CkanClient, key: str, always_touches: bool
) -> None:
    portal.site.always_touches = always_touches
    wanted = Wanted(key, ("職業災害",), frozenset({"舊的"}))
    assert push_one(client, wanted).status == "changed"
    modified = portal.site.packages[key]["metadata_modified"]
    assert push_one(client, wanted).status == "unchanged"
    assert portal.count("package_patch") == 1
    assert portal.site.packages[key]["metadata_modified"] == modified


def test_only_what_was_pushed_before_and_is_approved_no_longer_goes(
    portal: Portal, client: CkanClient, key: str
) -> None:
    portal.site.edit(key, ("舊的", "別人的", "仍核可"))
    outcome = push_one(client, Wanted(key, ("仍核可",), frozenset({"舊的", "仍核可", "早已不在"})))
    assert outcome.removed == ("舊的",)
    assert portal.site.names(key) == sorted(["職災", "別人的", "仍核可"])


def test_all_labels_may_be_taken_back(portal: Portal, client: CkanClient, key: str) -> None:
    portal.site.set_tags(portal.site.packages[key], [{"name": "舊的"}])
    assert push_one(client, Wanted(key, (), frozenset({"舊的"}))).status == "changed"
    assert portal.site.names(key) == []


def test_tags_of_vocabularies_stay_what_they_are(portal: Portal, client: CkanClient, key: str) -> None:
    portal.site.vocabularies["v"] = "frequency"
    package = portal.site.packages[key]
    portal.site.set_tags(
        package, [{"name": "每月", "vocabulary_id": "v"}, {"name": "每月"}, {"name": "職災"}]
    )
    outcome = push_one(client, Wanted(key, ("新的",), frozenset({"每月"})))
    assert (outcome.added, outcome.removed) == (("新的",), ("每月",))
    assert {(tag["name"], tag["vocabulary_id"]) for tag in package["tags"]} == {
        ("每月", "v"),
        ("職災", None),
        ("新的", None),
    }
    assert push_one(client, Wanted(key, ("每月", "新的"))).status == "unchanged"


def test_labels_that_cannot_be_tags_are_left_out_and_cost_no_other(
    portal: Portal, client: CkanClient, key: str
) -> None:
    outcome = push_one(client, Wanted(key, ("稅", "公共安全（火災）", "職業災害")))
    assert outcome.added == ("職業災害",)
    assert push_one(client, Wanted(key, ("稅",))).status == "unchanged"


def test_a_dry_run_shows_the_change_and_writes_nothing(portal: Portal, connect: Connect, key: str) -> None:
    portal.site.edit(key, ("舊的",))
    outcome = push_one(connect(), Wanted(key, ("職業災害",), frozenset({"舊的"})), dry_run=True)
    assert (outcome.status, outcome.added, outcome.removed) == ("planned", ("職業災害",), ("舊的",))
    assert portal.count("package_patch") == 0
    assert set(portal.site.names(key)) == {"舊的", "職災"}


def test_a_change_in_between_is_seen_and_kept(portal: Portal, client: CkanClient, key: str) -> None:
    portal.meanwhile["package_show"] = [lambda: portal.site.edit(key, ("機關剛加的",))]
    outcome = push_one(client, Wanted(key, ("職業災害",)))
    assert (outcome.status, outcome.reread) == ("changed", True)
    assert portal.site.names(key) == sorted(["職災", "職業災害", "機關剛加的"])


def test_what_somebody_else_did_in_between_is_not_done_again(
    portal: Portal, client: CkanClient, key: str
) -> None:
    portal.meanwhile["package_show"] = [lambda: portal.site.edit(key, ("職業災害",))]
    outcome = push_one(client, Wanted(key, ("職業災害",)))
    assert (outcome.status, outcome.reread) == ("unchanged", True)
    assert portal.count("package_patch") == 0


def test_tags_that_do_not_stand_afterwards_are_an_error(portal: Portal, client: CkanClient, key: str) -> None:
    package = portal.site.packages[key]
    portal.meanwhile["package_patch"] = [lambda: portal.site.set_tags(package, [{"name": "職災"}])]
    with pytest.raises(CkanError, match="同時有人編輯"):
        push_one(client, Wanted(key, ("職業災害",)))


def test_an_answer_that_is_lost_is_looked_after(portal: Portal, client: CkanClient, key: str) -> None:
    portal.faults["package_patch"] = [faults.lost]
    assert push_one(client, Wanted(key, ("職業災害",))).status == "changed"
    assert (portal.count("package_patch"), portal.site.names(key)) == (1, ["職業災害", "職災"])


def test_a_write_that_did_not_arrive_is_an_error(portal: Portal, client: CkanClient, key: str) -> None:
    portal.faults["package_patch"] = [faults.truncated]
    with pytest.raises(CkanUnavailable):
        push_one(client, Wanted(key, ("職業災害",)))
    assert portal.site.names(key) == ["職災"]


def test_what_is_not_on_the_portal_is_absent(portal: Portal, client: CkanClient, key: str) -> None:
    assert push_one(client, Wanted("6289", ("職業災害",))).status == "absent"
    portal.site.packages[key]["state"] = "deleted"
    assert push_one(client, Wanted(key, ("職業災害",))).status == "absent"
    assert portal.count("package_patch") == 0


def test_another_dataset_that_has_the_id_as_its_name_is_not_touched(
    portal: Portal, client: CkanClient
) -> None:
    portal.site.add("別人的", name="6289")
    assert push_one(client, Wanted("6289", ("職業災害",))).status == "absent"


def test_the_portals_own_faults_are_errors(portal: Portal, client: CkanClient, key: str) -> None:
    portal.site.packages[key]["owner_org"] = "moi"
    with pytest.raises(CkanDenied):
        push_one(client, Wanted(key, ("職業災害",)))
    # A tag from before the portal had its rule: it is the portal's, so it is neither dropped nor mended.
    other = portal.site.add("舊資料", ("A、B",))["id"]
    with pytest.raises(CkanInvalid, match="A、B"):
        push_one(client, Wanted(other, ("職業災害",)))
    assert portal.site.names(other) == ["A、B"]


def test_a_dataset_that_says_nothing_of_tags_is_not_emptied() -> None:
    with pytest.raises(CkanError, match="未寫入"):
        plan({"id": "x", "metadata_modified": "2026"}, Wanted("x", ("職業災害",)))
