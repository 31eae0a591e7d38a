"""Migrating, importing and re-tagging from the command line."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from models.database import Database
from models.search import SearchDocument
from tests.api.cli.conftest import Run
from tests.databases import postgresql_database, postgresql_server

ROWS = [
    {"identifier": str(number), "title": "職業災害統計", "publisher": "勞動部", "categoryCode": "I00"}
    for number in range(30)
]


@pytest.fixture
def database_address() -> Iterator[str]:
    """The commands' store: empty at first. Other modules run commands on SQLite."""
    with postgresql_database(postgresql_server()) as address:
        yield address


def _write(path: Path, rows: list[object]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_two_commands_import_and_tag_and_their_counts_add_up(run: Run, tmp_path: Path) -> None:
    path = _write(tmp_path / "c.jsonl", [*ROWS, {"identifier": "bad", "title": ""}, {"title": "無識別碼"}])
    assert run("migrate").returncode == 0
    imported = run("import", path)
    assert imported.returncode == 1
    assert "讀入 32 筆：新增 30、修改 0、未變 0、撤回 0、有誤 2" in imported.stdout
    assert "第 31 行（識別碼 bad）：title：" in imported.stderr
    assert "第 32 行：identifier" in imported.stderr
    assert "共 30 筆：標註 30（分類改變 0、新增疑似分類不符 30）、已標註過 0" in run("retag", "--all").stdout
    again = run("import", _write(tmp_path / "c.jsonl", list(ROWS)))
    assert (again.returncode, "新增 0、修改 0、未變 30、撤回 0、有誤 0" in again.stdout) == (0, True)
    assert "標註 0（分類改變 0、新增疑似分類不符 0）、已標註過 30" in run("retag", "--all").stdout


def test_the_later_of_two_rows_with_one_identifier_stands(run: Run, tmp_path: Path) -> None:
    rows = [{"identifier": "1", "title": "甲"}, {"identifier": "1", "title": "乙"}]
    run("migrate")
    assert "新增 1、修改 0、未變 1" in run("import", _write(tmp_path / "c.jsonl", list(rows))).stdout


def test_commands_say_what_to_do_first(run: Run, tmp_path: Path) -> None:
    for arguments in (("import", _write(tmp_path / "c.jsonl", list(ROWS))), ("retag", "--all")):
        result = run(*arguments)
        assert result.returncode == 1
        assert "tagger migrate" in result.stderr
        assert "Traceback" not in result.stderr


def test_a_csv_that_lacks_a_column_is_refused_with_its_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("資料集識別碼,服務分類\n1,公共資訊\n", encoding="utf-8")
    run("migrate")
    result = run("import", "c.csv")
    assert result.returncode == 1
    assert "資料集名稱" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_breaks_off_is_refused_and_leaves_no_trace(run: Run, tmp_path: Path) -> None:
    whole = json.dumps(ROWS, ensure_ascii=False)
    (tmp_path / "c.json").write_text(whole[: len(whole) // 2], encoding="utf-8")
    run("migrate")
    result = run("import", "c.json")
    assert (result.returncode, "沒有匯入任何資料" in result.stderr) == (1, True)
    assert "Traceback" not in result.stderr
    assert "共 0 筆" in run("retag", "--all").stdout


def test_the_demonstration_shows_wrong_categories_and_can_be_loaded_twice(run: Run) -> None:
    run("migrate")
    first = run("demo")
    assert first.returncode == 0, first.stderr
    assert int(re.findall(r"示範目錄 (\d+) 筆", first.stdout)[0]) >= 30
    assert "新增 0" in run("demo").stdout


def test_an_unusable_database_is_told_without_a_traceback(run: Run) -> None:
    result = run("migrate", environment={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    assert (result.returncode, "資料庫無法使用" in result.stderr) == (1, True)
    result = run("migrate", environment={"DATABASE_URL": "nonsense"})
    assert (result.returncode, "DATABASE_URL" in result.stderr) == (1, True)


@pytest.mark.shared
def test_the_portals_sample_comes_in_unaltered(run: Run, shared_data: Path) -> None:
    run("migrate")
    path = shared_data / "portal-export-sample.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 100
    result = run("import", path)
    assert (result.returncode, "讀入 100 筆：新增 100、" in result.stdout) == (0, True)


def test_the_index_is_brought_up_to_date_once(run: Run, tmp_path: Path, database_address: str) -> None:
    run("migrate")
    run("import", _write(tmp_path / "c.jsonl", list(ROWS)))
    assert "已更新 0 筆" in run("index").stdout
    database = Database(database_address)
    with database.writing() as session:
        session.execute(update(SearchDocument).values(scheme="old").where(SearchDocument.dataset_id % 2 == 0))
    database.engine.dispose()
    assert "已更新 15 筆" in run("index").stdout
    assert "已更新 0 筆" in run("index").stdout
