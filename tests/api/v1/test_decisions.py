"""Decisions by REST: taken, collided, taken back, and never lost."""

import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from api.services import Services
from api.services.accounts import Person, create_account
from api.services.auditing import verify
from api.services.review.advancing import Next, take
from api.services.thesaurus import StoredThesaurus
from models.accounts import find_account
from models.catalogue import find_dataset, model_version_id
from models.decision import Decision
from models.event import first_broken_event
from models.tagging import SuggestionRecord, store_suggestions
from tests.api.people import PASSWORD, bearer
from tests.api.review.search_pages import put

ACCIDENT = {
    "identifier": "A-1",
    "title": "職業災害勞工慰問金發放統計",
    "publisher": "勞動部",
    "categoryCode": "I00",
}


class Reviewer:
    """Somebody who reviews by program."""

    def __init__(self, app: Flask, services: Services, person: Person) -> None:
        self.client = app.test_client()
        self.headers = bearer(services, person)

    def item(self, identifier: str = "A-1") -> dict[str, Any]:
        """An item as it is shown."""
        response = self.client.get(f"/v1/reviews/items/{identifier}", headers=self.headers)
        assert response.status_code == 200, response.text
        return dict(response.get_json())

    def decide(self, identifier: str = "A-1", etag: str | None = None, **body: Any) -> Any:
        """The answer to a decision."""
        etag = etag or self.item(identifier)["etag"]
        headers = {**self.headers, "If-Match": f'"{etag}"', **body.pop("headers", {})}
        return self.client.post(f"/v1/datasets/{identifier}/decisions", json=body, headers=headers)

    def post(self, path: str, body: Any = None) -> Any:
        """The answer to any other request."""
        return self.client.post(path, json=body, headers=self.headers)

    def get(self, path: str) -> Any:
        """The answer to a question."""
        return self.client.get(path, headers=self.headers).get_json()


@pytest.fixture
def wang(app: Flask, services: Services, reviewer: Person) -> Reviewer:
    """A reviewer; nobody is asked for second opinions, nothing is drawn at random."""
    services.settings.second_share = services.settings.random_share = 0
    put(services, ACCIDENT)
    return Reviewer(app, services, reviewer)


@pytest.fixture
def lin(app: Flask, services: Services, second_reviewer: Person) -> Reviewer:
    """Another reviewer."""
    return Reviewer(app, services, second_reviewer)


@pytest.fixture
def chen(app: Flask, services: Services, third_reviewer: Person) -> Reviewer:
    """A third reviewer."""
    return Reviewer(app, services, third_reviewer)


def _tags(client: FlaskClient, identifier: str = "A-1") -> dict[str, Any]:
    return dict(client.get(f"/v1/datasets/{identifier}").get_json()["tags"])


def test_a_decision_gives_the_dataset_its_tags(wang: Reviewer, client: FlaskClient) -> None:
    label = wang.item()["labels"][0]["label"]
    response = wang.decide(kind="decide", categoryCode="500", acceptedLabels=[label], rejectedLabels=["統計"])
    assert response.status_code == 201, response.text
    assert response.get_json()["decidedBy"] == "wang小姐"
    assert wang.get(response.location) == response.get_json()
    assert _tags(client) == {"categoryCode": "500", "labels": [label], "rejectedLabels": ["統計"]}
    assert response.headers["ETag"] == client.get("/v1/datasets/A-1").headers["ETag"]
    found = client.get("/v1/search?status=approved").get_json()["results"]
    assert [one["identifier"] for one in found] == ["A-1"]


def test_who_comes_too_late_sees_both_values(wang: Reviewer, lin: Reviewer) -> None:
    etag = wang.item()["etag"]
    assert wang.decide(etag=etag, categoryCode="500").status_code == 201
    late = lin.decide(etag=etag, categoryCode="E00", acceptedLabels=["職業災害"])
    assert late.status_code == 412
    problem = late.get_json()
    assert (problem["current"]["categoryCode"], problem["current"]["decidedBy"]) == ("500", "wang小姐")
    assert problem["submitted"] == {"categoryCode": "E00", "labels": ["職業災害"]}
    headers = lin.headers
    assert lin.client.post("/v1/datasets/A-1/decisions", json={}, headers=headers).status_code == 428


