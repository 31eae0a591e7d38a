"""Webhooks by REST, for administrators only."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from standardwebhooks import Webhook

from api.services import Services
from api.services.accounts import Person
from api.services.webhooks import deliver_due
from models.base import now
from tests.api.people import bearer
from tests.api.webhooks.conftest import Decide
from tests.api.webhooks.receiver import Receiver


class Administrator:
    """Somebody who administers by program."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self._client, self._headers = client, headers

    def ask(self, method: str, path: str = "", body: Any = None, status: int = 200) -> Any:
        """The answer, which has this status."""
        address = "/v1/webhooks" + path
        answer = self._client.open(address, method=method, json=body, headers=self._headers)
        assert answer.status_code == status, answer.text
        return answer

    def made(self, url: str, **body: Any) -> dict[str, Any]:
        """A new webhook."""
        return dict(self.ask("POST", body={"url": url, **body}, status=201).get_json())


@pytest.fixture
def root(client: FlaskClient, services: Services, administrator: Person) -> Administrator:
    """An administrator."""
    return Administrator(client, bearer(services, administrator))


def test_the_secret_is_told_once_and_signs_what_is_sent(
    root: Administrator, services: Services, receiver: Receiver, decided: Decide
) -> None:
    answer = root.ask("POST", body={"url": receiver.url}, status=201)
    made = answer.get_json()
    assert made["kinds"] == ["decision.recorded", "decision.undone"]
    assert "no-store" in answer.headers["Cache-Control"]
    shown = root.ask("GET", answer.location.removeprefix("/v1/webhooks"))
    assert shown.get_json() == {name: value for name, value in made.items() if name != "secret"}
    assert root.ask("GET").get_json() == {"webhooks": [shown.get_json()]}
    decided()
    deliver_due(services)
    [got] = receiver.got
    assert Webhook(made["secret"]).verify(got.body, got.headers)


def test_what_was_sent_is_listed_newest_first_and_sent_again_when_asked(
    root: Administrator, services: Services, receiver: Receiver, decided: Decide
) -> None:
    path = f"/{root.made(receiver.url)['id']}/deliveries"
    for number in range(3):
        decided(f"A-{number}")
    deliver_due(services)
    first = root.ask("GET", f"{path}?limit=2").get_json()
    second = root.ask("GET", f"{path}?limit=2&cursor={first['next']}").get_json()
    listed = first["deliveries"] + second["deliveries"]
    assert [one["message"]["data"]["identifier"] for one in listed] == ["A-2", "A-1", "A-0"]
    assert (second["next"], {one["attempts"] for one in listed}) == (None, {1})
    assert all(one["deliveredAt"] and one["dueAt"] is None for one in listed)
    root.ask("POST", f"{path}/{listed[-1]['messageId']}/retry", status=202)
    assert deliver_due(services) == (1, 0)
    assert receiver.got[-1].message_id == listed[-1]["messageId"]


def test_a_stopped_webhook_shows_since_when_and_can_be_resumed(
    root: Administrator, services: Services, receiver: Receiver, decided: Decide
) -> None:
    path = f"/{root.made(receiver.url)['id']}"
    receiver.answer = lambda handler: handler.say(410)
    decided()
    deliver_due(services, now())
    assert root.ask("GET", path).get_json()["disabledAt"]
    resumed = root.ask("POST", f"{path}/enable").get_json()
    assert (resumed["disabledAt"], resumed["failingSince"]) == (None, None)


def test_a_removed_webhook_gets_nothing_more(
    root: Administrator, services: Services, receiver: Receiver, decided: Decide
) -> None:
    path = f"/{root.made(receiver.url)['id']}"
    decided()
    root.ask("DELETE", path, status=204)
    assert deliver_due(services) == (0, 0)
    assert not receiver.got
    root.ask("DELETE", path, status=404)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": "http://8.8.8.8/"}, "/url"),
        ({"url": ""}, "/url"),
        ({}, "/url"),
        ({"url": "https://8.8.8.8/", "kinds": ["decision.recorded", "all"]}, "/kinds/1"),
        ({"url": "https://8.8.8.8/", "kinds": []}, "/kinds"),
        ({"url": "https://8.8.8.8/", "secret": "whsec_AAAA"}, "/secret"),
    ],
)
def test_what_cannot_be_a_webhook_is_refused_with_its_place(
    root: Administrator, body: dict[str, Any], pointer: str
) -> None:
    problem = root.ask("POST", body=body, status=422).get_json()
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert root.ask("GET").get_json() == {"webhooks": []}


@pytest.mark.parametrize("unknown", ["0", "99", "-1", "x", "9" * 30])
def test_an_unknown_webhook_is_a_problem_of_its_own(root: Administrator, unknown: str) -> None:
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/enable"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/msg_0/retry"),
    ):
        problem = root.ask(method, f"/{unknown}{path}", status=404).get_json()
        assert problem["type"] == "/problems/webhook-not-found"


def test_only_administrators_come_near(client: FlaskClient, services: Services, reviewer: Person) -> None:
    headers = bearer(services, reviewer)
    for method, path in (
        ("POST", ""),
        ("GET", ""),
        ("GET", "/1"),
        ("DELETE", "/1"),
        ("POST", "/1/enable"),
        ("GET", "/1/deliveries"),
        ("POST", "/1/deliveries/msg_0/retry"),
    ):
        address = "/v1/webhooks" + path
        assert client.open(address, method=method).status_code == 401
        assert client.open(address, method=method, headers=headers).status_code == 403
