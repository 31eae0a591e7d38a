"""The vocabulary desk: new terms become concepts, synonyms, or nothing; each change can be taken back."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from api.interchange.vocabulary_rules import broken_rules
from api.services import Services
from api.services.accounts import Person
from api.services.review.choosing import WrongChoice, checked_text
from models.concept import ACCEPTED, ALTERNATIVE, BLOCKED, CANDIDATE, MERGED, PREFERRED
from models.event import EventRecord, append_events
from models.review.terms import (
    CHANGED,
    ChangeRow,
    TermExample,
    TermPlace,
    TermRow,
    candidate_concept,
    candidate_terms,
    concept_identifiers,
    count_candidate_terms,
    lock_vocabulary,
    term_examples,
    term_of,
    vocabulary_change,
    vocabulary_changes,
)
from models.vocabulary import ConceptRecord, LabelRecord, read_concepts, store_concepts
from tagger.categories import category_names
from tagger.retrieval.lexemes import compact

ACCEPT, MERGE, BLOCK, UNDO = "accept", "merge", "block", "undo"
LEAST = 2
"""Datasets that use a term before an editor is asked for it, unless he wants to see all."""
_LONGEST_LABEL = 100
_NEAR = 5
_NUMBERED = re.compile(r"c(\d+)")


class TermTaken(Exception):
    """The term waits for nobody any more: another editor was faster, or no dataset has it."""


class ChangedSince(Exception):
    """A change cannot be taken back: what it made was changed again, or it was taken back already."""


class Near(NamedTuple):
    """A concept that a term may be a synonym of; `score` is 0 to 1."""

    identifier: str
    label: str
    score: float


class Term(NamedTuple):
    """A candidate with what an editor needs: where it is used, and what it may be another word for."""

    row: TermRow
    examples: list[TermExample]
    near: list[Near]


class Change(NamedTuple):
    """An editor's change.

    Attributes:
        action: accept, merge, block or undo.
        term: as it is written.
        concept: the identifier of the concept that was made or changed.
        label: what it is called.
        by: who changed it.
        undone: whether it was taken back.
    """

    event_id: int
    action: str
    term: str
    concept: str
    label: str
    by: str | None
    at: datetime
    undone: bool


def list_terms(
    services: Services, least: int, written: str | None, after: TermPlace | None, limit: int
) -> tuple[list[Term], TermPlace | None]:
    """A page of candidates, and the place to go on after, None at the end."""
    asked = compact(written) if written else None
    with services.database.reading() as session:
        rows = candidate_terms(session, least, asked, after, limit + 1)
        examples = term_examples(session, [row.form for row in rows[:limit]])
    found = [Term(row, examples.get(row.form, []), _near(services, row)) for row in rows[:limit]]
    return found, rows[limit - 1].place if len(rows) > limit else None


def count_terms(services: Services, least: int = LEAST) -> int:
    """How many candidates there are."""
    with services.database.reading() as session:
        return count_candidate_terms(session, least)


def _near(services: Services, row: TermRow) -> list[Near]:
    """The concepts nearest to a term, by spelling and by meaning."""
    thesaurus = services.thesaurus
    scores = dict(thesaurus.near_spellings(row.form, _NEAR))
    for one in services.meaning.concepts(row.term, _NEAR):
        scores[one.identifier] = max(scores.get(one.identifier, 0.0), one.nearness)
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [
        Near(identifier, thesaurus.label(identifier), round(score, 4))
        for identifier, score in best
        if identifier in thesaurus
    ][:_NEAR]


def accept(
    services: Services,
    person: Person,
    term: str,
    *,
    label: str | None = None,
    category_code: str | None = None,
    broader: Sequence[str] = (),
) -> Change:
    """Make a concept of a term.

    Args:
        label: what it is called, by default the term itself, which then stays another way to write it.

    Raises:
        TermTaken: the term waits for nobody.
        WrongChoice: the label, the category or a broader concept does not fit.
    """
    name = checked_text(label, "label", _LONGEST_LABEL) or term
    if category_code is not None and category_code not in category_names():
        raise WrongChoice("categoryCode", "不是 18 個服務分類的代碼。")
    if not compact(name):
        raise WrongChoice("label", "標籤應有文字或數字。")
    with services.database.writing() as session:
        row, known = _waiting(session, term)
        labels = {compact(name): LabelRecord(PREFERRED, name, compact(name))}
        labels.setdefault(row.form, LabelRecord(ALTERNATIVE, row.term, row.form))
        identifier = known or _next_identifier(session)
        made = ConceptRecord(identifier, tuple(labels.values()), tuple(broader), (), category_code, ACCEPTED)
        return _changed(session, person, ACCEPT, row.term, [made])


def merge(services: Services, person: Person, term: str, concept: str) -> Change:
    """Make a term another way to write a concept.

    Args:
        concept: its identifier, or one of its spellings.

    Raises:
        TermTaken: the term waits for nobody.
        WrongChoice: there is no such concept in use.
    """
    identifier = concept if concept in services.thesaurus else services.thesaurus.find(compact(concept))
    with services.database.writing() as session:
        row, known = _waiting(session, term)
        found = read_concepts(session, [identifier]) if identifier else []
        if not found or found[0].status != ACCEPTED:
            raise WrongChoice("concept", f"詞彙表裡沒有使用中的「{concept}」，請改選其他概念。")
        [target] = found
        spelled = (*target.labels, LabelRecord(ALTERNATIVE, row.term, row.form))
        changed = [target._replace(labels=spelled)]
        if known is not None:
            # What was a candidate's URI leads to the concept that has its spelling now.
            changed.append(ConceptRecord(known, (), status=MERGED, replaced_by=target.identifier))
        return _changed(session, person, MERGE, row.term, changed)


def block(services: Services, person: Person, term: str) -> Change:
    """Never ask for a term again. Raises TermTaken where it waits for nobody."""
    with services.database.writing() as session:
        row, known = _waiting(session, term)
        identifier = known or _next_identifier(session)
        label = LabelRecord(PREFERRED, row.term, row.form)
        return _changed(
            session, person, BLOCK, row.term, [ConceptRecord(identifier, (label,), status=BLOCKED)]
        )


def undo_change(services: Services, person: Person, event_id: int) -> Change | None:
    """Take a change back; None where there is none.

    A concept that the change made stays as a candidate under its URI, and its term waits again.

    Raises:
        ChangedSince: what it made was changed again, or it was taken back already.
    """
    with services.database.writing() as session:
        lock_vocabulary(session)
        found = vocabulary_change(session, event_id)
        if found is None or found.content["action"] == UNDO:
            return None
        after = [_record(one) for one in found.content["after"]]
        now = {one.identifier: one for one in read_concepts(session, [one.identifier for one in after])}
        if found.undone or any(now.get(one.identifier) != one for one in after):
            raise ChangedSince
        before = {one["identifier"]: _record(one) for one in found.content["before"]}
        restored = [before.get(one.identifier) or _as_candidate(one, found) for one in after]
        try:
            return _changed(session, person, UNDO, found.content["term"], restored, undoes=event_id)
        except WrongChoice as error:
            # Other concepts lead to what it made.
            raise ChangedSince from error


def changes(
    services: Services, before_id: int | None = None, limit: int = 20
) -> tuple[list[Change], int | None]:
    """A page of changes, the newest first, and the key to go on before, None at the end."""
    with services.database.reading() as session:
        rows = vocabulary_changes(session, before_id, limit + 1)
    found = [_change(row) for row in rows[:limit]]
    return found, rows[limit - 1].event_id if len(rows) > limit else None


def _waiting(session: Session, term: str) -> tuple[TermRow, str | None]:
    """A candidate and the candidate concept that has its spelling, if there is one; others wait their turn."""
    lock_vocabulary(session)
    row = term_of(session, compact(term)) if compact(term) else None
    if row is None:
        raise TermTaken
    return row, candidate_concept(session, row.form)


def _next_identifier(session: Session) -> str:
    numbers = [_NUMBERED.fullmatch(identifier) for identifier in concept_identifiers(session)]
    return f"c{max((int(number[1]) for number in numbers if number), default=0) + 1:04d}"


def _as_candidate(made: ConceptRecord, change: ChangeRow) -> ConceptRecord:
    """What stays of a concept that a change made: its URI and the term, for nobody to use."""
    term = change.content["term"]
    label = LabelRecord(PREFERRED, term, compact(term))
    return ConceptRecord(made.identifier, (label,), status=CANDIDATE)


def _changed(
    session: Session,
    person: Person,
    action: str,
    term: str,
    records: Sequence[ConceptRecord],
    undoes: int | None = None,
) -> Change:
    """Store records, held to the rules of the vocabulary, and write down what they were before."""
    stored = {one.identifier: one for one in read_concepts(session)}
    after = stored | {one.identifier: one for one in records}
    in_use = {key: one for key, one in after.items() if one.status == ACCEPTED}
    changing = {one.identifier for one in records}
    held = {
        label.form: one.identifier
        for one in stored.values()
        if one.identifier not in changing
        for label in one.labels
    }
    for label in (label for one in records for label in one.labels):
        if label.form in held:
            raise WrongChoice("label", f"「{label.label}」已屬於概念 {held[label.form]}，請換一個標籤。")
    broken = broken_rules(in_use)
    if broken:
        raise WrongChoice("broader", broken[0])
    before = [stored[one.identifier] for one in records if one.identifier in stored]
    store_concepts(session, records)
    content = {
        "action": action,
        "term": term,
        "before": [_content(one) for one in before],
        "after": [_content(one) for one in read_concepts(session, [one.identifier for one in records])],
        **({"undoes": undoes} if undoes else {}),
    }
    [event_id] = append_events(session, [EventRecord(CHANGED, "vocabulary", content, person.id)])
    row = vocabulary_change(session, event_id)
    assert row is not None  # noqa: S101 - it was written just now
    return _change(row)


def _content(record: ConceptRecord) -> dict[str, Any]:
    """A concept as an event tells it."""
    return {**record._asdict(), "labels": [label._asdict() for label in record.labels]}


def _record(content: dict[str, Any]) -> ConceptRecord:
    """The concept that an event tells of."""
    labels = tuple(LabelRecord(**label) for label in content["labels"])
    ends = {name: tuple(content[name]) for name in ("broader", "related")}
    return ConceptRecord(**{**content, "labels": labels, **ends})


def _change(row: ChangeRow) -> Change:
    first = _record(row.content["after"][0])
    label = next((one.label for one in first.labels if one.kind == PREFERRED), row.content["term"])
    return Change(
        row.event_id,
        row.content["action"],
        row.content["term"],
        first.identifier,
        label,
        row.name,
        row.created_at,
        row.undone,
    )
