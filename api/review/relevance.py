"""The page on which an entry is held against a theme. Nothing that is typed is stored."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from api.problems import ProblemException
from api.review.marking import Passage, passages
from api.v1.relevance import found_relevance
from api.v1.relevance_schemas import RelevanceIn
from api.validation import input_errors, messages_by_field

FIELDS = ("theme", "topic", "abstract", "datasets")
"""The fields of the form, in its order."""
WHERE_NAMES = {"inside": "主題內", "beside": "主題旁", "outside": "主題外"}
"""Where a dataset lies, in words."""
_LINES = re.compile(r"[\n;；]+")

blueprint = Blueprint("relevance", __name__)


@blueprint.get("/relevance")
def show() -> str:
    """The empty form, with the theme that the address names."""
    values = dict.fromkeys(FIELDS, "")
    return _page(values | {"theme": request.args.get("theme", "")[:64]}, {}, None)


@blueprint.post("/relevance")
def answer() -> ResponseReturnValue:
    """The form with the evidence."""
    # Browsers send a line's end as two characters, which nobody typed.
    values = {name: request.form.get(name, "").replace("\r\n", "\n") for name in FIELDS}
    errors: dict[str, str] = {}
    found = None
    try:
        found = found_relevance(RelevanceIn.model_validate(_fields(values)))
    except ValidationError as error:
        errors = messages_by_field(input_errors(error))
    except ProblemException as error:
        if not error.errors:
            raise
        errors = messages_by_field(list(error.errors))
    return _page(values, errors, found), 422 if errors else 200


def _fields(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "theme": values["theme"].strip() or None,
        "topic": values["topic"].strip() or None,
        "abstract": values["abstract"],
        "datasets": [name.strip() for name in _LINES.split(values["datasets"]) if name.strip()],
    }


def _page(values: Mapping[str, str], errors: Mapping[str, str], found: dict[str, Any] | None) -> str:
    return render_template(
        "relevance.html",
        values=values,
        errors=errors,
        found=found,
        titles=_titles(found) if found else {},
        abstract=_marked(values["abstract"], found) if found else (),
        where_names=WHERE_NAMES,
    )


def _titles(found: Mapping[str, Any]) -> dict[str, str]:
    return {dataset["identifier"]: dataset["title"] for dataset in found["scope"]["datasets"]}


def _marked(abstract: str, found: Mapping[str, Any]) -> tuple[Passage, ...]:
    """The abstract: strongly marked what speaks of a dataset, marked what speaks of the theme."""
    spans: dict[str, list[tuple[int, int]]] = {"theme": [], "dataset": []}
    for sentence in found["degree"]["sentences"]:
        for match in sentence["matches"]:
            spans[match["kind"]].append((match["start"], match["end"]))
    return passages(abstract, spans["dataset"], spans["theme"])
