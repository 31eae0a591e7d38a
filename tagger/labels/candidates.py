"""Which labels of a record are worth ranking, and what is known of each."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.features import Floats, Integers
from tagger.fields import FieldText
from tagger.labels.lexicon import Hits, Lexicon
from tagger.labels.linear import Features, LinearModel, Scores
from tagger.labels.texts import DESCRIPTION, FIELD_DESCRIPTION, KEYWORD, PUBLISHER, TITLE, Grams, Texts

Marks = npt.NDArray[np.uint16]

# Where a concept's words stand, one bit each.
IN_PUBLISHER, WITHIN_TITLE, IN_TITLE, IS_KEYWORD, IN_DESCRIPTION, IN_FIELDS = (1 << bit for bit in range(6))
"""`WITHIN_TITLE`: inside a longer spelling, as 保險 in 勞工保險."""
# Whether it is the preferred label that stands there: of each of the first three.
_PREFERRED_BIT = 6
_BITS = np.zeros((5, 2, 2), np.uint16)
"""The bits of a hit: by its text's role, whether it is the longest there, and whether it is preferred."""
for _role, _nested, _longest in (
    (TITLE, WITHIN_TITLE, IN_TITLE),
    (PUBLISHER, 0, IN_PUBLISHER),
    (KEYWORD, 0, IS_KEYWORD),
    (DESCRIPTION, 0, IN_DESCRIPTION),
    (FIELD_DESCRIPTION, 0, IN_FIELDS),
):
    _BITS[_role, 0], _BITS[_role, 1] = _nested, _longest
    if _role in {TITLE, PUBLISHER}:
        _BITS[_role, :, 1] |= _BITS[_role, :, 0] << _PREFERRED_BIT
NAMED_ELSEWHERE = 1 << 9
"""A keyword or the description names the concept, and nothing else speaks for it."""

NOWHERE, PUBLISHER_ONLY, NESTED, NAMED = range(4)
"""A candidate's lexical status, from the title and the publisher. Each has a ranker of its own."""
STATUSES = 4

# Without a word of it in the text a label is a candidate from these scores on.
LEAST_EXACT, LEAST_ALIKE = 0.04, 0.10
LEAST_EXACT_IN_PUBLISHER = 0.01

FEATURES = ("exact", "gap", "rank", "preferred", "share", "length", "names", "third", "alike")
"""What `Candidates.features` holds: the square root of the exact score; the exact score less the record's
highest; how many candidates have a higher one; whether the words are the preferred label; the share of the
label's bigrams in the title; the label's length; how many spellings the title has; the record's third highest
exact score; the square root of the alike score."""


class Candidates(NamedTuple):
    """Labels to rank.

    Attributes:
        records: how many there are.
        row: the record, shape (n,), ascending.
        concept: the concept, shape (n,), ascending within a record.
        status: lexical status, shape (n,).
        marks: where the concept's words stand, bits, shape (n,).
        features: shape (features, n).
    """

    records: int
    row: Integers
    concept: Integers
    status: Integers
    marks: Marks
    features: Floats


class Reading(NamedTuple):
    """All that is known of a batch before its labels are ranked.

    Attributes:
        texts: the records' texts.
        grams: the n-grams of titles and publishers.
        hits: the spellings in the texts.
        features: what the linear model reads.
        scores: what it says.
        candidates: the labels to rank.
        concepts: how many there are.
    """

    texts: Texts
    grams: Grams
    hits: Hits
    features: Features
    scores: Scores
    candidates: Candidates
    concepts: int


