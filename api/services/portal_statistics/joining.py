"""Which stored dataset a row of the statistics is about: told where it is certain, shown where it is not."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

from api.services.portal_statistics.known import Catalogue, Known, agency_keys
from tagger.agencies import agency_key, are_related, names_in_titles
from tagger.near_titles import Near, likely, likeness, nearest, settled, title_key

How = Literal["identifier", "exact", "renamed", "related", "near", "ambiguous", "none"]
JOINED: tuple[How, ...] = ("identifier", "exact", "renamed", "related", "near")
"""Ways in which a row is joined, the surest first."""
AMBIGUOUS: How = "ambiguous"
UNMATCHED: How = "none"


class Named(NamedTuple):
    """What a row says of its dataset; empty where it says nothing."""

    identifier: str
    agency: str
    title: str


class Candidate(NamedTuple):
    """A stored dataset that a row may be about.

    Attributes:
        place: its position in the catalogue.
        likeness: of the titles, 0 to 100.
    """

    place: int
    likeness: float = 100.0


class Join(NamedTuple):
    """What a row is joined with.

    Attributes:
        how: the rule that decided.
        candidates: the one dataset of a joined row; those to choose from of an ambiguous one; the nearest of one
            that was not found, if any.
    """

    how: How
    candidates: tuple[Candidate, ...] = ()

    @property
    def place(self) -> int | None:
        """The position of the dataset in the catalogue, None where the row is not joined."""
        return self.candidates[0].place if self.how in JOINED else None


_NOTHING = Join(UNMATCHED)


def join_rows(catalogue: Catalogue, rows: Sequence[Named]) -> list[Join]:
    """Join rows with the catalogue; rows that say the same are joined alike.

    Identifier first; then agency and title, exactly; the agency's names of today; the title alone, where only one
    dataset has it and its agency is part of the row's or the other way about; a near title of the same agency. Where
    only another agency has the title, or the identifier's dataset has another title and another agency, the row is
    ambiguous.
    """
    joins = {named: _exactly(catalogue, named) for named in dict.fromkeys(rows)}
    missing = [named for named, join in joins.items() if join == _NOTHING and named.title]
    taken = {join.place for join in joins.values() if join.place is not None}
    joins.update(_nearly(catalogue, missing, taken))
    joins.update((named, _elsewhere(catalogue, named, joins[named])) for named in missing)
    return [joins[named] for named in rows]


def _exactly(catalogue: Catalogue, named: Named) -> Join:
    place = catalogue.identified(named.identifier) if named.identifier else None
    if place is None:
        return _by_names(catalogue, named)
    if _is_said(catalogue.datasets[place], named):
        return Join("identifier", (Candidate(place),))
    # Numbers of rows (1, 2, 3 …) are identifiers of some datasets, too.
    numbered = Candidate(place, likeness(named.title, catalogue.datasets[place].title))
    return Join(AMBIGUOUS, (numbered, *_by_names(catalogue, named).candidates))


def _is_said(known: Known, named: Named) -> bool:
    """Whether a row's title or agency is the dataset's, or it says nothing of one of them."""
    title, own = title_key(named.title), agency_key(named.agency)
    if not title or not own or title == title_key(known.title):
        return True
    return _is_of(agency_keys(named.agency), known)


def _by_names(catalogue: Catalogue, named: Named) -> Join:
    title = title_key(named.title)
    if not title:
        return _NOTHING
    own, *today = agency_keys(named.agency)
    steps: tuple[tuple[How, Sequence[str]], ...] = (("exact", (own,)), ("renamed", today))
    for how, agencies in steps:
        found = catalogue.named(agencies, title)
        if found:
            return _one_or_several(how, found)
    return _by_title_alone(catalogue, (own, *today), title)


def _one_or_several(how: How, places: Sequence[int]) -> Join:
    candidates = tuple(map(Candidate, places))
    return Join(how if len(candidates) == 1 else AMBIGUOUS, candidates)


def _by_title_alone(catalogue: Catalogue, agencies: Sequence[str], title: str) -> Join:
    titled = catalogue.titled(title)
    related = [place for place in titled if _is_of(agencies, catalogue.datasets[place])]
    if not related:
        return _NOTHING
    # A title that others have too (預算書) says too little without its agency.
    how: How = "related" if len(titled) == 1 else AMBIGUOUS
    return Join(how, tuple(map(Candidate, related)))


def _is_of(agencies: Sequence[str], known: Known) -> bool:
    """Whether a dataset is of one of some agencies, or of a part of it, or of what it is part of."""
    return any(are_related(one, other) for one in agencies for other in agency_keys(known.publisher))


def _nearly(catalogue: Catalogue, missing: Sequence[Named], taken: Collection[int]) -> dict[Named, Join]:
    """Joins by near titles; a dataset that another row names exactly is not looked at."""
    by_agency: dict[tuple[str, ...], list[Named]] = defaultdict(list)
    for named in missing:
        if agency_key(named.agency):
            by_agency[agency_keys(named.agency)].append(named)
    joins: dict[Named, Join] = {}
    for agencies, rows in by_agency.items():
        places = [place for place in catalogue.published(agencies) if place not in taken]
        titles = [catalogue.datasets[place].title for place in places]
        found = nearest([one.title for one in rows], titles, names_in_titles(rows[0].agency))
        joins.update((named, _near_join(near, places)) for named, near in zip(rows, found, strict=True))
    wanted = Counter(join.place for join in joins.values() if join.how == "near")
    return {
        # Two rows that are like one dataset cannot both be it.
        named: join._replace(how=AMBIGUOUS) if join.how == "near" and wanted[join.place] > 1 else join
        for named, join in joins.items()
    }


def _near_join(near: Sequence[Near], places: Sequence[int]) -> Join:
    chosen = settled(near)
    if chosen is not None:
        return Join("near", (Candidate(places[chosen.place], chosen.likeness),))
    several = likely(near)
    candidates = tuple(Candidate(places[one.place], one.likeness) for one in several or near)
    return Join(AMBIGUOUS if several else UNMATCHED, candidates)


def _elsewhere(catalogue: Catalogue, named: Named, join: Join) -> Join:
    """A row that nothing was found for, with the only dataset of another agency that has its title, if there is one."""
    titled = catalogue.titled(title_key(named.title))
    if join.how == UNMATCHED and len(titled) == 1:
        return Join(AMBIGUOUS, (Candidate(titled[0]),))
    return join
