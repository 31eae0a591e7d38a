"""Many decisions in one request, the queue, and what is said about an item."""

import threading
from typing import Any

import pytest
from flask import Flask

from api.services import Services
from api.services.accounts import Person
from tests.api.people import make_person
from tests.api.review.search_pages import put
from tests.api.v1.test_decisions import ACCIDENT, Reviewer


@pytest.fixture
def wang(app: Flask, services: Services, reviewer: Person) -> Reviewer:
    """A reviewer of a store with 100 datasets that are declared 公共資訊 and are not."""
    services.settings.second_share = services.settings.random_share = 0
    put(services, *({**ACCIDENT, "identifier": f"A-{number}"} for number in range(12)))
    return Reviewer(app, services, reviewer)


def _listed(wang: Reviewer, identifiers: list[str]) -> list[dict[str, Any]]:
    return [
        {"identifier": one, "ifMatch": wang.item(one)["etag"], "categoryCode": "500"} for one in identifiers
    ]


def test_a_bad_item_costs_only_itself_and_the_list_is_one_batch(wang: Reviewer) -> None:
    decisions: list[Any] = _listed(wang, [f"A-{number}" for number in range(5)])
    decisions[1]["identifier"] = "NOPE"
    decisions[2]["categoryCode"] = "Z99"
    decisions[3]["ifMatch"] = "0-stale"
    decisions += [decisions[0], "nonsense", {"identifier": "a\0b", "ifMatch": "x"}]
    answer = wang.post("/v1/decisions:batch", {"decisions": decisions}).get_json()
    statuses = [one["problem"]["status"] if "problem" in one else 201 for one in answer["results"]]
    assert statuses == [201, 404, 422, 412, 201, 422, 422, 422]
    assert answer["failed"] == 6
    batch = wang.get(f"/v1/batches/{answer['batch']}")["decisions"]
    assert [one["identifier"] for one in batch] == ["A-0", "A-4"]
    assert wang.post(f"/v1/batches/{answer['batch']}/undo").get_json()["datasets"] == 2
    assert wang.post(f"/v1/batches/{answer['batch']}/undo").get_json()["datasets"] == 0
    assert wang.client.get("/v1/search?status=approved").get_json()["total"] == 0


def test_a_list_that_is_sent_again_makes_nothing_new(wang: Reviewer) -> None:
    body = {"decisions": _listed(wang, ["A-0", "A-1"])}
    headers = {**wang.headers, "Idempotency-Key": "list-1"}
    first, again = (
        wang.client.post("/v1/decisions:batch", json=body, headers=headers).get_json() for _ in range(2)
    )
    assert first == again
    assert first["failed"] == 0


def test_a_selection_is_previewed_and_then_decided_as_it_was(wang: Reviewer, services: Services) -> None:
    body = {"selection": {"publisher": "勞動部", "confidenceFrom": 0.8}}
    preview = wang.post("/v1/decisions:batch", body).get_json()
    assert (preview["datasets"], len(preview["samples"])) == (12, 5)
    assert preview["moves"] == [{"declared": "I00", "decided": "500", "datasets": 12}]
    sent = {**body, "preview": False, "selectionTag": preview["selectionTag"]}
    put(services, {**ACCIDENT, "identifier": "NEW"})
    assert wang.post("/v1/decisions:batch", sent).status_code == 409
    sent["selectionTag"] = wang.post("/v1/decisions:batch", body).get_json()["selectionTag"]
    headers = {**wang.headers, "Idempotency-Key": "selection-1"}
    made, again = (wang.client.post("/v1/decisions:batch", json=sent, headers=headers) for _ in range(2))
    assert (made.status_code, made.get_json()["datasets"]) == (201, 13)
    assert again.get_json() == made.get_json()
    assert wang.get("/v1/reviews/queue")["counts"] == {
        "mismatch": 0,
        "uncertain": 0,
        "conflict": 0,
        "mine": 0,
        "decided": 13,
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"decisions": [], "selection": {}}, "/decisions"),
        ({"selection": {"publisher": "勞動部"}}, "/selection/confidenceFrom"),
        ({"selection": {"confidenceFrom": 0.9}}, "/selection"),
        ({"selection": {"publisher": "a\0b", "confidenceFrom": 0.9}}, "/selection/publisher"),
        ({"selection": {"publisher": "勞動部", "confidenceFrom": True}}, "/selection/confidenceFrom"),
        ({"selection": {"publisher": "勞動部", "confidenceFrom": 0.9}, "preview": False}, "/selectionTag"),
    ],
)
def test_what_is_wrong_with_a_batch_is_named(wang: Reviewer, body: dict[str, Any], pointer: str) -> None:
    response = wang.post("/v1/decisions:batch", body)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["pointer"] == pointer


