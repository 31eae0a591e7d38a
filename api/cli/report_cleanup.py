"""`tagger report cleanup`: what a category holds that belongs elsewhere, as a workbook."""

from pathlib import Path

import click

from api.cli.output import whole_file
from api.cli.store import open_store
from api.cli.table_output import TABLE_FILE, table_format
from api.reports.cleanup_workbook import Cleanup, cleanup_sheets, datasets_sheet
from api.reports.tables import write_tables
from api.services.review.cleanup import all_datasets, all_groups, cleanup_counts
from models.base import now
from models.review.queue import QueueFilters
from tagger.categories import PUBLIC_INFORMATION, category_names


@click.command("cleanup")
@click.option(
    "--category",
    type=click.Choice(list(category_names())),
    default=PUBLIC_INFORMATION,
    show_default=True,
    help="要清理的所填服務分類",
)
@click.option("--publisher", help="只計這個提供機關的資料集，名稱需完全相同")
@click.option(
    "--output",
    type=TABLE_FILE,
    required=True,
    help="寫出的檔案；副檔名決定格式：.xlsx、.ods，或 .csv（只有資料集，沒有摘要與群組）",
)
def command(category: str, publisher: str | None, output: Path) -> None:
    """寫出一個服務分類的清理報告：清理前後各分類的筆數、名稱相似的群、各資料集的狀態與依據。

    只讀取，不做任何決定。決定在審核頁面的「清理」一群一群做。
    """
    form = table_format(output)
    filters = QueueFilters(publisher=publisher, declared_code=category)
    with whole_file(output) as target, open_store() as services:
        counts = cleanup_counts(services, filters)
        groups = all_groups(services, filters)
        found = Cleanup(category, publisher, counts, groups, all_datasets(services, filters))
        sheets = [datasets_sheet(found)] if form == "csv" else cleanup_sheets(found)
        write_tables(target, form, sheets, now())
    click.echo(f"所填 {counts.declared:,} 筆，待審 {len(groups):,} 群。已寫入 {output}。")
