"""The file that a report is written to: its name says the format."""

import os
from pathlib import Path
from typing import cast, get_args

import click

from api.reports.tables import TableFormat

_FORMATS: tuple[str, ...] = get_args(TableFormat)


class _TableFile(click.Path):
    """A path whose suffix is that of a table."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | os.PathLike[str]:
        """The path; a usage error where no format has this suffix."""
        path = super().convert(value, param, ctx)
        if _suffix(Path(str(path))) not in _FORMATS:
            known = "、".join(f".{one}" for one in _FORMATS)
            self.fail(f"檔名「{value}」的副檔名應為 {known} 其中之一。", param, ctx)
        return path


TABLE_FILE = _TableFile()
"""The type of an option that names such a file."""


def table_format(path: Path) -> TableFormat:
    """The format that such a file's name says."""
    return cast(TableFormat, _suffix(path))


def _suffix(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")
