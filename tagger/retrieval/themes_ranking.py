"""How near datasets are to a topic, by its words and by its aspects, and why each is there."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tagger.meaning import Meaning
from tagger.retrieval.lexemes import compact, halves
from tagger.retrieval.ranking import Fit, Rankable, Weights, score, similarity, stored_vectors
from tagger.retrieval.themes import Aspect, Topic
from tagger.retrieval.thesaurus import Thesaurus

WORDS, TITLE, LABEL = "words", "title", "label"
"""How a dataset was found: by the topic's own words, by an aspect that its title spells, or by its label."""
_FIT = Fit(publisher=0.3, text=0.45)
"""As in search, but an agency's name says less: not all that 觀光署 offers is about 觀光."""
_WEIGHTS = Weights()
_SPELLED, _FIRST_LABEL, _PARTED, _OTHER_LABEL = 1.0, 0.85, 0.8, 0.75
_BY_NAME = 0.4
"""How an aspect stands that only the agency's name speaks of: 職業安全 in 職業安全衛生署會計月報."""
_LIKENESS, _ALIKE = 0.55, 0.7
"""How much of an aspect's score depends on the likeness of meaning, and the cosine that is like enough."""
_OF_ASPECT = 0.8
"""Being like the aspect counts so much of being like the topic itself."""
_SECOND = 0.25
"""How much a second aspect closes of what the best one leaves open."""
_MOST_WAYS = 4


class Found(Rankable, Protocol):
    """A candidate: what `tagger.retrieval.ranking` asks of it, and the store's key."""

    @property
    def dataset_id(self) -> int:
        """The store's key."""


class Way(NamedTuple):
    """One reason why a dataset is near.

    Attributes:
        aspect: position in the aspects; None where the topic's own words stand in the dataset.
        kind: `WORDS`, `TITLE` or `LABEL`.
        nearness: 0 to 1: of the aspect × how it stands in the dataset × likeness of meaning.
    """

    aspect: int | None
    kind: str
    nearness: float


class Near(NamedTuple):
    """A dataset that is near to a topic.

    Attributes:
        dataset_id: the store's key.
        nearness: 0 to 1, of all its ways together.
        ways: the strongest first, at least one.
    """

    dataset_id: int
    nearness: float
    ways: tuple[Way, ...]


def nearness_of(
    topic: Topic,
    aspects: Sequence[Aspect],
    spoken: tuple[Sequence[Found], Sequence[Found]],
    candidates: Sequence[Found],
    meaning: Meaning,
    thesaurus: Thesaurus,
) -> list[Near]:
    """How near each candidate is; the nearest first, those that are not near at all left out.

    Args:
        topic: what the theme is about.
        aspects: its aspects.
        spoken: datasets that have all the topic's words, a synonym or its label; and those that have some.
        candidates: datasets that may have an aspect; none twice. Those of `spoken` may be among them.
        meaning: the loaded model.
        thesaurus: the vocabulary.
    """
    ways: dict[int, list[Way]] = {}
    whole, partly = spoken
    direct = [*whole, *partly]
    in_text = np.arange(len(direct)) < len(whole)
    points = score(topic.intent, direct, in_text, _WEIGHTS, _FIT)
    for candidate, value in zip(direct, points.tolist(), strict=True):
        ways.setdefault(candidate.dataset_id, [Way(None, WORDS, value)])
    for candidate, found in zip(
        candidates, _by_aspects(topic, aspects, candidates, meaning, thesaurus), strict=True
    ):
        ways.setdefault(candidate.dataset_id, []).extend(found)
    near = [_joined(dataset_id, found) for dataset_id, found in ways.items() if found]
    return sorted(near, key=lambda one: (-one.nearness, one.dataset_id))


def _joined(dataset_id: int, found: list[Way]) -> Near:
    ways = sorted(found, key=lambda way: (-way.nearness, way.aspect is not None, way.aspect or 0))
    best = ways[0].nearness
    if len(ways) > 1:
        best += (1 - best) * _SECOND * ways[1].nearness
    return Near(dataset_id, round(min(best, 1.0), 4), tuple(ways[:_MOST_WAYS]))


