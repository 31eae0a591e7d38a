"""The planner is told what tables hold while they are filled, seldom enough to cost nothing."""

import pytest
from sqlalchemy import text

from models.database import Database
from models.planning import refresh_statistics


@pytest.mark.parametrize(("batches", "counted"), [(1, True), (2, False), (4, True), (12, False), (64, True)])
def test_tables_are_counted_at_each_fourfold(database: Database, batches: int, counted: bool) -> None:
    refresh_statistics(database, batches)
    with database.reading() as session:
        if database.engine.dialect.name == "sqlite":
            assert not session.scalars(text("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'")).all()
            return
        tables = session.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
                "AND reltuples >= 0 AND relname IN ('dataset', 'suggestion', 'search_document', 'job_chunk')"
            )
        ).all()
    assert (len(tables) == 4) is counted
