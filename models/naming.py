"""What concepts are called today, and which ones are narrower; each in a few statements whatever the number."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from models.concept import ACCEPTED, BROADER, PREFERRED, ConceptLabel, ConceptRelation, StoredConcept

_LONGEST_CHAIN = 20


class ConceptName(NamedTuple):
    """A concept in use and its preferred label."""

    identifier: str
    label: str


def names_of(session: Session, identifiers: Collection[str]) -> dict[str, ConceptName]:
    """For each identifier the concept that stands for it today: itself, or what it was merged into in the end.

    Concepts that are not in use have no entry. One statement, and one more for each step of a merger.
    """
    found: dict[str, ConceptName] = {}
    # Where we are → the identifiers that led here.
    waiting = {identifier: {identifier} for identifier in identifiers}
    successor = aliased(StoredConcept)
    for _step in range(_LONGEST_CHAIN):
        if not waiting:
            break
        preferred = and_(ConceptLabel.concept_id == StoredConcept.id, ConceptLabel.kind == PREFERRED)
        rows = session.execute(
            select(StoredConcept.identifier, StoredConcept.status, successor.identifier, ConceptLabel.label)
            .outerjoin(successor, successor.id == StoredConcept.replaced_by_id)
            .outerjoin(ConceptLabel, preferred)
            .where(StoredConcept.identifier.in_(waiting))
        ).all()
        following: dict[str, set[str]] = {}
        for identifier, status, replaced_by, label in rows:
            if status == ACCEPTED and label is not None:
                found |= dict.fromkeys(waiting[identifier], ConceptName(identifier, label))
            elif replaced_by is not None:
                following.setdefault(replaced_by, set()).update(waiting[identifier])
        waiting = following
    return found


def narrower_concepts(session: Session, identifier: str) -> list[str]:
    """Identifiers of the concepts in use that are narrower than one, in their order; in one statement."""
    wider = aliased(StoredConcept)
    return list(
        session.scalars(
            select(StoredConcept.identifier)
            .join(ConceptRelation, ConceptRelation.concept_id == StoredConcept.id)
            .join(wider, wider.id == ConceptRelation.other_id)
            .where(
                wider.identifier == identifier,
                ConceptRelation.kind == BROADER,
                StoredConcept.status == ACCEPTED,
            )
            .order_by(StoredConcept.identifier)
        )
    )
