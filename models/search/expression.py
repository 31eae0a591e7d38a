"""What is looked for, as an expression over lexemes, in the words of both engines."""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias


class AllOf(NamedTuple):
    """Matches what matches every part."""

    parts: tuple["Expression", ...]


class AnyOf(NamedTuple):
    """Matches what matches at least one part."""

    parts: tuple["Expression", ...]


Expression: TypeAlias = str | AllOf | AnyOf
"""A lexeme, or expressions that are joined. A lexeme is letters and digits of any script, nothing else."""


class Match(NamedTuple):
    """Which documents are wanted.

    Attributes:
        wanted: they match this; None matches all.
        unwanted: they match none of these.
    """

    wanted: Expression | None = None
    unwanted: tuple[Expression, ...] = ()

    def also(self, *parts: Expression) -> "Match":
        """The same, and each of `parts` too."""
        if not parts:
            return self
        return Match(AllOf((*((self.wanted,) if self.wanted else ()), *parts)), self.unwanted)

    def to_fts5(self) -> str:
        """The query in SQLite's FTS5 syntax.

        Raises:
            ValueError: nothing is wanted, which FTS5 cannot say, or a lexeme is none.
        """
        if self.wanted is None:
            raise ValueError("FTS5 needs something to look for")
        wanted = _joined(self.wanted, " AND ", " OR ")
        return " NOT ".join([wanted, *(_joined(part, " AND ", " OR ") for part in self.unwanted)])

    def to_tsquery(self) -> str:
        """The query as PostgreSQL writes a tsquery. Raises ValueError as `to_fts5` does."""
        if self.wanted is None:
            raise ValueError("a tsquery needs something to look for")
        wanted = _joined(self.wanted, " & ", " | ")
        return " & ".join([wanted, *(f"!{_joined(part, ' & ', ' | ')}" for part in self.unwanted)])


def is_lexeme(text: str) -> bool:
    """Whether a text can stand in the index: letters and digits only, which no engine reads as syntax."""
    return text.isalnum()


def _joined(expression: Expression, conjunction: str, disjunction: str) -> str:
    if isinstance(expression, str):
        if not is_lexeme(expression):
            raise ValueError(f"{expression!r} is no lexeme")
        # FTS5 takes a string in double quotes, a tsquery one in single quotes; a lexeme holds neither.
        return f'"{expression}"' if conjunction == " AND " else f"'{expression}'"
    joined = [_joined(part, conjunction, disjunction) for part in _not_empty(expression.parts)]
    if len(joined) == 1:
        return joined[0]
    return f"({(conjunction if isinstance(expression, AllOf) else disjunction).join(joined)})"


def _not_empty(parts: Iterable[Expression]) -> list[Expression]:
    found = list(parts)
    if not found:
        raise ValueError("an expression needs at least one part")
    return found
