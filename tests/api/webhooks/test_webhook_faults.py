"""Receivers and addresses that would cost other deliveries something."""

import contextlib
import time

import pytest

from api.outgoing.address import AddressError, resolve
from api.services import Services
from api.services.webhooks import deliver_due, make_webhook
from tests.api.webhooks.conftest import Decide
from tests.api.webhooks.receiver import Handler, Receiver
from tests.api.webhooks.test_webhook_addresses import Resolve, resolver  # noqa: F401


def test_a_webhook_whose_host_is_written_in_chinese_costs_the_others_nothing(
    services: Services,
    receiver: Receiver,
    decided: Decide,
    resolver: Resolve,  # noqa: F811
) -> None:
    services.settings.webhook_hosts = ("中文.test", receiver.host)
    resolver("中文.test", ["127.0.0.1"])
    make_webhook(services, "http://中文.test:9/")
    make_webhook(services, receiver.url)
    decided()
    assert deliver_due(services) == (1, 1)


def test_an_answer_that_drips_does_not_hold_the_worker(
    services: Services, receiver: Receiver, decided: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.outgoing.webhook._DEADLINE", 1)

    def drip(handler: Handler) -> None:
        with contextlib.suppress(OSError):
            for letter in b"HTTP/1.1 200 OK":
                handler.wfile.write(bytes([letter]))
                time.sleep(0.5)

    receiver.answer = drip
    make_webhook(services, receiver.url)
    decided()
    begun = time.monotonic()
    deliver_due(services)
    assert time.monotonic() - begun < 5


def test_a_site_local_address_is_refused() -> None:
    with pytest.raises(AddressError):
        resolve("https://[fec0::1]/")


def test_a_listed_host_is_meant_whatever_its_letters() -> None:
    assert resolve("http://localhost:9/", ("LocalHost",))
