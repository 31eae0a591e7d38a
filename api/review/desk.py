"""The vocabulary desk: new terms, with where they are used and what they may be another word for."""

from typing import Any, NamedTuple

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from api import cursor
from api.access import may
from api.current import services
from api.identity import signed_in
from api.problems import ProblemException
from api.review.marking import Passage, passages
from api.services.accounts import Person
from api.services.desk import LEAST, Term, changes, count_terms, list_terms
from api.v1.vocabulary_desk import ChangeIn, changed, undone
from api.validation import input_errors
from models.review.terms import TermExample, TermPlace
from tagger.categories import categories

PAGE = 20
"""Terms on a page."""
ACTION_NAMES = {"accept": "收錄", "merge": "併入", "block": "封鎖", "undo": "復原"}
_CHANGES = 10

blueprint = Blueprint("desk", __name__)


class Example(NamedTuple):
    """A dataset with the term marked in its title."""

    dataset: TermExample
    title: tuple[Passage, ...]


@blueprint.get("/review/vocabulary")
def show() -> str:
    """A page of terms."""
    return _page(signed_in())


@blueprint.post("/review/vocabulary")
def change() -> ResponseReturnValue:
    """Make the form's change."""
    person = signed_in()
    try:
        made = changed(person, ChangeIn.model_validate(_fields()))
    except ValidationError as error:
        return _page(person, input_errors(error)[0].sentence), 422
    except ProblemException as error:
        if error.kind not in ("term-taken", "invalid-input"):
            raise
        detail = error.errors[0].detail if error.errors else error.document["detail"]
        return _page(person, detail), error.document["status"]
    return redirect(url_for("review.desk.show", done=made.event_id, **_asked()), 303)


@blueprint.post("/review/vocabulary/changes/<int(max=9223372036854775807):key>/undo")
def take_back(key: int) -> ResponseReturnValue:
    """Take a change back."""
    person = signed_in()
    try:
        made = undone(person, key)
    except ProblemException as error:
        if error.kind != "changed-since":
            raise
        return _page(person, error.document["detail"]), 409
    return redirect(url_for("review.desk.show", done=made.event_id, **_asked()), 303)


def _fields() -> dict[str, Any]:
    fields = {
        name: request.form.get(name, "").strip() for name in ("action", "term", "label", "categoryCode")
    }
    # A concept that was typed counts more than one that was marked.
    fields["concept"] = request.form.get("typed", "").strip() or request.form.get("concept", "").strip()
    return {name: value for name, value in fields.items() if value}


def _asked() -> dict[str, Any]:
    """What is filtered, as it stands in the address."""
    return {name: request.values[name] for name in ("q", "least") if request.values.get(name)}


def _page(person: Person, error: str = "") -> str:
    least = request.values.get("least", LEAST, type=int)
    written = request.values.get("q", "").strip()[:100]
    if not written.isprintable() or least < 1:
        raise ProblemException("invalid-parameter", "篩選條件不正確，請從詞彙頁重新輸入。")
    given = request.args.get("after")
    after = TermPlace(*cursor.decode(given, tuple[int, int, str])) if given else None
    found, last = list_terms(services(), least, written, after, PAGE)
    recent, _ = changes(services(), None, _CHANGES)
    done = request.args.get("done", type=int)
    return render_template(
        "review/vocabulary.html",
        terms=[(term, [_example(term, one) for one in term.examples]) for term in found],
        total=count_terms(services(), least),
        least=least,
        written=written,
        asked=_asked(),
        after=cursor.encode(list(last)) if last else None,
        first_page=after is None,
        changes=recent,
        action_names=ACTION_NAMES,
        categories=categories(),
        done=next((one for one in recent if one.event_id == done), None),
        error=error,
        may_change=may("review.desk.change"),
    )


def _example(term: Term, dataset: TermExample) -> Example:
    start = dataset.title.find(term.row.term)
    spans = [(start, start + len(term.row.term))] if start >= 0 else []
    return Example(dataset, passages(dataset.title, spans, ()))
