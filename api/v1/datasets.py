"""Stored datasets."""

from typing import Any

import orjson
from flask import Blueprint, Response, request

from api import cursor
from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import json_body, parsed, query
from api.services.datasets import (
    ForeignAgency,
    StaleVersion,
    StoredDataset,
    absence,
    get_dataset,
    list_datasets,
    put_dataset,
)
from api.services.interchange import dataset_document, find_record
from api.v1.forms import ACCEPT, FORMS, FormQuery, public_catalogue, respond, wanted_form
from api.v1.schemas import DatasetOut, DatasetPage, DatasetQuery, StoredDatasetIn
from api.validation import InputError
from models.catalogue import Filters

blueprint = Blueprint("datasets", __name__)
_ETAG = {"ETag": "這份內容的版本，更新時可放進 If-Match"}


@blueprint.put("/v1/datasets/<identifier>")
@operation(
    Operation(
        name="putDataset",
        summary="儲存資料集並產生建議；重送相同內容不會有任何改變",
        tag="資料集",
        body=StoredDatasetIn,
        headers={"If-Match": "只在資料集仍是這個 ETag 時才更新"},
        answers={
            200: Answer("已更新，或內容相同", DatasetOut, _ETAG),
            201: Answer("已新增", DatasetOut, {**_ETAG, "Location": "資料集的網址"}),
        },
        problems=(
            "malformed-json",
            "unsupported-media-type",
            "invalid-input",
            "body-too-large",
            "precondition-failed",
            "unavailable",
        ),
    )
)
def put(identifier: str) -> Response:
    """Store a dataset under its identifier."""
    body = json_body()
    if isinstance(body, dict) and body.setdefault("identifier", identifier) != identifier:
        raise ProblemException(
            "invalid-input",
            errors=[InputError("/identifier", "與網址中的識別碼不同，請擇一修正", "identifier_differs")],
        )
    metadata = parsed(StoredDatasetIn, body)
    person = signed_in()
    try:
        dataset, created = put_dataset(services(), metadata, _if_match(), person.publisher)
    except ForeignAgency:
        detail = f"這個帳號只能儲存「{person.publisher}」的資料集：publisher 須填這個機關，且資料集原來不屬於其他機關。"
        raise ProblemException("forbidden", detail) from None
    except StaleVersion:
        raise ProblemException("precondition-failed") from None
    return _respond(dataset, 201 if created else 200)


def _if_match() -> str | None:
    """The etag that the caller expects, if it minds."""
    tags = request.if_match
    if "If-Match" not in request.headers or tags.star_tag:
        return None
    return next(iter(tags.as_set()), "")


@blueprint.get("/v1/datasets/<identifier>")
@operation(
    Operation(
        name="getDataset",
        summary="讀取一個資料集及其目前的建議；Turtle 與 JSON-LD 為 DCAT 3",
        tag="資料集",
        query=FormQuery,
        headers={"If-None-Match": "內容仍是這個 ETag 時回覆 304", **ACCEPT},
        answers={200: Answer("資料集", DatasetOut, _ETAG, FORMS), 304: Answer("內容未變")},
        problems=("invalid-parameter", "dataset-not-found", "dataset-withdrawn", "unavailable"),
    )
)
def get(identifier: str) -> Response:
    """One dataset."""
    form = wanted_form(query(FormQuery).format)
    if form != "json":
        record = find_record(services(), identifier)
        if record is None:
            raise ProblemException(absence(services(), identifier))
        return respond(dataset_document(public_catalogue(), record, form), form)
    dataset = get_dataset(services(), identifier)
    if dataset is None:
        raise ProblemException(absence(services(), identifier))
    return _respond(dataset, 200)


@blueprint.get("/v1/datasets")
@operation(
    Operation(
        name="listDatasets",
        summary="依儲存順序列出資料集",
        tag="資料集",
        query=DatasetQuery,
        answers={200: Answer("一頁資料集", DatasetPage)},
        problems=("invalid-parameter", "invalid-cursor", "unavailable"),
    )
)
def list_() -> Response:
    """A page of datasets."""
    asked = query(DatasetQuery)
    after = cursor.decode(asked.cursor, int) if asked.cursor else 0
    filters = Filters(asked.category_code, asked.mismatched, asked.publisher)
    found, last = list_datasets(services(), filters, after, asked.limit)
    page = {
        "datasets": [_shown(dataset) for dataset in found],
        "next": None if last is None else cursor.encode(last),
    }
    return Response(orjson.dumps(page), content_type="application/json")


def _shown(dataset: StoredDataset) -> dict[str, Any]:
    return {
        "identifier": dataset.identifier,
        "metadata": dataset.metadata,
        "suggestion": dataset.suggestion,
        "tags": {
            "categoryCode": dataset.standing.category_code,
            "labels": [choice.label for choice in dataset.standing.approved],
            "rejectedLabels": [choice.label for choice in dataset.standing.rejected],
        },
        "revision": dataset.revision,
        "createdAt": dataset.created_at,
        "updatedAt": dataset.updated_at,
    }


def _respond(dataset: StoredDataset, status: int) -> Response:
    response = Response(orjson.dumps(_shown(dataset)), status, content_type="application/json")
    response.set_etag(dataset.etag)
    if status == 201:
        response.location = request.path
    if request.method == "GET":
        response.vary.add("Accept")
        response.make_conditional(request)
    return response
