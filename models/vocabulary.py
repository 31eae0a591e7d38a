"""Storing the vocabulary and reading it back, each in a fixed number of statements whatever its size."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from models.base import now
from models.concept import (
    ACCEPTED,
    ALTERNATIVE,
    BROADER,
    PREFERRED,
    RELATED,
    ConceptLabel,
    ConceptRelation,
    StoredConcept,
)


class LabelRecord(NamedTuple):
    """One way to write a concept.

    Attributes:
        kind: preferred, alternative or hidden.
        label: as people read it.
        form: as labels are compared.
    """

    kind: str
    label: str
    form: str


class ConceptRecord(NamedTuple):
    """A concept as it is stored; other concepts are named by their identifiers."""

    identifier: str
    labels: tuple[LabelRecord, ...]
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    category_code: str | None = None
    status: str = ACCEPTED
    replaced_by: str | None = None

    @property
    def label(self) -> str:
        """The preferred label."""
        return next(label.label for label in self.labels if label.kind == PREFERRED)


class Completion(NamedTuple):
    """A concept that what was typed may become.

    Attributes:
        identifier, label, category_code: the concept and its preferred label.
        written: the spelling that what was typed stands in; the label itself or a synonym.
    """

    identifier: str
    label: str
    category_code: str | None
    written: str


def store_concepts(session: Session, records: Sequence[ConceptRecord]) -> None:
    """Store concepts, each in place of what was stored under its identifier; in nine statements.

    A form moves with its label from one concept to another when both are among `records`.

    Raises:
        ValueError: an identifier occurs twice, or a relation leads to a concept that is not stored.
        IntegrityError: a form belongs to a concept that is not among `records`.
    """
    if not records:
        return
    if len({record.identifier for record in records}) != len(records):
        raise ValueError("an identifier occurs twice in one batch")
    _insert_missing(session, records)
    keys = _keys(session, records)
    _update_concepts(session, records, keys)
    own = [keys[record.identifier] for record in records]
    session.execute(delete(ConceptLabel).where(ConceptLabel.concept_id.in_(own)))
    session.execute(delete(ConceptRelation).where(ConceptRelation.concept_id.in_(own)))
    labels = [
        {"concept_id": keys[record.identifier], **label._asdict()}
        for record in records
        for label in record.labels
    ]
    if labels:
        session.execute(insert(ConceptLabel), labels)
    relations = [
        {"concept_id": keys[record.identifier], "other_id": keys[other], "kind": kind}
        for record in records
        for kind, others in ((BROADER, record.broader), (RELATED, record.related))
        for other in others
    ]
    if relations:
        session.execute(insert(ConceptRelation), relations)
    session.expire_all()


def _insert_missing(session: Session, records: Sequence[ConceptRecord]) -> None:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    moment = now()
    rows = [
        {
            "identifier": identifier,
            "status": ACCEPTED,
            "version": 0,
            "created_at": moment,
            "updated_at": moment,
        }
        for identifier in sorted(record.identifier for record in records)
    ]
    session.execute(dialect.insert(StoredConcept).on_conflict_do_nothing(index_elements=["identifier"]), rows)


def _keys(session: Session, records: Sequence[ConceptRecord]) -> dict[str, int]:
    named = {record.identifier for record in records}
    for record in records:
        named.update(record.broader, record.related, (record.replaced_by,) if record.replaced_by else ())
    rows = session.execute(
        select(StoredConcept.identifier, StoredConcept.id).where(StoredConcept.identifier.in_(named))
    )
    keys = {row.identifier: row.id for row in rows}
    missing = sorted(named - keys.keys())
    if missing:
        raise ValueError(f"concepts that are not stored: {', '.join(missing)}")
    return keys


def _update_concepts(session: Session, records: Sequence[ConceptRecord], keys: Mapping[str, int]) -> None:
    table = StoredConcept.__table__
    statement = (
        update(StoredConcept)
        .where(table.c.id == bindparam("key"))
        .values(
            status=bindparam("new_status"),
            category_code=bindparam("new_category_code"),
            replaced_by_id=bindparam("new_replaced_by_id"),
            version=table.c.version + 1,
            updated_at=now(),
        )
    )
    rows = [
        {
            "key": keys[record.identifier],
            "new_status": record.status,
            "new_category_code": record.category_code,
            "new_replaced_by_id": keys[record.replaced_by] if record.replaced_by else None,
        }
        for record in records
    ]
    # On the connection: the mapper's version check works a row at a time.
    session.connection().execute(statement, rows)


def read_concepts(session: Session, identifiers: Collection[str] | None = None) -> list[ConceptRecord]:
    """Concepts in the order of their identifiers, by default all; in three statements."""
    # Rows, not mapped objects: a vocabulary is thousands of concepts, read whole whenever it has changed.
    successor = aliased(StoredConcept)
    concepts = (
        select(
            StoredConcept.id,
            StoredConcept.identifier,
            StoredConcept.category_code,
            StoredConcept.status,
            successor.identifier.label("replaced_by"),
        )
        .outerjoin(successor, successor.id == StoredConcept.replaced_by_id)
        .order_by(StoredConcept.identifier)
    )
    labels = select(
        ConceptLabel.concept_id, ConceptLabel.kind, ConceptLabel.label, ConceptLabel.form
    ).order_by(ConceptLabel.id)
    other = aliased(StoredConcept)
    relations = (
        select(ConceptRelation.concept_id, ConceptRelation.kind, other.identifier)
        .join(other, other.id == ConceptRelation.other_id)
        .order_by(other.identifier)
    )
    if identifiers is not None:
        wanted = select(StoredConcept.id).where(StoredConcept.identifier.in_(identifiers))
        concepts = concepts.where(StoredConcept.identifier.in_(identifiers))
        labels = labels.where(ConceptLabel.concept_id.in_(wanted))
        relations = relations.where(ConceptRelation.concept_id.in_(wanted))
    labelled: dict[int, list[LabelRecord]] = {}
    for concept_id, *label in session.execute(labels):
        labelled.setdefault(concept_id, []).append(LabelRecord(*label))
    related: dict[tuple[int, str], list[str]] = {}
    for concept_id, kind, identifier in session.execute(relations):
        related.setdefault((concept_id, kind), []).append(identifier)
    return [
        ConceptRecord(
            row.identifier,
            tuple(labelled.get(row.id, ())),
            tuple(related.get((row.id, BROADER), ())),
            tuple(related.get((row.id, RELATED), ())),
            row.category_code,
            row.status,
            row.replaced_by,
        )
        for row in session.execute(concepts)
    ]


class VocabularyState(NamedTuple):
    """What changes whenever the vocabulary does: how many concepts there are, and their versions' sum."""

    concepts: int
    versions: int


