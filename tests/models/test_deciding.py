"""Decisions are kept as they were made; tags are what they leave standing."""

import pytest
from sqlalchemy import delete, event, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.catalogue import Record, Stored, store_records
from models.database import Database
from models.deciding import (
    DecisionRecord,
    LabelChoice,
    Standing,
    approved_datasets,
    record_decisions,
    standing_of,
)
from models.decision import Decision
from models.event import Event, EventRecord, append_events, count_events, first_broken_event

FIRE, FACTORY = LabelChoice("火災"), LabelChoice("工廠")


def _datasets(database: Database, count: int) -> list[Stored]:
    with database.writing() as session:
        records = [Record(str(n), "名稱", None, None, {"title": "名稱"}) for n in range(count)]
        return store_records(session, records)


def _decide(database: Database, dataset: Stored, **what: object) -> int:
    with database.writing() as session:
        record = DecisionRecord(dataset.dataset_id, dataset.revision_id, **what)
        return record_decisions(session, [record])[0].decision_id


def _standing(database: Database, dataset: Stored) -> Standing | None:
    with database.reading() as session:
        return standing_of(session, [dataset.dataset_id]).get(dataset.dataset_id)


def test_later_decisions_override_earlier_ones_where_they_speak_of_the_same(database: Database) -> None:
    [dataset] = _datasets(database, 1)
    _decide(database, dataset, category_code="500", accepted=(FIRE, FACTORY))
    _decide(database, dataset, category_code="E00", rejected=(FACTORY,))
    assert _standing(database, dataset) == Standing("E00", (FIRE,), (FACTORY,))


def test_an_undone_decision_is_as_if_it_had_never_been(database: Database) -> None:
    [dataset] = _datasets(database, 1)
    _decide(database, dataset, category_code="500", accepted=(FIRE,))
    second = _decide(database, dataset, category_code="E00", rejected=(FIRE,))
    _decide(database, dataset, kind="undo", undoes_id=second)
    assert _standing(database, dataset) == Standing("500", (FIRE,), ())
    with pytest.raises(IntegrityError):
        _decide(database, dataset, kind="undo", undoes_id=second)


def test_only_datasets_with_something_approved_are_listed(database: Database) -> None:
    first, second, third = _datasets(database, 3)
    _decide(database, first, accepted=(FIRE,))
    _decide(database, second, rejected=(FIRE,))
    _decide(database, third, category_code="500")
    with database.reading() as session:
        assert approved_datasets(session, 0, 10) == [first.dataset_id, third.dataset_id]
        assert approved_datasets(session, first.dataset_id, 10) == [third.dataset_id]


def test_the_database_refuses_to_rewrite_what_happened(database: Database) -> None:
    [dataset] = _datasets(database, 1)
    _decide(database, dataset, category_code="500")
    for statement in (
        update(Decision).values(category_code="E00"),
        delete(Decision),
        update(Event).values(kind="x"),
        delete(Event),
    ):
        with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
            session.execute(statement.execution_options(synchronize_session=False))
    assert _standing(database, dataset) == Standing("500")


def test_each_decision_is_an_event_and_a_changed_one_is_named(database: Database) -> None:
    first, second = _datasets(database, 2)
    for dataset in (first, second, first):
        _decide(database, dataset, category_code="500", reason="維持原分類")
    with database.reading() as session:
        assert count_events(session) == 3
        assert first_broken_event(session) is None
        subjects = session.scalars(select(Event.subject).order_by(Event.id)).all()
    assert subjects == [f"dataset/{one.dataset_id}" for one in (first, second, first)]
    _tamper(database, "UPDATE event SET subject = 'dataset/0' WHERE id = 2")
    with database.reading() as session:
        assert first_broken_event(session) == 2


def test_a_removed_event_is_named(database: Database) -> None:
    with database.writing() as session:
        append_events(session, [EventRecord("k", str(n), {"深": [n, None, 0.5]}) for n in range(5)])
    _tamper(database, "DELETE FROM event WHERE id = 3")
    with database.reading() as session:
        assert first_broken_event(session) == 3


def _tamper(database: Database, statement: str) -> None:
    """Change what the database refuses to change, as someone with its files could."""
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE event DISABLE TRIGGER ALL"))
        else:
            connection.execute(text("DROP TRIGGER event_update"))
            connection.execute(text("DROP TRIGGER event_delete"))
        connection.execute(text(statement))


def test_the_number_of_statements_does_not_grow_with_the_batch(database: Database) -> None:
    datasets = _datasets(database, 200)
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))

    def statements(chosen: list[Stored]) -> int:
        seen.clear()
        with database.writing() as session:
            record_decisions(
                session,
                [
                    DecisionRecord(one.dataset_id, one.revision_id, category_code="500", accepted=(FIRE,))
                    for one in chosen
                ],
            )
            standing_of(session, [one.dataset_id for one in chosen])
        return len(seen)

    assert statements(datasets[:2]) == statements(datasets[2:]) <= 11
