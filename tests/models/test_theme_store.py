"""Themes in the store: versions that never change, and what themes are gathered from; on both engines."""

import pytest
from sqlalchemy import event, func, select

from models.catalogue import Record, store_records
from models.database import Database
from models.event import Event
from models.search import Document, Match, store_documents
from models.themes import (
    StaleTheme,
    add_theme,
    add_version,
    counts,
    datasets_called,
    find_theme,
    page_of_themes,
    pools,
    publishers_of,
    sampled_labels,
    versions_of,
)


def _version(title: str = "火災") -> dict[str, object]:
    content = {"summary": {"datasets": 3, "agencies": 2}, "title": title}
    return {"topic": "火災", "title": title, "content": content, "content_hash": f"{title:0>64}"}


def _fill(database: Database, count: int) -> None:
    records = [Record(f"d{n}", "名稱", None, None, {"title": "名稱"}) for n in range(count)]
    with database.writing() as session:
        keys = [stored.dataset_id for stored in store_records(session, records)]
        store_documents(
            session,
            [
                Document(
                    key,
                    "火灾 统计",
                    None,
                    "suggested",
                    "甲" if number % 2 else None,
                    ["c1"] if number % 2 else [],
                    [],
                    None,
                    None,
                    b"\x01",
                    "1",
                    frozenset({"odd" if number % 2 else "even"}),
                )
                for number, key in enumerate(keys)
            ],
        )


def test_versions_are_kept_and_the_newest_is_the_theme(database: Database) -> None:
    with database.writing() as session:
        assert add_theme(session, "t1", _version("一"))
    with database.writing() as session:
        assert add_version(session, "t1", 1, _version("二")) == 2
    with database.reading() as session:
        newest, first = find_theme(session, "t1"), find_theme(session, "t1", 1)
        assert newest
        assert first
        assert (newest.title, newest.number, first.title, first.newest) == ("二", 2, "一", 2)
        assert [number for number, _, _ in versions_of(session, "t1")] == [2, 1]
        assert find_theme(session, "t1", 3) is None
        assert find_theme(session, "none") is None
        assert [event for (event,) in session.execute(select(Event.kind).order_by(Event.id))] == [
            "theme.created",
            "theme.versioned",
        ]


def test_a_taken_identifier_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        assert add_theme(session, "t1", _version("一"))
        assert not add_theme(session, "t1", _version("二"))
    with database.reading() as session:
        found = find_theme(session, "t1")
        assert found
        assert found.title == "一"
        assert session.scalars(select(func.count()).select_from(Event)).one() == 1


def test_a_version_on_top_of_an_old_one_is_refused(database: Database) -> None:
    with database.writing() as session:
        add_theme(session, "t1", _version())
        add_version(session, "t1", 1, _version())
    with pytest.raises(StaleTheme), database.writing() as session:
        add_version(session, "t1", 1, _version())


def test_themes_are_listed_newest_first_in_pages(database: Database) -> None:
    with database.writing() as session:
        for number in range(5):
            add_theme(session, f"t{number}", _version(str(number)))
    with database.reading() as session:
        page = page_of_themes(session, None, 3)
        rest = page_of_themes(session, page[-1].id, 3)
    assert [one.title for one in (*page, *rest)] == ["4", "3", "2", "1", "0"]
    assert (page[0].datasets, page[0].agencies) == (3, 2)


def test_pools_counts_and_publishers_are_one_statement_each(database: Database) -> None:
    _fill(database, 20)
    statements: list[str] = []

    def seen(*args: object) -> None:
        statements.append(str(args[2]))

    matches = [Match("odd"), Match("even"), Match("none")] * 10
    with database.reading() as session:
        session.execute(select(1))
        event.listen(database.engine, "before_cursor_execute", seen)
        found = pools(session, [(match, 4) for match in matches])
        counted = counts(session, matches)
        publishers = publishers_of(session, Match("odd"))
        everyone = publishers_of(session, None)
        event.remove(database.engine, "before_cursor_execute", seen)
    assert len(statements) == 4
    assert [len(pool) for pool in found[:3]] == [4, 4, 0]
    assert found[0][0].dataset_id > found[0][-1].dataset_id
    assert counted[:3] == [10, 10, 0]
    assert (publishers, everyone) == ({"甲": 10}, {"甲": 10, None: 10})


def test_nothing_asked_is_nothing_found(database: Database) -> None:
    with database.reading() as session:
        assert (pools(session, []), counts(session, []), datasets_called(session, [])) == ([], [], {})
        assert sampled_labels(session) == ({}, 0)


def test_labels_are_counted_in_a_sample(database: Database) -> None:
    _fill(database, 40)
    with database.reading() as session:
        assert sampled_labels(session) == ({"c1": 20}, 40)
