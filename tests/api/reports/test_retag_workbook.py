"""A retag report as a workbook and in a terminal."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from api.cli.retag_report import show_retag
from api.reports.retag_workbook import write_retag_report
from api.services.retagging import RetagReport

MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REPORT = RetagReport(
    7,
    "failed",
    1_000,
    900,
    70,
    12,
    5,
    30,
    [("=A1", "原因甲"), ("B", "原因乙"), ("C", "原因甲")],
    [(0, "逾時")],
)


def test_the_workbook_has_counts_failures_and_chunks_that_were_given_up() -> None:
    file = io.BytesIO()
    write_retag_report(file, REPORT._replace(started_at=MOMENT), model_version="abc")
    with zipfile.ZipFile(file) as archive:
        book = archive.read("xl/workbook.xml").decode()
        summary, failures, chunks = (
            archive.read(f"xl/worksheets/sheet{place}.xml").decode() for place in (1, 2, 3)
        )
    assert [book.index(name) for name in ("摘要", "失敗", "未完成的批次")] == sorted(
        book.index(name) for name in ("摘要", "失敗", "未完成的批次")
    )
    for value in ("<v>1000</v>", "<v>900</v>", "<v>70</v>", "<v>12</v>", "<v>30</v>", "2026-03-01T12:00:00"):
        assert value in summary
    assert "只列出前 3 筆" in summary
    assert "有批次未完成" in summary
    assert "=A1" in failures
    assert "<f>" not in failures
    assert "逾時" in chunks


def test_the_table_sums_up_and_groups_failures(capsys: pytest.CaptureFixture[str]) -> None:
    show_retag(REPORT, "abc")
    shown = capsys.readouterr()
    assert "共 1,000 筆：標註 900（分類改變 12、新增疑似分類不符 5）、已標註過 70、失敗 30" in shown.out
    assert "失敗原因（前 3 筆）\n原因    筆數\n原因甲     2\n原因乙     1\n" in shown.out
    assert "第 1 批未完成：逾時" in shown.err
    assert "--resume 7" in shown.err
