"""Clearing 公共資訊 by program: groups of look-alikes, and one decision on a group."""

from typing import Any

import pytest
from flask import Flask

from api.services import Services
from api.services.accounts import Person
from api.services.review.viewing import open_item
from models.review.tables import FOR_SECOND
from tests.api.people import make_person
from tests.api.review.search_pages import put
from tests.api.v1.test_decisions import Reviewer

ACCIDENTS = "職業災害勞工慰問金發放統計"
GROUP = f"/v1/cleanup/group?suggestedCode=500&titlePattern=○○%23年{ACCIDENTS}"


def _accident(place: str, year: int, publisher: str = "勞動部") -> dict[str, Any]:
    return {
        "identifier": f"{place}-{year}",
        "title": f"{place}{year}年{ACCIDENTS}",
        "publisher": publisher,
        "categoryCode": "I00",
    }


def _same_title(identifier: str, description: str) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "title": "業務統計",
        "description": description,
        "publisher": "某機關",
        "categoryCode": "I00",
    }


@pytest.fixture
def wang(app: Flask, services: Services, reviewer: Person) -> Reviewer:
    """A reviewer of a store with three look-alikes, two of one name that belong elsewhere, and two that stay."""
    services.settings.second_share = services.settings.random_share = 0
    put(
        services,
        _accident("臺北市", 108),
        _accident("高雄市", 111),
        _accident("花蓮縣", 99, "花蓮縣政府"),
        _same_title("S-1", "職業災害死亡人數、失業給付、勞工就業服務與職業訓練人數。" * 3),
        _same_title("S-2", "公車動態路線、國道即時車速、停車場剩餘停車位與路況。" * 3),
        {"identifier": "STAYS", "title": "機關聯絡資訊與服務時間", "categoryCode": "I00"},
        {"identifier": "BUS", "title": "公車動態路線", "categoryCode": "A00"},
    )
    return Reviewer(app, services, reviewer)


def _groups(wang: Reviewer) -> dict[tuple[str, str], int]:
    groups: dict[tuple[str, str], int] = {}
    cursor = ""
    while True:
        page = wang.get(f"/v1/cleanup?limit=1{cursor}")
        for one in page["groups"]:
            groups[one["titlePattern"], one["suggestedCode"]] = one["datasets"]
        if page["next"] is None:
            assert len(groups) == page["total"]
            return groups
        cursor = f"&cursor={page['next']}"


def _sums(page: dict[str, Any]) -> set[int]:
    return {sum(one[name] for one in page["categories"]) for name in ("before", "now", "expected")}


def test_titles_that_differ_in_place_and_year_are_one_group_and_two_targets_are_two(wang: Reviewer) -> None:
    assert _groups(wang) == {
        (f"○○#年{ACCIDENTS}", "500"): 3,
        ("業務統計", "500"): 1,
        ("業務統計", "A00"): 1,
    }
    page = wang.get("/v1/cleanup")
    assert page["counts"] == {
        "declared": 6,
        "moved": 0,
        "kept": 0,
        "undetermined": 0,
        "doubtful": 5,
        "unflagged": 1,
    }
    assert page["moves"] == [{"categoryCode": "500", "datasets": 4}, {"categoryCode": "A00", "datasets": 1}]
    assert _sums(page) == {7}
    by_code = {one["categoryCode"]: one for one in page["categories"]}
    assert by_code["I00"] == {"categoryCode": "I00", "before": 6, "now": 6, "expected": 1}
    assert by_code["A00"] == {"categoryCode": "A00", "before": 1, "now": 1, "expected": 2}
    first = page["groups"][0]
    assert (first["publishers"], len(first["titles"])) == (2, 3)
    assert wang.get("/v1/cleanup?categoryCode=A00")["groups"] == []
    assert wang.client.get("/v1/cleanup?cursor=forged", headers=wang.headers).status_code == 400
    assert wang.client.get("/v1/cleanup").status_code == 401


