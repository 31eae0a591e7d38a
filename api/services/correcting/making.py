"""Making correction notes: of a stored dataset, of metadata that is not stored, of all of an agency."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.accounts import Person
from api.services.correcting.note import (
    AgencyNotes,
    Comparable,
    CorrectionNote,
    NoNote,
    Proposal,
    proposed,
    quotes,
)
from api.services.review.blindness import blind_datasets
from api.services.search.related import nearest
from api.services.suggesting import suggest
from models.base import now
from models.catalogue import CurrentDataset, current_datasets, dataset_key
from models.correcting import correctable_datasets, count_of_publisher, reviewed_declarations
from models.deciding import NOTHING_STANDS, Standing, standing_of
from models.review.items import Opinions, opinions_of
from models.review.statistics import TAIPEI
from models.search import Candidate, Filters
from models.search.document import APPROVED, SUGGESTED
from tagger import DatasetMetadata, Suggestion
from tagger.retrieval.indexing import Labelled, index
from tagger.vocabulary import CONCEPT_BASE

MOST = 200
"""Notes in one document."""
COMPARABLES = 3
_LOOKED_AT = 12
_CHUNK = 1_000
_NOT_STORED = 0


class _Case(NamedTuple):
    """A dataset with what is proposed for it; `key` is the store's."""

    key: int
    metadata: DatasetMetadata
    suggestion: Suggestion | None
    proposal: Proposal


class _Known(NamedTuple):
    """What reviewers said of datasets, by the store's keys, as a person may know it."""

    blind: set[int]
    standing: dict[int, Standing]
    opinions: dict[int, Opinions]
    reviewed: dict[int, str | None]

    def proposed(self, key: int, declared: str | None, suggestion: Suggestion | None) -> Proposal | NoNote:
        """What is proposed for a dataset; where the person is asked for a blind opinion, as if nobody had decided."""
        if key in self.blind:
            return proposed(declared, suggestion, NOTHING_STANDS, None)
        standing = self.standing.get(key, NOTHING_STANDS)
        return proposed(declared, suggestion, standing, self.opinions.get(key), self.reviewed.get(key))


def today() -> date:
    """The day in Taiwan, on which a note is issued unless another is named."""
    return now().astimezone(TAIPEI).date()


def correction_note(
    services: Services, identifier: str, person: Person | None = None
) -> CorrectionNote | NoNote | None:
    """The note of a stored dataset, or why it has none; None where there is no such dataset.

    Args:
        person: who reads it. Who is asked for a blind second opinion sees no decision on the dataset.
    """
    with services.database.reading() as session:
        key = dataset_key(session, identifier, withdrawn=False)
        if key is None:
            return None
        blind = blind_datasets(session, person) if person else set()
        [dataset] = current_datasets(session, [key])
        found = _case(dataset, _known(session, [key], blind))
        return found if isinstance(found, NoNote) else _note(services, session, found, blind)


def correction_note_before_upload(
    services: Services, metadata: DatasetMetadata, person: Person | None = None
) -> CorrectionNote | NoNote:
    """The note that metadata would get, or why it would get none. Nothing is stored."""
    suggestion = suggest(services, metadata)
    proposal = proposed(metadata.category_code, suggestion, NOTHING_STANDS, None)
    if isinstance(proposal, NoNote):
        return proposal
    with services.database.reading() as session:
        blind = blind_datasets(session, person) if person else set()
        # One that is stored already is not compared with itself.
        stored = dataset_key(session, metadata.identifier) if metadata.identifier else None
        case = _Case(stored or _NOT_STORED, metadata, suggestion, proposal)
        return _note(services, session, case, blind)


def correction_notes(
    services: Services, publisher: str, person: Person | None = None, most: int = MOST
) -> AgencyNotes | None:
    """The notes of an agency in the order its datasets were stored; None where it has no datasets.

    Args:
        publisher: exactly this one.
        person: as for `correction_note`.
        most: how many notes at most.
    """
    with services.database.reading() as session:
        if not count_of_publisher(session, publisher):
            return None
        blind = blind_datasets(session, person) if person else set()
        notes: list[CorrectionNote] = []
        total = 0
        for case in _cases(session, correctable_datasets(session, publisher, blind), blind):
            total += 1
            if total <= most:
                notes.append(_note(services, session, case, blind))
    return AgencyNotes(publisher, notes, total)


