"""What setting a letter is, whatever it is set as."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from api.reports.correction.letter import SMALL, Box, Paragraph, Part, Table, Text, Title
from api.reports.correction.words import UNSEEN_SAID


class Setter(ABC):
    """Sets letters one after another. `_unseen` says that the letter has a character that cannot be printed."""

    _unseen = False

    def letter(self, parts: Sequence[Part]) -> None:
        """Set one letter, and say at its end where it has a character that cannot be printed."""
        self._unseen = False
        for part in parts:
            match part:
                case Title(text):
                    self._title(text)
                case Paragraph(label, text, size):
                    self._paragraph(label, text, size)
                case Table(widths, rows, heading):
                    self._table(widths, rows, heading)
                case Box(heading_text, lines):
                    self._box(heading_text, lines)
        if self._unseen:
            self._paragraph("", UNSEEN_SAID, SMALL)

    @abstractmethod
    def _title(self, text: str) -> None: ...

    @abstractmethod
    def _paragraph(self, label: str, text: str, size: float) -> None: ...

    @abstractmethod
    def _table(self, shares: Sequence[float], rows: Sequence[tuple[Text, ...]], heading: bool) -> None: ...

    @abstractmethod
    def _box(self, heading: str, texts: Sequence[str]) -> None: ...
