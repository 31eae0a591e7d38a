"""Catalogue formats in: the portal's export as CSV, JSON and XML, and JSON or JSONL.

The JSON may use the portal's column names, those of the platform's interface (`/api/v2/rest/dataset/{id}`) or the
standard's, a different one in each record.

    for entry in read_catalogue(Path("export.csv")):
        if isinstance(entry, RowProblem): ...

The portal's daily changes are its export with 資料集變動狀態 in each record; a record that takes its dataset back is a
`Withdrawal`.

Any of them may be gzip, in UTF-8, UTF-16 or cp950. What identifies a contact person is dropped here: no row,
problem or message of this package holds it.
"""

from collections.abc import Iterator
from pathlib import Path

from api.readers.results import CatalogueError, CatalogueRow, Entry, RowProblem, Withdrawal
from api.readers.sniff import reader_for
from api.readers.source import open_source

__all__ = ["CatalogueError", "CatalogueRow", "Entry", "RowProblem", "Withdrawal", "read_catalogue"]


def read_catalogue(
    path: Path, *, encoding: str | None = None, most_bytes: int | None = None
) -> Iterator[Entry]:
    """Each record of a catalogue file, in the file's order; one that cannot be used does not stop the others.

    A generator in constant memory: the file is opened when the first record is asked for, and errors of the
    whole file come when they are met, after the rows before them. Texts are as the file has them, untrimmed;
    an empty one is None. The same identifier may come twice.

    Args:
        path: CSV, JSON, XML or JSONL, or any of them compressed with gzip; recognised by their content.
        encoding: `utf-8`, `cp950` (also called `big5`), `big5hkscs` or `utf-16`; by default told from the
            content. A byte order mark is believed before either.
        most_bytes: how long the file may be, decompressed; by default as long as it is.

    Raises:
        CatalogueError: the file, or what is left of it, cannot be used.
    """
    with open_source(path, encoding, most_bytes) as source:
        yield from reader_for(source)(source)
