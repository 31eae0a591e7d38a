"""Sending one message to one webhook."""

from collections.abc import Collection
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import urllib3
from standardwebhooks import Webhook

from api.outgoing.address import AddressError, Target, resolve
from models.base import now
from models.webhooks import DeliveryRow, WebhookRow
from tagger.version import __version__

_SECONDS = 10
_READ_BYTES = 1024
_GONE = 410
_LONGEST_WAIT = timedelta(hours=24)


class Attempt(NamedTuple):
    """How sending went.

    Attributes:
        error: what went wrong, in 繁體中文; None where the receiver took it.
        retry_after: how long the receiver asked to wait.
        gone: whether the receiver wants nothing any more (410).
    """

    error: str | None = None
    retry_after: timedelta | None = None
    gone: bool = False


def send(webhook: WebhookRow, delivery: DeliveryRow, at: datetime, allowed: Collection[str] = ()) -> Attempt:
    """Send a message, signed; a redirection is not followed, and hardly anything of the answer is read.

    Args:
        at: the moment that is signed.
        allowed: hosts that may be in the inner network.
    """
    try:
        target = resolve(webhook.url, allowed)
    except AddressError as error:
        return Attempt(str(error))
    headers = {
        "Host": target.authority,
        "Content-Type": "application/json",
        "User-Agent": f"taiwan-dataset-tagger/{__version__}",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(webhook.secret).sign(delivery.message_id, at, delivery.body),
    }
    try:
        with _pool(target) as pool:
            answer = pool.urlopen(
                "POST",
                target.path,
                body=delivery.body.encode(),
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            answer.read(_READ_BYTES)
            answer.close()
    except urllib3.exceptions.HTTPError as error:
        return Attempt(f"無法連線（{type(error).__name__}）")
    if 200 <= answer.status < 300:
        return Attempt()
    wait = _wait(answer.headers.get("Retry-After"))
    return Attempt(f"對方回覆 {answer.status}", wait, gone=answer.status == _GONE)


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    """A connection to the address that was looked up; the certificate must be the name's."""
    timeout = urllib3.Timeout(connect=_SECONDS, read=_SECONDS)
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(target.address, target.port, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        target.address,
        target.port,
        timeout=timeout,
        cert_reqs="CERT_REQUIRED",
        assert_hostname=target.host,
        server_hostname=target.host,
    )


def _wait(asked: str | None) -> timedelta | None:
    """How long `Retry-After` (RFC 9110) asks to wait, at most a day."""
    if asked is None:
        return None
    try:
        wait = timedelta(seconds=int(asked)) if asked.isdigit() else parsedate_to_datetime(asked) - now()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()), _LONGEST_WAIT)
