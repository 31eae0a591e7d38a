"""Telling the upload workflow what was decided: Standard Webhooks 1.0 (standardwebhooks.com)."""

import base64
import secrets
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
import structlog
from sqlalchemy.orm import Session

from api.outgoing.webhook import Attempt, send
from api.services import Services
from models.base import now
from models.catalogue import identifiers_of
from models.deciding import NOTHING_STANDS, RECORDED, UNDONE, Standing, standing_of
from models.webhooks import (
    DeliveryRow,
    EventRow,
    Outcome,
    WebhookRow,
    add_deliveries,
    add_webhook,
    claim_deliveries,
    enable_webhook,
    events_by_id,
    find_webhook,
    list_webhooks,
    page_of_deliveries,
    remove_webhook,
    requeue_delivery,
    settle_delivery,
)

KINDS = (RECORDED, UNDONE)
"""Kinds of events that can be told."""
BACKOFF = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each failed attempt the next one comes, as the standard recommends; then none."""
GIVE_UP = timedelta(days=5)
"""A webhook that fails for so long without a success is told no more."""
_JITTER = 0.1
_CLAIM = timedelta(minutes=2)
_AT_ONCE = 8


Sender = Callable[[WebhookRow, DeliveryRow, datetime], Attempt]
log = structlog.get_logger(__name__)


class Made(NamedTuple):
    """A new webhook, with the secret that is shown only now."""

    webhook: WebhookRow
    secret: str


class Delivered(NamedTuple):
    """How many deliveries went and how many failed."""

    sent: int = 0
    failed: int = 0


def enqueue_events(session: Session, event_ids: Sequence[int]) -> None:
    """Write, in the transaction of decisions, the messages that tell of them; in five statements.

    Each says what was decided and what stands for the dataset now, but not by whom.
    """
    hooks = [hook for hook in list_webhooks(session) if hook.disabled_at is None]
    if not hooks or not event_ids:
        return
    events = events_by_id(session, event_ids)
    keys = {event.id: int(event.subject.rpartition("/")[2]) for event in events}
    identifiers = identifiers_of(session, list(keys.values()))
    standing = standing_of(session, list(keys.values()))
    rows = []
    for event in events:
        key = keys[event.id]
        body = orjson.dumps(_message(event, identifiers[key], standing.get(key, NOTHING_STANDS))).decode()
        rows += [
            {
                "message_id": f"msg_{uuid.uuid4().hex}",
                "webhook_id": hook.id,
                "event_id": event.id,
                "body": body,
            }
            for hook in hooks
            if event.kind in hook.kinds
        ]
    add_deliveries(session, rows)


def _message(event: EventRow, identifier: str, standing: Standing) -> dict[str, Any]:
    content = event.content
    return {
        "type": event.kind,
        "timestamp": event.created_at.isoformat(),
        "data": {
            "identifier": identifier,
            "decisionId": content["decision"],
            "kind": content.get("kind"),
            "categoryCode": content.get("category_code"),
            "acceptedLabels": [choice["label"] for choice in content.get("accepted_labels", ())],
            "rejectedLabels": [choice["label"] for choice in content.get("rejected_labels", ())],
            "reason": content.get("reason"),
            "batch": content.get("batch"),
            "undoesDecisionId": content.get("undoes_id"),
            "tags": {
                "categoryCode": standing.category_code,
                "labels": [choice.label for choice in standing.approved],
            },
        },
    }


def make_webhook(
    services: Services, url: str, kinds: Sequence[str] = KINDS, account_id: int | None = None
) -> Made:
    """Add a webhook. The address must be one that `api.outgoing.address.check_url` lets pass."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    with services.database.writing() as session:
        key = add_webhook(session, url, secret, kinds, account_id)
        made = find_webhook(session, key)
    assert made is not None  # noqa: S101 - it was written just now
    return Made(made, secret)


def webhooks(services: Services) -> list[WebhookRow]:
    """All webhooks."""
    with services.database.reading() as session:
        return list_webhooks(session)


def webhook(services: Services, webhook_id: int) -> WebhookRow | None:
    """One webhook, or None."""
    with services.database.reading() as session:
        return find_webhook(session, webhook_id)


def end_webhook(services: Services, webhook_id: int) -> bool:
    """Remove a webhook; whether there was one."""
    with services.database.writing() as session:
        known = find_webhook(session, webhook_id) is not None
        remove_webhook(session, webhook_id)
    return known


def resume_webhook(services: Services, webhook_id: int) -> WebhookRow | None:
    """Tell a webhook again that was told no more; None where there is none."""
    with services.database.writing() as session:
        enable_webhook(session, webhook_id)
        return find_webhook(session, webhook_id)


def deliveries(
    services: Services, webhook_id: int, before_id: int | None, limit: int
) -> tuple[list[DeliveryRow], int | None]:
    """A page of deliveries, the newest first, and the key to go on before, None at the end."""
    with services.database.reading() as session:
        found = page_of_deliveries(session, webhook_id, before_id, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def retry_delivery(services: Services, webhook_id: int, message_id: str) -> bool:
    """Send a message again, under its own identifier; whether there is such a one."""
    with services.database.writing() as session:
        return requeue_delivery(session, webhook_id, message_id, now())


def deliver_due(
    services: Services,
    at: datetime | None = None,
    limit: int = _AT_ONCE,
    sender: Sender | None = None,
) -> Delivered:
    """Send what is due, several at once, so that a slow receiver holds nobody else up.

    Args:
        at: the present moment.
        sender: by default `api.outgoing.webhook.send` with the hosts that the settings let through.
    """
    moment = at or now()
    with services.database.writing() as session:
        claimed = claim_deliveries(session, moment, moment + _CLAIM, limit)
        hooks = {hook.id: hook for hook in list_webhooks(session)}
    if not claimed:
        return Delivered()
    allowed = services.settings.webhook_hosts
    deliver = sender or (lambda hook, delivery, when: send(hook, delivery, when, allowed))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        attempts = list(pool.map(lambda one: _attempt(deliver, hooks[one.webhook_id], one, moment), claimed))
    sent = 0
    for delivery, attempt in zip(claimed, attempts, strict=True):
        with services.database.writing() as session:
            settle_delivery(session, delivery, _outcome(delivery, attempt, moment), moment, moment - GIVE_UP)
        sent += attempt.error is None
    return Delivered(sent, len(claimed) - sent)


def _attempt(deliver: Sender, hook: WebhookRow, delivery: DeliveryRow, at: datetime) -> Attempt:
    try:
        return deliver(hook, delivery, at)
    except Exception as error:
        log.exception("webhook_failed", webhook=hook.id)
        return Attempt(f"無法傳送（{type(error).__name__}）")


def _outcome(delivery: DeliveryRow, attempt: Attempt, at: datetime) -> Outcome:
    if attempt.error is None or attempt.gone:
        return Outcome(attempt.error, gone=attempt.gone)
    if delivery.attempts > len(BACKOFF):
        return Outcome(attempt.error)
    # Many messages that failed together should not all come back together.
    spread = 1 + _JITTER * secrets.randbelow(1_000) / 1_000
    wait = max(BACKOFF[delivery.attempts - 1] * spread, attempt.retry_after or timedelta())
    return Outcome(attempt.error, at + min(wait, BACKOFF[-1] * (1 + _JITTER)))
