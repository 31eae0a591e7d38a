"""`tagger retag`: what it says and what it leaves."""

import json
from pathlib import Path

from tests.api.cli.conftest import Run


def _imported(run: Run, tmp_path: Path) -> None:
    lines = [
        {"identifier": "A", "title": "職業災害統計", "publisher": "勞動部", "categoryCode": "I00"},
        {"identifier": "B", "title": "公車路線時刻表", "publisher": "交通部", "categoryCode": "A00"},
    ]
    (tmp_path / "catalogue.jsonl").write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8"
    )
    run("migrate")
    assert run("import", "catalogue.jsonl").returncode == 0


def test_a_dry_run_writes_nothing_and_a_run_reports(run: Run, tmp_path: Path) -> None:
    _imported(run, tmp_path)
    preview = json.loads(run("retag", "--all", "--dry-run", "--json").stdout)
    assert (preview["datasets"], preview["tagged"], preview["newMismatches"]) == (2, 2, 1)
    (tmp_path / "ids.txt").write_text("A\nNOPE\n", encoding="utf-8")
    listed = run("retag", "--ids", "ids.txt", "--json")
    assert (listed.returncode, "「NOPE」" in listed.stderr) == (0, True)
    assert json.loads(listed.stdout)["tagged"] == 1
    report = json.loads(run("retag", "--all", "--workers", "2", "--json").stdout)
    assert (report["state"], report["datasets"], report["tagged"], report["unchanged"]) == ("done", 2, 1, 1)
    again = run("retag", "--publisher", "交通部")
    assert "已標註過 1" in again.stdout
    assert json.loads(run("retag", "--resume", str(report["job"]), "--json").stdout)["failed"] == 0


def test_what_is_wrong_is_said(run: Run, tmp_path: Path) -> None:
    _imported(run, tmp_path)
    nothing = run("retag")
    assert (nothing.returncode, "--all" in nothing.stderr) == (2, True)
    unknown = run("retag", "--resume", "999")
    assert (unknown.returncode, "沒有編號 999" in unknown.stderr) == (1, True)
    assert run("retag", "--category", "Z99").returncode == 2
