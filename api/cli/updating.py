"""What `tagger import` and `tagger sync` share: options, progress, and the report of what changed."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

from api.cli.output import progress_bar, whole_file
from api.readers import CatalogueError, RowProblem
from api.reports.import_workbook import CHANGE_NAMES, field_name, write_import_report
from api.services import Services
from api.services.updating.catalogue import (
    Asked,
    Origin,
    UpdateRefused,
    UpdateReport,
    check,
    look_through,
    take,
)
from api.services.updating.journal import Journal
from models.catalogue import CREATED
from models.catalogue_import import SNAPSHOT

F = TypeVar("F", bound=Callable[..., Any])
_OPTIONS = (
    click.option("--encoding", help="檔案的文字編碼，例如 cp950；省略時自動判斷"),
    click.option("--partial", "part", is_flag=True, help="檔案不是完整目錄，只是其中一部分"),
    click.option(
        "--replace", is_flag=True, help="照檔案的內容儲存：檔案空白的欄位一律清空（省略時保留原值）"
    ),
    click.option("--force", is_flag=True, help="完整目錄比上次少兩成以上時仍然匯入"),
    click.option(
        "--withdraw-missing",
        "withdraw_unnamed",
        is_flag=True,
        help="撤回完整目錄不再列出的資料集（省略時只列出，不撤回）",
    ),
    click.option("--json", "as_json", is_flag=True, help="將結果輸出為 JSON"),
    click.option(
        "--report",
        "workbook",
        type=click.Path(dir_okay=False, path_type=Path),
        help="將變動明細寫入試算表，例如 changes.xlsx",
    ),
)


def update_options(command: F) -> F:
    """The options of both commands."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def update(
    services: Services, path: Path, asked: Asked, origin: Origin, workbook: Path | None, *, as_json: bool
) -> bool:
    """Bring a file in and show what changed; whether every record could be used.

    Raises:
        ClickException: nothing was stored, or the file cannot be read any more.
    """
    with (
        Journal(_say, whole=workbook is not None) as journal,
        # Where nothing can be written is told before the import, not after it.
        whole_file(workbook) if workbook is not None else nullcontext() as target,
    ):
        report = _taken(services, path, asked, origin, journal)
        _show(report, as_json=as_json)
        if target is not None:
            write_import_report(target, report)
    return report.done.failed == 0


def _taken(services: Services, path: Path, asked: Asked, origin: Origin, journal: Journal) -> UpdateReport:
    try:
        with progress_bar("檢查") as bar:
            look = look_through(path, asked, bar.update)
        check(services, look, asked)
    except CatalogueError as error:
        raise click.ClickException(f"{error}沒有匯入任何資料。") from error
    except UpdateRefused as error:
        raise click.ClickException(str(error)) from error
    try:
        with progress_bar("匯入") as bar:
            return take(
                services, path, look, asked, origin, journal, lambda done: bar.update(done, look.rows)
            )
    except CatalogueError as error:
        raise click.ClickException(f"{error}在此之前讀到的已經匯入；再執行一次即可接續。") from error


def _say(problem: RowProblem) -> None:
    click.echo(problem.sentence, err=True)


def _show(report: UpdateReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(_document(report)).decode())
        return
    click.echo(_sentence(report))
    for name, count in report.done.fields.items():
        click.echo(f"　修改 {field_name(name)}：{count:,} 筆")
    for change in report.journal.first_changes:
        if change.kind == CREATED:
            continue  # counted; of a first import it would be all
        title = f" {change.title}" if change.title else ""
        fields = f"：{'、'.join(map(field_name, change.fields))}" if change.fields else ""
        click.echo(f"　{CHANGE_NAMES[change.kind]} {change.identifier}{title}{fields}")
    if report.unnamed:
        click.echo(_unnamed(report))


def _sentence(report: UpdateReport) -> str:
    done = report.done
    parts = [
        f"新增 {done.created:,}、修改 {done.changed:,}、未變 {done.unchanged:,}、撤回 {done.withdrawn:,}、"
        f"有誤 {done.failed:,}"
    ]
    parts += [f"恢復 {done.restored:,}"] if done.restored else []
    parts += [f"註明刪除但未曾收錄 {done.absent:,}"] if done.absent else []
    return f"讀入 {done.rows:,} 筆：{'、'.join(parts)}"


def _unnamed(report: UpdateReport) -> str:
    names = "、".join(report.journal.first_unnamed)
    more = " 等" if report.unnamed > len(report.journal.first_unnamed) else ""
    done = "已撤回" if report.unnamed_withdrawn else "未撤回，要撤回請加上 --withdraw-missing"
    return f"目錄不再列出 {report.unnamed:,} 筆已儲存的資料集（{done}）：{names}{more}"


def _document(report: UpdateReport) -> dict[str, Any]:
    done = report.done
    document = {
        "source": report.source,
        "kind": report.kind,
        "startedAt": report.started_at,
        "finishedAt": report.finished_at,
        **{name: value for name, value in done._asdict().items() if name != "fields"},
        "changedFields": dict(done.fields),
        "changes": [
            {"identifier": one.identifier, "title": one.title, "change": one.kind, "fields": list(one.fields)}
            for one in report.journal.first_changes
        ],
        "problems": [
            {"number": one.number, "identifier": one.identifier, "detail": one.sentence}
            for one in report.journal.first_problems
        ],
    }
    if report.kind == SNAPSHOT:
        document["unnamed"] = {
            "count": report.unnamed,
            "withdrawn": report.unnamed_withdrawn,
            "identifiers": report.journal.first_unnamed,
        }
    return document