def _by_aspects(
    topic: Topic,
    aspects: Sequence[Aspect],
    candidates: Sequence[Found],
    meaning: Meaning,
    thesaurus: Thesaurus,
) -> list[list[Way]]:
    if not aspects or not candidates:
        return [[] for _ in candidates]
    lookup = _lookup([aspect.concept for aspect in aspects], thesaurus)
    spelled = {number for number, aspect in enumerate(aspects) if aspect.nearness == 1.0}
    likeness = _likeness(topic, aspects, candidates, meaning, thesaurus)
    return [
        [
            Way(
                None if number in spelled and kind == TITLE else number,
                WORDS if number in spelled and kind == TITLE else kind,
                round(aspects[number].nearness * fit * float(likeness[row, number]), 4),
            )
            for number, (kind, fit) in _fits(candidate, lookup).items()
        ]
        for row, candidate in enumerate(candidates)
    ]


def standing(
    candidates: Sequence[Found], concepts: Sequence[str], thesaurus: Thesaurus
) -> list[dict[int, tuple[str, float]]]:
    """How concepts stand in datasets: for each dataset, position of the concept → `TITLE` or `LABEL`, 0 to 1."""
    lookup = _lookup(concepts, thesaurus)
    return [_fits(candidate, lookup) for candidate in candidates]


class _Lookup(NamedTuple):
    """The positions of concepts: by their identifiers, by their spellings, by the halves of their labels."""

    numbers: dict[str, int]
    forms: dict[str, int]
    halves: dict[tuple[str, ...], int]


def _lookup(concepts: Sequence[str], thesaurus: Thesaurus) -> _Lookup:
    numbers = {concept: number for number, concept in enumerate(concepts)}
    forms = {
        form: number
        for concept, number in numbers.items()
        if concept in thesaurus
        for form in thesaurus.forms(concept)
        if len(form) > 1
    }
    parted = {
        halves(thesaurus.forms(concept)[0]): number
        for concept, number in numbers.items()
        if concept in thesaurus
    }
    parted.pop((), None)
    return _Lookup(numbers, forms, parted)


def _likeness(
    topic: Topic,
    aspects: Sequence[Aspect],
    candidates: Sequence[Found],
    meaning: Meaning,
    thesaurus: Thesaurus,
) -> npt.NDArray[np.float32]:
    """What the likeness of meaning leaves of each aspect's nearness: shape (candidates, aspects)."""
    matrix = stored_vectors(candidates, meaning.dimensions)
    labels = meaning.vectors([thesaurus.label(aspect.concept) for aspect in aspects]).astype(np.float32)
    to_topic = similarity(topic.intent.vector, candidates).astype(np.float32)[:, None]
    to_aspect = matrix @ labels.T * np.float32(_OF_ASPECT / 127**2)
    like = np.clip(np.maximum(to_topic, to_aspect) / np.float32(_ALIKE), 0, 1)
    result: npt.NDArray[np.float32] = (1 - _LIKENESS) + _LIKENESS * like
    return result


def _fits(candidate: Found, lookup: _Lookup) -> dict[int, tuple[str, float]]:
    """How each aspect stands in a candidate: aspect → kind and 0 to 1."""
    found: dict[int, tuple[str, float]] = {}
    publisher = _compacted(candidate.publisher or "")
    title = own_words(candidate.title_words, publisher)
    named = {number for form, number in lookup.forms.items() if form in publisher}
    for position, concept in enumerate(candidate.concepts.split()):
        number = lookup.numbers.get(concept)
        if number is not None:
            found[number] = (LABEL, _OTHER_LABEL if position else _FIRST_LABEL)
            if number in named:
                found[number] = (LABEL, _BY_NAME)
    for (first, second), number in lookup.halves.items():
        if first in title and second in title and found.get(number, ("", 0.0))[1] < _PARTED:
            found[number] = (TITLE, _PARTED)
    for form, number in lookup.forms.items():
        if form in title:
            found[number] = (TITLE, _SPELLED)
    return found


def own_words(title_words: str, publisher: str) -> str:
    """What a title says beside its publisher's name.

    Args:
        title_words: of the title, with blanks between.
        publisher: compact (`tagger.retrieval.lexemes.compact`).

    Returns:
        The compact title; the name in it is replaced by a blank. 勞動部職業安全衛生署會計月報 says only 會計月報.
    """
    title = title_words.replace(" ", "")
    return title.replace(publisher, " ") if publisher else title


_compacted = lru_cache(16_384)(compact)
