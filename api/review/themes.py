"""Themes: the list with a form to make one, and each version on a page that can be cited."""

import re
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from api import cursor
from api.current import services
from api.problems import ProblemException
from api.reports.theme_workbook import BASIS_NAMES, GAP_NAMES
from api.review.marking import Passage, passages
from api.services.themes import SavedTheme, list_themes, theme_versions
from api.services.themes.citing import citation
from api.v1.theme_schemas import ThemeIn, ThemeVersionIn
from api.v1.themes import changed_theme, found_theme, saved_theme
from api.validation import input_errors, messages_by_field
from tagger.retrieval.themes_agencies import KIND_NAMES

PAGE = 30
"""Themes on a page."""
BY_ASPECT, BY_AGENCY = "aspect", "agency"
_BETWEEN = re.compile(r"[、,，;；\s]+")
_BETWEEN_NAMES = re.compile(r"[、,，;；\n]+")

blueprint = Blueprint("themes", __name__)


class Row(NamedTuple):
    """A dataset as the page shows it, its title with the words marked that caused it."""

    dataset: Mapping[str, Any]
    title: tuple[Passage, ...]


class Group(NamedTuple):
    """Datasets under one heading.

    Attributes:
        label: the aspect's or the agency's name.
        note: how the aspect is reached, or what kind of agency it is.
        aspect: the aspect, where the heading is one.
        rows: in the theme's order.
    """

    label: str
    note: str
    aspect: Mapping[str, Any] | None
    rows: list[Row]


@blueprint.get("/themes")
def list_() -> str:
    """The themes, the newest first, and the form to make one."""
    return _list_page({"topic": request.args.get("topic", "")[:100]}, {})


@blueprint.post("/themes")
def create() -> ResponseReturnValue:
    """Make a theme of the form and show it."""
    values = {
        name: request.form.get(name, "").strip() for name in ("topic", "title", "limit", "excludePublishers")
    }
    errors: dict[str, str] = {}
    try:
        theme, _ = saved_theme(ThemeIn.model_validate(_theme_fields(values)), _key())
    except ValidationError as error:
        errors = messages_by_field(input_errors(error))
    except ProblemException as error:
        if not error.errors:
            raise
        errors = messages_by_field(error.errors)
    if errors:
        return _list_page(values, errors), 422
    return redirect(url_for("review.themes.show", identifier=theme.identifier), 303)


@blueprint.get("/themes/<identifier>")
def show(identifier: str) -> str:
    """The newest version of a theme."""
    return _theme_page(found_theme(identifier, None), {}, {})


@blueprint.get("/themes/<identifier>/versions/<int(max=2147483647):number>")
def show_version(identifier: str, number: int) -> str:
    """One version of a theme, for good."""
    return _theme_page(found_theme(identifier, number), {}, {})


@blueprint.post("/themes/<identifier>/versions")
def create_version(identifier: str) -> ResponseReturnValue:
    """Save the form as the next version and show it."""
    values = {
        "accept": request.form.get("accept", "").strip(),
        "title": request.form.get("title", "").strip(),
    }
    fields: dict[str, Any] = {
        "title": values["title"] or None,
        "accept": [one for one in _BETWEEN.split(values["accept"]) if one],
        "drop": request.form.getlist("drop"),
        "remake": request.form.get("remake") == "true",
    }
    errors: dict[str, str] = {}
    try:
        changed_theme(identifier, ThemeVersionIn.model_validate(fields), request.form.get("etag", ""))
    except ValidationError as error:
        errors = messages_by_field(input_errors(error))
    except ProblemException as error:
        if not error.errors:
            raise
        errors = messages_by_field(error.errors)
    if errors:
        return _theme_page(found_theme(identifier, None), values, errors), 422
    return redirect(url_for("review.themes.show", identifier=identifier), 303)


def _theme_fields(values: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"topic": values["topic"], "title": values["title"] or None}
    if values["limit"]:
        fields["limit"] = values["limit"]
    names = [name.strip() for name in _BETWEEN_NAMES.split(values["excludePublishers"])]
    return fields | {"excludePublishers": [name for name in names if name]}


def _key() -> str:
    """The key that the form carries, so that pressing twice makes one theme."""
    return request.form.get("key", "")[:64] or secrets.token_urlsafe(16)


def _list_page(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    given = request.args.get("cursor")
    found, last = list_themes(services(), cursor.decode(given, int) if given else None, PAGE)
    return render_template(
        "themes.html",
        themes=found,
        next_cursor=None if last is None else cursor.encode(last),
        first_page=not given,
        values=values,
        errors=errors,
        key=secrets.token_urlsafe(16),
    )


def _theme_page(theme: SavedTheme, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    by = BY_AGENCY if request.args.get("by") == BY_AGENCY else BY_ASPECT
    address = url_for(
        "review.themes.show_version", identifier=theme.identifier, number=theme.number, _external=True
    )
    return render_template(
        "theme.html",
        theme=theme,
        content=theme.content,
        by=by,
        groups=_by_agency(theme.content) if by == BY_AGENCY else _by_aspect(theme.content),
        citation=citation(theme, address),
        versions=theme_versions(services(), theme.identifier),
        kinds=KIND_NAMES,
        bases=BASIS_NAMES,
        gap_names=GAP_NAMES,
        values=values,
        errors=errors,
    )


def _by_aspect(content: Mapping[str, Any]) -> list[Group]:
    groups = [Group(aspect["label"], " → ".join(aspect["path"]), aspect, []) for aspect in content["aspects"]]
    numbers = {aspect["concept"]: number for number, aspect in enumerate(content["aspects"])}
    others = Group("其他", "整理者納入，或只有字詞相符", None, [])
    for dataset in content["datasets"]:
        number = next((numbers[one] for one in dataset["aspects"] if one in numbers), None)
        (others if number is None else groups[number]).rows.append(_row(dataset))
    return [group for group in (*groups, others) if group.rows]


def _by_agency(content: Mapping[str, Any]) -> list[Group]:
    groups = {
        agency["name"]: Group(
            agency["name"],
            f"{KIND_NAMES[agency['kind']]}，另有相近資料集 {agency['near'] - agency['selected']:,} 筆",
            None,
            [],
        )
        for agency in content["agencies"]
    }
    for dataset in content["datasets"]:
        groups[dataset["agency"]].rows.append(_row(dataset))
    return [group for group in groups.values() if group.rows]


def _row(dataset: Mapping[str, Any]) -> Row:
    spans = [(match["start"], match["end"]) for match in dataset["reason"]["matches"]]
    return Row(dataset, passages(dataset["title"], spans, ()))
