"""What a reader hands back: rows, what was wrong with a row, what was wrong with the whole file."""

from typing import NamedTuple

from api.validation import InputError
from tagger.metadata import DatasetMetadata


class CatalogueRow(NamedTuple):
    """One dataset of a catalogue.

    Attributes:
        number: the line of a JSONL file, else the count of the record, from 1; a CSV's header is not counted.
        metadata: what the row says; the identifier is always filled.
        line: the physical line where the record begins (CSV and JSONL), from 1.
        is_change: whether the record says that it is a change (資料集變動狀態 新增 or 修改): the file then lists
            what changed, not what there is.
    """

    number: int
    metadata: DatasetMetadata
    line: int | None = None
    is_change: bool = False


class Withdrawal(NamedTuple):
    """A record that says that its dataset is taken back (資料集變動狀態 刪除); nothing else of it is read.

    Attributes:
        number: as in `CatalogueRow`.
        identifier: the dataset's.
        line: as in `CatalogueRow`.
    """

    number: int
    identifier: str
    line: int | None = None


class RowProblem(NamedTuple):
    """One record that cannot be used; those after it can.

    Attributes:
        number: as in `CatalogueRow`.
        identifier: the record's identifier, where it could be told and can be shown.
        errors: what is wrong and how to mend it; pointers name the columns as the file does.
        line: as in `CatalogueRow`.
        is_change: whether the record says, rightly or not, how its dataset changed.
    """

    number: int
    identifier: str | None
    errors: list[InputError]
    line: int | None = None
    is_change: bool = False

    @property
    def sentence(self) -> str:
        """Which record it is and all that is wrong with it, in one line of 繁體中文."""
        place = f"第 {self.number} 行" if self.line == self.number else f"第 {self.number} 筆"
        more = [f"第 {self.line} 行"] if self.line not in (None, self.number) else []
        more += [f"識別碼 {self.identifier}"] if self.identifier else []
        reasons = "；".join(error.sentence for error in self.errors)
        return f"{place}{'（' + '，'.join(more) + '）' if more else ''}：{reasons}"


Entry = CatalogueRow | Withdrawal | RowProblem


class CatalogueError(Exception):
    """The file, or the rest of it, cannot be read.

    The message says in 繁體中文 what is wrong, where and what to do. It never quotes the file's cells, which
    can hold the names and telephone numbers of contact persons.
    """
