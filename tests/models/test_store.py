"""What is stored is found again, once, on both databases."""

import threading
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event

from models.base import Base
from models.catalogue import (
    Filters,
    Record,
    count_datasets,
    find_dataset,
    model_version_id,
    page_of_datasets,
    store_records,
)
from models.database import Database
from models.job_items import Wanted, items_after
from models.tables import is_mapped
from models.tagging import SuggestionRecord, store_suggestions


def _record(identifier: str, title: str = "職業災害統計", category: str | None = "I00") -> Record:
    content = {"identifier": identifier, "title": title, "categoryCode": category}
    return Record(identifier, title, "勞動部", category, content)


def _tag(database: Database, model: str = "m1", mismatched: bool = True) -> int:
    with database.writing() as session:
        version = model_version_id(session, model)
        rows = items_after(session, Wanted(), None, version, 0, 1000)
        store_suggestions(
            session,
            version,
            [
                SuggestionRecord(row.revision_id, "500", 0.9, mismatched, {"modelVersion": model})
                for row in rows
                if not row.tagged
            ],
            [row.revision_id for row in rows],
        )
    return version


def test_the_schema_goes_up_down_and_up_with_data_in_it(empty_database: Database) -> None:
    assert not empty_database.is_migrated()
    empty_database.migrate()
    empty_database.migrate()
    assert empty_database.is_migrated()
    with empty_database.writing() as session:
        store_records(session, [_record("a")])
    _tag(empty_database)
    empty_database.migrate("base")
    assert not empty_database.is_migrated()
    empty_database.migrate()
    with empty_database.reading() as session:
        assert count_datasets(session).datasets == 0


def test_the_migrations_make_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_mapped})
        assert compare_metadata(context, Base.metadata) == []


def test_a_record_is_created_then_unchanged_then_changed(database: Database) -> None:
    def store(record: Record) -> str:
        with database.writing() as session:
            return store_records(session, [record])[0].change

    assert [store(_record("a")), store(_record("a")), store(_record("a", "新名稱"))] == [
        "created",
        "unchanged",
        "changed",
    ]
    with database.reading() as session:
        dataset = find_dataset(session, "a")
    assert dataset is not None
    assert dataset.revision is not None
    assert (dataset.revision.number, dataset.revision.title) == (2, "新名稱")
    assert dataset.created_at.tzinfo is not None
    assert abs((datetime.now(UTC) - dataset.created_at).total_seconds()) < 60


def test_a_new_revision_is_untagged_until_it_is_tagged(database: Database) -> None:
    with database.writing() as session:
        store_records(session, [_record("a")])
    _tag(database)
    with database.writing() as session:
        store_records(session, [_record("a", "新名稱")])
    with database.reading() as session:
        dataset = find_dataset(session, "a")
        assert dataset is not None
        assert dataset.suggestion is None
        assert count_datasets(session)._asdict() == {"datasets": 1, "tagged": 0, "mismatched": 0}
    _tag(database)
    with database.reading() as session:
        assert count_datasets(session)._asdict() == {"datasets": 1, "tagged": 1, "mismatched": 1}


def test_another_model_adds_a_suggestion_and_the_same_one_does_not(database: Database) -> None:
    with database.writing() as session:
        store_records(session, [_record("a"), _record("b")])
    for model in ("m1", "m1", "m2"):
        version = _tag(database, model)
    with database.reading() as session:
        dataset = find_dataset(session, "a")
        assert dataset is not None
        assert dataset.suggestion is not None
        assert dataset.suggestion.model_version_id == version
        assert dataset.suggestion.content == {"modelVersion": "m2"}
        count = session.connection().exec_driver_sql("SELECT count(*) FROM suggestion").scalar_one()
    assert count == 4


def test_the_number_of_statements_does_not_grow_with_the_batch(database: Database) -> None:
    def statements(count: int, prefix: str) -> int:
        with database.writing() as session:
            seen.clear()
            store_records(session, [_record(f"{prefix}{i}") for i in range(count)])
            version = model_version_id(session, "m")
            rows = items_after(session, Wanted(), None, version, 0, 1000)
            suggestions = [SuggestionRecord(row.revision_id, "500", 0.9, False, {}) for row in rows]
            store_suggestions(session, version, suggestions, [row.revision_id for row in rows])
        return len(seen)

    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    assert statements(2, "x") == statements(200, "y") <= 12


def test_pages_reach_each_dataset_once_and_filters_hold(database: Database) -> None:
    with database.writing() as session:
        store_records(session, [_record(f"{i:03}", category="A00" if i % 3 else None) for i in range(25)])
    _tag(database)
    for filters, expected in (
        (Filters(), 25),
        (Filters(category_code="A00"), 16),
        (Filters(category_code="500"), 9),
        (Filters(mismatched=True), 25),
        (Filters(mismatched=False), 0),
        (Filters(publisher="勞動部"), 25),
        (Filters(publisher="勞"), 0),
    ):
        seen: list[str] = []
        after = 0
        with database.reading() as session:
            while page := page_of_datasets(session, filters, after, 4):
                seen += [dataset.identifier for dataset in page]
                after = page[-1].id
        assert len(seen) == len(set(seen)) == expected


def test_a_batch_that_names_an_identifier_twice_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="twice"), database.writing() as session:
        store_records(session, [_record("a"), _record("a")])


def test_what_raises_in_the_middle_leaves_nothing(database: Database) -> None:
    with pytest.raises(ValueError, match="twice"), database.writing() as session:
        store_records(session, [_record("a")]) and store_records(session, [_record("b"), _record("b")])
    with database.reading() as session:
        assert find_dataset(session, "a") is None


def test_writers_of_one_dataset_at_once_lose_no_revision(database: Database) -> None:
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            with database.writing() as session:
                store_records(session, [_record("a", f"名稱{number}"), _record("b", f"名稱{number}")])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with database.reading() as session:
        for identifier in ("a", "b"):
            dataset = find_dataset(session, identifier)
            assert dataset is not None
            assert dataset.revision is not None
            assert dataset.revision.number == 12
