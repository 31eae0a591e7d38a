"""`tagger suggest` on good and bad lines."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.cli.conftest import Run

LINE = json.dumps({"identifier": "1", "title": "職業災害統計", "categoryCode": "I00"}, ensure_ascii=False)


def test_each_line_gets_a_line(run: Run) -> None:
    result = run("suggest", "-", stdin=f"{LINE}\n\n{LINE}\n")
    assert result.returncode == 0
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == 2
    assert answers[0]["identifier"] == "1"
    assert answers[0]["categories"][0]["categoryCode"] == "500"
    assert answers[0]["mismatch"]["flagged"] is True
    assert {"labels", "evidence", "modelVersion"} <= answers[0].keys()


def test_line_7_of_10_is_malformed_and_the_other_9_are_answered(run: Run, tmp_path: Path) -> None:
    lines = [LINE] * 10
    lines[6] = '{"title": '
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    result = run("suggest", "in.jsonl", "--output", "out.jsonl")
    assert result.returncode == 1
    assert "第 7 行" in result.stderr
    assert len((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()) == 9


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"title": ""}', "title：不可空白"),
        ('{"title": "好", "categoryCode": "Z99"}'.encode(), "categoryCode：不是服務分類代碼"),
        (b'{"title": "' + b"x" * 1_000_000 + b'"}', "title：超過 500 字"),
        ('{"title": "中文"}'.encode("cp950"), "UTF-8"),
        (b"[1]", "物件"),
        (b'{"x": 1}', "title：缺少必要欄位"),
    ],
)
def test_a_bad_line_is_named_and_costs_no_other(run: Run, line: bytes, says: str) -> None:
    result = run("suggest", stdin=LINE.encode() + b"\n" + line + b"\n" + LINE.encode())
    assert result.returncode == 1
    assert len(result.stdout.splitlines()) == 2
    assert "第 2 行" in result.stderr
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unusable_output_or_input_is_told(run: Run, tmp_path: Path) -> None:
    missing = run("suggest", "none.jsonl")
    assert (missing.returncode, "none.jsonl" in missing.stderr) == (1, True)
    (tmp_path / "in.jsonl").write_text(LINE, encoding="utf-8")
    nowhere = run("suggest", "in.jsonl", "--output", "no/such/out.jsonl")
    assert nowhere.returncode == 1
    assert "無法寫入" in nowhere.stderr


def test_a_pipe_that_is_named_as_output_stays_one(run: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert run("suggest", "-", "--output", "pipe", stdin=LINE).returncode == 0
        answers, _ = reader.communicate(timeout=60)
    assert json.loads(answers)["identifier"] == "1"
    assert pipe.is_fifo()


def test_a_reader_that_goes_away_is_no_error_worth_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(f"{LINE}\n" * 5000, encoding="utf-8")
    tagger = Path(sys.executable).parent / "tagger"
    result = subprocess.run(
        f"{tagger} suggest in.jsonl | head -1", cwd=tmp_path, shell=True, capture_output=True, check=False
    )
    assert len(result.stdout.splitlines()) == 1
    assert b"Traceback" not in result.stderr


def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    """Ten times the lines may not take ten per cent more memory."""

    def peak(lines: int) -> int:
        path = tmp_path / f"{lines}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{LINE}\n" for _ in range(lines))
        code = (
            "import resource, sys; from api.cli import cli; "
            "cli(['suggest', sys.argv[1], '--output', '/dev/null'], standalone_mode=False)"
        )
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                code + "; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)",
                path,
            ],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        output, _ = process.communicate()
        assert process.returncode == 0, before
        return int(output)

    assert peak(30_000) < peak(3_000) * 1.1