def test_of_fifty_at_once_one_succeeds_and_the_state_is_that_of_the_events(
    app: Flask, services: Services, wang: Reviewer, client: FlaskClient
) -> None:
    item = wang.item()
    etag, labels = item["etag"], [one["label"] for one in item["labels"]]
    # The vocabulary has to be read anew: whoever does so must not wait for those who wait for him.
    services.__dict__["_thesaurus"] = StoredThesaurus(services.database)
    codes = ["500", "E00", "B00", "A00", "300"]
    start = threading.Barrier(50)
    answers: list[tuple[int, str]] = []

    def decide(number: int) -> None:
        code = codes[number % len(codes)]
        start.wait()
        response = app.test_client().post(
            "/v1/datasets/A-1/decisions",
            json={"categoryCode": code, "acceptedLabels": labels},
            headers={**wang.headers, "If-Match": f'"{etag}"'},
        )
        answers.append((response.status_code, code))

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [201] + [412] * 49
    [code] = [code for status, code in answers if status == 201]
    assert _tags(client)["categoryCode"] == code
    with services.database.reading() as session:
        assert len(session.scalars(select(Decision)).all()) == 1
        assert first_broken_event(session) is None
    found, _ = verify(services)
    assert found.faults == []


def test_a_new_model_changes_no_decision_and_brings_no_rejected_label_back(
    services: Services, wang: Reviewer, client: FlaskClient
) -> None:
    shown = [one["label"] for one in wang.item()["labels"]]
    assert len(shown) > 1
    wang.decide(categoryCode="E00", acceptedLabels=shown[1:], rejectedLabels=shown[:1])
    with services.database.writing() as session:
        dataset = find_dataset(session, "A-1")
        assert dataset is not None
        assert dataset.suggestion is not None
        content = {**dataset.suggestion.content, "modelVersion": "newer"}
        record = SuggestionRecord(dataset.current_revision_id or 0, "500", 0.99, True, content)
        version = model_version_id(session, "newer")
        store_suggestions(session, version, [record], [dataset.current_revision_id or 0])
    answer = client.get("/v1/datasets/A-1").get_json()
    assert answer["suggestion"]["modelVersion"] == "newer"
    assert shown[0] not in [label["label"] for label in answer["suggestion"]["labels"]]
    assert answer["tags"]["categoryCode"] == "E00"
    assert shown[0] not in [one["label"] for one in wang.item()["labels"]]


def test_a_kept_category_is_quoted_by_the_next_similar_dataset(services: Services, wang: Reviewer) -> None:
    wang.decide(kind="keep", reason="本表為行政公告，依規定列於公共資訊")
    similar = {**ACCIDENT, "identifier": "A-2", "title": "職業災害勞工慰問金發放情形"}
    other = {**ACCIDENT, "identifier": "B-1", "title": "公共自行車租賃站位置"}
    put(services, similar, other)
    [precedent] = wang.item("A-2")["precedents"]
    assert (precedent["identifier"], precedent["reason"]) == ("A-1", "本表為行政公告，依規定列於公共資訊")
    assert wang.item("B-1")["precedents"] == []
    wang.post("/v1/decisions/undo")
    assert wang.item("A-2")["precedents"] == []


def test_a_decision_is_taken_back_by_whom_it_belongs_to(
    wang: Reviewer, lin: Reviewer, client: FlaskClient
) -> None:
    made = wang.decide(categoryCode="500").get_json()
    refused = lin.post(f"/v1/decisions/{made['id']}/undo")
    assert refused.status_code == 403
    undone = wang.post("/v1/decisions/undo")
    assert undone.status_code == 201
    assert undone.get_json()["undoesDecisionId"] == made["id"]
    assert _tags(client)["categoryCode"] is None
    assert wang.get(f"/v1/decisions/{made['id']}")["undone"] is True
    assert wang.post(f"/v1/decisions/{made['id']}/undo").status_code == 404
    kinds = [one["kind"] for one in wang.get("/v1/datasets/A-1/decisions")["decisions"]]
    assert kinds == ["undo", "decide"]


def test_the_last_ten_can_be_taken_back_one_by_one(services: Services, wang: Reviewer) -> None:
    put(services, *({**ACCIDENT, "identifier": f"C-{n}"} for n in range(12)))
    made = [wang.decide(f"C-{n}", categoryCode="500").get_json()["id"] for n in range(12)]
    assert wang.post(f"/v1/decisions/{made[1]}/undo").status_code == 403
    undone = [wang.post("/v1/decisions/undo").get_json()["undoesDecisionId"] for _ in range(10)]
    assert undone == made[:1:-1]


