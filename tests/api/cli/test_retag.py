"""`tagger retag`: what it says and what it leaves."""

import json
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import cli, retag_command
from api.services import Services
from api.services.retagging import RetagReport
from models.base import now
from models.jobs import cancel_job
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


def test_only_what_changed_is_tagged_again(run: Run, tmp_path: Path) -> None:
    _imported(run, tmp_path)
    assert json.loads(run("retag", "--changed", "--json").stdout)["tagged"] == 2
    nothing = json.loads(run("retag", "--changed", "--json").stdout)
    assert (nothing["datasets"], nothing["state"]) == (0, "done")
    line = {"identifier": "B", "title": "公車站牌位置", "publisher": "交通部", "categoryCode": "A00"}
    (tmp_path / "changed.jsonl").write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
    assert run("import", "changed.jsonl", "--partial").returncode == 0
    preview = json.loads(run("retag", "--changed", "--dry-run", "--json").stdout)
    assert (preview["datasets"], preview["tagged"]) == (1, 1)
    changed = json.loads(run("retag", "--changed", "--json").stdout)
    assert (changed["datasets"], changed["tagged"], changed["unchanged"]) == (1, 1, 0)


def test_what_a_search_finds_is_tagged(run: Run, tmp_path: Path) -> None:
    _imported(run, tmp_path)
    found = json.loads(run("retag", "--query", "公車", "--json").stdout)
    assert (found["datasets"], found["tagged"]) == (1, 1)
    assert json.loads(run("retag", "--query", "職業災害 -統計", "--json").stdout)["datasets"] == 0
    unreadable = run("retag", "--query", "字" * 300)
    assert (unreadable.returncode, "--query" in unreadable.stderr) == (2, True)


def test_a_report_is_a_workbook_too(run: Run, tmp_path: Path) -> None:
    _imported(run, tmp_path)
    assert run("retag", "--all", "--xlsx", "report.xlsx").returncode == 0
    with zipfile.ZipFile(tmp_path / "report.xlsx") as book:
        summary = book.read("xl/worksheets/sheet1.xml").decode()
    assert "新增疑似分類不符" in summary


def test_what_contradicts_itself_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("A\n", encoding="utf-8")
    for arguments, told in (
        (("--changed", "--again"), "--again"),
        (("--query", "a", "--ids", "ids.txt"), "--ids"),
        (("--resume", "1", "--all"), "--resume"),
        (("--all", "--engine", "celery"), "TAGGER_BROKER_URL"),
    ):
        refused = run("retag", *arguments)
        assert (refused.returncode, told in refused.stderr) == (2, True), arguments
    assert run("worker", "--engine", "celery").returncode == 2


@pytest.fixture
def here(database_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """Runs the command in this process, on the same store."""
    monkeypatch.setenv("DATABASE_URL", database_address)
    before = signal.getsignal(signal.SIGTERM)
    yield CliRunner()
    signal.signal(signal.SIGTERM, before)


def test_a_job_that_somebody_cancels_is_no_success(
    run: Run, tmp_path: Path, here: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    _imported(run, tmp_path)
    do = retag_command.do_retag

    def cancelled_meanwhile(services: Services, job_id: int, *more: object) -> RetagReport:
        with services.database.writing() as session:
            cancel_job(session, job_id, now())
        return do(services, job_id, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(retag_command, "do_retag", cancelled_meanwhile)
    told = here.invoke(cli, ["retag", "--all"])
    assert (told.exit_code, "已取消，以 tagger retag --resume 1 接續" in told.output) == (1, True)


def test_who_no_longer_waits_for_workers_is_told_how_to_leave_them_their_job(
    run: Run, tmp_path: Path, here: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    _imported(run, tmp_path)

    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(retag_command, "watch_retag", interrupted)
    monkeypatch.setenv("TAGGER_BROKER_URL", "redis://127.0.0.1:1/0")
    told = here.invoke(cli, ["retag", "--all", "--engine", "celery"])
    assert (told.exit_code, "tagger retag --engine celery --resume 1" in told.output) == (1, True)
