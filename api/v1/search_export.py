"""All that a search finds as a file, with chosen columns."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from flask import Blueprint, Response, request
from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from api.current import services
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reports.search_table import (
    COLUMNS,
    DEFAULT_COLUMNS,
    MEDIA_TYPES,
    STATUS_NAMES,
    ExportFormat,
    write_search,
)
from api.services.search.exporting import MOST, export_search
from api.v1.made_files import file_response, made_file
from api.v1.search import refused_queries, to_asked
from api.v1.search_schemas import SearchWords
from api.validation import input_errors
from models.base import now
from tagger.categories import category_names

blueprint = Blueprint("search_export", __name__)
AT_ONCE = 2
"""Exports that a process makes at once; each keeps a thread for as long as it takes."""
_places = threading.BoundedSemaphore(AT_ONCE)


def _columns(text: str) -> str:
    unknown = [name for name in text.split(",") if name not in COLUMNS]
    if unknown:
        raise PydanticCustomError(
            "unknown_column",
            "沒有「{shown}」這個欄位，可用的欄位：{known}",
            {"shown": unknown[0][:50], "known": "、".join(COLUMNS)},
        )
    return text


class SearchExportQuery(SearchWords):
    """What is searched for, in which format and with which columns it is wanted."""

    format: ExportFormat = Field("xlsx", description="檔案格式")
    columns: Annotated[str, AfterValidator(_columns)] = Field(
        ",".join(DEFAULT_COLUMNS),
        description=f"欄位，依所列順序，以逗號分隔或重複給予；可用的欄位：{'、'.join(COLUMNS)}",
    )

    @property
    def names(self) -> list[str]:
        """The columns' names, each once."""
        return list(dict.fromkeys(self.columns.split(",")))


@blueprint.get("/v1/search/export")
@operation(
    Operation(
        name="exportSearch",
        summary=f"將搜尋找到的全部資料集（至多 {MOST:,} 筆）下載為 XLSX、CSV、ODS 或 JSONL，可選欄位",
        tag="搜尋",
        query=SearchExportQuery,
        answers={
            200: Answer(
                "檔案",
                headers={
                    "Content-Disposition": "檔名",
                    "X-Result-Count": "檔案中的筆數",
                    "X-Result-Truncated": f"true 表示符合的超過 {MOST:,} 筆，其餘未列出；否則為 false",
                },
                files=tuple(media.partition(";")[0] for media in MEDIA_TYPES.values()),
            )
        },
        problems=("invalid-parameter", "too-many-exports", "unavailable"),
    )
)
def export() -> Response:
    """What the address asks for, as a file."""
    asked = _asked()
    with _place():
        with refused_queries():
            found = export_search(services(), to_asked(asked))
        file = made_file(lambda file: write_search(file, asked.format, found, asked.names, described(asked)))
    response = file_response(file, MEDIA_TYPES[asked.format])
    day = now().date().isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="datasets-{day}.{asked.format}"'
    response.headers["X-Result-Count"] = str(found.number)
    response.headers["X-Result-Truncated"] = str(found.more).lower()
    return response


def described(asked: SearchWords) -> Iterator[tuple[str, str | None]]:
    """What was searched for, in words; None for a filter that was not set."""
    code = asked.category_code
    period = (asked.covers_from, asked.covers_to)
    yield "查詢字詞", asked.q
    yield "語意標籤", asked.label
    yield "適用分類", f"{code} {category_names()[code]}" if code else None
    yield "提供機關", asked.publisher
    yield "空間範圍", asked.spatial
    yield "收錄期間", "至".join(day.isoformat() if day else "" for day in period) if any(period) else None
    yield "狀態", STATUS_NAMES[asked.status] if asked.status else None


@contextmanager
def _place() -> Iterator[None]:
    """One of the places for an export, for as long as its file is made: who reads it slowly keeps none.

    Raises:
        ProblemException: 503 where none is free.
    """
    if not _places.acquire(blocking=False):
        raise ProblemException("too-many-exports")
    try:
        yield
    finally:
        _places.release()


def _asked() -> SearchExportQuery:
    # A form sends a column that is ticked as a parameter of its own.
    given: dict[str, Any] = request.args.to_dict()
    if "columns" in given:
        given["columns"] = ",".join(request.args.getlist("columns"))
    try:
        return SearchExportQuery.model_validate(given)
    except ValidationError as error:
        raise ProblemException("invalid-parameter", errors=input_errors(error)) from error
