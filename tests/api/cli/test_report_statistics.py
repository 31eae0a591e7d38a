"""`tagger report statistics`: the file it writes and what it says."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.cli.conftest import Run
from tests.api.portal_statistics.conftest import CSV, DATASETS, HEADER, ROWS, read_back


@pytest.fixture
def statistics(tmp_path: Path, run: Run) -> Path:
    """A portal's statistics in cp950, and a store with datasets of it."""
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in DATASETS)
    (tmp_path / "catalogue.jsonl").write_text(lines, encoding="utf-8")
    assert run("import", "catalogue.jsonl").returncode == 0
    path = tmp_path / "統計.csv"
    path.write_bytes(CSV.encode("cp950"))
    return path


def test_the_rows_come_back_with_what_the_store_knows(run: Run, statistics: Path, tmp_path: Path) -> None:
    result = run("report", "statistics", statistics, "--output", "out.xlsx", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert (told["rows"], told["datasets"], told["ambiguous"], told["unmatched"]) == (7, 5, 1, 3)
    assert sum(told["joined"].values()) == 3
    assert sum(one["rows"] for one in told["categories"]) == 7
    columns, rows = read_back(tmp_path / "out.xlsx")
    assert columns == [*HEADER, "服務分類", "建議分類", "語意標籤", "分類說明"]
    assert [row[1] for row in rows] == [row[1] for row in ROWS]
    again = run("report", "statistics", "out.xlsx", "--output", "again.csv")
    assert (again.returncode, "共 7 列" in again.stdout) == (0, True)
    columns, _ = read_back(tmp_path / "again.csv")
    assert columns[len(HEADER) : len(HEADER) + 5] == [
        *("服務分類", "建議分類", "語意標籤", "分類說明", "服務分類（本次）")
    ]


def test_what_is_wrong_is_said_and_no_file_is_left(run: Run, statistics: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text("機關,名稱\na,b\n", encoding="utf-8")
    for words, code, says in (
        ((statistics, "--output", "x.pdf"), 2, ".xlsx"),
        ((statistics, "--output", "no/such.xlsx"), 1, "無法寫入"),
        (("wrong.csv", "--output", "x.xlsx"), 1, "資料集名稱"),
        ((statistics, "--output", "x.xlsx", "--encoding", "utf-8"), 1, "無法解讀的位元組"),
    ):
        result = run("report", "statistics", *words)
        assert (result.returncode, says in result.stderr) == (code, True), result.stderr
        assert "Traceback" not in result.stderr
    assert not list(tmp_path.glob("*.xlsx"))


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_libreoffice_opens_it_without_a_warning(
    run: Run, statistics: Path, tmp_path: Path, form: str
) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice Calc is not installed (Debian: apt-get install libreoffice-calc)")
    assert run("report", "statistics", statistics, "--output", f"out.{form}").returncode == 0
    result = subprocess.run(
        [
            *(office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1", f"out.{form}"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    # That there is no Java says nothing of the file.
    said = [line for line in result.stderr.splitlines() if "javaldx" not in line]
    assert said == []
    _, rows = read_back(tmp_path / "out.csv")
    assert [row[1].strip() for row in rows] == [row[1].strip() for row in ROWS]  # type: ignore[union-attr]
    assert [row[2] for row in rows[:3]] == ["7,472", "5,080", "609"]
    assert rows[0][6] == "=1+1"
