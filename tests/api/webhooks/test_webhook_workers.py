"""Several processes deliver: no message twice at the same time, none lost with one that is killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from api.services import Services
from api.services.webhooks import Delivered, deliver_due, deliveries, make_webhook
from models.base import now
from tests.api.webhooks.conftest import Decide
from tests.api.webhooks.receiver import Handler, Receiver

_PATIENCE = 20
"""Seconds after which a test fails, on a busy machine too."""
_AFTER_THE_CLAIM = timedelta(minutes=5)


@contextmanager
def _delivering(database_address: str, receiver: Receiver, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`tagger webhook deliver` in a process of its own."""
    process = subprocess.Popen(
        [Path(sys.executable).parent / "tagger", "webhook", "deliver", *options],
        env={**os.environ, "DATABASE_URL": database_address, "TAGGER_WEBHOOK_HOSTS": receiver.host},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _held(receiver: Receiver) -> threading.Event:
    """Make the receiver hold its answers until the event is set."""
    free = threading.Event()

    def wait(handler: Handler) -> None:
        assert free.wait(_PATIENCE)
        handler.say(204)

    receiver.answer = wait
    return free


def test_two_workers_send_each_message_once(services: Services, receiver: Receiver, decided: Decide) -> None:
    for _ in range(20):
        make_webhook(services, receiver.url)
    decided()
    together = threading.Barrier(2)
    sent: list[int] = []

    def work() -> None:
        together.wait(_PATIENCE)
        while any(went := deliver_due(services, limit=3)):
            sent.append(went.sent)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(_PATIENCE)
    assert sum(sent) == len(receiver.got) == len(set(receiver.message_ids)) == 20


def test_what_one_worker_is_sending_no_other_begins(
    services: Services, receiver: Receiver, decided: Decide
) -> None:
    make_webhook(services, receiver.url)
    decided()
    free = _held(receiver)
    moment = now()
    first = threading.Thread(target=deliver_due, args=(services, moment))
    first.start()
    assert receiver.came.wait(_PATIENCE)
    assert deliver_due(services, moment + timedelta(seconds=30)) == (0, 0)
    free.set()
    first.join(_PATIENCE)
    assert len(receiver.got) == 1


def test_a_slow_receiver_does_not_hold_up_another(
    services: Services, receiver: Receiver, decided: Decide
) -> None:
    free = _held(receiver)
    with Receiver().running() as quick:
        services.settings.webhook_hosts = (receiver.host, quick.host)
        make_webhook(services, receiver.url)
        make_webhook(services, quick.url)
        decided()
        went: list[Delivered] = []
        worker = threading.Thread(target=lambda: went.append(deliver_due(services)))
        worker.start()
        assert receiver.came.wait(_PATIENCE)
        assert quick.came.wait(_PATIENCE)
        assert worker.is_alive(), "the slow one is still waited for"
        free.set()
        worker.join(_PATIENCE)
    assert went == [(2, 0)]


def test_what_a_killed_worker_was_sending_comes_again(
    services: Services, receiver: Receiver, decided: Decide, database_address: str
) -> None:
    make_webhook(services, receiver.url)
    decided()
    free = _held(receiver)
    with _delivering(database_address, receiver) as process:
        assert receiver.came.wait(_PATIENCE)
        process.kill()
        process.wait(_PATIENCE)
    free.set()
    assert deliver_due(services) == (0, 0), "its claim still holds"
    assert deliver_due(services, now() + _AFTER_THE_CLAIM) == (1, 0)
    first, second = receiver.message_ids
    assert first == second


def test_a_worker_that_is_told_to_end_finishes_what_it_is_sending(
    services: Services, receiver: Receiver, decided: Decide, database_address: str
) -> None:
    hook = make_webhook(services, receiver.url).webhook
    free = _held(receiver)
    with _delivering(database_address, receiver, "--watch") as process:
        decided()
        assert receiver.came.wait(_PATIENCE)
        process.send_signal(signal.SIGTERM)
        free.set()
        assert process.wait(_PATIENCE) == 0
    [[told], _] = deliveries(services, hook.id, None, 10)
    assert told.delivered_at
