"""Tables on a terminal, and plain lines with aligned columns elsewhere."""

import sys
import unicodedata
from collections.abc import Iterable, Sequence

import click
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

Cell = str | int | float
"""A float is a share, 0 to 1, and shown in percent."""


def show_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print a table to standard output; columns of numbers are set to the right. Nothing where it has no row.

    Args:
        title: a line above it.
        headings: one a column.
        rows: as many cells as there are headings.
    """
    found = list(rows)
    if not found:
        return
    right = [not isinstance(cell, str) for cell in found[0]]
    texts = [[_shown(cell) for cell in row] for row in found]
    console = Console(file=sys.stdout)
    if console.is_terminal:
        console.print(_table(title, headings, texts, right))
        return
    widths = [max(map(cell_len, column)) for column in zip(headings, *texts, strict=True)]
    click.echo(f"\n{title}")
    for line in (headings, *texts):
        padded = (_padded(*cell) for cell in zip(line, widths, right, strict=True))
        click.echo("  ".join(padded).rstrip())


def percent(share: float) -> str:
    """A share, 0 to 1, in percent with one decimal."""
    return f"{share * 100:.1f}%"


def printable(text: str) -> str:
    """A text in one line without control characters, which could move the cursor of a terminal or colour it."""
    return "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)


def _table(
    title: str, headings: Sequence[str], texts: Sequence[Sequence[str]], right: Sequence[bool]
) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for heading, is_number in zip(headings, right, strict=True):
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=is_number)
    for row in texts:
        # As they are: a title in brackets is no markup.
        table.add_row(*map(Text, row))
    return table


def _shown(cell: Cell) -> str:
    if isinstance(cell, str):
        return printable(cell)
    return percent(cell) if isinstance(cell, float) else f"{cell:,}"


def _padded(text: str, width: int, right: bool) -> str:
    """A full-width character takes two columns."""
    space = " " * (width - cell_len(text))
    return space + text if right else text + space