class CandidateFinder:
    """The first stage: from records to the labels that are named in them or have a score.

    Args:
        lexicon: the concepts' spellings.
        linear: the learned scores of the same concepts.
    """

    def __init__(self, lexicon: Lexicon, linear: LinearModel) -> None:
        self.lexicon, self.linear = lexicon, linear

    def read(self, batch: Sequence[Sequence[FieldText]]) -> Reading:
        """The candidates of each record, and what led to them."""
        texts = Texts(batch)
        grams, hits = texts.grams(), self.lexicon.match(texts)
        features = self.linear.inventory.features(texts, grams, hits)
        scores = self.linear.scores(features, texts.count)
        candidates = self._candidates(texts, grams, hits, scores)
        return Reading(texts, grams, hits, features, scores, candidates, len(self.lexicon))

    def _candidates(self, texts: Texts, grams: Grams, hits: Hits, scores: Scores) -> Candidates:
        concepts = len(self.lexicon)
        cell, found = _select(texts, hits, scores, concepts)
        row, concept = np.divmod(cell, concepts)
        nested = np.where(found & WITHIN_TITLE, NESTED, found & IN_PUBLISHER)
        status = np.where(found & IN_TITLE, NAMED, nested).astype(np.int64)
        preferred = (status > NOWHERE) & (found >> (_PREFERRED_BIT - 1 + status) & 1 > 0)
        in_title = hits.longest & (texts.roles[hits.text] == TITLE)
        names = np.bincount(hits.text[in_title], minlength=texts.count)
        exact, alike = scores.exact[cell].astype(np.float32), scores.alike[cell].astype(np.float32)
        rank, highest, third = _standing(row, exact, texts.count)
        features = (
            np.sqrt(np.maximum(exact, 0)),
            exact - highest[row],
            rank,
            preferred,
            self.lexicon.bigrams.shared(grams, texts.count).shares(row, concept),
            self.lexicon.lengths[concept],
            names[row],
            third[row],
            np.sqrt(np.maximum(alike, 0)),
        )
        return Candidates(texts.count, row, concept, status, found, np.stack(features).astype(np.float32))


def _select(texts: Texts, hits: Hits, scores: Scores, concepts: int) -> tuple[Integers, Marks]:
    """The candidates' cells, record times concepts plus concept, ascending; where their words stand."""
    hit = texts.rows[hits.text] * concepts + hits.concept
    marks = np.zeros(texts.count * concepts, np.uint16)
    bits = _BITS[texts.roles[hits.text], hits.longest.astype(np.int8), hits.preferred.astype(np.int8)]
    np.bitwise_or.at(marks, hit, bits)
    kept = (scores.exact > LEAST_EXACT) | (scores.alike > LEAST_ALIKE)
    supported = (marks[hit] & IN_PUBLISHER > 0) & (scores.exact[hit] > LEAST_EXACT_IN_PUBLISHER)
    kept[hit] |= supported | (marks[hit] & (WITHIN_TITLE | IN_TITLE) > 0)
    elsewhere = hit[~kept[hit] & (marks[hit] & (IS_KEYWORD | IN_DESCRIPTION) > 0)]
    marks[elsewhere] |= NAMED_ELSEWHERE
    kept[elsewhere] = True
    cell = np.flatnonzero(kept)
    return cell, marks[cell]


def _standing(row: Integers, score: Floats, count: int) -> tuple[Integers, Floats, Floats]:
    """Each candidate's rank in its record, from 0; each record's highest and third highest score."""
    order = best_first(row, score)
    first = np.searchsorted(row, np.arange(count + 1))
    rank = np.empty(len(row), np.int64)
    rank[order] = np.arange(len(row)) - first[row]
    ordered = np.append(score[order], np.zeros(1, np.float32))
    sizes = np.diff(first)
    highest = np.where(sizes > 0, ordered[np.where(sizes > 0, first[:-1], -1)], 0)
    third = np.where(sizes > 2, ordered[np.where(sizes > 2, first[:-1] + 2, -1)], 0)
    return rank, highest, third


def best_first(row: Integers, score: npt.NDArray[np.floating]) -> Integers:
    """The order that sorts by record, then by falling score, then as given."""
    order: Integers = np.lexsort((-score, row))
    return order
