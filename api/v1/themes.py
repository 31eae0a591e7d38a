"""Themes across ministries: made, kept in versions, and given back as JSON or a workbook."""

from typing import Any

import orjson
from flask import Blueprint, Response, request, url_for

from api import cursor
from api.current import services
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import idempotency_key, json_body, parsed, query
from api.reports.sheets import MEDIA_TYPE as XLSX
from api.reports.theme_workbook import theme_workbook
from api.services.themes import (
    KeyReused,
    SavedTheme,
    ThemeAsked,
    ThemeChange,
    UnknownDatasets,
    change_theme,
    create_theme,
    get_theme,
    list_themes,
)
from api.v1.theme_schemas import ThemeIn, ThemeOut, ThemePage, ThemeQuery, ThemesQuery, ThemeVersionIn
from api.validation import InputError, json_pointer
from models.themes import StaleTheme

blueprint = Blueprint("themes", __name__)
_ETAG = {"ETag": "這個版本；存新版時放進 If-Match"}
_READ = {"If-None-Match": "內容仍是這個 ETag 時回覆 304"}
_INPUT = ("malformed-json", "unsupported-media-type", "invalid-input", "body-too-large", "unavailable")


@blueprint.post("/v1/themes")
@operation(
    Operation(
        name="createTheme",
        summary="整理一個跨部會主題：依語意相近列出各機關的資料集與理由，存成可引用的第 1 版",
        tag="主題",
        body=ThemeIn,
        headers={"Idempotency-Key": "同一個值重送同樣的內容，只會有一個主題"},
        answers={
            200: Answer("同一個 Idempotency-Key 已整理過的主題", ThemeOut, _ETAG),
            201: Answer("整理好的主題", ThemeOut, {**_ETAG, "Location": "主題的網址"}),
        },
        problems=(*_INPUT, "idempotency-key-reused", "invalid-parameter"),
    )
)
def create() -> Response:
    """Make a theme and save it."""
    key = idempotency_key()
    theme, created = saved_theme(parsed(ThemeIn, json_body()), key)
    return _respond(theme, 201 if created else 200)


def saved_theme(wanted: ThemeIn, key: str | None) -> tuple[SavedTheme, bool]:
    """A theme of validated input, and whether it is new; the page of the same name makes themes so too.

    Raises:
        ProblemException: a dataset is unknown or both accepted and dropped, or the key came with other input.
    """
    _check_sides(wanted.accept, wanted.drop)
    asked = ThemeAsked(
        wanted.topic,
        wanted.title or None,
        wanted.limit,
        wanted.exclude_publishers,
        wanted.accept,
        wanted.drop,
    )
    try:
        return create_theme(services(), asked, key)
    except UnknownDatasets as error:
        raise _unknown(error) from error
    except KeyReused as error:
        raise ProblemException("idempotency-key-reused") from error


@blueprint.post("/v1/themes/<identifier>/versions")
@operation(
    Operation(
        name="createThemeVersion",
        summary="存成主題的新版本：加入、移除資料集，或依目前的資料集重新挑選",
        tag="主題",
        body=ThemeVersionIn,
        headers={"If-Match": "必填；讀取主題時得到的 ETag"},
        answers={201: Answer("新版本", ThemeOut, {**_ETAG, "Location": "新版本的網址"})},
        problems=(*_INPUT, "theme-not-found", "precondition-failed", "precondition-required"),
    )
)
def create_version(identifier: str) -> Response:
    """Save the next version of a theme."""
    wanted = parsed(ThemeVersionIn, json_body())
    if "If-Match" not in request.headers:
        raise ProblemException("precondition-required")
    tags = request.if_match
    expected = None if tags.star_tag else next(iter(tags.as_set()), "")
    return _respond(changed_theme(identifier, wanted, expected), 201)


def changed_theme(identifier: str, wanted: ThemeVersionIn, expected_etag: str | None) -> SavedTheme:
    """The next version of a theme; the page of the same name makes it so too.

    Raises:
        ProblemException: there is no such theme, it has another version by now, or a dataset is unknown or
            both accepted and dropped.
    """
    _check_sides(wanted.accept, wanted.drop)
    change = ThemeChange(
        wanted.title or None,
        wanted.limit,
        wanted.exclude_publishers,
        wanted.accept,
        wanted.drop,
        wanted.remake,
    )
    try:
        theme = change_theme(services(), identifier, change, expected_etag)
    except StaleTheme:
        detail = "主題在讀取之後已有新的版本，請重新讀取再送出。"
        raise ProblemException("precondition-failed", detail) from None
    except UnknownDatasets as error:
        raise _unknown(error) from error
    if theme is None:
        raise ProblemException("theme-not-found")
    return theme


