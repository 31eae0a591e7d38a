"""The place and the period that a record speaks of, from its own words.

Place: the first of title, spatial, keywords, publisher, organization and a short description that names
one. A township brings its county along (大里區公園 is in 臺中市 and in 臺中市大里區), so that a search for
the county finds it. In publisher and description only whole names count: 臺中市政府, not 臺中榮民總醫院.

Period: what the title names, else a short description. Several periods make one, from the first day of all
to the last; a date behind 截至 is the last day. Dates of seven or eight digits (名冊1070301) count where
nothing else is there. Single days in a description never do: they are of letters and laws.

What the publisher filled into temporalCoverageFrom and temporalCoverageTo is left to the caller.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from tagger.metadata import DatasetMetadata
from tagger.normalise import NormalisedText, normalise
from tagger.periods import Period, find_periods, hull
from tagger.places import Place, find_places

SHORT_DESCRIPTION = 80
"""Characters; a longer description tells of more than the data: of laws, founding days, other counties."""
_DIFFERENT_PUBLISHERS = 4096


class FacetSpan(NamedTuple):
    """A stretch of the metadata that names a place or a period.

    Attributes:
        facet: `spatial` or `temporalCoverage`.
        field: the standard's name of the field; keywords carry their position (`keyword/2`).
        start: position of its first character in the original text, in code points.
        end: position behind its last.
        value: the place's name, or the period as ISO 8601 (`2018-01-01/2018-12-31`, `..` for an open end).
    """

    facet: Literal["spatial", "temporalCoverage"]
    field: str
    start: int
    end: int
    value: str


class Facets(NamedTuple):
    """Where and when, as far as the record says it.

    Attributes:
        spatial: counties and townships by their names of today, each township behind its county.
        temporal_coverage_from: the first day, ISO 8601.
        temporal_coverage_to: the last day, ISO 8601.
        spans: the words that said so, in the order of the fields.
    """

    spatial: tuple[str, ...]
    temporal_coverage_from: str | None
    temporal_coverage_to: str | None
    spans: tuple[FacetSpan, ...]


class _Text(NamedTuple):
    field: str
    original: str
    normalised: NormalisedText

    def span(
        self, facet: Literal["spatial", "temporalCoverage"], found: Place | Period, value: str
    ) -> FacetSpan:
        """What was found in the normalised text, as a stretch of the original."""
        first, last = self.normalised.original_span(found.start, found.end, self.original)
        return FacetSpan(facet, self.field, first, last, value)


_Named = tuple[tuple[str, ...], list[FacetSpan]]
_NOWHERE: _Named = ((), [])


def facets(metadata: DatasetMetadata) -> Facets:
    """The place and the period of one record."""
    title = _Text("title", metadata.title, normalise(metadata.title))
    description = _short_description(metadata.description)
    spatial, place_spans = _spatial(metadata, title, description)
    first, last, period_spans = _period(title, description)
    return Facets(spatial, first, last, (*place_spans, *period_spans))


def _short_description(text: str | None) -> _Text | None:
    if not text or len(text) > SHORT_DESCRIPTION:
        return None
    return _Text("description", text, normalise(text))


def _spatial(metadata: DatasetMetadata, title: _Text, description: _Text | None) -> _Named:
    home = _named_in(metadata.publisher) or _named_in(metadata.organization)
    counties = _counties(home)
    places = find_places(title.normalised.text, counties)
    if places:
        return _named(title, places)
    if metadata.spatial or metadata.keyword:
        named = _from_declared(metadata, counties)
        if named[0]:
            return named
    if home:
        field, name = ("publisher", metadata.publisher)
        if not _named_in(name):
            field, name = ("organization", metadata.organization)
        return _named(_Text(field, name or "", normalise(name or "")), home)
    return _from_description(description) if description else _NOWHERE


def _from_declared(metadata: DatasetMetadata, counties: set[str]) -> _Named:
    """What the publisher filled into the field for places, else into the keywords."""
    if metadata.spatial:
        text = _Text("spatial", metadata.spatial, normalise(metadata.spatial))
        places = find_places(text.normalised.text, counties)
        if places:
            return _named(text, places)
    names: list[str] = []
    spans: list[FacetSpan] = []
    for position, word in enumerate(metadata.keyword or ()):
        text = _Text(f"keyword/{position}", word, normalise(word))
        found = _named(text, find_places(text.normalised.text, counties))
        names += found[0]
        spans += found[1]
    return tuple(dict.fromkeys(names)), spans


def _named(text: _Text, places: Sequence[Place]) -> _Named:
    """Counties and townships, each once, a township behind its county; and the words."""
    names = dict.fromkeys(name for place in places for name in (place.county, place.name))
    return tuple(names), [text.span("spatial", place, place.name) for place in places]


def _from_description(text: _Text) -> _Named:
    """One county, if the description names one and no other."""
    places = find_places(text.normalised.text, short_names=False)
    return _named(text, places) if len(_counties(places)) == 1 else _NOWHERE


@lru_cache(maxsize=_DIFFERENT_PUBLISHERS)
def _named_in(publisher: str | None) -> tuple[Place, ...]:
    """The places in a publisher's name; a catalogue repeats each publisher many times."""
    return tuple(find_places(normalise(publisher).text, short_names=False)) if publisher else ()


def _counties(places: Sequence[Place]) -> set[str]:
    return {place.county for place in places}


def _period(title: _Text, description: _Text | None) -> tuple[str | None, str | None, list[FacetSpan]]:
    text, periods = title, find_periods(title.normalised.text)
    if not periods and description:
        text = description
        periods = [period for period in find_periods(text.normalised.text) if period.first != period.last]
    if not periods:
        return None, None, []
    spans = [text.span("temporalCoverage", period, _iso(period)) for period in periods]
    first, last = hull(periods)
    return first.isoformat() if first else None, last.isoformat() if last else None, spans


def _iso(period: Period) -> str:
    return f"{period.first or '..'}/{period.last or '..'}"
