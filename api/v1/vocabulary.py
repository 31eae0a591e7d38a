"""The vocabulary of semantic labels: whole as SKOS, and one concept."""

from typing import Literal
from urllib.parse import quote

import orjson
from flask import Blueprint, Response, current_app
from typing_extensions import TypedDict

from api.current import services
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import query
from api.services.vocabulary import (
    ConceptView,
    concept_document,
    find_concept,
    vocabulary_etag,
    write_vocabulary,
)
from api.v1.forms import ACCEPT, FORMS, RDF_ACCEPT, FormQuery, RdfQuery, respond, wanted_form, wanted_rdf
from tagger.vocabulary import CONCEPT_BASE

blueprint = Blueprint("vocabulary", __name__)


class ConceptRef(TypedDict):
    """一個概念的識別碼與標籤。"""

    identifier: str
    label: str


class ConceptOut(TypedDict):
    """一個語意標籤的概念；已停用的概念 label 可能為 null。"""

    identifier: str
    uri: str
    label: str | None
    alternatives: list[str]
    hidden: list[str]
    broader: list[ConceptRef]
    narrower: list[ConceptRef]
    related: list[ConceptRef]
    categoryCode: str | None
    status: Literal["accepted", "candidate", "merged", "blocked"]
    replacedBy: str | None


@blueprint.get("/v1/vocabulary")
@operation(
    Operation(
        name="getVocabulary",
        summary="以 SKOS 讀取語意標籤的詞彙與服務分類",
        tag="資料交換",
        query=RdfQuery,
        headers=RDF_ACCEPT,
        answers={
            200: Answer("詞彙", headers={"ETag": "詞彙的版本"}, forms=FORMS),
            304: Answer("內容未變"),
        },
        problems=("invalid-parameter", "unavailable"),
    )
)
def get_vocabulary() -> Response:
    """The whole vocabulary."""
    form = wanted_rdf(query(RdfQuery).format)
    etag = f"{vocabulary_etag(services())}-{form}"
    # Nearly a megabyte that seldom changes: each process keeps the last one of each form.
    kept: dict[str, tuple[str, bytes]] = current_app.extensions.setdefault("vocabulary_documents", {})
    if form not in kept or kept[form][0] != etag:
        kept[form] = etag, b"".join(write_vocabulary(services(), form))
    return respond(kept[form][1], form, etag)


@blueprint.get("/v1/concepts/<identifier>")
@operation(
    Operation(
        name="getConcept",
        summary="讀取一個概念；已併入其他概念者轉址",
        tag="資料交換",
        query=FormQuery,
        headers=ACCEPT,
        answers={
            200: Answer("概念", ConceptOut, {"ETag": "這份內容的版本"}, FORMS),
            304: Answer("內容未變"),
            308: Answer("已併入其他概念", headers={"Location": "取代它的概念的網址"}),
        },
        problems=("invalid-parameter", "concept-not-found", "unavailable"),
    )
)
def get_concept(identifier: str) -> Response:
    """One concept, or the way to what replaced it."""
    asked = query(FormQuery).format
    view = find_concept(services(), identifier)
    if view is None:
        raise ProblemException("concept-not-found")
    if view.successor:
        suffix = f"?format={asked}" if asked else ""
        location = f"/v1/concepts/{quote(view.successor, safe='')}{suffix}"
        return Response(status=308, headers={"Location": location})
    form = wanted_form(asked)
    body = orjson.dumps(_shown(view)) if form == "json" else concept_document(view, form)
    return respond(body, form)


def _shown(view: ConceptView) -> ConceptOut:
    record = view.record
    labels = {kind: [label.label for label in record.labels if label.kind == kind] for kind in _KINDS}

    def named(identifiers: tuple[str, ...]) -> list[ConceptRef]:
        return [
            ConceptRef(identifier=view.names[other].identifier, label=view.names[other].label)
            for other in identifiers
            if other in view.names
        ]

    return ConceptOut(
        identifier=record.identifier,
        uri=CONCEPT_BASE + record.identifier,
        label=next(iter(labels["preferred"]), None),
        alternatives=labels["alternative"],
        hidden=labels["hidden"],
        broader=named(record.broader),
        narrower=named(view.narrower),
        related=named(record.related),
        categoryCode=record.category_code,
        status=record.status,  # type: ignore[typeddict-item]  # the database holds it to these
        replacedBy=record.replaced_by,
    )


_KINDS = ("preferred", "alternative", "hidden")