@blueprint.get("/v1/themes")
@operation(
    Operation(
        name="listThemes",
        summary="列出主題，新的在前",
        tag="主題",
        query=ThemesQuery,
        answers={200: Answer("一頁主題", ThemePage)},
        problems=("invalid-parameter", "invalid-cursor", "unavailable"),
    )
)
def list_() -> Response:
    """A page of themes."""
    asked = query(ThemesQuery)
    before = cursor.decode(asked.cursor, int) if asked.cursor else None
    found, last = list_themes(services(), before, asked.limit)
    page = {
        "themes": [
            {
                "identifier": one.identifier,
                "version": one.number,
                "topic": one.topic,
                "title": one.title,
                "datasets": one.datasets,
                "agencies": one.agencies,
                "createdAt": one.created_at,
                "contentHash": one.content_hash,
            }
            for one in found
        ],
        "next": None if last is None else cursor.encode(last),
    }
    return Response(orjson.dumps(page), content_type="application/json")


@blueprint.get("/v1/themes/<identifier>")
@operation(
    Operation(
        name="getTheme",
        summary="讀取主題的最新版，或以 version 指定的版本",
        tag="主題",
        query=ThemeQuery,
        headers=_READ,
        answers={200: Answer("主題", ThemeOut, _ETAG), 304: Answer("內容未變")},
        problems=("theme-not-found", "invalid-parameter", "unavailable"),
    )
)
def get(identifier: str) -> Response:
    """One version of a theme."""
    return _respond(found_theme(identifier, query(ThemeQuery).version), 200)


@blueprint.get("/v1/themes/<identifier>.xlsx")
@operation(
    Operation(
        name="getThemeWorkbook",
        summary="主題的 XLSX 活頁簿：資料集、面向、機關、缺口、說明",
        tag="主題",
        query=ThemeQuery,
        headers=_READ,
        answers={200: Answer("活頁簿", None, _ETAG), 304: Answer("內容未變")},
        problems=("theme-not-found", "invalid-parameter", "unavailable"),
    )
)
def get_workbook(identifier: str) -> Response:
    """One version of a theme as a workbook."""
    theme = found_theme(identifier, query(ThemeQuery).version)
    address = url_for(
        "review.themes.show_version", identifier=identifier, number=theme.number, _external=True
    )
    response = Response(theme_workbook(theme, address), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{identifier}-{theme.number}.xlsx"'
    response.set_etag(f"{theme.etag}-xlsx")
    response.make_conditional(request)
    return response


def found_theme(identifier: str, number: int | None) -> SavedTheme:
    """A version of a theme. Raises ProblemException 404 where there is none."""
    theme = get_theme(services(), identifier, number)
    if theme is None:
        raise ProblemException("theme-not-found")
    return theme


def _check_sides(accept: tuple[str, ...], drop: tuple[str, ...]) -> None:
    both = [position for position, one in enumerate(accept) if one in drop]
    if both:
        raise ProblemException(
            "invalid-input",
            errors=[
                InputError(
                    json_pointer(("accept", position)), "同時列在 drop，請擇一", "accepted_and_dropped"
                )
                for position in both
            ],
        )


def _unknown(error: UnknownDatasets) -> ProblemException:
    return ProblemException(
        "invalid-input",
        errors=[
            InputError(json_pointer(place), "沒有這個識別碼的資料集，請確認或移除", "unknown_dataset")
            for place in error.places
        ],
    )


def _respond(theme: SavedTheme, status: int) -> Response:
    response = Response(orjson.dumps(_shown(theme)), status, content_type="application/json")
    response.set_etag(theme.etag)
    if status == 201:
        response.location = url_for("themes.get", identifier=theme.identifier, version=_numbered(theme))
    if request.method == "GET":
        response.make_conditional(request)
    return response


def _numbered(theme: SavedTheme) -> int | None:
    return theme.number if theme.number > 1 else None


def _shown(theme: SavedTheme) -> dict[str, Any]:
    return {
        "identifier": theme.identifier,
        "version": theme.number,
        "newestVersion": theme.newest,
        "createdAt": theme.created_at,
        "contentHash": theme.content_hash,
        "page": url_for("review.themes.show_version", identifier=theme.identifier, number=theme.number),
        **theme.content,
    }
