"""What machines ask of the service itself: is it alive, is it ready, its numbers, its description."""

import orjson
from flask import Blueprint, Response, current_app

from api import metrics, openapi
from api.current import services
from api.openapi import Answer, Operation, operation
from api.services.readiness import check_readiness
from api.v1.schemas import Health

blueprint = Blueprint("service", __name__)


@blueprint.get("/livez")
@operation(
    Operation(
        name="isAlive",
        summary="程序是否還在回應",
        tag="服務",
        answers={200: Answer("還在", Health)},
    )
)
def livez() -> Response:
    """Answers as long as the process does; depends on nothing."""
    return Response(orjson.dumps({"status": "ok"}), content_type="application/json")


@blueprint.get("/readyz")
@operation(
    Operation(
        name="isReady",
        summary="資料庫與模型是否可用",
        tag="服務",
        answers={200: Answer("可以服務", Health), 503: Answer("有一項無法使用", Health)},
    )
)
def readyz() -> Response:
    """Whether the database answers with the expected schema and the model is loaded."""
    checks = check_readiness(services())
    ready = all(state == "ok" for state in checks.values())
    body = {"status": "ok" if ready else "unavailable", "checks": checks}
    return Response(orjson.dumps(body), 200 if ready else 503, content_type="application/json")


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Prometheus's text format."""
    return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


@blueprint.get("/v1/openapi.json")
def show_openapi() -> Response:
    """The OpenAPI document, built once."""
    extensions = current_app.extensions
    if "openapi" not in extensions:
        extensions["openapi"] = orjson.dumps(openapi.document(current_app))
    return Response(extensions["openapi"], content_type="application/json")
