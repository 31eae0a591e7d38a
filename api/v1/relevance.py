"""How a competition entry lies to a theme: evidence of scope, quantity and degree."""

from typing import Any

import orjson
from flask import Blueprint, Response

from api.current import services
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import json_body, parsed
from api.services.relevance import RelevanceAsked, UnknownTheme, relevance
from api.v1.relevance_schemas import RelevanceIn, RelevanceOut
from api.validation import InputError

blueprint = Blueprint("relevance", __name__)


@blueprint.post("/v1/relevance")
@operation(
    Operation(
        name="showRelevance",
        summary="作品使用的資料集與摘要對照主題：範圍、數量、程度的證據，不計總分，不儲存",
        tag="主題",
        body=RelevanceIn,
        answers={200: Answer("關聯性的證據", RelevanceOut)},
        problems=(
            "malformed-json",
            "unsupported-media-type",
            "invalid-input",
            "body-too-large",
            "unavailable",
        ),
    )
)
def show() -> Response:
    """The evidence for one entry."""
    found = found_relevance(parsed(RelevanceIn, json_body()))
    return Response(orjson.dumps(found), content_type="application/json")


def found_relevance(wanted: RelevanceIn) -> dict[str, Any]:
    """The evidence for validated input; the page of the same name asks this too.

    Raises:
        ProblemException: not exactly one of theme and topic is given, or there is no such theme.
    """
    if (wanted.theme is None) == (wanted.topic is None):
        raise _wrong("請提供已整理主題的識別碼（theme）或主題文字（topic），擇一", "theme_or_topic")
    asked = RelevanceAsked(wanted.theme, wanted.topic, wanted.abstract, wanted.datasets)
    try:
        return relevance(services(), asked)
    except UnknownTheme as error:
        raise _wrong("沒有這個主題，請從 /themes 的清單確認識別碼", "unknown_theme") from error


def _wrong(detail: str, code: str) -> ProblemException:
    return ProblemException("invalid-input", errors=[InputError("/theme", detail, code)])
