"""Suggestions for metadata that is not stored."""

from typing import Any

import orjson
from flask import Blueprint, Response
from pydantic import ValidationError

from api.current import services
from api.limits import spend
from api.openapi import Answer, Operation, operation
from api.problems import invalid_input
from api.reading import json_body, parsed
from api.services.suggesting import suggest, suggest_batch
from api.v1.schemas import BatchIn, BatchOut, DatasetIn, FailedItem
from tagger import Suggestion

blueprint = Blueprint("suggestions", __name__)


@blueprint.post("/v1/suggestions")
@operation(
    Operation(
        name="createSuggestions",
        summary="為一筆或至多 100 筆資料集建議服務分類與語意標籤，不儲存",
        tag="建議",
        body=DatasetIn | BatchIn,
        answers={200: Answer("建議；送出多筆時各筆分別回覆", Suggestion | BatchOut)},
        problems=("malformed-json", "unsupported-media-type", "invalid-input", "body-too-large"),
    )
)
def create_suggestions() -> Response:
    """One suggestion for one dataset, or one for each of up to a hundred."""
    body = json_body()
    if isinstance(body, dict) and "datasets" in body:
        answer: Any = _batch(parsed(BatchIn, body).datasets)
    else:
        answer = suggest(services(), parsed(DatasetIn, body))
    return Response(orjson.dumps(answer), content_type="application/json")


def _batch(items: list[Any]) -> BatchOut:
    """Suggestions in the order asked, with a problem in place of each item that does not validate."""
    spend(len(items) - 1)
    answers: list[Suggestion | FailedItem | None] = []
    valid: list[DatasetIn] = []
    for item in items:
        try:
            valid.append(DatasetIn.model_validate(item))
            answers.append(None)
        except ValidationError as error:
            answers.append(FailedItem(identifier=_identifier(item), problem=invalid_input(error)))
    made = iter(suggest_batch(services(), valid))
    return BatchOut(
        suggestions=[next(made) if answer is None else answer for answer in answers],
        failed=len(items) - len(valid),
    )


def _identifier(item: Any) -> str | None:
    found = item.get("identifier") if isinstance(item, dict) else None
    return str(found)[:255] if isinstance(found, str | int) else None
