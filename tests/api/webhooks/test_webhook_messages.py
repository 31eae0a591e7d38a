"""What webhooks are told, and that it is the service that tells them."""

import time

import pytest
from sqlalchemy import event
from standardwebhooks import Webhook, WebhookVerificationError

from api.outgoing.webhook import Attempt
from api.services import Services
from api.services.accounts import Person
from api.services.review.advancing import Next, take
from api.services.review.deciding import undo
from api.services.webhooks import deliver_due, enqueue_events, make_webhook
from models.catalogue import dataset_key, find_dataset
from models.deciding import DecisionRecord, record_decisions
from models.review.tables import FOR_SECOND
from tagger.version import __version__
from tests.api.review.search_pages import put
from tests.api.webhooks.conftest import Decide
from tests.api.webhooks.receiver import Receiver


def test_a_decision_is_told_with_what_stands_and_not_by_whom(
    services: Services, receiver: Receiver, decided: Decide, reviewer: Person
) -> None:
    decided("B-0")
    secret = make_webhook(services, receiver.url).secret
    made = decided()
    assert deliver_due(services) == (1, 0)
    [got] = receiver.got
    assert got.path == "/hook"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].endswith(f"/{__version__}")
    message = Webhook(secret).verify(got.body, got.headers)
    assert message["type"] == "decision.recorded"
    assert message["data"] == {
        "identifier": "A-1",
        "decisionId": made.decision_id,
        "kind": "decide",
        "categoryCode": "500",
        "acceptedLabels": ["職業災害"],
        "rejectedLabels": ["統計"],
        "reason": "依標題",
        "batch": None,
        "undoesDecisionId": None,
        "tags": {"categoryCode": "500", "labels": ["職業災害"]},
    }
    for private in (reviewer.name, reviewer.display_name):
        assert private not in got.body.decode()
    assert deliver_due(services) == (0, 0), "what was delivered does not come again"


def test_who_changes_a_message_or_sends_it_later_is_found_out(
    services: Services, receiver: Receiver, decided: Decide
) -> None:
    secret = make_webhook(services, receiver.url).secret
    decided()
    deliver_due(services)
    [got] = receiver.got
    stale = {**got.headers, "webhook-timestamp": str(int(time.time()) - 3_600)}
    other = {**got.headers, "webhook-id": "msg_0"}
    for body, headers in (
        (got.body.replace(b"500", b"E00"), got.headers),
        (got.body + b" ", got.headers),
        (got.body, stale),
        (got.body, other),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(make_webhook(services, receiver.url).secret).verify(got.body, got.headers)


def test_a_decision_taken_back_is_told(
    services: Services, receiver: Receiver, decided: Decide, reviewer: Person
) -> None:
    made = decided()
    make_webhook(services, receiver.url)
    assert undo(services, reviewer, made.decision_id)
    deliver_due(services)
    [got] = receiver.got
    data = got.message["data"]
    assert got.message["type"] == "decision.undone"
    assert (data["identifier"], data["undoesDecisionId"]) == ("A-1", made.decision_id)
    assert data["tags"] == {"categoryCode": None, "labels": []}


def test_a_blind_second_opinion_is_not_told(
    services: Services, receiver: Receiver, decided: Decide, second_reviewer: Person
) -> None:
    services.settings.second_share = 1
    make_webhook(services, receiver.url)
    decided()
    assert deliver_due(services) == (1, 0)
    take(services, second_reviewer, Next("A-1", None, FOR_SECOND))
    decided(code="E00", person=second_reviewer)
    assert deliver_due(services) == (0, 0)


def test_a_webhook_is_told_only_what_it_asked_for(
    services: Services, receiver: Receiver, decided: Decide, reviewer: Person
) -> None:
    make_webhook(services, receiver.url, ["decision.undone"])
    decided()
    assert deliver_due(services) == (0, 0)
    undo(services, reviewer)
    assert deliver_due(services) == (1, 0)


def test_writing_the_messages_takes_as_many_statements_for_many_decisions_as_for_one(
    services: Services,
) -> None:
    statements: list[str] = []

    def seen(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    def spent(identifiers: list[str]) -> int:
        put(services, *({"identifier": one, "title": "公園名冊"} for one in identifiers))
        with services.database.writing() as session:
            keys = [dataset_key(session, one) or 0 for one in identifiers]
            datasets = [find_dataset(session, one) for one in identifiers]
            records = [
                DecisionRecord(key, found.current_revision_id or 0, category_code="900")
                for key, found in zip(keys, datasets, strict=True)
                if found is not None
            ]
            events = [one.event_id for one in record_decisions(session, records)]
            statements.clear()
            enqueue_events(session, events)
            session.flush()
        return len(statements)

    event.listen(services.database.engine, "before_cursor_execute", seen)
    try:
        make_webhook(services, "https://one.test/")
        one = spent(["A-1"])
        make_webhook(services, "https://two.test/")
        assert spent([f"B-{number}" for number in range(20)]) == one
    finally:
        event.remove(services.database.engine, "before_cursor_execute", seen)
    told = deliver_due(services, limit=100, sender=lambda *_: Attempt())
    assert told == (41, 0)
