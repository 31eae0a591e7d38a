"""修正建議單: of a stored dataset, of metadata before it is uploaded, and of an agency."""

from typing import Any, Literal

import orjson
from flask import Blueprint, Response, request

from api.current import services
from api.identity import current_person, signed_in
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import json_body, parsed, query
from api.reports.correction import words
from api.reports.correction.documents import MEDIA_TYPES, document
from api.reports.correction.words import Issue
from api.services.correcting.making import (
    correction_note,
    correction_note_before_upload,
    correction_notes,
    today,
)
from api.services.correcting.note import AgencyNotes, CorrectionNote, NoNote
from api.services.datasets import absence
from api.v1.correction_schemas import (
    AgencyNotesOut,
    AgencyQuery,
    CheckOut,
    ComparableOut,
    CorrectionNoteOut,
    NoteQuery,
    QuoteOut,
)
from api.v1.schemas import DatasetIn

blueprint = Blueprint("correction_notes", __name__)
_FORMS = tuple(MEDIA_TYPES.values())
_ACCEPT = {"Accept": "application/json，或 DOCX、PDF 的媒體類型；瀏覽器可改用 ?format="}
_FILE = {"Content-Disposition": "DOCX 與 PDF 的檔名"}
_LONGEST_NAME = 60


@blueprint.get("/v1/datasets/<identifier>/correction-note")
@operation(
    Operation(
        name="getCorrectionNote",
        summary="一個資料集的修正建議單；現行分類無疑義者沒有",
        tag="修正建議單",
        query=NoteQuery,
        headers=_ACCEPT,
        answers={200: Answer("修正建議單", CorrectionNoteOut, _FILE, _FORMS)},
        problems=(
            "invalid-parameter",
            "unauthorized",
            "dataset-not-found",
            "dataset-withdrawn",
            "no-correction-note",
            "unavailable",
        ),
    )
)
def get(identifier: str) -> Response:
    """The note of a stored dataset."""
    asked = query(NoteQuery)
    found = correction_note(services(), identifier, current_person())
    if found is None:
        raise ProblemException(absence(services(), identifier))
    if isinstance(found, NoNote):
        raise ProblemException("no-correction-note", found.reason)
    return _answer(found, asked, identifier)


@blueprint.get("/v1/correction-notes")
@operation(
    Operation(
        name="listCorrectionNotes",
        summary="一個機關的修正建議單，至多 200 張；DOCX 與 PDF 前有清單",
        tag="修正建議單",
        query=AgencyQuery,
        headers=_ACCEPT,
        answers={200: Answer("這個機關的修正建議單", AgencyNotesOut, _FILE, _FORMS)},
        problems=("invalid-parameter", "unauthorized", "forbidden", "agency-not-found", "unavailable"),
    )
)
def list_() -> Response:
    """The notes of an agency."""
    # They take seconds to make, so not whoever passes by may have them made.
    person = signed_in()
    asked = query(AgencyQuery)
    found = correction_notes(services(), asked.publisher, person)
    if found is None:
        raise ProblemException("agency-not-found")
    return _answer(found, asked, asked.publisher)


@blueprint.post("/v1/correction-notes")
@operation(
    Operation(
        name="checkBeforeUpload",
        summary="資料集上架前的修正建議單，不儲存；現行分類無疑義時 note 為 null，要求檔案者回覆 204",
        tag="修正建議單",
        body=DatasetIn,
        query=NoteQuery,
        headers=_ACCEPT,
        answers={
            200: Answer("檢查的結論與修正建議單", CheckOut, _FILE, _FORMS),
            204: Answer("要求 DOCX 或 PDF，而現行分類無疑義"),
        },
        problems=(
            "malformed-json",
            "unsupported-media-type",
            "invalid-input",
            "invalid-parameter",
            "unauthorized",
            "body-too-large",
            "unavailable",
        ),
    )
)
def check() -> Response:
    """The note that metadata would get. Nothing is stored."""
    asked = query(NoteQuery)
    metadata = parsed(DatasetIn, json_body())
    found = correction_note_before_upload(services(), metadata, current_person())
    if isinstance(found, CorrectionNote):
        return _answer(found, asked, metadata.identifier or metadata.title, checked=True)
    if _form(asked) != "json":
        return Response(status=204)
    return _json(CheckOut(verdict=found.reason, note=None))


def _answer(
    found: CorrectionNote | AgencyNotes, asked: NoteQuery, name: str, *, checked: bool = False
) -> Response:
    form, issue = _form(asked), issue_of(asked)
    if form != "json":
        return file_response(document(found, issue, form), form, name)
    if isinstance(found, AgencyNotes):
        notes = [note_out(note, issue) for note in found.notes]
        return _json(AgencyNotesOut(publisher=found.publisher, total=found.total, notes=notes))
    shown = note_out(found, issue)
    return _json(CheckOut(verdict=found.proposal.level, note=shown) if checked else shown)


def _form(asked: NoteQuery) -> Literal["json", "docx", "pdf"]:
    """What was asked for, else the best that the client accepts, else JSON."""
    if asked.format:
        return asked.format
    best = request.accept_mimetypes.best_match(["application/json", *_FORMS], "application/json")
    return next((form for form, media_type in MEDIA_TYPES.items() if media_type == best), "json")


def issue_of(asked: NoteQuery) -> Issue:
    """How the note is sent out: as asked, else today, without a number."""
    return Issue(asked.issued_on or today(), asked.document_number or None)


def _json(content: Any) -> Response:
    response = Response(orjson.dumps(content), content_type="application/json")
    response.vary.add("Accept")
    return response


def file_response(body: bytes, form: Literal["docx", "pdf"], name: str) -> Response:
    """A file to be kept, named after what it is about."""
    response = Response(body, content_type=MEDIA_TYPES[form])
    kept = "".join(char for char in name if char.isalnum() or char in "-_.")[:_LONGEST_NAME]
    response.headers.set("Content-Disposition", "attachment", filename=f"修正建議單-{kept}.{form}")
    response.vary.add("Accept")
    return response


def note_out(note: CorrectionNote, issue: Issue) -> CorrectionNoteOut:
    """A note as JSON."""
    proposal = note.proposal
    return CorrectionNoteOut(
        number=note.number,
        issuedOn=issue.on,
        identifier=note.identifier,
        title=note.title,
        publisher=note.publisher,
        declared=proposal.declared,
        suggested=proposal.suggested,
        level=proposal.level,  # type: ignore[typeddict-item]  # the tagger holds it to these
        reviewed=proposal.reviewed,
        confidence=proposal.confidence,
        subject=words.subject(note),
        reason=proposal.reason,
        quotes=[
            QuoteOut(field=quote.field, start=start, end=end, text=text)
            for quote in note.quotes
            for start, end, text in quote.marks
        ],
        comparables=[
            ComparableOut(
                identifier=one.identifier,
                title=one.title,
                publisher=one.publisher,
                categoryCode=proposal.suggested,
                reviewed=one.reviewed,
            )
            for one in note.comparables
        ],
        replies=list(words.replies(note)),
        modelVersion=note.model_version,
    )
