"""The first page: metadata typed in, suggestions shown while typing. Nothing is stored."""

import re
from typing import NamedTuple

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from api.current import services
from api.review.examples import EXAMPLES
from api.review.marking import MarkedField, marked_fields
from api.services.suggesting import suggest
from api.validation import input_errors, messages_by_field
from tagger import DatasetMetadata, Suggestion
from tagger.categories import categories

FIELDS = ("title", "description", "fieldDescription", "publisher", "keyword", "categoryCode")
"""The fields of the form, in its order, under the standard's names."""
_BETWEEN_KEYWORDS = re.compile("[、;；\n]")

blueprint = Blueprint("suggest", __name__)


class Answer(NamedTuple):
    """What the page says of what was typed.

    Attributes:
        errors: field → what is wrong with it.
        suggestion: None where something is wrong.
        fields: what was typed, with the evidence marked.
    """

    errors: dict[str, str]
    suggestion: Suggestion | None
    fields: list[MarkedField]


@blueprint.get("/")
def show() -> str:
    """The form: empty, or filled with an example and its suggestion."""
    example = EXAMPLES.get(request.args.get("example", ""))
    if example is None:
        return _page(dict.fromkeys(FIELDS, ""), None)
    values = {name: example.values.get(name, "") for name in FIELDS}
    return _page(values, _answer(values))


@blueprint.post("/")
def answer() -> ResponseReturnValue:
    """The suggestion for what was typed: the whole page, or for htmx only the part that changes."""
    # Browsers send a line's end as two characters, which nobody typed.
    values = {name: request.form.get(name, "").replace("\r\n", "\n") for name in FIELDS}
    answered = _answer(values)
    if "HX-Request" in request.headers:
        # Half-filled is how typing begins, not a failed request.
        return render_template("_result.html", answer=answered, field_names=FIELDS, fragment=True)
    return _page(values, answered), 422 if answered.errors else 200


def _page(values: dict[str, str], answered: Answer | None) -> str:
    return render_template(
        "suggest.html",
        values=values,
        answer=answered,
        field_names=FIELDS,
        categories=categories(),
        examples=EXAMPLES,
    )


def _answer(values: dict[str, str]) -> Answer:
    try:
        metadata = DatasetMetadata.model_validate(_record(values))
    except ValidationError as error:
        return Answer(messages_by_field(input_errors(error)), None, [])
    suggestion = suggest(services(), metadata)
    return Answer({}, suggestion, marked_fields(metadata.to_record(), suggestion))


def _record(values: dict[str, str]) -> dict[str, object]:
    """What was typed as a record: the title even when empty, the other fields where they are filled."""
    filled: dict[str, object] = {
        name: text for name, text in values.items() if text.strip() or name == "title"
    }
    keywords = [word.strip() for word in _BETWEEN_KEYWORDS.split(values["keyword"])]
    return filled | {"keyword": [word for word in keywords if word] or None}
