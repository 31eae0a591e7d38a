"""The JSON of webhooks and of what was sent to them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from api.services.webhooks import KINDS


def _known_kind(kind: str) -> str:
    if kind not in KINDS:
        raise PydanticCustomError(
            "unknown_event_kind", "應為下列之一：{expected}", {"expected": "、".join(KINDS)}
        )
    return kind


EventKind = Annotated[str, AfterValidator(_known_kind), Field(json_schema_extra={"enum": list(KINDS)})]


class WebhookIn(BaseModel):
    """要通知的網址。"""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)] = Field(
        description="接收通知的 https 網址；內部網路的主機須先列入 TAGGER_WEBHOOK_HOSTS"
    )
    kinds: Annotated[tuple[EventKind, ...], Field(min_length=1, max_length=len(KINDS))] = Field(
        KINDS, description="要通知的事件種類；未填時為全部"
    )


class WebhookOut(TypedDict):
    """一個 webhook；failingSince 為開始連續失敗的時間，disabledAt 為停止通知的時間。"""

    id: int
    url: str
    kinds: list[str]
    failingSince: datetime | None
    disabledAt: datetime | None
    createdAt: datetime


class WebhookMade(WebhookOut):
    """新的 webhook，附簽章用的 secret；secret 只在這裡出現一次，請妥善保存。"""

    secret: str


class WebhookList(TypedDict):
    """所有的 webhook，舊的在前。"""

    webhooks: list[WebhookOut]


class DeliveryOut(TypedDict):
    """一則訊息；dueAt 為下次傳送的時間，不再傳送者為 null；message 為送出的內容。"""

    messageId: str
    attempts: int
    dueAt: datetime | None
    deliveredAt: datetime | None
    lastError: str | None
    createdAt: datetime
    message: dict[str, Any]


class DeliveryPage(TypedDict):
    """一頁訊息；next 為下一頁的游標，最後一頁為 null。"""

    deliveries: list[DeliveryOut]
    next: str | None


class DeliveriesQuery(BaseModel):
    """Which page of the deliveries."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(None, max_length=200, description="上一頁回傳的 next")
    limit: int = Field(50, ge=1, le=200, description="一頁幾筆")
