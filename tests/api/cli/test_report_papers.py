"""`tagger report readiness` and `tagger report monthly` as people run them; their sums are those of their rows."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.api.cli.conftest import Run
from tests.api.papers import AGENCY, LACKING


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> None:
    """A store with datasets of which it is known what they lack."""
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, LACKING)), "utf-8")
    assert run("import", "c.jsonl").returncode == 0


def _rows(path: Path, sheet: str) -> list[list[object]]:
    _, *rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    return [list(row) for row in rows]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_the_list_of_what_is_to_be_done_and_its_sums(run: Run, tmp_path: Path, suffix: str) -> None:
    (tmp_path / "qc.json").write_text('[{"datasetId": "P-1", "desc_match": "0"}]', "utf-8")
    path = tmp_path / f"out.{suffix}"
    result = run("report", "readiness", "--on", "2026-11-24", "--flags", "qc.json", "--output", path)
    assert (result.returncode, "共 4 筆資料集，0 筆沒有缺漏。" in result.stdout) == (0, True)
    todo = _rows(path, "待辦")
    assert [row[1] for row in todo if row[4] == "Q16"] == ["P-1"]
    assert [row[2] for row in todo if row[1] == "P-2"] == [LACKING[1]["title"]]
    by_agency = {row[0]: row[1:] for row in _rows(path, "機關")}
    gaps = Counter(row[0] for row in todo)
    assert {agency: cells[-1] for agency, cells in by_agency.items()} == gaps
    assert by_agency[AGENCY][0] == 3
    assert Counter(row[4] for row in todo) == {row[0]: row[4] for row in _rows(path, "規則")}
    datasets = _rows(path, "資料集")
    assert [row[1] for row in datasets] == ["P-1", "P-2", "P-3", "P-4"]
    assert sum(sum(map(int, row[-4:])) for row in datasets) == len(todo)
    for place, row in enumerate(_rows(path, "指標")):
        states = Counter(dataset[4 + place] for dataset in datasets)
        assert row[1:] == [states[name] for name in ("符合", "不符", "未知")]


@pytest.mark.usefixtures("filled")
def test_one_agency_as_csv_and_what_is_wrong_is_told(run: Run, tmp_path: Path) -> None:
    result = run("report", "readiness", "--publisher", AGENCY, "--on", "2026-11-24", "--output", "out.csv")
    assert result.returncode == 0
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["識別碼"], row["難易"], row["規則"]) for row in rows] == [
        ("P-2", "一次填寫", "Q03"),
        ("P-3", "一次填寫", "Q03"),
        ("P-3", "改檔案", "Q20"),
    ]
    none = run("report", "readiness", "--publisher", "無此機關", "--output", "none.csv")
    assert (none.returncode, "空的清單" in none.stderr) == (0, True)
    wrong = run("report", "readiness", "--output", "out.docx")
    assert (wrong.returncode, ".xlsx" in wrong.stderr) == (2, True)
    (tmp_path / "qc.json").write_text("x", "utf-8")
    wrong = run("report", "readiness", "--flags", "qc.json", "--output", "never.xlsx")
    assert (wrong.returncode, "qc" in wrong.stderr, (tmp_path / "never.xlsx").exists()) == (1, True, False)


@pytest.mark.usefixtures("filled")
def test_the_months_of_all_agencies_and_of_one(run: Run, tmp_path: Path) -> None:
    result = run("report", "monthly", "--output", "out.xlsx")
    assert (result.returncode, "全部機關" in result.stdout) == (0, True)
    path = tmp_path / "out.xlsx"
    agencies, detail = _rows(path, "機關"), _rows(path, "各月明細")
    assert {row[0]: row[1] for row in agencies} == {AGENCY: 3, "交通部公路局": 1}
    assert {row[0]: row[1] for row in _rows(path, "部會")} == {"勞動部": 3, "交通部": 1}
    trend = _rows(path, "趨勢")
    assert (len(trend), [row[1] for row in trend]) == (12, [0] * 11 + [4])
    assert Counter(row[1] for row in detail) == {trend[-1][0]: 2}
    one = run("report", "monthly", "--publisher", AGENCY, "--output", "one.csv")
    assert one.returncode == 0
    with (tmp_path / "one.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [(row["提供機關"], row["資料集"]) for row in csv.DictReader(file)] == [(AGENCY, "3")]
    past = run("report", "monthly", "--month", "2020-01", "--output", "past.xlsx")
    assert past.returncode == 0
    assert {row[1] for row in _rows(tmp_path / "past.xlsx", "趨勢")} == {0}
    for month, says in (("2026-13", "應為年與月"), ("8999-12", "還沒有開始")):
        wrong = run("report", "monthly", "--month", month, "--output", "no.xlsx")
        assert (wrong.returncode, says in wrong.stderr) == (2, True)
    wrong = run("report", "monthly", "--publisher", "無此機關", "--output", "no.xlsx")
    assert (wrong.returncode, "無此機關" in wrong.stderr, (tmp_path / "no.xlsx").exists()) == (1, True, False)
