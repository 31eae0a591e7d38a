"""`tagger report readiness`: what datasets lack on their way to a badge, the cheapest to mend first."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import click

from api.cli.output import Bar, progress_bar, whole_file
from api.cli.store import open_store
from api.cli.table_output import TABLE_FILE, table_format
from api.cli.tables import show_table
from api.readers.quality_flags import read_quality_flags
from api.readers.results import CatalogueError
from api.reports.readiness_tables import Written, write_readiness
from api.services.badge_readiness import Assessed, Summary, each_readiness, today
from models.base import now
from tagger.readiness import EFFORTS, QualityFlags
from tagger.readiness.assess import what_is

_SHOWN = 10
_NO_FLAGS: Mapping[str, QualityFlags] = {}


@click.command("readiness")
@click.option("--publisher", help="只檢查這個提供機關的資料集，名稱需完全相同")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="視為今天的日期，寫法如 2026-01-31；省略時為臺灣的今天",
)
@click.option(
    "--flags",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="平臺品質檢測結果（/api/v2/rest/qc 的 JSON）",
)
@click.option("--output", required=True, type=TABLE_FILE, help="輸出的檔案，.xlsx、.ods 或 .csv")
def command(publisher: str | None, on: datetime | None, flags: Path | None, output: Path) -> None:
    """列出已儲存的資料集在品質指標與標準規範上缺什麼，由最容易補的排起。

    七項指標各為符合、不符或未知；白金標章的確切條件未公開，因此不推定標章。CSV 只有待辦清單，XLSX 與 ODS 另有資料集、
    機關、規則與指標各表。
    """
    form = table_format(output)
    day = on.date() if on else today()
    summary = Summary()
    known = _read(flags) if flags else _NO_FLAGS
    with open_store() as services, progress_bar("檢查") as bar, whole_file(output) as target:
        found = _shown(each_readiness(services, day, publisher, known), bar)
        write_readiness(target, form, found, summary, Written(day, now()))
    if not summary.datasets:
        whose = f"提供機關「{publisher}」沒有" if publisher else "沒有"
        click.echo(f"{whose}已儲存的資料集，輸出的是空的清單。", err=True)
        return
    _show(summary)


def _read(path: Path) -> Mapping[str, QualityFlags]:
    try:
        return read_quality_flags(path)
    except CatalogueError as error:
        raise click.ClickException(f"{path}：{error}") from error


def _shown(found: Iterable[Assessed], bar: Bar) -> Iterator[Assessed]:
    done = 0
    for done, one in enumerate(found, 1):
        yield one
        if done % 500 == 0:
            bar.update(done)
    bar.update(done)


def _show(summary: Summary) -> None:
    click.echo(f"共 {summary.datasets:,} 筆資料集，{summary.complete:,} 筆沒有缺漏。")
    show_table("品質指標", ("指標", "符合", "不符", "未知"), summary.indicator_counts())
    show_table("缺漏，由易到難", ("難易", "缺漏", "補完後沒有缺漏的資料集"), summary.effort_counts())
    show_table(
        f"最容易補的規則（前 {_SHOWN} 項）",
        ("規則", "檢查什麼", "難易", "資料集"),
        [(*what_is(one.rule), EFFORTS[one.effort], one.datasets) for one in summary.rules[:_SHOWN]],
    )
