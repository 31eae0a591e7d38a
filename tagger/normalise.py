"""Text as it is compared, beside the text as it was written.

Matching needs one spelling for what means the same: full and half width, upper and lower case, 台 and 臺.
What is stored and shown is always the original, so every normalised character remembers where it came from.
"""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

# Characters that Taiwan's agencies use for one another, to the form that official documents prefer.
VARIANTS = {
    "台": "臺",
    "裏": "裡",
    "峯": "峰",
    "羣": "群",
    "衞": "衛",
    "着": "著",
    "爲": "為",
    "僞": "偽",
    "汚": "污",
    "汙": "污",
    "淸": "清",
    "敎": "教",
    "眞": "真",
    "内": "內",
    "戸": "戶",
    "説": "說",
    "税": "稅",
    "鷄": "雞",
    "佔": "占",
}


class _Folding(dict[int, str]):
    """A translation table for characters that fold to one; the others it drops, which shortens the text.

    It learns a character when it is first met.
    """

    def __missing__(self, codepoint: int) -> str:
        folded = _fold(chr(codepoint))
        self[codepoint] = folded if len(folded) == 1 else ""
        return self[codepoint]


def _fold(characters: str) -> str:
    composed = unicodedata.normalize("NFKC", characters).lower()
    folded = "".join(
        VARIANTS.get(character, " " if character.isspace() else character)
        for character in composed
        if unicodedata.category(character) not in {"Cf", "Cc"} or character.isspace()
    )
    # Lower-casing can break the composed form (İ becomes i and a dot), so compose again.
    return unicodedata.normalize("NFKC", folded)


_FOLDING = _Folding()


class NormalisedText(NamedTuple):
    """A text as it is compared.

    Attributes:
        text: the normalised characters.
        offsets: for each of them the position in the original it came from, or None where they are the same.
    """

    text: str
    offsets: Sequence[int] | None

    def original_span(self, start: int, end: int, original: str) -> tuple[int, int]:
        """The span of `original` that the normalised span [start, end) came from; end is exclusive."""
        if self.offsets is None:
            return start, end
        last = self.offsets[end] if end < len(self.offsets) else len(original)
        # Several normalised characters can come from one (㎡ → m2): the span then takes all of it.
        return self.offsets[start], max(last, self.offsets[end - 1] + 1)


def normalise(text: str) -> NormalisedText:
    """Fold width, case and variant characters; drop invisible ones; keep where each character came from.

    Unicode NFKC (UAX #15) a character with its combining marks at a time, lower case, then `VARIANTS`.
    Idempotent on its own output: `normalise(normalise(s).text).text == normalise(s).text`.
    """
    folded = text.translate(_FOLDING)
    if len(folded) == len(text) and unicodedata.is_normalized("NFKC", folded):
        return NormalisedText(folded, None)
    return _normalise_by_cluster(text)


def _normalise_by_cluster(text: str) -> NormalisedText:
    pieces: list[str] = []
    offsets: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _joins(text[start:end], text[end]):
            end += 1
        piece = _fold(text[start:end])
        pieces.append(piece)
        offsets.extend([start] * len(piece))
        start = end
    return NormalisedText("".join(pieces), offsets)


def _joins(cluster: str, character: str) -> bool:
    """Whether a character changes, when composed, together with what stands before it."""
    if unicodedata.combining(character):
        return True
    if character.isascii():
        return False
    whole = unicodedata.normalize("NFKC", cluster + character)
    return whole != unicodedata.normalize("NFKC", cluster) + unicodedata.normalize("NFKC", character)
