"""修正建議單 on pages that are printed: of one dataset, and of all of an agency."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from api.current import services
from api.identity import current_person, signed_in
from api.problems import ProblemException
from api.reports.correction import words
from api.reports.correction.words import Issue
from api.services.correcting.making import MOST, correction_note, correction_notes, today
from api.services.correcting.note import NoNote
from api.services.datasets import NOT_FOUND, absence
from api.validation import InputError

_LONGEST = 1_000

blueprint = Blueprint("correction_notes", __name__)


@blueprint.get("/datasets/<identifier>/correction-note")
def show(identifier: str) -> ResponseReturnValue:
    """The note of a dataset, or that its category is not doubted."""
    found = correction_note(services(), identifier, current_person())
    if found is None:
        kind = absence(services(), identifier)
        said = f"沒有識別碼為「{identifier}」的資料集。請確認識別碼是否正確，或從資料集清單找起。"
        raise ProblemException(kind, said if kind == NOT_FOUND else None)
    if isinstance(found, NoNote):
        # As over REST: there is no such note, and the page says why.
        return render_template("correction_note_none.html", identifier=identifier, reason=found.reason), 404
    return render_template("correction_note.html", note=found, issue=Issue(today()), words=words)


@blueprint.get("/correction-notes")
def list_() -> str:
    """The list of an agency's notes with each of them behind it."""
    person = signed_in()
    publisher = request.args.get("publisher", "")
    if not 1 <= len(publisher) <= _LONGEST or "\0" in publisher:
        wrong = InputError("/publisher", f"請指定提供機關，1 至 {_LONGEST:,} 字。", "publisher_length")
        raise ProblemException("invalid-parameter", wrong.sentence, [wrong])
    found = correction_notes(services(), publisher, person)
    if found is None:
        raise ProblemException("agency-not-found")
    return render_template(
        "correction_notes.html", agency=found, issue=Issue(today()), words=words, most=MOST
    )
