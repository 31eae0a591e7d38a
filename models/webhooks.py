"""Webhooks and their deliveries: written with the event that they tell of, claimed, and settled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models.base import now
from models.event import Event
from models.webhook import Delivery, Webhook


class WebhookRow(NamedTuple):
    """A webhook as it is stored; the fields are those of `models.webhook.Webhook`."""

    id: int
    url: str
    secret: str
    kinds: list[str]
    failing_since: datetime | None
    disabled_at: datetime | None
    created_at: datetime


class DeliveryRow(NamedTuple):
    """A delivery as it is stored; the fields are those of `models.webhook.Delivery`."""

    id: int
    message_id: str
    webhook_id: int
    event_id: int
    body: str
    attempts: int
    due_at: datetime | None
    delivered_at: datetime | None
    last_error: str | None
    created_at: datetime


class EventRow(NamedTuple):
    """An event that is to be told."""

    id: int
    kind: str
    subject: str
    content: dict[str, Any]
    created_at: datetime


class Outcome(NamedTuple):
    """How an attempt went.

    Attributes:
        error: what went wrong; None where it was delivered.
        due_at: when to try again; None for never.
        gone: whether the receiver wants nothing any more.
    """

    error: str | None = None
    due_at: datetime | None = None
    gone: bool = False


_WEBHOOK = tuple(getattr(Webhook, name) for name in WebhookRow._fields)
_DELIVERY = tuple(getattr(Delivery, name) for name in DeliveryRow._fields)


def add_webhook(session: Session, url: str, secret: str, kinds: Sequence[str], account_id: int | None) -> int:
    """Add a webhook; its key."""
    row = {"url": url, "secret": secret, "kinds": list(kinds), "account_id": account_id}
    [key] = session.scalars(insert(Webhook).returning(Webhook.id), [row]).all()
    return key


def list_webhooks(session: Session) -> list[WebhookRow]:
    """All webhooks, the oldest first."""
    return [WebhookRow(*row) for row in session.execute(select(*_WEBHOOK).order_by(Webhook.id))]


def find_webhook(session: Session, webhook_id: int) -> WebhookRow | None:
    """One webhook, or None."""
    found = session.execute(select(*_WEBHOOK).where(Webhook.id == webhook_id)).one_or_none()
    return WebhookRow(*found) if found else None


def remove_webhook(session: Session, webhook_id: int) -> None:
    """Remove a webhook and what was still to be delivered to it."""
    session.execute(delete(Delivery).where(Delivery.webhook_id == webhook_id))
    session.execute(delete(Webhook).where(Webhook.id == webhook_id))


def enable_webhook(session: Session, webhook_id: int) -> None:
    """Tell a webhook again; what failed for good in between is not sent by itself."""
    session.execute(
        update(Webhook).where(Webhook.id == webhook_id).values(disabled_at=None, failing_since=None)
    )


def events_by_id(session: Session, event_ids: Sequence[int]) -> list[EventRow]:
    """Events by their keys, in order."""
    rows = session.execute(
        select(Event.id, Event.kind, Event.subject, Event.content, Event.created_at)
        .where(Event.id.in_(event_ids))
        .order_by(Event.id)
    )
    return [EventRow(*row) for row in rows]


def add_deliveries(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write deliveries, due now."""
    if rows:
        moment = now()
        defaults = {"attempts": 0, "due_at": moment, "created_at": moment}
        session.execute(insert(Delivery), [{**defaults, **row} for row in rows])


def claim_deliveries(session: Session, at: datetime, until: datetime, limit: int) -> list[DeliveryRow]:
    """Deliveries that are due, which nobody else gets before `until`; in two statements.

    Of a worker that is killed they come up again then.
    """
    wanted = (
        select(Delivery.id)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.due_at <= at, Webhook.disabled_at.is_(None))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
    )
    keys = list(session.scalars(wanted.with_for_update(skip_locked=True, of=Delivery)))
    rows = session.execute(
        update(Delivery)
        .where(Delivery.id.in_(keys))
        .values(due_at=until, attempts=Delivery.attempts + 1)
        .returning(*_DELIVERY)
        .execution_options(synchronize_session=False)
    ).all()
    return sorted(DeliveryRow(*row) for row in rows)


def settle_delivery(
    session: Session, delivery: DeliveryRow, outcome: Outcome, at: datetime, disable_before: datetime
) -> None:
    """Write down how an attempt went.

    Args:
        disable_before: a webhook that has been failing since before this is told no more.
    """
    webhook = find_webhook(session, delivery.webhook_id)
    if webhook is None:
        return
    done = outcome.error is None
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.delivered_at.is_(None))
        .values(
            due_at=None if done or outcome.gone else outcome.due_at,
            delivered_at=at if done else None,
            last_error=outcome.error,
        )
    )
    failing = None if done else webhook.failing_since or at
    disabled = outcome.gone or (failing is not None and failing < disable_before)
    session.execute(
        update(Webhook)
        .where(Webhook.id == webhook.id)
        .values(failing_since=failing, disabled_at=at if disabled else webhook.disabled_at)
    )


def page_of_deliveries(
    session: Session, webhook_id: int, before_id: int | None, limit: int
) -> list[DeliveryRow]:
    """Deliveries to a webhook, the newest first."""
    wanted = select(*_DELIVERY).where(Delivery.webhook_id == webhook_id)
    if before_id is not None:
        wanted = wanted.where(Delivery.id < before_id)
    return [DeliveryRow(*row) for row in session.execute(wanted.order_by(Delivery.id.desc()).limit(limit))]


def requeue_delivery(session: Session, webhook_id: int, message_id: str, at: datetime) -> bool:
    """Make a delivery due now, delivered before or not; whether there is such a one."""
    found = session.execute(
        update(Delivery)
        .where(Delivery.webhook_id == webhook_id, Delivery.message_id == message_id)
        .values(due_at=at, delivered_at=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return found is not None
