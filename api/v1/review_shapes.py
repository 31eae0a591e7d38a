"""Reviewing's records as the JSON of the REST interface."""

from api import cursor
from api.services.review.bulk import Bulk
from api.services.review.viewing import ItemView
from api.v1.review_schemas import (
    AssignmentOut,
    DecisionOut,
    ItemOut,
    LeaseOut,
    Move,
    NextIn,
    NoteOut,
    PrecedentOut,
    PreviewOut,
    QueueItem,
    QueueQuery,
    Sample,
    SelectionIn,
    ShownLabelOut,
    SimilarOut,
)
from models.review.history import DecisionRow
from models.review.leases import Held
from models.review.queue import Position, QueueFilters, QueueRow


def decision_out(row: DecisionRow) -> DecisionOut:
    """A decision."""
    return DecisionOut(
        id=row.decision_id,
        identifier=row.identifier,
        kind=row.kind,  # type: ignore[typeddict-item]  # the use cases hold it to these
        categoryCode=row.category_code,
        acceptedLabels=list(row.accepted),
        rejectedLabels=list(row.rejected),
        reason=row.reason,
        batch=row.batch,
        undoesDecisionId=row.undoes_id,
        secondOpinionOn=row.doubles_id,
        undone=row.undone,
        decidedBy=row.name,
        decidedAt=row.created_at.isoformat(),
    )


def queue_item(row: QueueRow) -> QueueItem:
    """An item of the queue."""
    return QueueItem(
        identifier=row.identifier,
        title=row.title,
        publisher=row.publisher,
        declared=row.declared_code,
        suggested=row.suggested_code,
        confidence=row.confidence,
        level=row.level,  # type: ignore[typeddict-item]  # the database holds it to these
        gain=row.gain,
        holder=row.holder,
        dueOn=row.due_on,
    )


def preview_out(found: Bulk) -> PreviewOut:
    """What a batch would decide."""
    return PreviewOut(
        datasets=len(found.rows),
        more=found.more,
        moves=[Move(declared=one, decided=other, datasets=count) for one, other, count in found.moves],
        samples=[
            Sample(
                identifier=row.identifier,
                title=row.title,
                publisher=row.publisher,
                declared=row.declared_code,
                suggested=row.suggested_code,
                confidence=row.confidence,
                labels=[label["label"] for label in row.labels],
            )
            for row in found.samples
        ],
        selectionTag=found.selection,
    )


def item_out(view: ItemView, person_id: int) -> ItemOut:
    """Everything that one decision needs."""
    assignment = view.assignment
    return ItemOut(
        identifier=view.dataset.identifier,
        etag=view.etag,
        metadata=view.dataset.metadata,  # type: ignore[typeddict-item]  # it was stored from one
        suggestion=view.dataset.suggestion,
        labels=[ShownLabelOut(label=one.label, score=one.score, accepted=one.on) for one in view.labels],
        precedents=[
            PrecedentOut(
                identifier=one.row.identifier,
                title=one.row.title,
                categoryCode=one.row.category_code,
                reason=one.row.reason,
                decidedAt=one.row.created_at.isoformat(),
                likeness=one.likeness,
            )
            for one in view.precedents
        ],
        similar=[
            SimilarOut(
                identifier=one.dataset.identifier,
                title=one.dataset.content["title"],
                publisher=one.document.publisher,
                categoryCode=one.document.category_code,
            )
            for one in view.similar
        ],
        history=[decision_out(row) for row in view.history],
        notes=[NoteOut(text=one.text, by=one.name, at=one.created_at.isoformat()) for one in view.notes],
        lease=lease_out(view.held, person_id) if view.held else None,
        assignment=AssignmentOut(to=assignment.name, dueOn=assignment.due_on) if assignment else None,
    )


def lease_out(held: Held, person_id: int) -> LeaseOut:
    """Who looks at an item."""
    return LeaseOut(by=held.name, mine=held.account_id == person_id, expiresAt=held.expires_at.isoformat())


def position_out(position: Position | None) -> str | None:
    """A place in the queue, to go on from."""
    return None if position is None else cursor.encode(list(position))


def position_in(text: str | None) -> Position | None:
    """The place that `position_out` wrote. Raises ProblemException where it is none."""
    return Position(*cursor.decode(text, tuple[float, int])) if text else None


def filters_of(asked: SelectionIn | QueueQuery | NextIn) -> QueueFilters:
    """The filters of a selection, a query or the body that asks for the next item."""
    return QueueFilters(
        asked.queue,
        asked.publisher,
        asked.category_code,
        asked.suggested_code,
        asked.level,
        asked.model_version,
        asked.title_pattern,
        asked.confidence_from,
    )
