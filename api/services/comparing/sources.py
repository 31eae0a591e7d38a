"""Where a comparison takes datasets from: the store, a range of keys at a time, or a catalogue file."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

import orjson

from api.readers import CatalogueError, CatalogueRow, RowProblem, read_catalogue
from api.services.jobs.lasting import lasting
from models.comparing import ComparedRow, compared_rows, count_wanted, wanted_keys
from models.database import Database
from models.job_items import Wanted
from tagger import DatasetMetadata

T = TypeVar("T")
CHUNK = 250
EVERYTHING = Wanted()
_KEYS = 10_000
"""Keys read at once, to be cut into chunks."""


class Keys(NamedTuple):
    """The wanted datasets of the store from one key to another, both included."""

    first: int
    last: int


class Unreadable(NamedTuple):
    """A record of a file that cannot be used: what it is called, and why."""

    name: str
    reason: str


Rows = tuple[bytes | Unreadable, ...]
"""Records of a file, as JSON: what goes between processes is to be small and quickly made."""
Task = Keys | Rows


class StoreSource:
    """The datasets of the store.

    Args:
        database: only read.
        wanted: filters by publisher and declared category.
        limit: at most so many, the ones stored first.
    """

    broken: str | None = None

    def __init__(self, database: Database, wanted: Wanted = EVERYTHING, limit: int | None = None) -> None:
        self.database = database
        self.wanted = wanted
        self.limit = limit

    def total(self) -> int:
        """How many datasets there are."""

        def count() -> int:
            with self.database.reading() as session:
                return count_wanted(session, self.wanted)

        total = lasting(count)
        return total if self.limit is None else min(total, self.limit)

    def tasks(self) -> Iterator[Keys]:
        """The datasets in chunks, in the order of their keys."""
        for keys in _chunks(islice(self._keys(), self.limit)):
            yield Keys(keys[0], keys[-1])

    def rows(self, task: Task) -> list[ComparedRow | Unreadable]:
        """The datasets of a chunk, as they stand now."""
        if not isinstance(task, Keys):
            raise TypeError(task)

        def read() -> list[ComparedRow]:
            with self.database.reading() as session:
                return compared_rows(session, self.wanted, task.first, task.last)

        return list(lasting(read))

    def _keys(self) -> Iterator[int]:
        after = 0
        while keys := lasting(lambda start=after: self._keys_after(start)):  # type: ignore[misc]
            yield from keys
            after = keys[-1]

    def _keys_after(self, after: int) -> list[int]:
        with self.database.reading() as session:
            return wanted_keys(session, self.wanted, after, _KEYS)


class FileSource:
    """The datasets of a catalogue file.

    Attributes:
        broken: why the rest of the file could not be read, once `tasks` has come to that place.

    Args:
        path: what `api.readers.read_catalogue` reads.
        wanted: filters. A record that cannot be read is kept, since nobody knows whether it is wanted.
        limit: at most so many, the first ones.
        encoding: of the file; None to tell it from the content.
    """

    def __init__(
        self,
        path: Path,
        wanted: Wanted = EVERYTHING,
        limit: int | None = None,
        encoding: str | None = None,
    ) -> None:
        self.path = path
        self.wanted = wanted
        self.limit = limit
        self.encoding = encoding
        self.broken: str | None = None

    def total(self) -> None:
        """Unknown until the file has been read."""

    def tasks(self) -> Iterator[Rows]:
        """The records in chunks, in the order of the file. Where it breaks off, what came before is whole."""
        for rows in _chunks(islice(self._rows(), self.limit)):
            yield tuple(rows)

    def rows(self, task: Task) -> list[ComparedRow | Unreadable]:
        """The records of a chunk."""
        if isinstance(task, Keys):
            raise TypeError(task)
        return [row if isinstance(row, Unreadable) else _compared(row) for row in task]

    def _rows(self) -> Iterator[bytes | Unreadable]:
        try:
            for row in read_catalogue(self.path, encoding=self.encoding):
                if isinstance(row, RowProblem):
                    yield Unreadable(row.identifier or f"第 {row.number} 筆", row.sentence)
                elif isinstance(row, CatalogueRow) and self._is_wanted(row):
                    yield orjson.dumps(row.metadata.to_record())
        except CatalogueError as error:
            self.broken = str(error)

    def _is_wanted(self, row: CatalogueRow) -> bool:
        publisher, code = self.wanted.publisher, self.wanted.category_code
        metadata: DatasetMetadata = row.metadata
        return publisher in {None, metadata.publisher} and code in {None, metadata.category_code}


Source = StoreSource | FileSource


def _compared(row: bytes) -> ComparedRow:
    content = orjson.loads(row)
    return ComparedRow(content["identifier"], content, None, None, False)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    following = iter(items)
    while chunk := list(islice(following, CHUNK)):
        yield chunk