def test_of_several_who_ask_at_once_each_gets_another_item(
    app: Flask, services: Services, wang: Reviewer
) -> None:
    people = [Reviewer(app, services, make_person(services, f"p{number}")) for number in range(6)]
    start = threading.Barrier(len(people))
    found: list[tuple[str, bool]] = []

    def ask(one: Reviewer) -> None:
        start.wait()
        item = one.post("/v1/reviews/next", {"queue": "mismatch"}).get_json()
        found.append((item["identifier"], item["lease"]["mine"]))

    threads = [threading.Thread(target=ask, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({identifier for identifier, _ in found}) == len(people)
    assert all(mine for _, mine in found)


def test_the_queue_is_paged_and_goes_on_behind_an_item(wang: Reviewer) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = wang.get(f"/v1/reviews/queue?limit=5{cursor}")
        seen += [one["identifier"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 12
    first = wang.post("/v1/reviews/next", {}).get_json()
    second = wang.post("/v1/reviews/next", {"after": first["position"]}).get_json()
    assert [first["identifier"], second["identifier"]] == seen[:2]
    assert wang.client.get("/v1/reviews/queue?cursor=forged", headers=wang.headers).status_code == 400
    assert wang.post("/v1/reviews/next", {"queue": "conflict"}).status_code == 204


def test_reading_an_item_holds_nothing_and_asking_for_it_does(
    app: Flask, services: Services, wang: Reviewer
) -> None:
    lin = Reviewer(app, services, make_person(services, "lin"))
    assert wang.item("A-0")["lease"] is None
    held = wang.client.put("/v1/reviews/items/A-0/lease", headers=wang.headers).get_json()
    assert held["mine"] is True
    other = lin.client.put("/v1/reviews/items/A-0/lease", headers=lin.headers).get_json()
    assert (other["by"], other["mine"]) == ("wang小姐", False)
    assert wang.client.delete("/v1/reviews/items/A-0/lease", headers=wang.headers).status_code == 204
    assert lin.item("A-0")["lease"] is None


def test_notes_and_assignments(app: Flask, services: Services, wang: Reviewer) -> None:
    lin = Reviewer(app, services, make_person(services, "lin"))
    noted = wang.post("/v1/reviews/items/A-0/notes", {"text": "@lin 請確認"})
    assert (noted.status_code, noted.get_json()["notes"][0]["by"]) == (201, "wang小姐")
    assert [one["identifier"] for one in lin.get("/v1/reviews/queue?queue=mine")["items"]] == ["A-0"]
    put_ = wang.client.put
    address = "/v1/reviews/items/A-1/assignment"
    assert (
        put_(address, json={"account": "lin", "dueOn": "2026-12-31"}, headers=wang.headers).status_code == 200
    )
    assert lin.item("A-1")["assignment"] == {"to": "lin小姐", "dueOn": "2026-12-31"}
    nobody = put_(address, json={"account": "nobody"}, headers=wang.headers)
    assert (nobody.status_code, nobody.get_json()["errors"][0]["pointer"]) == (422, "/account")
    assert wang.client.delete(address, headers=wang.headers).status_code == 204
    assert wang.post("/v1/reviews/items/NOPE/notes", {"text": "x"}).status_code == 404
    assert wang.post("/v1/reviews/items/a%00b/notes", {"text": "x"}).status_code == 404