def _cases(session: Session, keys: Sequence[int], blind: set[int]) -> Iterable[_Case]:
    """Those of the datasets that need a note."""
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        known = _known(session, chunk, blind)
        for dataset in current_datasets(session, chunk):
            case = _case(dataset, known)
            if isinstance(case, _Case):
                yield case


def _known(session: Session, keys: Sequence[int], blind: set[int]) -> _Known:
    reviewed = reviewed_declarations(session, keys)
    return _Known(blind, standing_of(session, keys), opinions_of(session, keys), reviewed)


def _case(dataset: CurrentDataset, known: _Known) -> _Case | NoNote:
    suggestion: Suggestion | None = dataset.suggestion  # type: ignore[assignment]  # it was stored from one
    proposal = known.proposed(dataset.dataset_id, dataset.content.get("categoryCode"), suggestion)
    if isinstance(proposal, NoNote):
        return proposal
    metadata = DatasetMetadata.model_validate(dataset.content)
    return _Case(dataset.dataset_id, metadata, suggestion, proposal)


def _note(services: Services, session: Session, case: _Case, blind: set[int]) -> CorrectionNote:
    metadata, proposal = case.metadata, case.proposal
    return CorrectionNote(
        metadata.identifier,
        metadata.title,
        metadata.publisher or metadata.organization,
        proposal,
        quotes(metadata.to_record(), case.suggestion, proposal.suggested),
        tuple(_comparables(services, session, case, blind)),
        case.suggestion["modelVersion"] if case.suggestion else None,
        metadata.publisher,
    )


def _comparables(services: Services, session: Session, case: _Case, blind: set[int]) -> list[Comparable]:
    """The nearest datasets of the proposed category: approved ones, then those that nobody has reviewed."""
    own = _document(services, case)
    code = case.proposal.suggested
    near = _nearest(services, session, own, Filters(code, APPROVED))
    # What somebody is asked for a blind opinion on is no example for him.
    keys = [key for key in near if key not in blind]
    standing = standing_of(session, keys)
    chosen = [key for key in keys if standing.get(key, NOTHING_STANDS).category_code == code][:COMPARABLES]
    found = _shown(session, chosen, reviewed=True)
    if len(found) < COMPARABLES:
        near = _nearest(services, session, own, Filters(code, SUGGESTED))
        # The model's own opinion is no example for it: only what a publisher declared himself is.
        others = _shown(session, near, reviewed=False, declared=code)
        found += others[: COMPARABLES - len(found)]
    return found


def _nearest(services: Services, session: Session, own: Candidate, filters: Filters) -> list[int]:
    found = nearest(services, session, own, _LOOKED_AT, filters, own_series=True)
    return [candidate.dataset_id for candidate, _ in found]


def _shown(
    session: Session, keys: Sequence[int], *, reviewed: bool, declared: str | None = None
) -> list[Comparable]:
    """Datasets in the order of the keys, of those only that declare a category where one is named."""
    if not keys:
        return []
    stored = {dataset.dataset_id: dataset for dataset in current_datasets(session, keys)}
    contents = [(stored[key].identifier, stored[key].content) for key in keys if key in stored]
    return [
        Comparable(
            identifier, content["title"], content.get("publisher") or content.get("organization"), reviewed
        )
        for identifier, content in contents
        if declared is None or content.get("categoryCode") == declared
    ]


def _document(services: Services, case: _Case) -> Candidate:
    """What the index would hold of a dataset by the model's labels alone, whatever reviewers said of it."""
    labels: list[Labelled] = []
    places: list[str] = []
    if case.suggestion is not None:
        places = case.suggestion["facets"]["spatial"]
        labels = [
            Labelled(label["label"], label["concept"].removeprefix(CONCEPT_BASE))
            for label in case.suggestion["labels"]
        ]
    [made] = index(services.meaning, [case.metadata], [labels], [places])
    return Candidate(
        case.key,
        made.title_words,
        case.proposal.suggested,
        SUGGESTED,
        case.metadata.publisher,
        " ".join(made.concepts),
        " ".join(places),
        made.vector,
    )
