"""Breaking Chinese text into lines.

Between any two characters a line may break, but a closing mark never begins one, an opening mark never ends one,
and what is written in Latin letters stays whole where it fits (the rules of 避頭尾, W3C clreq 3.1).
"""

from collections.abc import Callable, Iterable, Iterator

Glyph = tuple[str, bool]
"""A character, and whether it is marked."""
Line = list[Glyph]
Measure = Callable[[str], float]
"""The width of a character."""
_NOT_FIRST = frozenset("、，。．；：？！…—）］｝」』】〉》〕％,.;:?!)]}%")
_NOT_LAST = frozenset("（［｛「『【〈《〔([{")
_ASCII_END = 0x7F


def broken(glyphs: Iterable[Glyph], room: float, measure: Measure, first: float | None = None) -> list[Line]:
    """Characters as lines.

    Args:
        glyphs: the text.
        room: the width of a line, in the unit of `measure`.
        first: that of the first line where it is another one.

    Returns:
        The lines, at least one; a blank between two lines hangs at the end of the first.
    """
    lines: list[Line] = [[]]
    used, wide = 0.0, room if first is None else first
    for token in _tokens(glyphs):
        width = sum(measure(char) for char, _ in token)
        # What is longer than a line is broken anywhere.
        for piece in [token] if width <= room else [[glyph] for glyph in token]:
            length = sum(measure(char) for char, _ in piece)
            if used + length > wide and piece[0][0] != " " and (lines[-1] or wide < room):
                lines.append([])
                used, wide = 0.0, room
            lines[-1].extend(piece)
            used += length
    return lines


def _tokens(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    """The pieces that lines are made of."""
    token: list[Glyph] = []
    for glyph in glyphs:
        if token and not _joined(token[-1][0], glyph[0]):
            yield token
            token = []
        token.append(glyph)
    if token:
        yield token


def _joined(before: str, char: str) -> bool:
    if char in _NOT_FIRST or before in _NOT_LAST:
        return True
    return _is_latin(before) and _is_latin(char)


def _is_latin(char: str) -> bool:
    return " " < char < chr(_ASCII_END)
