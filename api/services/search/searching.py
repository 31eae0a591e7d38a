"""One search: candidates from the index, ranked, with facets and what else might have been meant."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from api.services import Services
from api.services.search import expressions
from models.catalogue import CurrentDataset, current_datasets
from models.search import (
    AnyOf,
    Candidate,
    Expression,
    Filters,
    Match,
    Tally,
    browse,
    candidates,
    found_keys,
    tally,
)
from tagger.retrieval.intent import Intent, understand
from tagger.retrieval.lexemes import compact, concept_lexeme, label_lexeme, place_lexeme
from tagger.retrieval.marks import intent_forms, marks
from tagger.retrieval.ranking import score
from tagger.retrieval.syntax import parse_query
from tagger.retrieval.thesaurus import Thesaurus

TITLES, TEXTS, NEAR = 250, 100, 300
"""How many candidates each way of matching brings at most."""
_ENOUGH = 60
"""With so many results that have every word, nobody needs those that only come near."""
_NEAR_ENOUGH = 100
_NEAR_FROM = (0.75, 0.5)
_SNIPPET = 160
_FACET_VALUES = 12

Key = tuple[bool, float, int]
"""Where a result stands: whether it has every word of the query, its score, and the store's key."""


class Asked(NamedTuple):
    """What is searched for.

    Attributes:
        query: as it was typed; None lists everything, the newest first.
        filters: of the index's own columns.
        label: a label that datasets must have, or one narrower than it.
        spatial: a place that they must be about.
        after: the last result of the page before.
        limit: results on a page.
    """

    query: str | None = None
    filters: Filters = Filters()
    label: str | None = None
    spatial: str | None = None
    after: Key | None = None
    limit: int = 20


class Mark(NamedTuple):
    """Where a word of the query stands: characters (code points) of a field's text, the end exclusive."""

    field: str
    start: int
    end: int


class Hit(NamedTuple):
    """One result.

    Attributes:
        dataset: as it now stands.
        document: what the index knows of it.
        labels: of its concepts, best first.
        score: 0 to 1; 0 where there is no query.
        exact: whether it has every word of the query, or only comes near.
        marks: where the query's words stand.
    """

    dataset: CurrentDataset
    document: Candidate
    labels: tuple[str, ...]
    score: float
    exact: bool
    marks: tuple[Mark, ...]

    @property
    def key(self) -> Key:
        """Where the next page goes on."""
        return self.exact, self.score, self.document.dataset_id


class Facet(NamedTuple):
    """A value that results can be narrowed to, and how many have it."""

    value: str
    number: int


class Found(NamedTuple):
    """What a search found.

    Attributes:
        hits: one page, best first.
        total: how many have every word of the query.
        exact: whether `total` and the counts of `facets` are; large ones are estimated.
        near: how many more only come near.
        facets: name → values, the most frequent first.
        suggestion: the query with its slips mended, where little was found.
        more: whether there is another page.
    """

    hits: list[Hit]
    total: int
    exact: bool
    near: int
    facets: dict[str, list[Facet]]
    suggestion: str | None
    more: bool


class Everything(NamedTuple):
    """All that a search finds, in the order of its pages; what these do not reach any more is the newest first.

    Attributes:
        keys: the store's keys.
        scores: of those that were ranked.
        near: those that do not have every word of the query; the last ones.
        more: whether there are more than were asked for.
    """

    keys: list[int]
    scores: dict[int, float]
    near: frozenset[int]
    more: bool


class _Ranked(NamedTuple):
    score: float
    exact: bool
    candidate: Candidate


def search(services: Services, asked: Asked) -> Found:
    """Search what is stored.

    With a query, results that have every word of it (or a synonym, or a label of that meaning) come before
    those that only come near, each best first; without one, everything that the filters leave, the newest first.

    Raises:
        QueryError: the query cannot be read.
    """
    thesaurus = services.thesaurus
    narrowed = _narrowed(asked, thesaurus)
    if asked.query is None:
        return _browsed(services, asked, narrowed)
    intent = understand(parse_query(asked.query), services.meaning, thesaurus)
    with services.database.reading() as session:
        counts = tally(session, expressions.anywhere(intent).also(*narrowed), asked.filters)
        ranked = _ranked(session, asked.filters, intent, narrowed, counts.total)
        page = [one for one in ranked if asked.after is None or _behind(one, asked.after)][: asked.limit + 1]
        hits = _hits(services, session, page[: asked.limit], intent)
    found = sum(not one.exact for one in ranked)
    suggestion = thesaurus.mended_text(intent.pieces) if counts.total < _ENOUGH // 10 else None
    return Found(
        hits,
        counts.total,
        counts.exact,
        found,
        _facets(counts, thesaurus),
        suggestion,
        len(page) > asked.limit,
    )


def find_everything(services: Services, asked: Asked, most: int) -> Everything:
    """All that a search finds; a number each, so that a hundred thousand are no burden.

    Args:
        asked: its page and its limit count for nothing.
        most: results.

    Raises:
        QueryError: the query cannot be read.
    """
    narrowed = _narrowed(asked, services.thesaurus)
    if asked.query is None:
        with services.database.reading() as session:
            keys = found_keys(session, Match().also(*narrowed), asked.filters, most + 1)
        return Everything(keys[:most], {}, frozenset(), len(keys) > most)
    intent = understand(parse_query(asked.query), services.meaning, services.thesaurus)
    with services.database.reading() as session:
        match = expressions.anywhere(intent).also(*narrowed)
        exact = found_keys(session, match, asked.filters, most + 1)
        ranked = _ranked(session, asked.filters, intent, narrowed, len(exact))
    scores = {one.candidate.dataset_id: one.score for one in ranked}
    near = [one.candidate.dataset_id for one in ranked if not one.exact]
    keys = [
        *(one.candidate.dataset_id for one in ranked if one.exact),
        *(key for key in exact if key not in scores),
        *near,
    ]
    return Everything(keys[:most], scores, frozenset(near), len(keys) > most)


