"""What an address of the review pages asks for: the filters of the queue and a place in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from api.problems import ProblemException
from api.review.wording import TAIPEI
from api.validation import InputError
from models.base import now
from models.review.queue import MINE, QueueFilters
from models.review.tables import CONFIRM, CONFLICT, CORRECT, MISMATCH, UNCERTAIN
from tagger.categories import category_names

QUEUE_NAMES = {MISMATCH: "疑似分類不符", UNCERTAIN: "低信心", CONFLICT: "衝突", MINE: "我的"}
"""The queues that a reviewer chooses from."""
LEVEL_NAMES = {CORRECT: "建議修正", CONFIRM: "建議確認"}
_FIELDS = {
    "publisher": "publisher",
    "categoryCode": "declared_code",
    "suggestedCode": "suggested_code",
    "level": "level",
    "modelVersion": "model_version",
    "titlePattern": "title_pattern",
}
_LONGEST = 1_000


def asked_filters(values: Mapping[str, str]) -> QueueFilters:
    """The filters of a query string or a form; an empty value asks for any.

    Raises:
        ProblemException: a queue, a category, a level or a confidence is none.
    """
    queue = values.get("queue") or MISMATCH
    if queue not in QUEUE_NAMES:
        raise _wrong("queue", "不是審核的佇列，請從佇列頁重新選擇。")
    given = {name: values.get(field) or None for field, name in _FIELDS.items()}
    for field in ("categoryCode", "suggestedCode"):
        if given[_FIELDS[field]] not in (None, *category_names()):
            raise _wrong(field, "不是服務分類代碼，請從佇列頁重新選擇。")
    if given["level"] not in (None, *LEVEL_NAMES):
        raise _wrong("level", "應為 confirm 或 correct，請從佇列頁重新選擇。")
    if any(value is not None and len(value) > _LONGEST for value in given.values()):
        raise _wrong("publisher", f"篩選條件超過 {_LONGEST:,} 字，請從佇列頁重新選擇。")
    if any(value is not None and not value.isprintable() for value in given.values()):
        raise _wrong("publisher", "篩選條件含有控制字元，請從佇列頁重新選擇。")
    return QueueFilters(queue, **given, confidence_from=_confidence(values.get("confidenceFrom")))


def _confidence(text: str | None) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise _wrong("confidenceFrom", "應為 0 到 1 的數字，例如 0.9。")
    return value


def addressed(filters: QueueFilters) -> dict[str, str]:
    """The filters as they stand in an address."""
    found = {"queue": filters.queue if filters.queue != MISMATCH else None}
    found |= {field: getattr(filters, name) for field, name in _FIELDS.items()}
    if filters.confidence_from is not None:
        found["confidenceFrom"] = f"{filters.confidence_from:g}"
    return {name: value for name, value in found.items() if value is not None}


def address_of(endpoint: str, filters: QueueFilters, **more: str | None) -> str:
    """The address of a review page that goes on with the same filters."""
    values: dict[str, Any] = {**more, **addressed(filters)}
    return url_for(endpoint, **values)


def midnight() -> datetime:
    """When today began in Taiwan."""
    return now().astimezone(TAIPEI).replace(hour=0, minute=0, second=0, microsecond=0)


def _wrong(field: str, detail: str) -> ProblemException:
    error = InputError(f"/{field}", detail, "unknown_value")
    return ProblemException("invalid-parameter", error.sentence, [error])
