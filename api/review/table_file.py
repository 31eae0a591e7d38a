"""Tables that a browser saves."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import BinaryIO

from flask import Response, send_file

from api.problems import ProblemException
from api.reports.tables import MEDIA_TYPES, TableFormat


def table_response(form: str | None, name: str, write: Callable[[BinaryIO, TableFormat], None]) -> Response:
    """A file to save.

    Args:
        form: the format that was asked for.
        name: the file's name without its suffix.
        write: writes it.

    Raises:
        ProblemException: there is no such format.
    """
    if form not in MEDIA_TYPES:
        raise ProblemException("invalid-parameter", f"format 應為 {'、'.join(MEDIA_TYPES)} 其中之一。")
    file = BytesIO()
    write(file, form)
    file.seek(0)
    return send_file(file, MEDIA_TYPES[form], as_attachment=True, download_name=f"{name}.{form}")


def asked_day(text: str | None) -> date | None:
    """The day that an address names; None where it names none.

    Raises:
        ProblemException: it is no day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ProblemException("invalid-parameter", "日期應為存在的日期，寫法如 2026-01-31。") from None
