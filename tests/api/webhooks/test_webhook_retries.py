"""What becomes of messages that a receiver does not take. Time is passed in; nobody waits for it."""

from datetime import timedelta

import pytest

from api.services import Services
from api.services.webhooks import (
    BACKOFF,
    GIVE_UP,
    deliver_due,
    deliveries,
    make_webhook,
    resume_webhook,
    retry_delivery,
    webhook,
)
from models.base import now
from models.webhooks import DeliveryRow, WebhookRow
from tests.api.webhooks.conftest import Decide
from tests.api.webhooks.receiver import Handler, Receiver

HOUR = timedelta(hours=1)
LATEST = 1.1
"""How much later than planned a message may come again."""


def _last(services: Services, hook: WebhookRow) -> DeliveryRow:
    return deliveries(services, hook.id, None, 1)[0][0]


def test_a_receiver_that_was_away_gets_the_same_message(services: Services, decided: Decide) -> None:
    away = Receiver()
    services.settings.webhook_hosts = (away.host,)
    hook = make_webhook(services, away.url).webhook
    decided()
    moment = now()
    assert deliver_due(services, moment) == (0, 1)
    failed = _last(services, hook)
    assert failed.last_error
    assert "無法連線" in failed.last_error
    with away.running():
        assert deliver_due(services, moment + BACKOFF[0] / 2) == (0, 0), "not before its time"
        assert deliver_due(services, moment + BACKOFF[0] * LATEST) == (1, 0)
    assert away.message_ids == [failed.message_id]
    assert away.got[0].body.decode() == failed.body
    told = _last(services, hook)
    assert (told.attempts, told.last_error, told.due_at) == (2, None, None)
    assert told.delivered_at


def test_attempts_come_ever_later_and_end(services: Services, receiver: Receiver, decided: Decide) -> None:
    receiver.answer = lambda handler: handler.say(500)
    hook = make_webhook(services, receiver.url).webhook
    decided()
    moment = now()
    for wait in BACKOFF:
        assert deliver_due(services, moment) == (0, 1)
        due = _last(services, hook).due_at
        assert due is not None
        assert wait <= due - moment <= wait * LATEST
        moment = due
    assert deliver_due(services, moment) == (0, 1)
    last = _last(services, hook)
    assert (last.due_at, last.attempts, last.last_error) == (None, 10, "對方回覆 500")
    assert set(receiver.message_ids) == {last.message_id}
    assert retry_delivery(services, hook.id, last.message_id)
    receiver.answer = lambda handler: handler.say(200)
    assert deliver_due(services, moment) == (1, 0)


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("3600", HOUR, HOUR * LATEST), ("9999999", 24 * HOUR, 24 * HOUR * LATEST), ("soon", BACKOFF[0], HOUR)],
)
def test_a_receiver_may_ask_to_be_left_alone_for_up_to_a_day(
    services: Services, receiver: Receiver, decided: Decide, asked: str, least: timedelta, most: timedelta
) -> None:
    receiver.answer = lambda handler: handler.say(503, Retry_After=asked)
    hook = make_webhook(services, receiver.url).webhook
    decided()
    moment = now()
    deliver_due(services, moment)
    due = _last(services, hook).due_at
    assert due is not None
    assert least <= due - moment <= most


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirection_is_not_followed(
    services: Services, receiver: Receiver, decided: Decide, status: int
) -> None:
    receiver.answer = lambda handler: handler.say(status, Location=f"http://{receiver.host}/elsewhere")
    hook = make_webhook(services, receiver.url).webhook
    decided()
    assert deliver_due(services) == (0, 1)
    assert [got.path for got in receiver.got] == ["/hook"]
    assert _last(services, hook).due_at, "it is tried again"


def test_of_a_long_answer_only_the_beginning_is_read(
    services: Services, receiver: Receiver, decided: Decide
) -> None:
    pieces = 1_000
    written: list[int] = []

    def long(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        written.extend(handler.wfile.write(b"x" * 65_536) for _ in range(pieces))

    receiver.answer = long
    make_webhook(services, receiver.url)
    decided()
    assert deliver_due(services) == (1, 0)
    assert len(written) < pieces


def test_who_answers_gone_is_told_no_more_until_enabled(
    services: Services, receiver: Receiver, decided: Decide
) -> None:
    receiver.answer = lambda handler: handler.say(410)
    hook = make_webhook(services, receiver.url).webhook
    decided()
    moment = now()
    assert deliver_due(services, moment) == (0, 1)
    stopped = webhook(services, hook.id)
    assert stopped is not None
    assert stopped.disabled_at
    decided("A-2")
    assert deliver_due(services, moment + 48 * HOUR) == (0, 0)
    receiver.answer = lambda handler: handler.say(204)
    resume_webhook(services, hook.id)
    decided("A-3")
    assert deliver_due(services, moment + 48 * HOUR) == (1, 0)
    assert receiver.got[-1].message["data"]["identifier"] == "A-3"


def test_who_fails_for_five_days_is_told_no_more(
    services: Services, receiver: Receiver, decided: Decide
) -> None:
    receiver.answer = lambda handler: handler.say(500)
    hook = make_webhook(services, receiver.url).webhook
    decided()
    moment = now()
    deliver_due(services, moment)
    deliver_due(services, moment + GIVE_UP - HOUR)
    failing = webhook(services, hook.id)
    assert failing is not None
    assert (failing.failing_since, failing.disabled_at) == (moment, None)
    assert deliver_due(services, moment + GIVE_UP + HOUR) == (0, 1)
    stopped = webhook(services, hook.id)
    assert stopped is not None
    assert stopped.disabled_at
    assert deliver_due(services, moment + 2 * GIVE_UP) == (0, 0)


def test_one_success_in_between_begins_the_five_days_anew(
    services: Services, receiver: Receiver, decided: Decide
) -> None:
    hook = make_webhook(services, receiver.url).webhook
    moment = now() + HOUR
    went = []
    for passed, status in ((0 * HOUR, 500), (GIVE_UP - HOUR, 200), (GIVE_UP + HOUR, 500)):
        receiver.answer = lambda handler, status=status: handler.say(status)
        decided(f"A-{len(went)}")
        went.append(deliver_due(services, moment + passed))
    assert went == [(0, 1), (2, 0), (0, 1)]
    found = webhook(services, hook.id)
    assert found is not None
    assert (found.failing_since, found.disabled_at) == (moment + GIVE_UP + HOUR, None)