def vocabulary_state(session: Session) -> VocabularyState:
    """The state of the stored vocabulary."""
    row = session.execute(
        select(func.count(StoredConcept.id), func.coalesce(func.sum(StoredConcept.version), 0))
    ).one()
    return VocabularyState(int(row[0]), int(row[1]))


def complete(session: Session, form: str, limit: int) -> list[Completion]:
    """Accepted concepts with a spelling that begins with `form`, then those that have it inside.

    Short spellings come first, each concept once; in one statement.

    Args:
        form: what was typed, as labels are compared; not empty.
    """
    begins = ConceptLabel.form.startswith(form, autoescape=True)
    preferred = aliased(ConceptLabel)
    rows = session.execute(
        select(StoredConcept.identifier, preferred.label, StoredConcept.category_code, ConceptLabel.label)
        .join(StoredConcept, StoredConcept.id == ConceptLabel.concept_id)
        .join(preferred, (preferred.concept_id == StoredConcept.id) & (preferred.kind == PREFERRED))
        .where(StoredConcept.status == ACCEPTED, ConceptLabel.form.contains(form, autoescape=True))
        .order_by(
            case((begins, 0), else_=1),
            func.length(ConceptLabel.form),
            case((ConceptLabel.kind == PREFERRED, 0), (ConceptLabel.kind == ALTERNATIVE, 1), else_=2),
            StoredConcept.identifier,
        )
        # A concept may match with several of its spellings.
        .limit(4 * limit)
    )
    return _each_once((Completion(*row) for row in rows), limit)


def _each_once(found: Iterable[Completion], limit: int) -> list[Completion]:
    chosen: dict[str, Completion] = {}
    for completion in found:
        chosen.setdefault(completion.identifier, completion)
    return list(chosen.values())[:limit]
