"""What the store has near a topic: its aspects, and the datasets that have them, in a fixed number of statements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.search import expressions
from models.search import AllOf, AnyOf, Expression, Match
from models.themes import ThemeCandidate, counts, pools, publishers_of, sampled_labels
from tagger.retrieval.lexemes import TITLE, concept_lexeme, halves, needed_grams
from tagger.retrieval.themes import Aspect, Corpus, Topic, first_aspects, read_topic, second_aspects
from tagger.retrieval.themes_agencies import agency_of
from tagger.retrieval.themes_ranking import Near, nearness_of
from tagger.retrieval.thesaurus import Thesaurus

MOST_DIRECT, MOST_PARTLY, MOST_FIRST, MOST_SECOND = 600, 100, 300, 150
"""How many datasets are considered: with the topic's words, with most of them, and of each aspect of a step."""
LEAST_NEAR = 0.2
"""Nearness, 0 to 1, from which a dataset counts as near."""


class Gathered(NamedTuple):
    """What is near to a topic.

    Attributes:
        topic: as it was read.
        aspects: those that the topic spells and those near it, nearest first within a step.
        candidates: the store's key → a dataset that was considered.
        near: those that are near, the nearest first.
        direct: how many datasets have the topic's words, a synonym or its label; of many, `MOST_DIRECT`.
        aspect_counts: how many datasets of the store each aspect has.
        aspect_agencies: the ministries and local governments that have each aspect; of many, some.
        near_publishers: publisher → how many of its datasets have some aspect.
        publishers: publisher → how many datasets it has at all.
        thesaurus: the vocabulary that was used.
    """

    topic: Topic
    aspects: list[Aspect]
    candidates: Mapping[int, ThemeCandidate]
    near: list[Near]
    direct: int
    aspect_counts: list[int]
    aspect_agencies: list[frozenset[str]]
    near_publishers: Counter[str | None]
    publishers: Counter[str | None]
    thesaurus: Thesaurus

    @property
    def datasets(self) -> int:
        """How many datasets there are."""
        return sum(self.publishers.values())


def gather(services: Services, session: Session, text: str) -> Gathered:
    """Gather what is near to a topic, in eight statements."""
    meaning, thesaurus = services.meaning, services.thesaurus
    topic = read_topic(text, meaning, thesaurus)
    corpus = Corpus(*sampled_labels(session))
    whole = expressions.anywhere(topic.intent)
    partly = expressions.in_part(topic.intent)
    spoken = pools(session, [(whole, MOST_DIRECT), *([(partly, MOST_PARTLY)] if partly else [])])
    first = first_aspects(topic, _labels(spoken[0]), corpus, meaning, thesaurus)
    first_pools = pools(session, [(aspect_match(one.concept, thesaurus), MOST_FIRST) for one in first])
    carried = {
        aspect.concept: [labels for labels in _labels(pool) if aspect.concept in labels]
        for aspect, pool in zip(first, first_pools, strict=True)
    }
    second = second_aspects(first, carried, corpus, meaning, thesaurus)
    second_pools = pools(session, [(aspect_match(one.concept, thesaurus), MOST_SECOND) for one in second])
    aspects = [*first, *second]
    matches = [aspect_match(aspect.concept, thesaurus) for aspect in aspects]
    everyone = {one.dataset_id: one for pool in (*spoken, *first_pools, *second_pools) for one in pool}
    ranked = nearness_of(
        topic, aspects, (spoken[0], spoken[1] if partly else ()), list(everyone.values()), meaning, thesaurus
    )
    return Gathered(
        topic,
        aspects,
        everyone,
        [one for one in ranked if one.nearness >= LEAST_NEAR],
        len(spoken[0]),
        counts(session, matches),
        [frozenset(agency_of(one.publisher).name for one in pool) for pool in (*first_pools, *second_pools)],
        publishers_of(session, _any_of([whole, *matches])),
        publishers_of(session, None),
        thesaurus,
    )


def aspect_match(concept: str, thesaurus: Thesaurus) -> Match:
    """Datasets that are labelled with a concept, or have it or both its halves in their title."""
    parts: list[Expression] = [concept_lexeme(concept)]
    for form in thesaurus.forms(concept):
        if len(form) > 1:
            grams = tuple(TITLE + gram for gram in needed_grams(form))
            parts.append(grams[0] if len(grams) == 1 else AllOf(grams))
    parted = halves(thesaurus.forms(concept)[0])
    if parted:
        parts.append(AllOf(tuple(TITLE + half for half in parted)))
    return Match(AnyOf(tuple(dict.fromkeys(parts))))


def _labels(pool: Sequence[ThemeCandidate]) -> list[list[str]]:
    return [one.concepts.split() for one in pool]


def _any_of(matches: Sequence[Match]) -> Match:
    return Match(AnyOf(tuple(match.wanted for match in matches if match.wanted)))
