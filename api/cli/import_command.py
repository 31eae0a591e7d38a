"""`tagger import`: a catalogue into the store."""

import sys
from pathlib import Path

import click

from api.cli.output import progress_bar
from api.cli.store import open_store
from api.readers import CatalogueError, read_catalogue
from api.services.importing import import_catalogue


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoding", help="檔案的文字編碼，例如 cp950；省略時自動判斷")
def command(file: Path, encoding: str | None) -> None:
    """匯入目錄檔：平臺匯出的 CSV、JSON、XML，或標準名稱的 JSONL（皆可為 .gz）。

    依識別碼新增或更新，重複匯入不會有任何改變。聯絡人姓名與電話一律捨棄。
    有誤的列會列出並略過，其餘照常匯入；只要有一列有誤，結束代碼即為 1。
    """
    with open_store() as services, progress_bar("匯入") as bar:
        try:
            report = import_catalogue(
                services,
                read_catalogue(file, encoding=encoding),
                on_problem=lambda problem: click.echo(problem.sentence, err=True),
                progress=bar.update,
            )
        except CatalogueError as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"讀入 {report.rows:,} 筆：新增 {report.created:,}、修改 {report.changed:,}、"
        f"未變 {report.unchanged:,}、有誤 {report.failed:,}"
    )
    if report.failed:
        sys.exit(1)
