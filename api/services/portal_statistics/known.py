"""The stored catalogue, as little of each dataset as a row of the report needs, and found by what rows name it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from api.services import Services
from api.services.datasets import without_rejected
from api.services.suggesting import suggest_each
from models.catalogue import current_datasets
from models.deciding import NOTHING_STANDS
from models.matching import CatalogueEntry, catalogue_entries
from tagger import DatasetMetadata, Suggestion, Tagger
from tagger.agencies import agencies_today, agency_key
from tagger.lint import RULES
from tagger.mismatch import quoted_words
from tagger.near_titles import title_key

_CHUNK = 1_000
GRAVE = ("error", "warning")
"""How grave a finding on the metadata is to count as poor quality."""


class Tagged(NamedTuple):
    """What a model says of a dataset or of a title.

    Attributes:
        category_code: the first suggestion.
        labels: suggested ones that nobody rejected.
        words: what to quote for the category.
        level: how firmly the declared category is doubted, None where it is not.
        reason: why, in words, where it is.
        findings: numbers of the grave findings on the metadata.
    """

    category_code: str
    labels: tuple[str, ...]
    words: tuple[str, ...]
    level: str | None = None
    reason: str | None = None
    findings: tuple[str, ...] = ()


class Known(NamedTuple):
    """A stored dataset.

    Attributes:
        decided: the category that reviewers' decisions leave standing.
        approved: the labels that they do.
        tagged: None until a model has seen it.
    """

    dataset_id: int
    identifier: str
    title: str
    publisher: str | None
    declared: str | None
    decided: str | None
    approved: tuple[str, ...]
    tagged: Tagged | None


class Catalogue:
    """The stored datasets, found by identifier, by agency and title, by title, and by agency.

    Args:
        datasets: all of them.
    """

    def __init__(self, datasets: Sequence[Known]) -> None:
        self.datasets = list(datasets)
        self._identifiers = {known.identifier: place for place, known in enumerate(self.datasets)}
        self._named: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._titled: dict[str, list[int]] = defaultdict(list)
        self._published: dict[str, list[int]] = defaultdict(list)
        for place, known in enumerate(self.datasets):
            title = title_key(known.title)
            self._titled[title].append(place)
            for agency in agency_keys(known.publisher):
                self._named[agency, title].append(place)
                self._published[agency].append(place)

    def identified(self, identifier: str) -> int | None:
        """The dataset of an identifier."""
        return self._identifiers.get(identifier)

    def named(self, agencies: Sequence[str], title: str) -> list[int]:
        """The datasets of any of the agencies with this title, both as keys."""
        found = (place for agency in agencies for place in self._named.get((agency, title), ()))
        return list(dict.fromkeys(found))

    def titled(self, title: str) -> list[int]:
        """The datasets of any agency with this title, as a key."""
        return self._titled.get(title, [])

    def published(self, agencies: Sequence[str]) -> list[int]:
        """The datasets of the agencies."""
        found = (place for agency in agencies for place in self._published.get(agency, ()))
        return list(dict.fromkeys(found))


def agency_keys(name: str | None) -> tuple[str, ...]:
    """The keys of an agency: as it is written, then as it is called today."""
    return tuple(dict.fromkeys((agency_key(name), *agencies_today(name))))


def read_catalogue(services: Services, hidden: Collection[int] = ()) -> Catalogue:
    """The whole catalogue, read a chunk at a time.

    Args:
        hidden: keys of datasets whose decisions must not be told.
    """
    return Catalogue([_known(entry, hidden) for entry in _entries(services)])


def tag_untagged(services: Services, tagger: Tagger, catalogue: Catalogue, places: Collection[int]) -> None:
    """Let a model see those of some datasets that none has seen; nothing is stored.

    One that it cannot tag stays as it is.
    """
    waiting = {
        catalogue.datasets[place].dataset_id: place
        for place in places
        if catalogue.datasets[place].tagged is None
    }
    keys = sorted(waiting)
    for start in range(0, len(keys), _CHUNK):
        with services.database.scanning() as session:
            rows = current_datasets(session, keys[start : start + _CHUNK])
        metadata = [DatasetMetadata.model_validate(row.content) for row in rows]
        for row, suggestion in zip(rows, suggest_each(tagger, metadata), strict=True):
            if isinstance(suggestion, str):
                continue
            place = waiting[row.dataset_id]
            catalogue.datasets[place] = catalogue.datasets[place]._replace(tagged=tagged(suggestion))


def tagged(suggestion: Suggestion) -> Tagged:
    """What a row needs of a suggestion."""
    first = suggestion["categories"][0]["categoryCode"]
    mismatch = suggestion["mismatch"]
    spans = next(
        (one["spans"] for one in suggestion["evidence"]["categories"] if one["categoryCode"] == first), []
    )
    grave = (finding["number"] for finding in suggestion["lint"] if finding["severity"] in GRAVE)
    return Tagged(
        first,
        tuple(label["label"] for label in suggestion["labels"]),
        tuple(quoted_words(spans, suggestion["evidence"]["labels"])),
        mismatch.get("level") if mismatch else None,
        mismatch.get("reason") if mismatch else None,
        # The rule's own text, so that fifty thousand datasets share it.
        tuple(_NUMBERS[number] for number in dict.fromkeys(grave) if number in _NUMBERS),
    )


_NUMBERS: Mapping[str, str] = {rule.number: rule.number for rule in RULES.values()}


def _entries(services: Services) -> Iterator[CatalogueEntry]:
    after = 0
    while True:
        with services.database.scanning() as session:
            found = catalogue_entries(session, after, _CHUNK)
        if not found:
            return
        yield from found
        after = found[-1].dataset_id


def _known(entry: CatalogueEntry, hidden: Collection[int]) -> Known:
    standing = NOTHING_STANDS if entry.dataset_id in hidden else entry.standing
    content: Any = entry.suggestion
    return Known(
        entry.dataset_id,
        entry.identifier,
        entry.title,
        entry.publisher,
        entry.declared,
        standing.category_code,
        tuple(choice.label for choice in standing.approved),
        tagged(without_rejected(content, standing)) if content else None,
    )
