"""A page where an officer puts the portal's statistics and gets them back with category and labels."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from api.current import services
from api.identity import signed_in
from api.problems import ProblemException
from api.services.portal_statistics import MOST_ROWS
from api.v1.report_statistics import FORMATS, made_of_form

FORMAT_NAMES = {
    "xlsx": ("XLSX", "Excel 與 LibreOffice；各列與統計表"),
    "ods": ("ODS", "開放文件格式；各列與統計表"),
    "csv": ("CSV", "UTF-8；只有各列"),
}
_TOLD = ("unreadable-table", "body-too-large", "too-many-reports")
"""Problems that are told beside the form."""

blueprint = Blueprint("report_statistics", __name__)


@blueprint.get("/review/statistics")
def show() -> str:
    """The form."""
    signed_in()
    return _page()


@blueprint.post("/review/statistics")
def make() -> ResponseReturnValue:
    """The file, or the form with what was wrong."""
    person = signed_in()
    try:
        return made_of_form(person)
    except ProblemException as error:
        if error.kind not in _TOLD:
            raise
        # A form that was too large has not been read and never will be.
        chosen = "" if error.kind == "body-too-large" else request.form.get("format", "")
        return _page(error.document["detail"], chosen), error.document["status"]


def _page(error: str = "", chosen: str = "") -> str:
    return render_template(
        "review/report_statistics.html",
        formats=FORMAT_NAMES,
        chosen=chosen if chosen in FORMATS else "xlsx",
        most_rows=MOST_ROWS,
        most_bytes=services().settings.max_body_bytes,
        error=error,
    )
