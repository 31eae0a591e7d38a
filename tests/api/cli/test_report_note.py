"""`tagger report note` as people run it."""

import json
from pathlib import Path

from tests.api.cli.conftest import Run


def test_notes_of_a_dataset_and_of_an_agency(run: Run, tmp_path: Path) -> None:
    rows = [
        {"identifier": "A-1", "title": "職業災害統計", "publisher": "勞動部", "categoryCode": "I00"},
        {"identifier": "B-1", "title": "公車動態路線", "publisher": "公路局", "categoryCode": "A00"},
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert run("import", "c.jsonl").returncode == 0
    assert run("retag", "--all").returncode == 0
    dated = ("--date", "2026-11-24")
    one = run("report", "note", "A-1", "--output", "a.docx", *dated)
    assert (one.returncode, one.stderr) == (0, "")
    again = run("report", "note", "A-1", "--format", "docx", "--output", "b", *dated)
    assert again.returncode == 0
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b").read_bytes()
    whole = run("report", "note", "--publisher", "勞動部", "--output", "a.pdf")
    assert (whole.returncode, whole.stderr) == (0, "已寫入 1 張修正建議單。\n")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    for arguments, said in (
        (("B-1", "--output", "x.pdf"), "現行分類無疑義"),
        (("none", "--output", "x.pdf"), "沒有識別碼"),
        (("--publisher", "無", "--output", "x.pdf"), "沒有提供機關"),
        (("A-1", "--output", "x.txt"), "docx 或 pdf"),
        (("--output", "x.pdf"), "請擇一指定"),
        (("A-1", "--output", "x.pdf", "--date", "1911-12-31"), "不得早於 1912-01-01"),
    ):
        result = run("report", "note", *arguments)
        assert result.returncode != 0
        assert said in result.stderr
    assert not list(tmp_path.glob("x.*"))
