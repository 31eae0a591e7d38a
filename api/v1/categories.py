"""The 18 service categories."""

import orjson
from flask import Blueprint, Response

from api.openapi import Answer, Operation, operation
from api.v1.schemas import CategoryList
from tagger.categories import categories

blueprint = Blueprint("categories", __name__)


@blueprint.get("/v1/categories")
@operation(
    Operation(
        name="listCategories",
        summary="列出 18 個服務分類",
        tag="服務分類",
        answers={200: Answer("服務分類", CategoryList)},
    )
)
def list_() -> Response:
    """The categories in their official order."""
    listed = [
        {"categoryCode": category.code, "name": category.name, "definition": category.definition}
        for category in categories()
    ]
    response = Response(orjson.dumps({"categories": listed}), content_type="application/json")
    response.cache_control.max_age = 3600
    return response
