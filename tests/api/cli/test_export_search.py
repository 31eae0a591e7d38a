"""`tagger export search` as people run it."""

import json
from pathlib import Path

from api.readers.tables import open_table
from tests.api.cli.conftest import Run


def test_what_is_found_is_written_as_it_was_asked_for(run: Run, tmp_path: Path) -> None:
    rows = [{"identifier": f"A-{n}", "title": f"公有停車場{n}", "publisher": "交通部"} for n in range(3)]
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert run("import", "c.jsonl").returncode == 0
    for form in ("xlsx", "ods", "csv"):
        done = run("export", "search", "停車場", "--output", f"out.{form}", "--columns", "title,identifier")
        assert (done.returncode, done.stderr) == (0, "已輸出 3 筆資料集。\n")
        with open_table(tmp_path / f"out.{form}", required=[["資料集識別碼"]]) as table:
            assert table.columns == ["資料集名稱", "資料集識別碼"]
            assert {row[1] for row in table.rows} == {"A-0", "A-1", "A-2"}
    listed = run("export", "search", "--publisher", "交通部", "--format", "jsonl", "--output", "-")
    assert [json.loads(line)["identifier"] for line in listed.stdout.splitlines()] == ["A-2", "A-1", "A-0"]
    for arguments, words in (
        (("--output", "out.txt"), "--format"),
        (("--output", "x.csv", "--columns", "colour"), "可用的欄位：identifier、title"),
        (("「沒有結尾", "--output", "x.csv"), "查詢字詞"),
    ):
        wrong = run("export", "search", *arguments)
        assert (wrong.returncode != 0, words in wrong.stderr) == (True, True), wrong.stderr
    assert not (tmp_path / "x.csv").exists()
    assert "--columns" in run("export", "search", "--help").stdout
