"""What an import did dataset by dataset: the first few at hand, all of it on disk where somebody wants it."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import IO, Any

from api.readers import RowProblem
from api.services.importing import Change

SHOWN = 20
"""How many of a kind, of changes too, a report shows."""
_CHANGE, _PROBLEM, _UNNAMED = "change", "problem", "unnamed"


class Journal:
    """Takes down what happens during an import; a context manager.

    Args:
        on_problem: called with each record that could not be used.
        whole: whether all of it is kept, in a temporary file, for a workbook.
    """

    def __init__(self, on_problem: Callable[[RowProblem], None], *, whole: bool = False) -> None:
        self._on_problem = on_problem
        self._file: IO[str] | None = (
            tempfile.TemporaryFile("w+", encoding="utf-8") if whole else None  # noqa: SIM115 - closed at exit
        )
        self._shown: Counter[str] = Counter()
        self.first_changes: list[Change] = []
        self.first_problems: list[RowProblem] = []
        self.first_unnamed: list[str] = []
        self.unnamed = 0

    def __enter__(self) -> "Journal":
        """Nothing more is needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget what was kept."""
        if self._file:
            self._file.close()

    def change(self, change: Change) -> None:
        """A dataset changed."""
        self._shown[change.kind] += 1
        if self._shown[change.kind] <= SHOWN:
            self.first_changes.append(change)
        self._keep(_CHANGE, [change.identifier, change.title, change.kind, list(change.fields)])

    def problem(self, problem: RowProblem) -> None:
        """A record could not be used."""
        self._on_problem(problem)
        if len(self.first_problems) < SHOWN:
            self.first_problems.append(problem)
        self._keep(_PROBLEM, [problem.number, problem.identifier, problem.sentence])

    def unnamed_dataset(self, identifier: str) -> None:
        """A snapshot does not name a stored dataset."""
        self.unnamed += 1
        if len(self.first_unnamed) < SHOWN:
            self.first_unnamed.append(identifier)
        self._keep(_UNNAMED, [identifier])

    def changes(self) -> Iterator[Change]:
        """All changes, where they were kept, else the first ones."""
        if self._file is None:
            yield from self.first_changes
        for identifier, title, kind, fields in self._kept(_CHANGE):
            yield Change(identifier, title, kind, tuple(fields))

    def problems(self) -> Iterator[tuple[int, str | None, str]]:
        """Number, identifier and sentence of all problems, where they were kept, else of the first ones."""
        if self._file is None:
            yield from ((one.number, one.identifier, one.sentence) for one in self.first_problems)
        yield from (tuple(values) for values in self._kept(_PROBLEM))

    def unnamed_datasets(self) -> Iterator[str]:
        """All stored datasets that a snapshot does not name, where they were kept, else the first ones."""
        if self._file is None:
            yield from self.first_unnamed
        for (identifier,) in self._kept(_UNNAMED):
            yield identifier

    def _keep(self, kind: str, values: list[Any]) -> None:
        if self._file:
            self._file.write(json.dumps([kind, values]) + "\n")

    def _kept(self, kind: str) -> Iterator[Any]:
        if self._file is None:
            return
        self._file.seek(0)
        for line in self._file:
            found, values = json.loads(line)
            if found == kind:
                yield values
