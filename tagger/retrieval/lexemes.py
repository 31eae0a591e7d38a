"""Lexemes: what the search index holds of a dataset, and what a query looks for.

Chinese has no blanks between words and two people cut the same text differently, so the index holds characters
and pairs of neighbouring characters, and Latin words and numbers whole (character bigrams are the usual index
for Chinese: Nie et al. 2000, On the Use of Words and N-grams for Chinese Information Retrieval). Texts are
folded first (`tagger.simplify.fold`), so 台北, 臺北 and their full-width and Simplified spellings have the same
lexemes.

A lexeme is letters and digits only. Its first letter says what it speaks of, so that no two kinds meet.
"""

import hashlib
import re
from collections.abc import Iterator

from tagger.simplify import fold

TITLE, TEXT = "t", "a"
"""Of the title; of any other text."""
_CONCEPT, _LABEL, _PLACE = "k", "l", "s"
READ_CHARACTERS = 2_000
"""How much of a text is indexed: what comes later in a description is mostly terms of use and contacts."""
_RUNS = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_LONGEST_WORD = 64
_COMPOUND = 4


def compact(text: str) -> str:
    """A text as it is compared: folded, without blanks and punctuation."""
    return "".join(_runs(fold(text).text))


def _runs(folded: str) -> Iterator[str]:
    """The runs of Latin letters and digits, and of other letters, of a folded text."""
    for run in _RUNS.findall(folded):
        kept = "".join(filter(str.isalnum, run))
        if kept:
            yield kept


def grams(text: str) -> list[str]:
    """The characters and character pairs of a text, Latin words and numbers whole, each once, in order."""
    found: dict[str, None] = {}
    for run in _runs(fold(text[:READ_CHARACTERS]).text):
        if run[0].isascii():
            found[run[:_LONGEST_WORD]] = None
            continue
        found.update(dict.fromkeys(run))
        found.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
    return list(found)


def needed_grams(text: str) -> list[str]:
    """Those grams of a text without which no other text can contain it: pairs, and what stands alone."""
    found: dict[str, None] = {}
    for run in _runs(fold(text).text):
        if run[0].isascii() or len(run) == 1:
            found[run[:_LONGEST_WORD]] = None
        else:
            found.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
    return list(found)


def halves(form: str) -> tuple[str, ...]:
    """The two words that a compact form of four characters is made of, as nearly all of that length are.

    机械安全 stands in 机械停车设备安全检查 by its halves. Empty for other forms.
    """
    return (form[:2], form[2:]) if len(form) == _COMPOUND and not form.isascii() else ()


def title_lexemes(title: str) -> Iterator[str]:
    """The lexemes of a title."""
    return (TITLE + gram for gram in grams(title))


def text_lexemes(text: str) -> Iterator[str]:
    """The lexemes of a text that is no title. Single characters of it are not found."""
    return (TEXT + gram for gram in grams(text) if len(gram) > 1 or gram.isascii())


def concept_lexeme(identifier: str) -> str:
    """What datasets labelled with a concept have in common."""
    return _CONCEPT + (identifier if identifier.isalnum() else _digest(identifier))


def label_lexeme(label: str) -> str:
    """What datasets labelled so have in common, however the label is written."""
    return _LABEL + _digest(compact(label))


def place_lexeme(place: str) -> str:
    """What datasets about a place have in common."""
    return _PLACE + _digest(compact(place))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
