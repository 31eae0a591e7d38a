"""`tagger report statistics`: the portal's statistics with category and labels (附件1)."""

import sys
from pathlib import Path

import click
import orjson

from api.cli.output import progress_bar, whole_file
from api.cli.store import open_store
from api.cli.table_output import TABLE_FILE, table_format
from api.cli.tables import show_table
from api.readers.tables import TableError, open_table
from api.reports.statistics_workbook import HOW_NAMES, rows_sheet, statistics_sheets
from api.reports.tables import write_tables
from api.services.portal_statistics import NEEDED, Report, make_report
from api.services.portal_statistics.report import by_category


@click.command("statistics")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    type=TABLE_FILE,
    required=True,
    help="寫出的檔案；副檔名決定格式：.xlsx、.ods，或 .csv（只有各列，沒有統計表）",
)
@click.option("--encoding", help="CSV 的編碼，例如 cp950；省略時自動判斷")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 輸出摘要")
def command(file: Path, output: Path, encoding: str | None, as_json: bool) -> None:
    """為平臺的瀏覽下載統計 FILE（CSV、XLSX 或 ODS）加上服務分類、建議分類、語意標籤與說明。

    各列與已儲存的目錄對應，不在目錄中的依名稱推定；原有的欄、列與順序不變。只讀取，不寫入資料庫。
    有列無法標註時，結束代碼為 1。
    """
    form = table_format(output)
    with (
        # Where nothing can be written is told before the work, not after it.
        whole_file(output) as target,
        # New terms are not shown, so the engine that looks for them need not be loaded.
        open_store(terms=False) as services,
    ):
        try:
            with open_table(file, required=NEEDED, encoding=encoding) as table, progress_bar("標註") as bar:
                report = make_report(services, table, file.name, progress=bar.update)
        except TableError as error:
            raise click.ClickException(f"{file.name}：{error}") from error
        sheets = [rows_sheet(report)] if form == "csv" else statistics_sheets(report)
        write_tables(target, form, sheets, report.at)
    if as_json:
        click.echo(orjson.dumps(report.document()).decode())
    else:
        _show(report, output)
    if report.failed:
        sys.exit(1)


def _show(report: Report, output: Path) -> None:
    joins = report.joins
    click.echo(f"共 {len(report.rows):,} 列，目錄有 {len(report.datasets):,} 筆資料集。已寫入 {output}。")
    show_table("對應", ("方式", "列數"), [(name, joins[how]) for how, name in HOW_NAMES.items()])
    rows = [
        (name, one.rows, one.views, one.downloads)
        for name, one in by_category(report.rows, lambda row: row.best)
        if one.rows
    ]
    show_table("分類（含推定）", ("分類", "列數", "瀏覽人次", "下載次數"), rows)
    if report.failed:
        click.echo(f"有 {report.failed:,} 列無法標註，見「分類說明」。", err=True)
