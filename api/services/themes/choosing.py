"""Which of the near datasets a theme shows: each series once, no agency all of it, and what people decided."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from api.services.themes.gathering import Gathered
from models.themes import ThemeCandidate
from tagger.retrieval.diversity import Kin, diverse
from tagger.retrieval.lexemes import compact
from tagger.retrieval.themes_agencies import agency_of
from tagger.retrieval.themes_ranking import Near
from tagger.retrieval.themes_series import series_of


class Chosen(NamedTuple):
    """A dataset of a theme.

    Attributes:
        near: how near it is and why; None where people put it in and nothing is near.
        dataset_id: the store's key.
        series: keys of more datasets of its agency with the same title but for years and places.
        accepted: whether people put it in.
    """

    near: Near | None
    dataset_id: int
    series: tuple[int, ...]
    accepted: bool


def choose(
    gathered: Gathered,
    limit: int,
    excluded_publishers: Collection[str],
    accepted: Sequence[int],
    dropped: Collection[int],
) -> list[Chosen]:
    """The datasets of a theme: those that people put in first, then by nearness, diverse.

    Args:
        gathered: what is near.
        limit: how many datasets at most.
        excluded_publishers: publishers, ministries or local governments that are left out, unless accepted.
        accepted: keys of what people put in, in their order.
        dropped: keys of what people left out.
    """
    excluded = {compact(name) for name in excluded_publishers}
    kept = [
        one
        for one in gathered.near
        if one.dataset_id not in dropped and not _is_excluded(gathered.candidates[one.dataset_id], excluded)
    ]
    series = _by_series(gathered, kept)
    chosen = _accepted(gathered, accepted)
    inside = set(accepted)
    first = [members[0] for members in series if not inside.intersection(one.dataset_id for one in members)]
    kin = [_kin(gathered, one) for one in first]
    more = {members[0].dataset_id: tuple(one.dataset_id for one in members[1:]) for members in series}
    taken = diverse([one.nearness for one in first], kin, max(0, limit - len(chosen)))
    return [
        *chosen,
        *(
            Chosen(first[at], first[at].dataset_id, more[first[at].dataset_id], accepted=False)
            for at in taken
        ),
    ]


def keep(gathered: Gathered, dataset_ids: Sequence[int], accepted: Collection[int]) -> list[Chosen]:
    """Exactly these datasets, in their order, described by what is near now."""
    series = _by_series(gathered, gathered.near)
    more = {
        one.dataset_id: tuple(other.dataset_id for other in members if other is not one)
        for members in series
        for one in members
    }
    near = {one.dataset_id: one for one in gathered.near}
    return [Chosen(near.get(key), key, more.get(key, ()), key in accepted) for key in dataset_ids]


def _accepted(gathered: Gathered, accepted: Sequence[int]) -> list[Chosen]:
    near = {one.dataset_id: one for one in gathered.near}
    return [Chosen(near.get(key), key, (), accepted=True) for key in accepted]


def _is_excluded(candidate: ThemeCandidate, excluded: Collection[str]) -> bool:
    publisher = candidate.publisher
    return bool(excluded) and bool(
        {compact(publisher or ""), compact(agency_of(publisher).name)}.intersection(excluded)
    )


def _kin(gathered: Gathered, one: Near) -> Kin:
    candidate = gathered.candidates[one.dataset_id]
    number = one.ways[0].aspect
    agency, series = agency_of(candidate.publisher).name, series_of(candidate.title_words)
    if number is None:
        return Kin(agency, series, "")
    aspect = gathered.aspects[number]
    return Kin(agency, series, aspect.concept, central=len(aspect.path) == 1)


def _by_series(gathered: Gathered, near: Sequence[Near]) -> list[list[Near]]:
    """The datasets by agency and series; the nearest first in each, and the series by their nearest."""
    found: dict[tuple[str, str], list[Near]] = {}
    for one in near:
        candidate = gathered.candidates[one.dataset_id]
        key = agency_of(candidate.publisher).name, series_of(candidate.title_words)
        found.setdefault(key, []).append(one)
    return list(found.values())
