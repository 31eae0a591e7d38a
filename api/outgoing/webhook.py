"""Sending one message to one webhook."""

import http.client
from collections.abc import Collection
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from standardwebhooks import Webhook

from api.outgoing.address import AddressError, resolve
from api.outgoing.connection import connected
from models.base import now
from models.webhooks import DeliveryRow, WebhookRow
from tagger.version import __version__

_SECONDS = 10
_DEADLINE = 20
"""Seconds that an attempt may take, whatever the receiver does."""
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
    """Send a message, signed; a redirection is not followed, and nothing but the head of the answer is read.

    Args:
        at: the moment that is signed.
        allowed: hosts that may be in the inner network.
    """
    try:
        target = resolve(webhook.url, allowed)
    except AddressError as error:
        return Attempt(str(error))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"taiwan-dataset-tagger/{__version__}",
        "Connection": "close",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(webhook.secret).sign(delivery.message_id, at, delivery.body),
    }
    try:
        with connected(target, _SECONDS, _DEADLINE) as connection:
            connection.http.request("POST", target.path, delivery.body.encode(), headers)
            answer = connection.http.getresponse()
            status, wait = answer.status, _wait(answer.headers.get("Retry-After"))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Attempt(f"無法連線（{type(error).__name__}）")
    if 200 <= status < 300:
        return Attempt()
    return Attempt(f"對方回覆 {status}", wait, gone=status == _GONE)


def _wait(asked: str | None) -> timedelta | None:
    """How long `Retry-After` (RFC 9110) asks to wait, at most a day."""
    if asked is None:
        return None
    try:
        wait = timedelta(seconds=int(asked)) if asked.isdigit() else parsedate_to_datetime(asked) - now()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()), _LONGEST_WAIT)
