"""`tagger report note`: 修正建議單 of one dataset, or of all of an agency."""

from datetime import datetime
from pathlib import Path
from typing import cast

import click

from api.cli.output import whole_file
from api.cli.store import open_store
from api.reports.correction.documents import Form, document
from api.reports.correction.words import FIRST_DAY, Issue
from api.services import Services
from api.services.correcting.making import MOST, correction_note, correction_notes, today
from api.services.correcting.note import AgencyNotes, CorrectionNote, NoNote

_FORMS = ("docx", "pdf")


@click.command("note")
@click.argument("identifier", required=False)
@click.option("--publisher", help="改為這個提供機關的全部修正建議單，名稱需完全相同")
@click.option("--format", "form", type=click.Choice(_FORMS), help="檔案格式；省略時依 --output 的副檔名")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    required=True,
    help="寫入的檔案；- 為標準輸出",
)
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="發文日期，例如 2026-03-01；省略時為今天"
)
@click.option("--number", help="發文字號；省略時留白")
def command(
    identifier: str | None,
    publisher: str | None,
    form: str | None,
    output: Path,
    day: datetime | None,
    number: str | None,
) -> None:
    """產生修正建議單：IDENTIFIER 為資料集識別碼，或以 --publisher 指定機關。

    現行分類無疑義的資料集沒有修正建議單，此時不寫檔案，結束代碼為 1。同一機關一份至多 200 張。
    檔案寫完才會出現；內容、日期與字號相同時，檔案也相同。
    """
    if (identifier is None) == (publisher is None):
        raise click.UsageError("請擇一指定資料集識別碼或 --publisher。")
    chosen = form or output.suffix.lower().removeprefix(".")
    if chosen not in _FORMS:
        raise click.UsageError("請以 --format 指定 docx 或 pdf，或讓 --output 的檔名以它結尾。")
    issue = Issue(day.date() if day else today(), number)
    if issue.on < FIRST_DAY:
        raise click.UsageError(f"--date 不得早於 {FIRST_DAY}（中華民國元年）。")
    with open_store() as services:
        found = _one(services, identifier) if identifier else _all(services, publisher or "")
        made = document(found, issue, cast(Form, chosen))
    with whole_file(None if str(output) == "-" else output) as target:
        target.write(made)
    if isinstance(found, AgencyNotes):
        _tell(found)


def _one(services: Services, identifier: str) -> CorrectionNote:
    found = correction_note(services, identifier)
    if found is None:
        raise click.ClickException(f"沒有識別碼為「{identifier}」的資料集，請確認識別碼是否正確。")
    if isinstance(found, NoNote):
        raise click.ClickException(f"「{identifier}」沒有修正建議單：{found.reason}")
    return found


def _all(services: Services, publisher: str) -> AgencyNotes:
    found = correction_notes(services, publisher)
    if found is None:
        raise click.ClickException(f"沒有提供機關為「{publisher}」的資料集，名稱需與目錄中完全相同。")
    return found


def _tell(found: AgencyNotes) -> None:
    shown = len(found.notes)
    click.echo(f"已寫入 {shown:,} 張修正建議單。", err=True)
    if found.total > shown:
        click.echo(f"共有 {found.total:,} 筆，一份至多 {MOST} 張，其餘未列出。", err=True)
