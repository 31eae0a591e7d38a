"""One item as its reviewer sees it."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.accounts import Person
from api.services.datasets import StoredDataset, stored_dataset
from api.services.review.blindness import hidden, is_blind, is_blind_on
from api.services.review.precedents import Precedent, precedents
from api.services.search.related import Related, related
from models.base import now
from models.catalogue import dataset_key, find_dataset
from models.decision import FLAG
from models.review.history import DecisionRow, decision_rows, decisions_of
from models.review.items import Opinions, opinions_of
from models.review.leases import Held, end_lease, held_lease, own_lease, take_lease
from models.review.notes import (
    AssignmentRow,
    NoteRow,
    assignment_of,
    notes_of,
    saved_replies,
    see_mentions,
)
from models.review.queue import pattern_of
from models.review.tables import FOR_QUEUE
from models.search import Filters
from models.search.document import APPROVED
from tagger.suggestion import LabelSuggestion

SIMILAR = 5
"""Similar approved datasets that are shown."""
_NUMBERED = 9


class ShownLabel(NamedTuple):
    """A label that one key toggles.

    Attributes:
        score: 0 to 1; None where a reviewer added it.
        on: whether it is accepted unless the reviewer toggles it.
    """

    label: str
    score: float | None
    on: bool


class ItemView(NamedTuple):
    """Everything that one decision needs.

    Attributes:
        labels: at most nine, to be toggled by 1 to 9.
        similar: approved datasets that are alike.
        precedents: declarations like this one that were kept, with the reasons.
        history: decisions, the newest first; empty for a blind second opinion.
        held: who looks at it, if anybody does.
        blind: whether an earlier decision is hidden, since a second opinion is asked for.
        flag: key of the person's own flag, if one is set.
        replies: the person's saved replies, key and text.
        title_pattern: what look-alikes have in common; None where it is not tagged.
    """

    dataset: StoredDataset
    labels: tuple[ShownLabel, ...]
    similar: list[Related]
    precedents: list[Precedent]
    history: list[DecisionRow]
    notes: list[NoteRow]
    assignment: AssignmentRow | None
    opinions: Opinions | None
    held: Held | None
    blind: bool
    flag: int | None
    replies: list[tuple[int, str]]
    title_pattern: str | None

    @property
    def etag(self) -> str:
        """Names the state that a decision answers."""
        return self.dataset.etag


def open_item(
    services: Services, person: Person, identifier: str, purpose: str = FOR_QUEUE, *, lease: bool = True
) -> ItemView | None:
    """An item; None where there is no such dataset.

    Args:
        purpose: why the person got it, of `models.review.tables`.
        lease: whether it is taken in lease, unless somebody else holds it.
    """
    moment = now()
    transaction = services.database.writing if lease else services.database.reading
    with transaction() as session:
        found = find_dataset(session, identifier)
        if found is None:
            return None
        opinions = opinions_of(session, [found.id]).get(found.id)
        # Who may not settle a conflict does not keep it from the third who may.
        if lease and not _is_one_of_two(person, opinions):
            held: Held | None = take_lease(session, found.id, person.id, purpose, moment)
        else:
            held = held_lease(session, found.id, moment)
        view = _view(session, person, stored_dataset(session, found), held, opinions)
        if lease and not view.blind:
            see_mentions(session, found.id, person.id, moment)
    similar = related(services, identifier, SIMILAR, Filters(status=APPROVED)) or []
    return view._replace(similar=similar)


def _is_one_of_two(person: Person, opinions: Opinions | None) -> bool:
    if opinions is None or opinions.second is None or not opinions.differ:
        return False
    return person.id in (opinions.first.account_id, opinions.second.account_id)


def _view(
    session: Session,
    person: Person,
    dataset: StoredDataset,
    held: Held | None,
    opinions: Opinions | None,
) -> ItemView:
    own = held if held and held.account_id == person.id else own_lease(session, dataset.id, person.id)
    blind = is_blind(person, own, opinions)
    seen = hidden(dataset) if blind else dataset
    history = [] if blind else decisions_of(session, dataset.id)
    return ItemView(
        seen,
        shown_labels(seen),
        [],
        precedents(session, dataset.id, dataset.metadata.get("categoryCode")),
        history,
        [] if blind else notes_of(session, dataset.id),
        assignment_of(session, dataset.id),
        None if blind else opinions,
        held,
        blind,
        _own_flag(history, person),
        saved_replies(session, person.id),
        pattern_of(session, dataset.id),
    )


def _own_flag(history: list[DecisionRow], person: Person) -> int | None:
    return next(
        (
            row.decision_id
            for row in history
            if row.kind == FLAG and row.account_id == person.id and not row.undone
        ),
        None,
    )


def history(services: Services, person: Person, identifier: str) -> list[DecisionRow] | None:
    """The decisions on a dataset, the newest first; None where there is no such dataset.

    Whoever is asked for a blind second opinion gets none of them.
    """
    with services.database.reading() as session:
        key = dataset_key(session, identifier)
        if key is None:
            return None
        return [] if is_blind_on(session, person, key) else decisions_of(session, key)


def one_decision(services: Services, person: Person, decision_id: int) -> DecisionRow | None:
    """One decision; None where there is none, or the person is asked for a blind second opinion on it."""
    with services.database.reading() as session:
        row = next(iter(decision_rows(session, [decision_id])), None)
        return None if row is None or is_blind_on(session, person, row.dataset_id) else row


def hold(services: Services, person: Person, identifier: str) -> Held | None:
    """Take the lease of a dataset unless somebody else holds it; who holds it, None where there is none."""
    with services.database.writing() as session:
        key = dataset_key(session, identifier, withdrawn=False)
        return None if key is None else take_lease(session, key, person.id, FOR_QUEUE, now())


def release(services: Services, person: Person, identifier: str) -> bool:
    """Give the lease of a dataset back; whether there is such a dataset."""
    with services.database.writing() as session:
        key = dataset_key(session, identifier)
        if key is not None:
            end_lease(session, key, person.id)
    return key is not None


def shown_labels(dataset: StoredDataset) -> tuple[ShownLabel, ...]:
    """The labels of a dataset: those that stand, then those that are suggested and not rejected."""
    suggested: list[LabelSuggestion] = dataset.suggestion["labels"] if dataset.suggestion else []
    scores = {label["label"]: label["score"] for label in suggested}
    approved = [choice.label for choice in dataset.standing.approved]
    # Where somebody decided on labels before, what he did not accept is offered but not taken for accepted.
    on = not approved
    shown = [ShownLabel(label, scores.get(label), on=True) for label in approved]
    shown += [ShownLabel(label, score, on) for label, score in scores.items() if label not in approved]
    return tuple(shown[:_NUMBERED])
