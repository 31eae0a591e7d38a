"""The stored vocabulary: what goes in comes out, changes replace, spellings belong to one concept."""

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from models.concept import ALTERNATIVE, MERGED, PREFERRED
from models.database import Database
from models.vocabulary import (
    ConceptRecord,
    LabelRecord,
    complete,
    read_concepts,
    store_concepts,
    vocabulary_state,
)


def _concept(identifier: str, label: str, *alternatives: str, **changes: object) -> ConceptRecord:
    labels = (
        LabelRecord(PREFERRED, label, label),
        *(LabelRecord(ALTERNATIVE, other, other) for other in alternatives),
    )
    return ConceptRecord(identifier, labels)._replace(**changes)


INSURANCE = _concept("c1", "勞工保險", "勞保", category_code="500", related=("c3",))
PENSION = _concept("c2", "老年給付", "勞保老年給付", broader=("c1",))
SAFETY = _concept("c3", "職業安全", related=("c1",))


def _store(database: Database, *records: ConceptRecord) -> None:
    with database.writing() as session:
        store_concepts(session, records)


def _read(database: Database, *identifiers: str) -> list[ConceptRecord]:
    with database.reading() as session:
        return read_concepts(session, identifiers or None)


def test_what_is_stored_is_read_back_and_storing_again_replaces(database: Database) -> None:
    _store(database, PENSION, SAFETY, INSURANCE)
    assert _read(database) == [INSURANCE, PENSION, SAFETY]
    with database.reading() as session:
        before = vocabulary_state(session)
    renamed = _concept("c2", "老人給付", broader=("c3",))
    _store(database, renamed)
    assert _read(database, "c2") == [renamed]
    with database.reading() as session:
        assert vocabulary_state(session) != before


def test_a_spelling_moves_when_concepts_are_merged(database: Database) -> None:
    _store(database, INSURANCE, PENSION, SAFETY)
    merged = PENSION._replace(labels=(), broader=(), status=MERGED, replaced_by="c1")
    _store(database, _concept("c1", "勞工保險", "勞保", "老年給付", related=("c3",)), merged)
    assert _read(database, "c2") == [merged]
    with database.reading() as session:
        assert [one.label for one in complete(session, "老年", 5)] == ["勞工保險"]


def test_a_spelling_of_another_concept_is_refused_and_nothing_is_stored(database: Database) -> None:
    _store(database, INSURANCE, SAFETY)
    with pytest.raises(IntegrityError):
        _store(database, _concept("c8", "新詞"), _concept("c9", "別的", "勞保"))
    assert _read(database, "c8", "c9") == []


def test_a_relation_to_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="c77"):
        _store(database, _concept("c1", "甲", broader=("c77",)))
    assert _read(database) == []


def test_completion_puts_beginnings_first_and_each_concept_once(database: Database) -> None:
    _store(database, INSURANCE, PENSION, SAFETY, _concept("c4", "職業勞保單位"), _concept("c5", "勞%_保"))
    with database.reading() as session:
        found = complete(session, "勞保", 10)
        assert [(one.label, one.written) for one in found] == [
            ("勞工保險", "勞保"),
            ("老年給付", "勞保老年給付"),
            ("職業勞保單位", "職業勞保單位"),
        ]
        assert [one.label for one in complete(session, "勞保", 1)] == ["勞工保險"]
        assert [one.label for one in complete(session, "%", 10)] == ["勞%_保"]


def test_merged_concepts_are_not_completed(database: Database) -> None:
    _store(database, INSURANCE, SAFETY)
    hidden = _concept("c6", "舊詞", status=MERGED, replaced_by="c1")
    _store(database, hidden)
    with database.reading() as session:
        assert complete(session, "舊", 5) == []


def test_the_number_of_statements_does_not_grow_with_the_vocabulary(database: Database) -> None:
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))

    def statements(count: int) -> int:
        concepts = [
            _concept(f"n{n}", f"詞{n}", f"別名{n}", broader=("n0",) if n else ()) for n in range(count)
        ]
        seen.clear()
        _store(database, *concepts)
        _read(database)
        return len(seen)

    assert statements(3) == statements(200) <= 14
