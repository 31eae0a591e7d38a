"""What re-tagging did as a workbook: 摘要, 失敗, 未完成的批次."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from api.reports.sheets import Cell, Sheet, write_sheets
from api.services.retagging import RetagReport
from models.base import now

STATE_NAMES = {
    "waiting": "等待處理",
    "running": "處理中",
    "done": "完成",
    "failed": "有批次未完成",
    "cancelled": "已取消",
}
"""States of a job in words."""


def write_retag_report(stream: BinaryIO, report: RetagReport, *, model_version: str) -> None:
    """Write the workbook.

    Args:
        stream: takes the file.
        report: of the job.
        model_version: of the model that tagged.
    """
    sheets = (
        Sheet("摘要", (("項目", 32), ("內容", 40)), _summary(report, model_version)),
        Sheet("失敗", (("識別碼", 24), ("原因", 80)), report.failures),
        Sheet(
            "未完成的批次",
            (("批次", 9), ("原因", 80)),
            ([number + 1, error] for number, error in report.chunks),
        ),
    )
    write_sheets(stream, sheets, report.finished_at or now())


def _summary(report: RetagReport, model_version: str) -> Iterator[list[Cell]]:
    yield ["工作編號", report.job_id]
    yield ["狀態", STATE_NAMES.get(report.state, report.state)]
    yield ["模型版本", model_version]
    yield ["開始", _written(report.started_at)]
    yield ["結束", _written(report.finished_at)]
    yield ["資料集", report.datasets]
    yield ["標註", report.tagged]
    yield ["未變（這個模型已標註過）", report.unchanged]
    yield ["分類改變", report.changed]
    yield ["新增疑似分類不符", report.mismatched]
    yield ["失敗", report.failed]
    yield ["未完成的批次", len(report.chunks)]
    if report.failed > len(report.failures):
        yield ["說明", f"「失敗」只列出前 {len(report.failures):,} 筆。"]


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
