"""`tagger compare`: what it says on a terminal, as JSON and as a workbook."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.api.cli.conftest import Run
from tests.api.other_model import save_other_model

HOSTILE = '=HYPERLINK("http://example.invalid","公車路線")'
ROWS = [
    {"identifier": "A", "title": HOSTILE, "publisher": "交通部", "categoryCode": "A00"},
    {
        "identifier": "B",
        "title": "公車路線[red]時刻表\u001b[31m",
        "publisher": "交通部",
        "categoryCode": "E00",
    },
    {"identifier": "C", "title": "火災統計", "publisher": "=內政部"},
    {"identifier": "D", "title": "職業災害統計", "publisher": "勞動部"},
]
_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def database_address(tmp_path: Path) -> str:
    """A store that is not there yet: comparing files needs none."""
    return f"sqlite:///{tmp_path}/test.sqlite3"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a second model."""
    directory = tmp_path_factory.mktemp("other") / "model"
    save_other_model(directory)
    return directory


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A catalogue of four datasets."""
    return _written(tmp_path / "catalogue.jsonl", ROWS)


def _written(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def _sheets(path: Path) -> dict[str, list[list[str]]]:
    """The cells of each sheet as texts."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        parts = [
            archive.read(f"xl/worksheets/sheet{place}.xml").decode() for place in range(1, len(names) + 1)
        ]
    assert not any("<f>" in part or "<f " in part or "<hyperlink" in part for part in parts)
    return {
        name: [
            ["".join(cell.itertext()) for cell in row.iter(f"{_SPACE}c")]
            for row in ElementTree.fromstring(part).iter(f"{_SPACE}row")  # noqa: S314 - written by us
        ]
        for name, part in zip(names, parts, strict=True)
    }


def test_a_file_is_compared_without_a_database(
    run: Run, other: Path, catalogue: Path, tmp_path: Path
) -> None:
    result = run("compare", "shipped", other, "--catalogue", catalogue, "--workers", "1")
    assert (result.returncode, result.stderr) == (0, "")
    assert "共 4 筆：比較 4、尚無建議 0、失敗 0" in result.stdout
    assert "建議分類改變 3 筆（75.0%）" in result.stdout
    assert re.search(r"^A00 交通及通訊 +E00 生活安全及品質 +2$", result.stdout, re.MULTILINE)
    assert re.search(r"^交通部 +2 +2 +100\.0%$", result.stdout, re.MULTILINE)
    assert "[red]" in result.stdout, "a title is no markup"
    assert "\u001b" not in result.stdout, "a title does not colour the terminal"
    assert "審核決定" not in result.stdout
    assert not (tmp_path / "test.sqlite3").exists()


def test_json_and_workbook_hold_the_same_and_no_formula(
    run: Run, other: Path, catalogue: Path, tmp_path: Path
) -> None:
    # Without a byte order mark nobody could tell.
    catalogue.write_bytes(catalogue.read_text(encoding="utf-8").encode("utf-16-le"))
    result = run(
        *("compare", "shipped", other, "--catalogue", catalogue, "--encoding", "utf-16"),
        *("--json", "--xlsx", "report.xlsx"),
        *("--workers", "2", "--examples", "1"),
    )
    report = json.loads(result.stdout)
    assert (report["datasets"], report["changedCategory"], report["same"]) == (4, 3, False)
    assert [(one["from"], one["to"], one["datasets"]) for one in report["categoryPairs"]] == [
        ("A00", "E00", 2),
        ("E00", "A00", 1),
    ]
    assert [len(one["examples"]) for one in report["categoryPairs"]] == [1, 1]
    assert sum(one["compared"] for one in report["agencies"]) == report["compared"]
    sheets = _sheets(tmp_path / "report.xlsx")
    summary = dict(row for row in sheets["摘要"] if len(row) == 2)
    assert (summary["資料集"], summary["建議分類改變"], summary["資料來源"]) == ("4", "3", str(catalogue))
    assert summary["新增的語意標籤"] == str(report["labels"]["added"])
    assert sheets["分類改變"][1:] == [
        ["A00 交通及通訊", "E00 生活安全及品質", "2"],
        ["E00 生活安全及品質", "A00 交通及通訊", "1"],
    ]
    assert [row[:3] for row in sheets["機關"][1:]] == [
        [one["publisher"], str(one["compared"]), str(one["changed"])] for one in report["agencies"]
    ]
    assert ["=內政部", "1", "1", "1"] in sheets["機關"]
    assert sheets["例"][1][:2] == ["A", HOSTILE]


