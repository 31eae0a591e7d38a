"""The portal's statistics sent in, and given back with category and labels."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, BinaryIO, Literal, get_args
from urllib.parse import quote

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import RequestEntityTooLarge

from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.readers.tables import TableError, open_table
from api.reading import query
from api.reports.statistics_workbook import rows_sheet, statistics_sheets
from api.reports.tables import MEDIA_TYPES, TableFormat, write_tables
from api.services.accounts import Person
from api.services.portal_statistics import NEEDED, make_report
from api.v1.made_files import file_response, made_file

blueprint = Blueprint("report_statistics", __name__)
FORMATS: tuple[TableFormat, ...] = get_args(TableFormat)
_MAKING = "statistics_reports"
_PIECE = 1 << 20
_UNNAMED = "統計檔"


class StatisticsQuery(BaseModel):
    """Which format is wanted."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["xlsx", "csv", "ods"] = Field(
        "xlsx", description="回覆的格式：xlsx 與 ods 有各列與統計表，csv 只有各列"
    )
    filename: str | None = Field(None, max_length=255, description="統計檔的檔名，寫在說明裡")


@blueprint.record_once
def _set_up(state: BlueprintSetupState) -> None:
    # It takes a core for half a minute: a second one at the same time would make both late, and all else.
    state.app.extensions[_MAKING] = BoundedSemaphore(1)


@blueprint.post("/v1/reports/statistics")
@operation(
    Operation(
        name="makeStatisticsReport",
        summary="送出平臺的瀏覽下載統計（CSV、XLSX、ODS），取回加上服務分類與語意標籤的檔案；什麼都不儲存",
        tag="報表",
        query=StatisticsQuery,
        uploads=("multipart/form-data", "text/csv", *MEDIA_TYPES.values()),
        answers={200: Answer("各列與統計表", files=tuple(MEDIA_TYPES.values()))},
        problems=(
            "unauthorized",
            "forbidden",
            "invalid-parameter",
            "unreadable-table",
            "body-too-large",
            "too-many-reports",
            "unavailable",
        ),
    )
)
def make() -> Response:
    """The report on a file that was sent, in a form's field `file` or as the body."""
    person = signed_in()
    asked = query(StatisticsQuery)
    if request.mimetype == "multipart/form-data":
        return made_of_form(person, asked.format)
    with _limited(), _copied(request.stream) as path:
        return _made(person, path, asked.filename or _UNNAMED, asked.format)


def made_of_form(person: Person, form: TableFormat | None = None) -> Response:
    """The report on the file of a form; the page of the same name makes it so, too.

    Args:
        form: by default what the form's field `format` says.

    Raises:
        ProblemException: there is no file, it cannot be read or is too large, or another report is being made.
    """
    with _limited():
        upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise ProblemException("unreadable-table", "沒有選擇檔案。請選擇平臺下載的統計檔，再試一次。")
    wanted = form or request.form.get("format", "xlsx")
    if wanted not in FORMATS:
        raise ProblemException("invalid-parameter", f"格式應為 {'、'.join(FORMATS)} 其中之一。")
    with _copied(upload.stream) as path:
        return _made(person, path, Path(upload.filename).name or _UNNAMED, wanted)


@contextmanager
def _limited() -> Iterator[None]:
    """Says of what is too large how large it may be."""
    try:
        yield
    except RequestEntityTooLarge as error:
        most = services().settings.max_body_bytes // 1024**2
        raise ProblemException(
            "body-too-large",
            f"檔案超過 {most:,} MB 的上限。請刪去不需要的工作表與欄，或依機關分成數個檔案後再試。",
        ) from error


def _made(person: Person, path: Path, source: str, form: TableFormat) -> Response:
    making: BoundedSemaphore = current_app.extensions[_MAKING]
    if not making.acquire(blocking=False):
        raise ProblemException("too-many-reports")
    try:
        file = made_file(lambda target: _write(target, person, path, source, form))
    finally:
        making.release()
    response = file_response(file, MEDIA_TYPES[form])
    # RFC 6266: a name in UTF-8, and one for who cannot read that.
    name = quote(f"{Path(source).stem}-附件1.{form}", safe="")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=statistics.{form}; filename*=UTF-8''{name}"
    )
    return response


def _write(target: BinaryIO, person: Person, path: Path, source: str, form: TableFormat) -> None:
    try:
        with open_table(path, required=NEEDED) as table:
            report = make_report(services(), table, source, person=person)
        sheets = [rows_sheet(report)] if form == "csv" else statistics_sheets(report)
        write_tables(target, form, sheets, report.at)
    except TableError as error:
        raise ProblemException("unreadable-table", str(error)) from error


@contextmanager
def _copied(stream: IO[bytes]) -> Iterator[Path]:
    """What was sent as a file, for as long as it is needed."""
    handle, name = tempfile.mkstemp(prefix="tagger-statistics-")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            while piece := stream.read(_PIECE):
                file.write(piece)
        yield path
    finally:
        path.unlink(missing_ok=True)
