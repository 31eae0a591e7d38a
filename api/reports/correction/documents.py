"""Correction notes as files."""

from typing import Literal

from api.reports.correction import words
from api.reports.correction.letter import agency_letters, letters
from api.reports.correction.words import Issue
from api.services.correcting.note import AgencyNotes, CorrectionNote

Form = Literal["docx", "pdf"]
MEDIA_TYPES: dict[Form, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def document(asked: CorrectionNote | AgencyNotes, issue: Issue, form: Form) -> bytes:
    """A note, or the list of an agency's notes with each of them behind it.

    The same note, date and number give the same bytes.

    Args:
        asked: what is printed.
        issue: how it is sent out.
        form: of the file.
    """
    if isinstance(asked, CorrectionNote):
        parts, title = letters([asked], issue), words.TITLE
    else:
        parts, title = agency_letters(asked, issue), words.LIST_TITLE
    # Each library takes a moment to import; the service does without them until somebody asks.
    if form == "docx":
        from api.reports.correction.docx import docx_file  # noqa: PLC0415

        return docx_file(parts, title, issue.on)
    from api.reports.correction.pdf import pdf_file  # noqa: PLC0415

    return pdf_file(parts, title, issue.on)
