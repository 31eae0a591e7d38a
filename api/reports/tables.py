"""The same sheets in the format that somebody asks for; what is written comes back equal (`api.readers.tables`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO, Literal

from api.reports import csv_sheet, ods_sheets, sheets
from api.reports.sheets import Sheet

TableFormat = Literal["xlsx", "csv", "ods"]
MEDIA_TYPES: dict[TableFormat, str] = {
    "xlsx": sheets.MEDIA_TYPE,
    "csv": csv_sheet.MEDIA_TYPE,
    "ods": ods_sheets.MEDIA_TYPE,
}
"""Format, which is also the suffix of a file's name → media type."""


def write_tables(stream: BinaryIO, form: TableFormat, written: Sequence[Sheet], created_at: datetime) -> None:
    """Write sheets, a row at a time in memory.

    Args:
        stream: takes the file; it need not be seekable.
        form: a CSV takes the first sheet only.
        written: the sheets; their rows are asked for once.
        created_at: what the file says of its making.
    """
    if form == "csv":
        csv_sheet.write_csv(stream, written[0])
    elif form == "ods":
        ods_sheets.write_ods(stream, written, created_at)
    else:
        sheets.write_sheets(stream, written, created_at)
