"""Character n-grams of a batch of texts, looked up and summed without a Python loop over characters.

Chinese has no spaces, and one to three characters are most of its words, so character n-grams carry the
meaning without a segmenter. A code point has 21 bits: three of them fit one 64-bit integer exactly, so an
n-gram is its own key and nothing collides.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.normalise import NormalisedText

Keys = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

LONGEST = 3
"""The longest n-gram, in characters."""
PLACE_MASK = "\ue000"
"""Stands for any county or city: a private-use character, which no published text has."""
COUNTIES = (
    "臺北市|新北市|桃園市|桃園縣|臺中市|臺中縣|臺南市|臺南縣|高雄市|高雄縣|基隆市|新竹市|新竹縣|嘉義市|嘉義縣|"
    "苗栗縣|彰化縣|南投縣|雲林縣|屏東縣|宜蘭縣|花蓮縣|臺東縣|澎湖縣|金門縣|連江縣|臺北縣|"
    "臺北|新北|桃園|臺中|臺南|高雄|基隆|新竹|嘉義|苗栗|彰化|南投|雲林|屏東|宜蘭|花蓮|臺東|澎湖|金門|連江|馬祖"
)
_BITS = np.uint64(21)
_MASKED = re.compile(f"(?P<number>[0-9]+)|(?P<place>{COUNTIES})|\\s+")
# Fibonacci hashing (Knuth, TAOCP 3, 6.4): the multiplier is 2^64 divided by the golden ratio.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SLOTS_A_KEY = 4


def mask(text: str) -> str:
    """A normalised text with numbers, places and blanks made one: what they say is not what it is about."""
    return _MASKED.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    return "0" if found["number"] else PLACE_MASK if found["place"] else " "


def mask_offsets(text: str) -> Integers:
    """For each character of `mask(text)`, and for its end, the position in `text` where it begins."""
    offsets: list[int] = []
    last = 0
    for found in _MASKED.finditer(text):
        offsets.extend(range(last, found.start() + 1))
        last = found.end()
    offsets.extend(range(last, len(text) + 1))
    return np.asarray(offsets, dtype=np.int64)


def ngram_keys(texts: Sequence[str]) -> tuple[Keys, Integers]:
    """The n-grams that begin at each position of each text.

    Returns:
        Keys, shape (positions, `LONGEST`): column n - 1 has the n-gram that begins there, 0 where the text
        ends before it does or it is a blank. Every text has one position more than characters, so that none
        is without.
        The first position of each text, shape (len(texts),).
    """
    joined = "\0".join(texts) + "\0"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    count = len(codes)
    ends = np.flatnonzero(codes == 0)
    starts = np.concatenate(([0], ends[:-1] + 1))
    left = np.repeat(ends, ends - starts + 1) - np.arange(count)
    keys = np.zeros((count, LONGEST), np.uint64)
    keys[:, 0] = np.where(codes == ord(" "), 0, codes)
    key = codes
    for size in range(1, LONGEST):
        key = (key[: count - size] << _BITS) | codes[size:]
        keys[: count - size, size] = np.where(left[: count - size] > size, key, 0)
    return keys, starts


def pack(ngram: str) -> int:
    """The key of one n-gram: `pack("職災")`."""
    key = 0
    for character in ngram:
        key = (key << int(_BITS)) | ord(character)
    return key


class Lookup(NamedTuple):
    """Texts as rows of a `GramTable`.

    Attributes:
        rows: the row of each n-gram, 0 where it is not known; shape (positions, `LONGEST`).
        starts: the first position of each text, shape (texts,).
        norm: each text's Euclidean norm, > 0, shape (texts,).
    """

    rows: npt.NDArray[np.int32]
    starts: Integers
    norm: Floats


class GramTable:
    """The n-grams that a model knows, each with its weight for every output: one look-up, one sum.

    An open-addressing hash table with linear probing in numpy arrays.

    Args:
        keys: packed n-grams, each once, shape (n,).
        idf: inverse document frequencies, shape (n,).
        weights: what one occurrence adds to each output before the text's norm, shape (n, outputs).
    """

    def __init__(self, keys: Keys, idf: Floats, weights: Floats) -> None:
        self.outputs = weights.shape[1]
        # Row 0 stands for an n-gram that is not known: it adds nothing.
        self._keys = np.concatenate((np.zeros(1, np.uint64), keys.astype(np.uint64)))
        # The last column gathers the square of the text's norm along the way.
        self._rows = np.zeros((len(keys) + 1, self.outputs + 1), np.float32)
        self._rows[1:, :-1] = weights
        self._rows[1:, -1] = np.square(idf)
        bits = max(4, int(np.ceil(np.log2(max(1, len(keys)) * _SLOTS_A_KEY))))
        self._shift = np.uint64(64 - bits)
        self._last_slot = (1 << bits) - 1
        self._slots = np.zeros(1 << bits, np.int32)
        self._probes = self._fill()

    def _home(self, keys: Keys) -> Integers:
        return ((keys * _MULTIPLIER) >> self._shift).astype(np.int64)

    def _fill(self) -> int:
        """Place every key; the longest chain that was needed."""
        waiting = np.arange(1, len(self._keys))
        slot = self._home(self._keys[1:])
        probes = 0
        while len(waiting):
            free = self._slots[slot] == 0
            taken, first = np.unique(slot[free], return_index=True)
            self._slots[taken] = waiting[free][first]
            unplaced = self._slots[slot] != waiting
            waiting, slot = waiting[unplaced], (slot[unplaced] + 1) & self._last_slot
            probes += 1
        return probes

    def find(self, keys: Keys) -> npt.NDArray[np.int32]:
        """The row of each key, 0 where it is not known."""
        slot = self._home(keys)
        row = self._slots[slot]
        astray = np.flatnonzero((self._keys[row] != keys) & (row > 0))
        for _ in range(self._probes):
            if not len(astray):
                break
            slot[astray] = (slot[astray] + 1) & self._last_slot
            row[astray] = self._slots[slot[astray]]
            astray = astray[(self._keys[row[astray]] != keys[astray]) & (row[astray] > 0)]
        row[astray] = 0
        return row

    def look_up(self, texts: Sequence[str]) -> Lookup:
        """Find the n-grams of masked texts, at least one text."""
        keys, starts = ngram_keys(texts)
        rows = self.find(keys.ravel()).reshape(keys.shape)
        norm = np.sqrt(np.add.reduceat(self._rows[rows, -1].sum(axis=1), starts))
        return Lookup(rows, starts, np.where(norm > 0, norm, 1).astype(np.float32))

    def sums(self, found: Lookup) -> Floats:
        """Each text's TF-IDF vector, of Euclidean norm 1, times the weights: shape (texts, outputs)."""
        gathered = self._rows[found.rows[:, 0], :-1]
        for size in range(1, LONGEST):
            gathered += self._rows[found.rows[:, size], :-1]
        summed: Floats = np.add.reduceat(gathered, found.starts, axis=0)
        return np.divide(summed, found.norm[:, None], dtype=np.float32)

    def shares(self, found: Lookup, outputs: Integers) -> Floats:
        """What each character adds to one output of its text: an n-gram's part divided among its characters.

        The shares of a text sum to its `sums` exactly, but for rounding.

        Args:
            found: from `look_up`.
            outputs: the output that is asked of each text, shape (texts,).

        Returns:
            Shape (positions,): a text's characters, then one position that is always 0.
        """
        lengths = np.diff(np.append(found.starts, len(found.rows)))
        output, norm = np.repeat(outputs, lengths), np.repeat(found.norm, lengths)
        shares: Floats = np.zeros(len(found.rows), np.float32)
        for size in range(1, LONGEST + 1):
            share = self._rows[found.rows[:, size - 1], output] / (norm * np.float32(size))
            shares += share
            for step in range(1, size):
                shares[step:] += share[:-step]
        return shares


def original_span(field: NormalisedText, original: str, start: int, end: int) -> tuple[int, int]:
    """A span [start, end) of the masked text as a span of the text that was written."""
    offsets = mask_offsets(field.text)
    return field.original_span(int(offsets[start]), int(offsets[end]), original)