def test_the_store_is_compared_with_a_model_and_with_decisions(
    run: Run, other: Path, catalogue: Path
) -> None:
    run("migrate")
    assert run("import", catalogue).returncode == 0
    untagged = run("compare", "stored", other)
    assert (untagged.returncode, "尚無建議 4" in untagged.stdout) == (0, True)
    assert "還沒有審核決定" in untagged.stdout
    run("retag", "--all")
    report = json.loads(run("compare", "stored", other, "--json", "--publisher", "交通部").stdout)
    assert (report["compared"], report["changedCategory"]) == (2, 2)
    same = run("compare", "shipped", "shipped")
    assert (same.returncode, "同一個模型，沒有差異" in same.stdout) == (0, True)


def test_what_cannot_be_compared_is_named_and_costs_no_other(run: Run, other: Path, tmp_path: Path) -> None:
    path = _written(tmp_path / "bad.jsonl", [*ROWS, {"identifier": "壞", "title": ""}])
    result = run("compare", "shipped", other, "--catalogue", path)
    assert (result.returncode, "比較 4、尚無建議 0、失敗 1" in result.stdout) == (1, True)
    assert "壞：" in result.stderr
    (tmp_path / "half.json").write_text(json.dumps(ROWS)[:-30], encoding="utf-8")
    half = run("compare", "shipped", other, "--catalogue", "half.json")
    assert (half.returncode, "檔案沒有讀完" in half.stderr) == (1, True)
    assert "比較 3" in half.stdout


def test_what_is_wrong_is_said_before_the_work(
    run: Run, other: Path, catalogue: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for arguments, code, says in (
        (("shipped", "nowhere"), 1, "沒有模型資料夾「nowhere」"),
        (("shipped", "empty"), 1, "模型「empty」無法使用"),
        (("stored", other, "--catalogue", catalogue), 2, "--catalogue"),
        (("shipped", other, "--encoding", "cp950"), 2, "--catalogue"),
        (("shipped", other, "--catalogue", catalogue, "--xlsx", "no/such.xlsx"), 1, "無法寫入"),
        (("shipped", other), 1, "tagger migrate"),
    ):
        result = run("compare", *arguments)
        assert (result.returncode, says in result.stderr) == (code, True), result.stderr
        assert "Traceback" not in result.stderr
    assert not list(tmp_path.glob("*.xlsx"))


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_all_and_leaves_nothing(sent: signal.Signals, other: Path, tmp_path: Path) -> None:
    path = _written(
        tmp_path / "long.jsonl",
        [{"identifier": str(number), "title": f"公車路線時刻表{number}"} for number in range(60_000)],
    )
    command = subprocess.Popen(
        [
            *(Path(sys.executable).parent / "tagger", "compare", "shipped", other, "--catalogue", path),
            *("--workers", "2", "--xlsx", "report.xlsx"),
        ],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob(".report*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    if sent == signal.SIGINT:
        os.killpg(command.pid, sent)  # as a terminal does it
    else:
        command.send_signal(sent)
    _, errors = command.communicate(timeout=60)
    assert command.returncode == 1
    assert b"Traceback" not in errors
    assert [one.name for one in tmp_path.iterdir()] == ["long.jsonl"]
    with pytest.raises(ProcessLookupError):
        os.killpg(command.pid, 0)
