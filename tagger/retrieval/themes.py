"""A topic's aspects (面向): the concepts that its datasets speak of, each with the way from the topic to it.

Three sources say that two concepts are near, and each may be wrong by itself: the meaning of words (職業安全 and
資訊安全 share half their characters), the labels that datasets carry together, and the vocabulary's own
relations. They know of one another, so they are not independent: the strongest counts, and each other one closes a
part of what it leaves open.

From the topic one step is taken to what is near it, and from each of these a second, damped one: spreading
activation, as in Crestani 1997, Application of Spreading Activation Techniques in Information Retrieval.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tagger.meaning import Meaning
from tagger.retrieval.intent import Intent, understand
from tagger.retrieval.lexemes import compact
from tagger.retrieval.syntax import ParsedQuery, Term
from tagger.retrieval.thesaurus import Thesaurus

SPELLED, MEANING, LABELS, VOCABULARY = "spelled", "meaning", "labels", "vocabulary"
"""Why a concept is near: the topic spells it, its meaning is near, datasets carry both, the vocabulary says so."""
MOST_FIRST, MOST_SECOND = 24, 32
LEAST_FIRST, LEAST_SECOND = 0.3, 0.22
_NEIGHBOURS = 24
_DAMPED, _LEAST_DAMPED = 0.5, 0.8
"""What a second step keeps of its nearness: by way of any concept, and of one that is nearly the topic itself."""
_ALL_BUT_SAME, _AS_GOOD_AS_SAME = 0.9, 0.98
"""A step by way of what all but says the topic (職業安全衛生 of 職業安全) is less and less of a step."""
_LEAST_PARTED = 0.35
"""Nearness of a compound from which its parts are aspects too: 火災 of 工廠火災."""
_PART = 0.65
"""Nearness of a concept that is only a part of the topic: 火災 of 工廠火災."""
_FAR = 0.1
"""Nearness of meaning that says nothing."""
_UNSPELLED, _LEAST_MEANT = 0.6, 0.1
"""A text that spells no concept is near to none; its nearest is taken for so near, if it is this near at all."""
_NARROWER, _RELATED, _BROADER = 0.7, 0.6, 0.3
_AGREEING = 0.3
"""How much of what is left open another witness closes."""
_LEAST_TOGETHER = 2
_SMOOTHING = 5
_GENERIC, _GENERIC_SECOND = 0.02, 0.01
"""A label that so large a share of all datasets carries tells nothing of what one is about: 統計. Two steps away
less is enough: 農業 by way of 農產品 is no longer 食安."""
_MEANING_ALONE = 0.85
"""What the meaning of words keeps where nothing else speaks for a concept."""


class Topic(NamedTuple):
    """What a theme is about.

    Attributes:
        text: as it was typed.
        intent: its words with their synonyms, and its meaning.
        concepts: identifiers of the concepts that it spells as a whole or by its words.
    """

    text: str
    intent: Intent
    concepts: tuple[str, ...]


class Aspect(NamedTuple):
    """A concept near to a topic.

    Attributes:
        concept: its identifier.
        nearness: 0 to 1.
        path: identifiers of the concepts from the topic to it, itself the last.
        basis: for the last step, which of `SPELLED`, `MEANING`, `LABELS`, `VOCABULARY` speak for it.
    """

    concept: str
    nearness: float
    path: tuple[str, ...]
    basis: tuple[str, ...]


class Corpus(NamedTuple):
    """How often labels occur in the whole catalogue: concept → datasets, and how many datasets there are."""

    labels: Mapping[str, int]
    datasets: int


def read_topic(text: str, meaning: Meaning, thesaurus: Thesaurus) -> Topic:
    """Read a topic: any text with a letter or a digit in it; nothing in it is query syntax."""
    words = tuple((Term(word, quoted=False),) for word in text.split())
    intent = understand(ParsedQuery(words, ()), meaning, thesaurus)
    spelled = (reading.concepts[0] for need in intent.needs for reading in need.readings if reading.concepts)
    return Topic(text, intent, tuple(dict.fromkeys(spelled)))


def first_aspects(
    topic: Topic,
    labels: Sequence[Sequence[str]],
    corpus: Corpus,
    meaning: Meaning,
    thesaurus: Thesaurus,
) -> list[Aspect]:
    """The aspects that the topic spells, and those one step from it; nearest first.

    Args:
        topic: what the theme is about.
        labels: the concepts of each dataset that speaks of the topic in so many words.
        corpus: how often each concept occurs at all.
        meaning: the loaded model.
        thesaurus: the vocabulary.
    """
    spelled = _spelled(topic, thesaurus)
    witnesses = _Witnesses(thesaurus, corpus, _GENERIC)
    witnesses.add(MEANING, _meant(topic, meaning))
    witnesses.add(LABELS, together(labels, corpus))
    for concept in topic.concepts:
        witnesses.add(VOCABULARY, _related(concept, thesaurus))
    near = [
        Aspect(concept, nearness, (concept,), basis)
        for concept, nearness, basis in witnesses.nearest(MOST_FIRST, LEAST_FIRST)
    ]
    return _best([*spelled, *near])


def second_aspects(
    first: Sequence[Aspect],
    labels: Mapping[str, Sequence[Sequence[str]]],
    corpus: Corpus,
    meaning: Meaning,
    thesaurus: Thesaurus,
) -> list[Aspect]:
    """The aspects that are one step from those of `first`, and none of these; nearest first.

    Args:
        first: the aspects of the first step.
        labels: for each of their concepts, the concepts of the datasets that have it.
        corpus: how often each concept occurs at all.
        meaning: the loaded model.
        thesaurus: the vocabulary.
    """
    found = _Steps(first)
    for aspect in first:
        witnesses = _Witnesses(thesaurus, corpus, _GENERIC_SECOND)
        witnesses.add(MEANING, _neighbours(aspect.concept, meaning))
        witnesses.add(LABELS, together(labels.get(aspect.concept, ()), corpus))
        witnesses.add(VOCABULARY, _related(aspect.concept, thesaurus))
        kept = aspect.nearness * _kept(aspect.nearness)
        for concept, nearness, basis in witnesses.nearest(MOST_SECOND, 0.0):
            found.add(aspect, concept, kept * nearness, basis)
    for aspect in [*first, *found.aspects.values()]:
        if aspect.basis != (SPELLED,) and aspect.nearness >= _LEAST_PARTED:
            for concept in _halves(thesaurus.forms(aspect.concept)[0], thesaurus):
                if corpus.labels.get(concept, 0) <= _GENERIC_SECOND * corpus.datasets:
                    found.add(aspect, concept, _PART * aspect.nearness, (SPELLED,))
    return _best(found.aspects.values())[:MOST_SECOND]


class _Steps:
    """Gathers the aspects that are one step behind others, each by its nearest way."""

    def __init__(self, first: Iterable[Aspect]) -> None:
        self._known = {aspect.concept for aspect in first}
        self.aspects: dict[str, Aspect] = {}

    def add(self, before: Aspect, concept: str, nearness: float, basis: tuple[str, ...]) -> None:
        """A way to a concept; forgotten where it is too far, or another one is nearer."""
        if concept in self._known or nearness < LEAST_SECOND:
            return
        if concept not in self.aspects or nearness > self.aspects[concept].nearness:
            self.aspects[concept] = Aspect(concept, round(nearness, 4), (*before.path, concept), basis)


def _kept(nearness: float) -> float:
    """What a step from an aspect keeps: `_DAMPED`, and more where the aspect is nearly the topic itself."""
    same = (nearness - _ALL_BUT_SAME) / (_AS_GOOD_AS_SAME - _ALL_BUT_SAME)
    return _DAMPED + (_LEAST_DAMPED - _DAMPED) * min(max(same, 0.0), 1.0)


def together(labels: Sequence[Sequence[str]], corpus: Corpus) -> dict[str, float]:
    """How closely concepts go with a set of datasets, 0 to 1.

    The cosine of "is in the set" and "has the label" over all datasets (Ochiai's coefficient), its square root
    taken so that one in nine already says something.
    """
    seen = Counter(concept for dataset in labels for concept in set(dataset))
    found: dict[str, float] = {}
    for concept, both in seen.items():
        if both >= _LEAST_TOGETHER:
            everywhere = max(corpus.labels.get(concept, 0), both) + _SMOOTHING
            found[concept] = min(1.0, math.sqrt(both / math.sqrt(len(labels) * everywhere)))
    return found


def _spelled(topic: Topic, thesaurus: Thesaurus) -> list[Aspect]:
    whole = thesaurus.find(compact(topic.text))
    weights = {
        reading.concepts[0]: need.weight
        for need in topic.intent.needs
        for reading in need.readings
        if reading.concepts
    }
    total = sum(need.weight for need in topic.intent.needs) or 1.0
    found = [
        Aspect(
            concept,
            1.0 if concept == whole or len(topic.intent.needs) == 1 else _PART * weights[concept] / total,
            (concept,),
            (SPELLED,),
        )
        for concept in topic.concepts
    ]
    known = set(topic.concepts)
    for concept in _parts(compact(topic.text), thesaurus):
        if concept not in known:
            found.append(Aspect(concept, _PART, (concept,), (SPELLED,)))
            known.add(concept)
    return found


def _parts(form: str, thesaurus: Thesaurus) -> Iterable[str]:
    """Concepts that are spelled within a form and are not the whole of it."""
    for length in range(len(form) - 1, 1, -1):
        for start in range(len(form) - length + 1):
            concept = thesaurus.find(form[start : start + length])
            if concept:
                yield concept


def _halves(form: str, thesaurus: Thesaurus) -> Iterable[str]:
    """The two concepts that a form is written of, none left over: 工廠 and 火災, but not 交通 of 交通接送."""
    for at in range(2, len(form) - 1):
        first, second = thesaurus.find(form[:at]), thesaurus.find(form[at:])
        if first and second:
            yield from (first, second)


def _meant(topic: Topic, meaning: Meaning) -> dict[str, float]:
    """Concepts by the meaning of the topic: neighbours of what it spells, else of the text."""
    if len(topic.concepts) == 1 and len(topic.intent.needs) == 1:
        return _neighbours(topic.concepts[0], meaning)
    found = {near.identifier: near.nearness for near in meaning.concepts(topic.text, _NEIGHBOURS)}
    best = max(found.values(), default=0.0)
    if topic.concepts or best < _LEAST_MEANT:
        return {concept: _mapped(nearness) for concept, nearness in found.items()}
    scale = max(1.0, _UNSPELLED / best)
    return {concept: nearness * scale for concept, nearness in found.items()}


def _neighbours(concept: str, meaning: Meaning) -> dict[str, float]:
    return {near.identifier: _mapped(near.nearness) for near in meaning.neighbours(concept, _NEIGHBOURS)}


def _mapped(nearness: float) -> float:
    return max(nearness - _FAR, 0.0) / (1 - _FAR)


def _related(concept: str, thesaurus: Thesaurus) -> dict[str, float]:
    known = thesaurus.concept(concept)
    found = dict.fromkeys(known.broader, _BROADER)
    found |= dict.fromkeys(known.related, _RELATED)
    return found | dict.fromkeys(thesaurus.narrower(concept), _NARROWER)


class _Witnesses:
    """Gathers what speaks for each concept."""

    def __init__(self, thesaurus: Thesaurus, corpus: Corpus, generic: float) -> None:
        self._thesaurus = thesaurus
        self._generic = generic * corpus.datasets
        self._corpus = corpus
        self._heard: dict[str, dict[str, float]] = {}

    def add(self, basis: str, near: Mapping[str, float]) -> None:
        """Hear one witness."""
        for concept, nearness in near.items():
            if nearness > 0 and concept in self._thesaurus and not self._is_generic(concept):
                heard = self._heard.setdefault(concept, {})
                heard[basis] = max(nearness, heard.get(basis, 0.0))

    def nearest(self, most: int, least: float) -> list[tuple[str, float, tuple[str, ...]]]:
        """Concepts with their nearness and basis, nearest first."""
        near = {concept: _agreed(heard) for concept, heard in self._heard.items()}
        ranked = sorted(near.items(), key=lambda item: (-item[1], item[0]))
        return [
            (concept, round(nearness, 4), tuple(self._heard[concept]))
            for concept, nearness in ranked[:most]
            if nearness >= least
        ]

    def _is_generic(self, concept: str) -> bool:
        return self._corpus.labels.get(concept, 0) > self._generic


def _agreed(heard: Mapping[str, float]) -> float:
    """What several witnesses say together, 0 to 1."""
    first, *others = sorted(heard.values(), reverse=True)
    if list(heard) == [MEANING]:
        return first * _MEANING_ALONE
    for other in others:
        first += (1 - first) * _AGREEING * other
    return first


def _best(aspects: Iterable[Aspect]) -> list[Aspect]:
    """Each concept once, by its nearest way; nearest first."""
    found: dict[str, Aspect] = {}
    for aspect in aspects:
        if aspect.concept not in found or aspect.nearness > found[aspect.concept].nearness:
            found[aspect.concept] = aspect
    return sorted(found.values(), key=lambda aspect: (-aspect.nearness, aspect.concept))
