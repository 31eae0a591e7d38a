"""Webhooks: who is told what was decided, and what was sent to them. For administrators."""

from typing import Any

import orjson
from flask import Blueprint, Response, url_for

from api import cursor
from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.outgoing.address import AddressError, resolve
from api.problems import ProblemException
from api.reading import json_body, parsed, query
from api.services.webhooks import (
    deliveries,
    end_webhook,
    make_webhook,
    resume_webhook,
    retry_delivery,
    webhook,
    webhooks,
)
from api.v1.decisions import json_response
from api.v1.webhook_schemas import (
    DeliveriesQuery,
    DeliveryPage,
    WebhookIn,
    WebhookList,
    WebhookMade,
    WebhookOut,
)
from api.validation import InputError
from models.webhooks import DeliveryRow, WebhookRow

blueprint = Blueprint("webhooks", __name__)
_READ = ("unauthorized", "forbidden", "unavailable")
_WRITE = (*_READ, "cross-site")
_LONGEST_KEY = 18


@blueprint.post("/v1/webhooks")
@operation(
    Operation(
        name="createWebhook",
        summary="新增 webhook；簽章用的 secret 只在這次的回覆中出現",
        tag="Webhook",
        body=WebhookIn,
        answers={201: Answer("新的 webhook", WebhookMade, {"Location": "webhook 的網址"})},
        problems=("malformed-json", "unsupported-media-type", "invalid-input", "body-too-large", *_WRITE),
    )
)
def create() -> Response:
    """Add a webhook."""
    person = signed_in()
    wanted = parsed(WebhookIn, json_body())
    try:
        resolve(wanted.url, services().settings.webhook_hosts)
    except AddressError as error:
        wrong = InputError("/url", str(error), "address_refused")
        raise ProblemException("invalid-input", errors=[wrong]) from error
    made = make_webhook(services(), wanted.url, list(dict.fromkeys(wanted.kinds)), person.id)
    response = json_response({**_shown(made.webhook), "secret": made.secret}, 201)
    response.location = url_for("webhooks.get", webhook_id=made.webhook.id)
    # The one answer that nobody on the way may keep.
    response.cache_control.no_store = True
    return response


@blueprint.get("/v1/webhooks")
@operation(
    Operation(
        name="listWebhooks",
        summary="列出 webhook",
        tag="Webhook",
        answers={200: Answer("所有的 webhook", WebhookList)},
        problems=_READ,
    )
)
def list_() -> Response:
    """All webhooks."""
    signed_in()
    return json_response({"webhooks": [_shown(one) for one in webhooks(services())]})


@blueprint.get("/v1/webhooks/<webhook_id>")
@operation(
    Operation(
        name="getWebhook",
        summary="讀取一個 webhook",
        tag="Webhook",
        answers={200: Answer("webhook", WebhookOut)},
        problems=(*_READ, "webhook-not-found"),
    )
)
def get(webhook_id: str) -> Response:
    """One webhook."""
    signed_in()
    return json_response(_shown(_found(webhook(services(), _key(webhook_id)))))


@blueprint.delete("/v1/webhooks/<webhook_id>")
@operation(
    Operation(
        name="deleteWebhook",
        summary="移除 webhook；尚未送達的訊息不再傳送",
        tag="Webhook",
        answers={204: Answer("已移除")},
        problems=(*_WRITE, "webhook-not-found"),
    )
)
def delete(webhook_id: str) -> Response:
    """Remove a webhook."""
    signed_in()
    if not end_webhook(services(), _key(webhook_id)):
        raise ProblemException("webhook-not-found")
    return Response(status=204)


@blueprint.post("/v1/webhooks/<webhook_id>/enable")
@operation(
    Operation(
        name="enableWebhook",
        summary="恢復已停止的通知；其間已放棄的訊息請以 retry 重送",
        tag="Webhook",
        answers={200: Answer("恢復通知的 webhook", WebhookOut)},
        problems=(*_WRITE, "webhook-not-found"),
    )
)
def enable(webhook_id: str) -> Response:
    """Tell a webhook again that was told no more."""
    signed_in()
    return json_response(_shown(_found(resume_webhook(services(), _key(webhook_id)))))


@blueprint.get("/v1/webhooks/<webhook_id>/deliveries")
@operation(
    Operation(
        name="listDeliveries",
        summary="列出送往一個 webhook 的訊息與結果，新的在前",
        tag="Webhook",
        query=DeliveriesQuery,
        answers={200: Answer("一頁訊息", DeliveryPage)},
        problems=(*_READ, "webhook-not-found", "invalid-parameter", "invalid-cursor"),
    )
)
def list_deliveries(webhook_id: str) -> Response:
    """A page of deliveries."""
    signed_in()
    asked = query(DeliveriesQuery)
    before = cursor.decode(asked.cursor, int) if asked.cursor else None
    hook = _found(webhook(services(), _key(webhook_id)))
    found, last = deliveries(services(), hook.id, before, asked.limit)
    page = {
        "deliveries": [_shown_delivery(one) for one in found],
        "next": None if last is None else cursor.encode(last),
    }
    return json_response(page)


@blueprint.post("/v1/webhooks/<webhook_id>/deliveries/<message_id>/retry")
@operation(
    Operation(
        name="retryDelivery",
        summary="重送一則訊息，識別碼不變；通知已停止者須先恢復",
        tag="Webhook",
        answers={202: Answer("已排入，由傳送程序送出")},
        problems=(*_WRITE, "webhook-not-found"),
    )
)
def retry(webhook_id: str, message_id: str) -> Response:
    """Send a message again."""
    signed_in()
    if not retry_delivery(services(), _key(webhook_id), message_id):
        raise ProblemException("webhook-not-found")
    return Response(status=202)


def _key(text: str) -> int:
    """A webhook's key as it stands in an address; what no store could hold is no webhook's."""
    if not text.isdecimal() or len(text) > _LONGEST_KEY:
        raise ProblemException("webhook-not-found")
    return int(text)


def _found(hook: WebhookRow | None) -> WebhookRow:
    if hook is None:
        raise ProblemException("webhook-not-found")
    return hook


def _shown(hook: WebhookRow) -> dict[str, Any]:
    return {
        "id": hook.id,
        "url": hook.url,
        "kinds": hook.kinds,
        "failingSince": hook.failing_since,
        "disabledAt": hook.disabled_at,
        "createdAt": hook.created_at,
    }


def _shown_delivery(delivery: DeliveryRow) -> dict[str, Any]:
    return {
        "messageId": delivery.message_id,
        "attempts": delivery.attempts,
        "dueAt": delivery.due_at,
        "deliveredAt": delivery.delivered_at,
        "lastError": delivery.last_error,
        "createdAt": delivery.created_at,
        # Letter for letter what was signed.
        "message": orjson.Fragment(delivery.body),
    }
