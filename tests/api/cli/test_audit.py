"""`tagger audit` on both engines."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from api.cli import cli
from api.review.wording import TAIPEI
from models.catalogue import Record, store_records
from models.database import Database
from models.deciding import DecisionRecord, LabelChoice, record_decisions
from tests.databases import ENGINES, postgresql_database, postgresql_server

Run = Callable[..., Result]


@pytest.fixture(params=ENGINES)
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The commands' store, on both engines."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/test.sqlite3"
        return
    with postgresql_database(postgresql_server()) as address:
        yield address


@pytest.fixture
def database(database_address: str) -> Iterator[Database]:
    """The same store with two datasets, D-0 and D-1, and a decision on each."""
    database = Database(database_address)
    database.migrate()
    with database.writing() as session:
        stored = store_records(
            session, [Record(f"D-{n}", "名稱", None, None, {"title": "名稱"}) for n in range(2)]
        )
        for one in stored:
            record_decisions(
                session,
                [
                    DecisionRecord(
                        one.dataset_id,
                        one.revision_id,
                        category_code="500",
                        accepted=(LabelChoice("火災"),),
                        reason="維持\n原分類",
                    )
                ],
            )
    yield database
    database.engine.dispose()


@pytest.fixture
def run(database_address: str) -> Run:
    """Run `tagger audit` in this process; the result."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["audit", *arguments], env={"DATABASE_URL": database_address})

    return run


def _tamper(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for table in ("event", "decision"):
            if database.engine.dialect.name == "postgresql":
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            else:
                connection.execute(text(f"DROP TRIGGER {table}_update"))
                connection.execute(text(f"DROP TRIGGER {table}_delete"))
        for statement in statements:
            connection.execute(text(statement))


def test_a_store_as_it_was_written_passes_and_one_that_was_changed_fails(
    run: Run, database: Database
) -> None:
    whole = run("verify")
    assert (whole.exit_code, whole.stderr) == (0, "")
    assert "已查核事件 2 則、決定 2 個、資料集 2 筆。\n全部相符。\n最後一則事件：2:" in whole.stdout
    _tamper(database, "UPDATE decision SET category_code = 'E00' WHERE id = 2")
    changed = run("verify")
    assert changed.exit_code == 1
    assert "全部相符" not in changed.stdout
    assert changed.stderr.splitlines() == [
        "決定 2（資料集「D-1」） 與寫入時不同：category_code",
        "資料集「D-1」 的標記與全部決定所得的不同：+category:500@2、-category:E00@2",
    ]
    document = json.loads(run("verify", "--json").stdout)
    assert (document["ok"], document["head"]["number"]) == (False, 2)
    assert document["faults"][0] == {
        "part": "decision",
        "key": 2,
        "what": "changed",
        "differs": ["category_code"],
        "dataset": "D-1",
    }


def test_a_head_that_was_kept_shows_that_the_end_was_cut_off(run: Run, database: Database) -> None:
    head = run("head").stdout.split()[0]
    assert run("verify", "--head", head).exit_code == 0
    _tamper(
        database,
        "DELETE FROM tag WHERE dataset_id = 2",
        "DELETE FROM decision WHERE id = 2",
        "DELETE FROM event WHERE id = 2",
    )
    assert run("verify").exit_code == 0
    cut = run("verify", "--head", head)
    assert (cut.exit_code, cut.stderr) == (1, "事件 2 不存在，紀錄的末端被截去\n")
    wrong = run("verify", "--head", "2:abc")
    assert (wrong.exit_code, "tagger audit head" in wrong.stderr) == (2, True)


@pytest.mark.usefixtures("database")
def test_the_log_gives_what_the_hashes_are_made_of(run: Run) -> None:
    events = [json.loads(line) for line in run("log", "--jsonl").stdout.splitlines()]
    assert [event["dataset"] for event in events] == ["D-0", "D-1"]
    previous = "0" * 64
    for event in events:
        names = ("previousHash", "id", "kind", "subject", "accountId", "createdAt", "content")
        written = json.dumps(
            [event[name] for name in names], ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        assert event["previousHash"] == previous
        previous = hashlib.sha256(written.encode()).hexdigest()
        assert event["hash"] == previous


@pytest.mark.usefixtures("database")
def test_the_log_is_narrowed_to_a_dataset_and_to_days(run: Run) -> None:
    today = datetime.now(TAIPEI).date()
    lines = run("log", "--since", today.isoformat()).stdout.splitlines()
    assert len(lines) == 2
    assert lines[1].split("\t")[2:5] == ["decision.recorded", "資料集 D-1", "系統"]
    assert run("log", "--since", (today + timedelta(days=1)).isoformat()).stdout == ""
    [line] = run("log", "--dataset", "D-0").stdout.splitlines()
    assert "資料集 D-0" in line
    unknown = run("log", "--dataset", "NOPE")
    assert (unknown.exit_code, "沒有識別碼為「NOPE」的資料集" in unknown.stderr) == (1, True)


def test_an_empty_store_passes(run: Run, database_address: str) -> None:
    database = Database(database_address)
    database.migrate()
    database.engine.dispose()
    assert run("head").stdout == "還沒有任何事件。\n"
    assert (run("verify").exit_code, run("log").stdout) == (0, "")
