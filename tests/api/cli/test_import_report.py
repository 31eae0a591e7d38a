"""What `tagger import` says of what it changed: in words, as JSON and as a workbook."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from tests.api.cli.conftest import Run
from tests.api.updating.files import Row, catalogue, row, write


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    """A store with a catalogue of 40 datasets in it."""
    run("migrate")
    write(tmp_path / "first.csv", catalogue(40))
    result = run("import", "first.csv")
    assert (result.returncode, "讀入 40 筆：新增 40、修改 0、未變 0、撤回 0、有誤 0" in result.stdout) == (
        0,
        True,
    )
    return run


def _next() -> list[Row]:
    return [row("0", "=1+1"), row("1", 備註="新的備註"), *catalogue(36, 2), row("x"), row("bad", " ")]


def test_words_say_what_changed_in_which_fields(filled: Run, tmp_path: Path) -> None:
    write(tmp_path / "next.csv", _next())
    result = filled("import", "next.csv")
    assert result.returncode == 1
    assert "讀入 40 筆：新增 1、修改 2、未變 36、撤回 0、有誤 1" in result.stdout
    for line in (
        "修改 備註（notes）：1 筆",
        "修改 0 =1+1：資料集名稱（title）",
        "修改 1 資料集1：備註（notes）",
        "目錄不再列出 2 筆已儲存的資料集（未撤回，要撤回請加上 --withdraw-missing）：38、39",
    ):
        assert line in result.stdout
    assert "識別碼 bad" in result.stderr
    withdrawn = filled("import", "next.csv", "--withdraw-missing").stdout
    assert "目錄不再列出 2 筆已儲存的資料集（已撤回）：38、39" in withdrawn


def test_json_says_the_same(filled: Run, tmp_path: Path) -> None:
    write(tmp_path / "next.json", _next())
    found = json.loads(filled("import", "next.json", "--json").stdout)
    assert (found["source"], found["kind"], found["rows"]) == ("next.json", "snapshot", 40)
    assert [found[name] for name in ("created", "changed", "unchanged", "failed")] == [1, 2, 36, 1]
    assert found["changedFields"] == {"title": 1, "notes": 1}
    assert found["changes"][:2] == [
        {"identifier": "0", "title": "=1+1", "change": "changed", "fields": ["title"]},
        {"identifier": "1", "title": "資料集1", "change": "changed", "fields": ["notes"]},
    ]
    assert [(one["number"], one["identifier"]) for one in found["problems"]] == [(40, "bad")]
    assert found["unnamed"] == {"count": 2, "withdrawn": False, "identifiers": ["38", "39"]}


def _sheets(path: Path) -> dict[str, list[str]]:
    """The texts of each sheet of a workbook."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        found = {}
        for at, name in enumerate(names, 1):
            sheet = archive.read(f"xl/worksheets/sheet{at}.xml").decode()
            assert "<f>" not in sheet
            found[name] = re.findall(r"<t[^>]*>([^<]*)</t>|<v>([^<]*)</v>", sheet)
    return {name: ["".join(cell) for cell in cells] for name, cells in found.items()}


def test_the_workbook_lists_every_change(filled: Run, tmp_path: Path) -> None:
    rows = [*(row(str(number), f"=新{number}") for number in range(30)), *catalogue(8, 30), row("bad", " ")]
    write(tmp_path / "next.csv", rows)
    result = filled("import", "next.csv", "--report", "changes.xlsx")
    assert result.returncode == 1
    assert result.stdout.count("：資料集名稱（title）") == 20
    sheets = _sheets(tmp_path / "changes.xlsx")
    assert list(sheets) == ["摘要", "欄位", "變動", "有誤", "未再列出"]
    assert sheets["變動"].count("修改") == 30
    assert all(f"=新{number}" in sheets["變動"] for number in range(30))
    assert "bad" in sheets["有誤"]
    assert sheets["未再列出"][-2:] == ["38", "39"]
    assert sheets["摘要"][sheets["摘要"].index("修改") + 1] == "30"


def test_what_is_refused_says_what_to_do(filled: Run, tmp_path: Path) -> None:
    write(tmp_path / "small.csv", catalogue(3, 100))
    refused = filled("import", "small.csv", "--report", "changes.xlsx")
    assert refused.returncode == 1
    for part in ("只有 3 筆", "40 筆", "--partial", "--force"):
        assert part in refused.stderr
    assert not (tmp_path / "changes.xlsx").exists()
    assert "新增 3" in filled("import", "small.csv", "--partial").stdout


def test_a_report_that_cannot_be_written_is_told_before_anything_is_stored(
    filled: Run, tmp_path: Path
) -> None:
    write(tmp_path / "next.csv", catalogue(41))
    refused = filled("import", "next.csv", "--report", "no/such.xlsx")
    assert (refused.returncode, "無法寫入" in refused.stderr, refused.stdout) == (1, True, "")
    assert "新增 1" in filled("import", "next.csv").stdout


def test_a_pipe_can_be_imported(filled: Run, tmp_path: Path) -> None:
    content = write(tmp_path / "more.csv", catalogue(41)).read_bytes()
    assert "新增 1、修改 0、未變 40" in filled("import", "/dev/stdin", stdin=content).stdout