def test_differing_blind_opinions_need_a_third(
    services: Services, wang: Reviewer, lin: Reviewer, chen: Reviewer, client: FlaskClient
) -> None:
    services.settings.second_share = 1
    shown = [one["label"] for one in wang.item()["labels"]]
    first = wang.decide(categoryCode="500", acceptedLabels=shown[1:], rejectedLabels=shown[:1]).get_json()
    _claim_second(services, "lin", "A-1")
    item = lin.item()
    assert item["history"] == []
    assert [one["label"] for one in item["labels"]] == shown, "what the first one rejected is there again"
    assert lin.get("/v1/datasets/A-1/decisions")["decisions"] == []
    assert lin.get(f"/v1/decisions/{first['id']}")["status"] == 404
    stale = lin.decide(etag="0-stale", categoryCode="E00").get_json()
    assert stale["current"] == {"categoryCode": None, "labels": [], "decidedBy": None, "decidedAt": None}
    assert lin.decide(etag=item["etag"], categoryCode="E00").status_code == 201
    assert _tags(client)["categoryCode"] == "500", "a second opinion changes nothing by itself"
    assert wang.get("/v1/reviews/queue")["counts"]["conflict"] == 1
    for one in (wang, lin):
        assert one.get("/v1/reviews/queue?queue=conflict")["items"] == []
        assert one.decide(categoryCode="B00").status_code == 409
    [conflict] = chen.get("/v1/reviews/queue?queue=conflict")["items"]
    assert chen.decide(conflict["identifier"], categoryCode="E00").status_code == 201
    assert _tags(client)["categoryCode"] == "E00"
    assert chen.get("/v1/reviews/queue")["counts"]["conflict"] == 0


def _claim_second(services: Services, name: str, identifier: str) -> None:
    """Give somebody the blind second opinion on a dataset, as the queue does by chance."""
    with services.database.reading() as session:
        account = find_account(session, name)
    assert account is not None
    person = Person(account.id, account.name, account.display_name, account.role, account.publisher)
    take(services, person, Next(identifier, None, "second"))


def test_a_request_sent_again_makes_no_second_decision(wang: Reviewer) -> None:
    etag = wang.item()["etag"]
    key = {"Idempotency-Key": "upload-77"}
    first = wang.decide(etag=etag, categoryCode="500", headers=key)
    again = wang.decide(etag=etag, categoryCode="500", headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json()
    other = wang.decide(etag=etag, categoryCode="E00", headers=key)
    assert (other.status_code, other.get_json()["type"]) == (422, "/problems/idempotency-key-reused")


def test_an_account_of_one_agency_decides_on_its_datasets_only(
    app: Flask, services: Services, wang: Reviewer
) -> None:
    person = create_account(services, "moi", "內政部", "reviewer", publisher="內政部", password=PASSWORD)
    moi = Reviewer(app, services, person)
    assert moi.decide(categoryCode="500").status_code == 403
    put(services, {**ACCIDENT, "identifier": "M-1", "publisher": "內政部"})
    assert moi.decide("M-1", categoryCode="500").status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "decide"}, "/categoryCode"),
        ({"kind": "approve"}, "/kind"),
        ({"categoryCode": "Z99"}, "/categoryCode"),
        ({"kind": "skip", "reason": "  "}, "/reason"),
        ({"kind": "flag", "categoryCode": "500"}, "/kind"),
        ({"kind": "reject", "categoryCode": "500"}, "/categoryCode"),
        ({"categoryCode": "500", "reason": "a\0b"}, "/reason"),
        ({"categoryCode": "500", "rejectedLabels": ["a\0b"]}, "/rejectedLabels/0"),
        ({"categoryCode": "500", "acceptedLabels": ["火災"], "rejectedLabels": ["火災"]}, "/rejectedLabels"),
        ({"categoryCode": "500", "reason": "字" * 501}, "/reason"),
        ({"categoryCode": "500", "acceptedLabels": ["沒有這個標籤"]}, "/acceptedLabels"),
        ({"categoryCode": "500", "acceptedLabels": [5]}, "/acceptedLabels/0"),
        ({"categoryCode": "500", "acceptedLabels": ["字" * 101]}, "/acceptedLabels/0"),
        ({"categoryCode": "500", "colour": "red"}, "/colour"),
        ({"categoryCode": {"$gt": ""}}, "/categoryCode"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(wang: Reviewer, body: dict[str, Any], pointer: str) -> None:
    response = wang.decide(**body)
    assert response.status_code == 422
    [error] = response.get_json()["errors"]
    assert error["pointer"] == pointer
    assert _tags(wang.client)["categoryCode"] is None


def test_reviewing_needs_somebody_who_may(
    app: Flask, services: Services, wang: Reviewer, client: FlaskClient
) -> None:
    assert client.post("/v1/datasets/A-1/decisions", json={}).status_code == 401
    auditor = Reviewer(app, services, create_account(services, "audit", "稽核", "auditor"))
    assert auditor.decide(categoryCode="500").status_code == 403
    assert auditor.get("/v1/reviews/queue")["counts"]["mismatch"] == 1
    uploader = Reviewer(app, services, create_account(services, "up", "上傳", "uploader"))
    assert uploader.client.get("/v1/reviews/queue", headers=uploader.headers).status_code == 403
