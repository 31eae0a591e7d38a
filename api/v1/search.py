"""Searching stored datasets, completing labels, and what goes with a dataset."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from flask import Blueprint, Response

from api import cursor
from api.current import services
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import query
from api.services.search import Asked, Found, Hit, search
from api.services.search.completing import complete_labels
from api.services.search.related import Related, related
from api.services.search.searching import Key
from api.v1.search_schemas import (
    DatasetSummary,
    LabelCompletions,
    LabelQuery,
    RelatedDatasets,
    RelatedQuery,
    SearchPage,
    SearchQuery,
    SearchWords,
)
from api.validation import InputError
from models.search import Filters
from tagger.retrieval.syntax import QueryError

blueprint = Blueprint("search", __name__)


@blueprint.get("/v1/search")
@operation(
    Operation(
        name="searchDatasets",
        summary="搜尋資料集：字詞、同義詞與相近的語意，附篩選筆數",
        tag="搜尋",
        query=SearchQuery,
        answers={200: Answer("一頁搜尋結果", SearchPage)},
        problems=("invalid-parameter", "invalid-cursor", "unavailable"),
    )
)
def find() -> Response:
    """A page of results."""
    found = search_stored(query(SearchQuery))
    page = {
        "results": [_hit(hit) for hit in found.hits],
        "total": found.total,
        "totalIsExact": found.exact,
        "near": found.near,
        "facets": {
            name: [{"value": facet.value, "count": facet.number} for facet in values]
            for name, values in found.facets.items()
        },
        "didYouMean": found.suggestion,
        "next": next_cursor(found),
    }
    return Response(orjson.dumps(page), content_type="application/json")


def search_stored(asked: SearchQuery) -> Found:
    """The results of a validated query; the page of the same name asks this too.

    Raises:
        ProblemException: 400 where the query's words cannot be read, its period is turned round, or its
            cursor was not made here.
    """
    after = cursor.decode(asked.cursor, Key) if asked.cursor else None
    with refused_queries():
        return search(services(), to_asked(asked)._replace(after=after, limit=asked.limit))


def to_asked(words: SearchWords) -> Asked:
    """What a validated query asks of the use case. Raises ProblemException 400 where its period is turned round."""
    if words.covers_from and words.covers_to and words.covers_from > words.covers_to:
        raise _wrong("/to", "早於 from，請對調", "period_turned_round")
    filters = Filters(
        words.category_code,
        words.status,
        words.publisher,
        words.covers_from.isoformat() if words.covers_from else None,
        words.covers_to.isoformat() if words.covers_to else None,
    )
    return Asked(words.q, filters, words.label, words.spatial)


@contextmanager
def refused_queries() -> Iterator[None]:
    """Turns a query that cannot be read into a problem: 400, naming the place."""
    try:
        yield
    except QueryError as error:
        raise _wrong("/q", str(error), "query_syntax") from error


def next_cursor(found: Found) -> str | None:
    """The cursor of the page behind this one, None at the end."""
    return cursor.encode(found.hits[-1].key) if found.more else None


def _wrong(pointer: str, detail: str, code: str) -> ProblemException:
    wrong = InputError(pointer, detail, code)
    return ProblemException("invalid-parameter", wrong.sentence, [wrong])


@blueprint.get("/v1/labels")
@operation(
    Operation(
        name="completeLabels",
        summary="由輸入的部分文字找語意標籤，也認得同義詞與簡體字",
        tag="搜尋",
        query=LabelQuery,
        answers={200: Answer("相符的標籤", LabelCompletions)},
        problems=("invalid-parameter", "unavailable"),
    )
)
def complete() -> Response:
    """The labels that what was typed may become."""
    asked = query(LabelQuery)
    found = [
        {
            "label": completion.label,
            "written": completion.written,
            "categoryCode": completion.category_code,
            "concept": completion.uri,
        }
        for completion in complete_labels(services(), asked.q, asked.limit)
    ]
    return Response(orjson.dumps({"labels": found}), content_type="application/json")


@blueprint.get("/v1/datasets/<identifier>/related")
@operation(
    Operation(
        name="listRelatedDatasets",
        summary="與一筆資料集相關的其他資料集",
        tag="搜尋",
        query=RelatedQuery,
        answers={200: Answer("相關資料集", RelatedDatasets)},
        problems=("dataset-not-found", "invalid-parameter", "unavailable"),
    )
)
def list_related(identifier: str) -> Response:
    """The datasets nearest to one."""
    found = related(services(), identifier, query(RelatedQuery).limit)
    if found is None:
        raise ProblemException("dataset-not-found")
    datasets = [{**summary(one), "score": one.score, "reasons": list(one.reasons)} for one in found]
    return Response(orjson.dumps({"datasets": datasets}), content_type="application/json")


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        **summary(hit),
        "score": hit.score,
        "exact": hit.exact,
        "highlights": [mark._asdict() for mark in hit.marks],
    }


def summary(found: Hit | Related) -> DatasetSummary:
    """A found dataset in short."""
    content = found.dataset.content
    return DatasetSummary(
        identifier=found.dataset.identifier,
        title=content["title"],
        description=content.get("description"),
        publisher=found.document.publisher,
        categoryCode=found.document.category_code,
        status=found.document.status,  # type: ignore[typeddict-item]
        labels=list(found.labels),
        spatial=found.document.spatial.split(),
    )
