"""What an import changed as a workbook: 摘要, 欄位, 變動, 有誤, 未再列出."""

from collections.abc import Iterator
from typing import BinaryIO

from api.reports.sheets import Cell, Sheet, write_sheets
from api.services.updating.catalogue import UpdateReport
from tagger import DatasetMetadata

KIND_NAMES = {"snapshot": "完整目錄", "changes": "變動檔", "part": "部分資料"}
"""What a file is, in words."""
CHANGE_NAMES = {"created": "新增", "changed": "修改", "restored": "恢復", "withdrawn": "撤回"}
"""What became of a dataset, in words."""
FIELD_NAMES = {
    field.alias or name: str(field.description) for name, field in DatasetMetadata.model_fields.items()
}
"""The standard's name of a field → what people call it."""


def field_name(name: str) -> str:
    """A field in words with its name of the standard."""
    return f"{FIELD_NAMES[name]}（{name}）" if name in FIELD_NAMES else name


def write_import_report(stream: BinaryIO, report: UpdateReport) -> None:
    """Write the workbook, a row at a time in memory.

    Args:
        stream: takes the file.
        report: with a journal that kept all.
    """
    journal = report.journal
    sheets = (
        Sheet("摘要", (("項目", 32), ("內容", 60)), _summary(report)),
        Sheet(
            "欄位",
            (("欄位", 40), ("修改的資料集", 14)),
            ([field_name(name), count] for name, count in report.done.fields.items()),
        ),
        Sheet(
            "變動",
            (("識別碼", 24), ("資料集名稱", 48), ("變動", 9), ("欄位", 60)),
            (
                [
                    change.identifier,
                    change.title,
                    CHANGE_NAMES[change.kind],
                    "、".join(map(field_name, change.fields)),
                ]
                for change in journal.changes()
            ),
        ),
        Sheet("有誤", (("筆", 9), ("識別碼", 24), ("說明", 90)), journal.problems()),
        Sheet("未再列出", (("識別碼", 24),), ([identifier] for identifier in journal.unnamed_datasets())),
    )
    write_sheets(stream, sheets, report.finished_at)


def _summary(report: UpdateReport) -> Iterator[list[Cell]]:
    done = report.done
    yield ["來源", report.source]
    yield ["種類", KIND_NAMES[report.kind]]
    yield ["開始", report.started_at.isoformat(timespec="seconds")]
    yield ["結束", report.finished_at.isoformat(timespec="seconds")]
    yield ["讀入", done.rows]
    yield ["新增", done.created]
    yield ["修改", done.changed]
    yield ["未變", done.unchanged]
    yield ["恢復（曾撤回，再度列出）", done.restored]
    yield ["撤回（檔案註明刪除）", done.withdrawn]
    yield ["未曾收錄（檔案註明刪除）", done.absent]
    yield ["有誤", done.failed]
    yield ["未再列出", report.unnamed]
    yield ["未再列出的資料集已撤回", report.unnamed_withdrawn]
