"""The texts of some records in one string, and the n-grams of their titles and publishers.

One string for all of them, so that matching and counting are a few calls whatever the number of records.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.features import LONGEST, Integers, Keys
from tagger.fields import FieldText

TITLE, PUBLISHER, KEYWORD, DESCRIPTION, FIELD_DESCRIPTION = range(5)
"""A text's role in its record."""
_ROLES = {"keyword": KEYWORD, "description": DESCRIPTION, "fieldDescription": FIELD_DESCRIPTION}

# Control characters stand for a text's begin and end: normalised text has none. An n-gram with one of them
# knows that 「名冊」 ends a title.
_BEGIN, _END = "\x02", "\x03"
_BLANK, _ZERO, _NINE = ord(" "), ord("0"), ord("9")
_BITS = np.uint64(21)
PUBLISHER_PLANE = np.uint64(1 << 63)
"""Set in the key of a publisher's n-gram: 「交通」 in an agency's name is another feature than in a title.

Three code points of 21 bits leave this one bit free."""


class Grams(NamedTuple):
    """The n-grams of the titles and publishers of a `Texts`.

    A position is a character after every number became one `0` and blanks became one; blanks at either end
    are gone. Every text has two positions more than characters, for its begin and its end.

    Attributes:
        keys: shape (positions, 3): the n-gram of 1, 2, 3 characters that begins there, 0 where there is none.
        place: the character's position in `Texts.joined`, shape (positions,), ascending.
        text: which text it is of, shape (positions,).
    """

    keys: Keys
    place: Integers
    text: Integers


class Texts:
    """The texts of some records.

    Args:
        batch: the fields of each record; those that say nothing of labels are passed over.

    Attributes:
        count: the number of records.
        fields: the field of each text by its number: all titles, then all publishers, then the rest. Where a
            record has no title or publisher, its text is empty and has no field.
        rows: the record of each text, shape (texts,).
        roles: the role of each text, shape (texts,).
        joined: all texts in one string, each between two control characters.
        starts: where each text's first character stands in `joined`, shape (texts,).
        lengths: of the texts in characters, shape (texts,).
        codes: the code points of `joined`.
    """

    def __init__(self, batch: Sequence[Sequence[FieldText]]) -> None:
        self.count = count = len(batch)
        self.fields: dict[int, FieldText] = {}
        rows, roles = [*range(count), *range(count)], [TITLE] * count + [PUBLISHER] * count
        for row, fields in enumerate(batch):
            for field in fields:
                name = field.field
                if name == "title":
                    self.fields[row] = field
                elif name == "publisher":
                    self.fields[count + row] = field
                elif name == "organization":
                    # The owner of a dataset stands in for an agency that provides it and is not named.
                    self.fields.setdefault(count + row, field)
                elif (role := _ROLES.get(name.partition("/")[0])) is not None:
                    self.fields[len(rows)] = field
                    rows.append(row)
                    roles.append(role)
        texts = [""] * len(rows)
        for text, field in self.fields.items():
            texts[text] = field.normalised.text
        self.rows: Integers = np.asarray(rows, np.int64)
        self.roles: Integers = np.asarray(roles, np.int64)
        self.joined = f"{_BEGIN}{(_END + _BEGIN).join(texts)}{_END}" if texts else ""
        self.lengths: Integers = np.fromiter(map(len, texts), np.int64, len(texts))
        self._ends = (self.lengths + 2).cumsum()
        self.starts: Integers = self._ends - self.lengths - 1
        encoded = self.joined.encode("utf-32-le", "surrogatepass")
        self.codes: npt.NDArray[np.uint32] = np.frombuffer(encoded, np.uint32)

    def grams(self) -> Grams:
        """The n-grams of titles and publishers."""
        named = 2 * self.count
        codes = self.codes[: self._ends[named - 1] if named else 0]
        place = np.flatnonzero(_kept(codes))
        text = np.repeat(np.arange(named), self.lengths[:named] + 2)[place]
        codes = codes[place].astype(np.uint64)
        codes[(codes >= _ZERO) & (codes <= _NINE)] = _ZERO
        keys = np.zeros((len(codes), LONGEST), np.uint64)
        # Code points up to the blank are the marks of begin and end: no n-gram by themselves.
        keys[:, 0] = np.where(codes > _BLANK, codes, 0)
        key, inside = codes, codes != ord(_END)
        open_ended = inside.copy()
        # That a publisher is missing is no n-gram either.
        open_ended[:-1] &= (codes[:-1] != ord(_BEGIN)) | inside[1:]
        for size in range(1, LONGEST):
            key = (key[:-1] << _BITS) | codes[size:]
            keys[: len(key), size] = np.where(open_ended[: len(key)], key, 0)
            open_ended = open_ended[:-1] & inside[size:]
        first = int(np.searchsorted(text, self.count))
        publishers = keys[first:]
        publishers[publishers > 0] |= PUBLISHER_PLANE
        return Grams(keys, place, text)


def _kept(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Which characters stay when each run of digits, and each run of blanks, becomes one character."""
    dropped = np.zeros(len(codes), bool)
    digit = (codes >= _ZERO) & (codes <= _NINE)
    dropped[1:] = digit[1:] & digit[:-1]
    blank = codes == _BLANK
    if blank.any():
        dropped[1:] |= blank[1:] & blank[:-1]
        # Blanks at either end go wholly: what is left of each run there stands beside a mark.
        place = np.flatnonzero(~dropped)
        left = codes[place]
        at_edge = blank[place[1:-1]] & ((left[:-2] < _BLANK) | (left[2:] < _BLANK))
        dropped[place[1:-1][at_edge]] = True
    return ~dropped
