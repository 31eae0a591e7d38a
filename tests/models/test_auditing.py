"""An audit finds whatever somebody with the database's files could have changed."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from sqlalchemy import event as listening
from sqlalchemy import insert, text, update

from models.account import Account
from models.catalogue import Record, Stored, store_records
from models.database import Database
from models.deciding import DecisionRecord, LabelChoice, record_decisions
from models.decision import Decision
from models.event import Event, EventRecord, append_events, event_hash
from models.review import auditing
from models.review.auditing import Audit, Fault, Head, audit, last_event

FIRE, FACTORY = LabelChoice("火災"), LabelChoice("工廠")


def _filled(database: Database, count: int) -> list[Stored]:
    """Datasets with one decision each, of which the first one is taken back, and two accounts."""
    with database.writing() as session:
        session.execute(
            insert(Account), [{"name": n, "display_name": n, "role": "reviewer"} for n in ("a", "b")]
        )
        records = [Record(f"D-{n}", "名稱", None, None, {"title": "名稱"}) for n in range(count)]
        stored = store_records(session, records)
    _decide(database, stored, category_code="500", accepted=(FIRE,), rejected=(FACTORY,), account_id=1)
    _decide(database, stored[:1], kind="undo", undoes_id=1, account_id=2)
    return stored


def _decide(database: Database, datasets: list[Stored], **what: object) -> None:
    with database.writing() as session:
        record_decisions(
            session, [DecisionRecord(one.dataset_id, one.revision_id, **what) for one in datasets]
        )


def _audit(database: Database, kept: tuple[int, str] | None = None) -> Audit:
    with database.reading() as session:
        return audit(session, kept)


def _faults(database: Database) -> set[tuple[object, ...]]:
    return {(fault.part, fault.key, fault.what, fault.differs) for fault in _audit(database).faults}


def _head(database: Database) -> Head:
    with database.reading() as session:
        head = last_event(session)
    assert head is not None
    return head


def _unlock(database: Database) -> None:
    """Take away what makes the database refuse changes, as someone with its files could."""
    with database.engine.begin() as connection:
        for table in ("event", "decision"):
            if database.engine.dialect.name == "postgresql":
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            else:
                connection.execute(text(f"DROP TRIGGER {table}_update"))
                connection.execute(text(f"DROP TRIGGER {table}_delete"))


def _tamper(database: Database, *statements: str) -> None:
    _unlock(database)
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_what_was_not_touched_is_found_whole(database: Database) -> None:
    assert _audit(database) == Audit(0, 0, 0, [])
    _filled(database, 4)
    assert _audit(database, (4, _hash(database, 4))) == Audit(5, 5, 4, [])


def _hash(database: Database, number: int) -> str:
    with database.reading() as session:
        found = session.get(Event, number)
        assert found is not None
        return found.event_hash


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE event SET kind = 'x' WHERE id = 2", ("event", 2, "changed", ())),
        ("UPDATE event SET account_id = 2 WHERE id = 2", ("event", 2, "changed", ())),
        ("UPDATE event SET account_id = 2 WHERE id = 2", ("decision", 2, "changed", ("account_id",))),
        ("UPDATE event SET event_hash = '0' WHERE id = 2", ("event", 2, "changed", ())),
        ("UPDATE event SET previous_hash = '0' WHERE id = 2", ("event", 2, "unlinked", ())),
        ("DELETE FROM event WHERE id = 2", ("event", 2, "missing", ())),
        ("DELETE FROM event WHERE id = 2", ("decision", 2, "unrecorded", ())),
        (
            "UPDATE decision SET category_code = 'E00' WHERE id = 3",
            ("decision", 3, "changed", ("category_code",)),
        ),
        ("UPDATE decision SET account_id = 2 WHERE id = 3", ("decision", 3, "changed", ("account_id",))),
        ("UPDATE decision SET milliseconds = 5 WHERE id = 3", ("decision", 3, "changed", ("milliseconds",))),
        ("UPDATE decision SET dataset_id = 1 WHERE id = 3", ("decision", 3, "changed", ("dataset_id",))),
        (
            "UPDATE decision SET created_at = '2020-01-01 00:00:00+00:00' WHERE id = 3",
            ("decision", 3, "changed", ("created_at",)),
        ),
        (
            "UPDATE decision SET category_code = 'E00' WHERE id = 3",
            ("dataset", 3, "tags", ("+category:500@3", "-category:E00@3")),
        ),
        (
            "DELETE FROM tag WHERE dataset_id = 2 AND value = '火災'",
            ("dataset", 2, "tags", ("-label:火災@2",)),
        ),
        (
            "INSERT INTO tag (dataset_id, kind, value, approved, decision_id, created_at)"
            " VALUES (1, 'label', '防災', TRUE, 1, '2026-01-01')",
            ("dataset", 1, "tags", ("+label:防災@1",)),
        ),
        (
            "UPDATE tag SET approved = TRUE WHERE dataset_id = 4 AND value = '工廠'",
            ("dataset", 4, "tags", ("+label:工廠@4", "-label:工廠:rejected@4")),
        ),
        (
            "INSERT INTO event (id, kind, subject, account_id, content, created_at, previous_hash, event_hash)"
            " SELECT 6, kind, subject, account_id, content, created_at, event_hash, 'x' FROM event WHERE id = 5",
            ("event", 6, "changed", ()),
        ),
    ],
)
def test_what_was_changed_is_named(database: Database, statement: str, fault: tuple[object, ...]) -> None:
    _filled(database, 4)
    _tamper(database, statement)
    assert fault in _faults(database)


def test_a_decision_without_an_event_and_an_event_without_a_decision_are_named(database: Database) -> None:
    [first, *_] = _filled(database, 4)
    with database.writing() as session:
        session.execute(
            insert(Decision),
            [
                {
                    "dataset_id": first.dataset_id,
                    "revision_id": first.revision_id,
                    "kind": "skip",
                    "accepted_labels": [],
                    "rejected_labels": [],
                }
            ],
        )
    assert _faults(database) == {("decision", 6, "unrecorded", ())}
    with database.writing() as session:
        content = {"decision": 77, "kind": "skip"}
        append_events(session, [EventRecord("decision.recorded", f"dataset/{first.dataset_id}", content)])
    assert ("decision", 77, "missing", ("event/6",)) in _faults(database)


def test_a_decision_that_is_told_twice_is_named(database: Database) -> None:
    _filled(database, 4)
    with database.writing() as session:
        told = session.get(Event, 3)
        assert told is not None
        append_events(session, [EventRecord(told.kind, told.subject, told.content, told.account_id)])
    assert _faults(database) == {("decision", 3, "repeated", ())}


def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_kept(database: Database) -> None:
    _filled(database, 4)
    head = _head(database)
    assert (head.number, head.event_hash) == (5, _hash(database, 5))
    _tamper(
        database,
        "DELETE FROM event WHERE id = 5",
        "DELETE FROM decision WHERE id = 5",
        "INSERT INTO tag (dataset_id, kind, value, approved, decision_id, created_at) VALUES"
        " (1, 'category', '500', TRUE, 1, '2026-01-01'), (1, 'label', '火災', TRUE, 1, '2026-01-01'),"
        " (1, 'label', '工廠', FALSE, 1, '2026-01-01')",
    )
    assert _audit(database).faults == []
    assert _audit(database, (5, head.event_hash)).faults == [Fault("event", 5, "cut-off")]


def test_a_chain_that_was_written_anew_is_found_by_the_head_that_was_kept(database: Database) -> None:
    _filled(database, 4)
    head = _head(database)
    _tamper(
        database,
        "UPDATE decision SET category_code = 'E00' WHERE id = 4",
        "UPDATE tag SET value = 'E00' WHERE dataset_id = 4 AND kind = 'category'",
    )
    with database.writing() as session:
        rows = [dict(row) for row in session.execute(Event.__table__.select().order_by(Event.id)).mappings()]
        rows[3]["content"]["category_code"] = "E00"
        for before, row in pairwise(rows):
            row["previous_hash"] = before["event_hash"]
            row["event_hash"] = event_hash(row)
        session.execute(update(Event), rows[3:])
    assert _audit(database).faults == []
    assert _audit(database, (5, head.event_hash)).faults == [Fault("event", 5, "rewritten")]


def test_statements_do_not_grow_with_what_is_audited(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    listening.listen(database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))

    def statements() -> int:
        seen.clear()
        assert _audit(database).faults == []
        return len(seen)

    datasets = _filled(database, 120)
    once = statements()
    _decide(database, datasets, category_code="E00")
    assert statements() == once
    monkeypatch.setattr(auditing, "_CHUNK", 100)
    assert statements() == once + 2 * 2 + 4  # two more chunks of events, one more of datasets
    _tamper(database, "DELETE FROM tag WHERE dataset_id = 120 AND value = 'E00'")
    assert [fault[:3] for fault in _faults(database)] == [("dataset", 120, "tags")]


def test_twenty_at_once_make_one_chain_and_no_false_alarm(database: Database) -> None:
    datasets = _filled(database, 40)
    with ThreadPoolExecutor(20) as pool:
        deciding = [pool.submit(_decide, database, [one], category_code="E00") for one in datasets]
        assert _audit(database).faults == []
        for one in deciding:
            one.result()
    assert _audit(database) == Audit(81, 81, 40, [])