def test_one_decision_decides_the_group_but_for_what_is_left_out_and_is_taken_back(wang: Reviewer) -> None:
    found = wang.get(GROUP)
    assert {one["identifier"] for one in found["datasets"]} == {"臺北市-108", "高雄市-111", "花蓮縣-99"}
    assert all("職業災害" in "".join(one["words"]) for one in found["datasets"])
    choice = found["accept"]
    assert choice["datasets"] == 3
    body = {
        "selection": {**choice["selection"], "excluded": ["高雄市-111"]},
        "selectionTag": choice["selectionTag"],
        "preview": False,
    }
    preview = wang.post("/v1/decisions:batch", {**body, "preview": True, "selectionTag": None}).get_json()
    assert (preview["datasets"], preview["selectionTag"]) == (2, choice["selectionTag"])
    slip = {**body, "selection": {**choice["selection"], "excluded": ["高雄市-112"]}}
    refused = wang.post("/v1/decisions:batch", slip)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/selection/excluded")
    made = wang.post("/v1/decisions:batch", body)
    assert (made.status_code, made.get_json()["datasets"]) == (201, 2)
    page = wang.get("/v1/cleanup")
    assert (page["counts"]["moved"], page["counts"]["doubtful"]) == (2, 3)
    assert _sums(page) == {7}
    assert {one["categoryCode"]: one["now"] for one in page["categories"]}["500"] == 2
    assert [one["identifier"] for one in wang.get(GROUP)["datasets"]] == ["高雄市-111"], "it stays open"
    again = wang.post("/v1/decisions:batch", body)
    assert again.status_code == 409, "what was looked at is decided already"
    undone = wang.post(f"/v1/batches/{made.get_json()['batch']}/undo")
    assert undone.get_json()["datasets"] == 2
    assert _groups(wang)[f"○○#年{ACCIDENTS}", "500"] == 3


def test_a_group_that_grew_is_looked_at_again(wang: Reviewer, services: Services) -> None:
    keep = wang.get(GROUP)["keep"]
    put(services, _accident("臺中市", 112))
    body = {"action": "keep", "reason": "依法公告", "selection": keep["selection"], "preview": False}
    body["selectionTag"] = keep["selectionTag"]
    assert wang.post("/v1/decisions:batch", body).status_code == 409
    body["selectionTag"] = wang.get(GROUP)["keep"]["selectionTag"]
    assert wang.post("/v1/decisions:batch", body).get_json()["datasets"] == 4
    counts = wang.get("/v1/cleanup")["counts"]
    assert (counts["kept"], counts["moved"], counts["doubtful"]) == (4, 0, 2)


def test_who_reviews_for_one_agency_sees_and_decides_its_own(
    wang: Reviewer, app: Flask, services: Services
) -> None:
    hualien = Reviewer(app, services, make_person(services, "hua", publisher="花蓮縣政府"))
    assert _groups(hualien) == {(f"○○#年{ACCIDENTS}", "500"): 1}
    assert hualien.get("/v1/cleanup?publisher=勞動部")["counts"]["declared"] == 1
    choice = wang.get(GROUP)["accept"]
    body = {"selection": choice["selection"], "selectionTag": choice["selectionTag"], "preview": False}
    assert hualien.post("/v1/decisions:batch", body).status_code == 403, "the others are in it"
    body["selection"] = {**choice["selection"], "excluded": ["臺北市-108", "高雄市-111"]}
    assert hualien.post("/v1/decisions:batch", body).get_json()["datasets"] == 1
    services.settings.second_share = 1
    assert wang.decide("S-1", categoryCode="500").status_code == 201
    waiting = wang.get("/v1/cleanup/group?suggestedCode=500&titlePattern=業務統計")
    assert waiting["datasets"] == [], "what waits for a blind second opinion is named in no group"
    lin = make_person(services, "lin")
    view = open_item(services, lin, "S-1", FOR_SECOND)
    assert view is not None
    assert view.blind
    asked, of_one = Reviewer(app, services, lin), "/v1/cleanup?publisher=某機關"
    seen, known = (one.get(of_one)["counts"] for one in (asked, wang))
    assert (known["moved"], known["doubtful"]) == (1, 1)
    assert (seen["moved"], seen["kept"], seen["doubtful"]) == (0, 0, 2), "a count would tell what was decided"