def _narrowed(asked: Asked, thesaurus: Thesaurus) -> list[Expression]:
    """The filters that are lexemes."""
    parts: list[Expression] = []
    if asked.label:
        concept = thesaurus.find(compact(asked.label))
        meant = [concept, *thesaurus.narrower(concept)] if concept else []
        parts.append(AnyOf((label_lexeme(asked.label), *map(concept_lexeme, meant))))
    if asked.spatial:
        parts.append(place_lexeme(asked.spatial))
    return parts


def _behind(one: _Ranked, key: Key) -> bool:
    exact, points, dataset_id = key
    return _order(one) > (not exact, -points, dataset_id)


def _order(one: _Ranked) -> tuple[bool, float, int]:
    return not one.exact, -one.score, one.candidate.dataset_id


def _ranked(
    session: Session, filters: Filters, intent: Intent, narrowed: Sequence[Expression], total: int
) -> list[_Ranked]:
    """The candidates in their order, each once."""
    found: dict[int, Candidate] = {}
    exact: set[int] = set()
    for match, most, whole in _ways(intent, total):
        # What comes near is looked for only until there is a page or two of it.
        enough = len(exact) >= total if whole else len(found) - len(exact) >= _NEAR_ENOUGH
        if match is None or enough:
            continue
        known = total if whole else None
        for candidate in candidates(session, match.also(*narrowed), filters, most, known):
            found.setdefault(candidate.dataset_id, candidate)
            if whole:
                exact.add(candidate.dataset_id)
    considered = list(found.values())
    has_all = np.asarray([candidate.dataset_id in exact for candidate in considered], bool)
    scores = score(intent, considered, has_all)
    ranked = [
        _Ranked(points, one, candidate)
        for points, one, candidate in zip(scores.tolist(), has_all.tolist(), considered, strict=True)
    ]
    ranked.sort(key=_order)
    return ranked


def _ways(intent: Intent, total: int) -> Iterator[tuple[Match | None, int, bool]]:
    """Ways to match, how many candidates each may bring, and whether these have every word of the query."""
    if total > TITLES:
        # Of so many only some are looked at; the dataset of that very name is one of them.
        yield expressions.the_title(intent), TEXTS, True
    yield expressions.in_titles(intent), TITLES, True
    yield expressions.anywhere(intent), TEXTS, True
    if total < _ENOUGH:
        yield expressions.in_part(intent), NEAR, False
        for share in _NEAR_FROM:
            yield expressions.near(intent, share), NEAR, False


def _browsed(services: Services, asked: Asked, narrowed: Sequence[Expression]) -> Found:
    match = Match().also(*narrowed)
    before = None if asked.after is None else asked.after[2]
    with services.database.reading() as session:
        counts = tally(session, match, asked.filters)
        page = browse(session, match, asked.filters, before, asked.limit + 1)
        hits = _hits(services, session, [_Ranked(0.0, True, one) for one in page[: asked.limit]], None)
    facets = _facets(counts, services.thesaurus)
    return Found(hits, counts.total, counts.exact, 0, facets, None, len(page) > asked.limit)


def _hits(services: Services, session: Session, page: Sequence[_Ranked], intent: Intent | None) -> list[Hit]:
    keys = [one.candidate.dataset_id for one in page]
    datasets = {found.dataset_id: found for found in current_datasets(session, keys)}
    forms = intent_forms(intent) if intent else []
    return [
        Hit(
            datasets[one.candidate.dataset_id],
            one.candidate,
            concept_labels(services.thesaurus, one.candidate),
            one.score,
            one.exact,
            tuple(_marks(datasets[one.candidate.dataset_id].content, forms)),
        )
        for one in page
        # One that was withdrawn between the two statements is found no more.
        if one.candidate.dataset_id in datasets
    ]


def concept_labels(thesaurus: Thesaurus, document: Candidate) -> tuple[str, ...]:
    """The labels of a document's concepts."""
    return tuple(thesaurus.label(concept) for concept in document.concepts.split() if concept in thesaurus)


def _marks(content: Mapping[str, Any], forms: Sequence[str]) -> list[Mark]:
    return [
        Mark(field, start, end)
        for field in ("title", "description", "publisher")
        for start, end in marks(content.get(field) or "", forms)
    ]


def _facets(counts: Tally, thesaurus: Thesaurus) -> dict[str, list[Facet]]:
    labels: Counter[str] = Counter()
    for concept, count in counts.concepts.items():
        if concept in thesaurus:
            labels[thesaurus.label(concept)] = count
    named = {
        "categoryCode": counts.category_code,
        "status": counts.status,
        "publisher": counts.publisher,
        "label": labels,
        "spatial": counts.spatial,
    }
    return {
        name: [
            Facet(*pair)
            for pair in sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[: _most(name)]
        ]
        for name, values in named.items()
    }


def _most(name: str) -> int:
    return 18 if name == "categoryCode" else _FACET_VALUES
