"""Terms that wait for an editor of the vocabulary, and the changes that editors made."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from models.account import Account
from models.concept import CANDIDATE, ConceptLabel, StoredConcept
from models.dataset import Dataset, DatasetRevision
from models.event import Event
from models.review.tables import NewTerm

CHANGED = "vocabulary.changed"
"""The kind of events that tell of an editor's change."""
_LOCK = 7214302
_EXAMPLES = 3


class TermPlace(NamedTuple):
    """A place in the list of candidates: the term that was there last."""

    agencies: int
    datasets: int
    form: str


class TermRow(NamedTuple):
    """A candidate.

    Attributes:
        form: as labels are compared.
        term: as it is written.
        agencies, datasets: how many use it.
    """

    form: str
    term: str
    agencies: int
    datasets: int

    @property
    def place(self) -> TermPlace:
        """Where it stands."""
        return TermPlace(self.agencies, self.datasets, self.form)


class TermExample(NamedTuple):
    """A dataset whose title has a term."""

    identifier: str
    title: str
    publisher: str | None


class ChangeRow(NamedTuple):
    """A change of the vocabulary as its event tells it; `name` is the editor's."""

    event_id: int
    content: dict[str, Any]
    name: str | None
    created_at: datetime
    undone: bool


_AGENCIES = func.count(func.distinct(NewTerm.publisher))
_DATASETS = func.count()


def _waiting(least: int, written: str | None) -> Select[*tuple[Any, ...]]:
    """Forms that no concept has but a candidate, used by at least so many datasets."""
    known = (
        select(ConceptLabel.form)
        .join(StoredConcept, StoredConcept.id == ConceptLabel.concept_id)
        .where(StoredConcept.status != CANDIDATE)
    )
    wanted = (
        select(NewTerm.form, func.min(NewTerm.term), _AGENCIES, _DATASETS)
        .where(NewTerm.form.not_in(known))
        .group_by(NewTerm.form)
        .having(least <= _DATASETS)
    )
    return wanted.where(NewTerm.form.contains(written, autoescape=True)) if written else wanted


def candidate_terms(
    session: Session, least: int, written: str | None, after: TermPlace | None, limit: int
) -> list[TermRow]:
    """Candidates, those of most agencies first, from the one after a place on; in one statement.

    Args:
        least: datasets that use it.
        written: a part of the form.
    """
    wanted = _waiting(least, written)
    if after is not None:
        same = tuple_(_AGENCIES, _DATASETS) == tuple_(after.agencies, after.datasets)
        wanted = wanted.having(
            or_(
                tuple_(_AGENCIES, _DATASETS) < tuple_(after.agencies, after.datasets),
                same & (NewTerm.form > after.form),
            )
        )
    wanted = wanted.order_by(_AGENCIES.desc(), _DATASETS.desc(), NewTerm.form).limit(limit)
    return [TermRow(*row) for row in session.execute(wanted)]


def count_candidate_terms(session: Session, least: int) -> int:
    """How many candidates there are."""
    return int(
        session.execute(select(func.count()).select_from(_waiting(least, None).subquery())).scalar_one()
    )


def term_of(session: Session, form: str) -> TermRow | None:
    """One candidate, or None where nobody waits for it."""
    found = session.execute(_waiting(1, None).where(NewTerm.form == form)).one_or_none()
    return TermRow(*found) if found else None


def term_examples(session: Session, forms: Sequence[str]) -> dict[str, list[TermExample]]:
    """Some datasets of each term, of different agencies where there are; in one statement."""
    of_agency = func.row_number().over(
        partition_by=(NewTerm.form, NewTerm.publisher), order_by=NewTerm.dataset_id
    )
    ranked = (
        select(NewTerm.form, NewTerm.dataset_id, of_agency.label("turn"))
        .where(NewTerm.form.in_(forms))
        .subquery()
    )
    place = func.row_number().over(partition_by=ranked.c.form, order_by=(ranked.c.turn, ranked.c.dataset_id))
    placed = select(ranked.c.form, ranked.c.dataset_id, place.label("place")).subquery()
    rows = session.execute(
        select(placed.c.form, Dataset.identifier, DatasetRevision.title, DatasetRevision.publisher)
        .join(Dataset, Dataset.id == placed.c.dataset_id)
        .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
        .where(placed.c.place <= _EXAMPLES)
        .order_by(placed.c.form, placed.c.place)
    )
    found: dict[str, list[TermExample]] = defaultdict(list)
    for form, *example in rows:
        found[form].append(TermExample(*example))
    return found


def candidate_concept(session: Session, form: str) -> str | None:
    """The identifier of the candidate concept that has a form, or None."""
    return session.scalars(
        select(StoredConcept.identifier)
        .join(ConceptLabel, ConceptLabel.concept_id == StoredConcept.id)
        .where(ConceptLabel.form == form, StoredConcept.status == CANDIDATE)
    ).one_or_none()


def concept_identifiers(session: Session) -> list[str]:
    """The identifiers of all concepts, whatever their status."""
    return list(session.scalars(select(StoredConcept.identifier)))


def lock_vocabulary(session: Session) -> None:
    """Editors take their turn, until the transaction ends; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def vocabulary_changes(session: Session, before_id: int | None, limit: int) -> list[ChangeRow]:
    """The editors' changes, the newest first; in two statements."""
    wanted = (
        select(Event.id, Event.content, Account.display_name, Event.created_at)
        .outerjoin(Account, Account.id == Event.account_id)
        .where(Event.subject == "vocabulary", Event.kind == CHANGED)
    )
    if before_id is not None:
        wanted = wanted.where(Event.id < before_id)
    rows = session.execute(wanted.order_by(Event.id.desc()).limit(limit)).all()
    undone = _undone(session, min((row[0] for row in rows), default=0))
    return [ChangeRow(row[0], row[1], row[2], row[3], row[0] in undone) for row in rows]


def vocabulary_change(session: Session, event_id: int) -> ChangeRow | None:
    """One change, or None."""
    found = session.execute(
        select(Event.id, Event.content, Account.display_name, Event.created_at)
        .outerjoin(Account, Account.id == Event.account_id)
        .where(Event.id == event_id, Event.kind == CHANGED)
    ).one_or_none()
    if found is None:
        return None
    return ChangeRow(found[0], found[1], found[2], found[3], event_id in _undone(session, event_id))


def _undone(session: Session, since_id: int) -> set[int]:
    """Events that a change from `since_id` on takes back."""
    contents = session.scalars(
        select(Event.content).where(Event.subject == "vocabulary", Event.kind == CHANGED, Event.id > since_id)
    )
    return {content["undoes"] for content in contents if content.get("undoes")}
