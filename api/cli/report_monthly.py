"""`tagger report monthly`: mismatches, decisions and labels by agency at the end of each month."""

from pathlib import Path

import click

from api.cli.output import whole_file
from api.cli.store import open_store
from api.cli.table_output import TABLE_FILE, table_format
from api.cli.tables import show_table
from api.reports.monthly_tables import FLOW_NAMES, NO_PUBLISHER, STOCK_NAMES, write_monthly
from api.services.monthly import Month, Monthly, month_of, monthly, read_month
from models.base import now

_SHOWN = 10


class _MonthType(click.ParamType[Month]):
    """A month as one writes it: 2026-11."""

    name = "年-月"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        """The month, which must have begun."""
        month = read_month(value.strip())
        if month is None:
            self.fail("應為年與月，寫法如 2026-11。", param, ctx)
        if month.start > now():
            self.fail(f"{month} 還沒有開始。", param, ctx)
        return month


@click.command("monthly")
@click.option("--month", type=_MonthType(), help="最後一個月，寫法如 2026-11；省略時為本月，算到現在")
@click.option("--publisher", help="只報告這個提供機關，名稱需完全相同")
@click.option("--output", required=True, type=TABLE_FILE, help="輸出的檔案，.xlsx、.ods 或 .csv")
def command(month: Month | None, publisher: str | None, output: Path) -> None:
    """各機關的月報：疑似分類不符、決定、標籤涵蓋率，與 12 個月的趨勢。

    數字由歷次版本、建議與決定算出，因此隨時可以重做過去任何一個月的報表。CSV 只有各月的明細，XLSX 與 ODS 另有
    摘要、趨勢、部會與機關。
    """
    form = table_format(output)
    at = now()
    with open_store() as services:
        report = monthly(services, month or month_of(at), at)
        if publisher is not None:
            if publisher not in report.agencies:
                raise click.ClickException(
                    f"這 12 個月沒有提供機關「{publisher}」的資料集；名稱須與資料集所填的完全相同。"
                )
            report = report.of(publisher)
        with whole_file(output) as target:
            write_monthly(target, form, report, publisher)
    _show(report, publisher)


def _show(report: Monthly, publisher: str | None) -> None:
    last = report.total()[-1]
    until = f"（算到 {report.at.isoformat(timespec='minutes')}）" if report.unfinished else ""
    click.echo(f"{report.months[-1]}{until}：{publisher or '全部機關'}")
    names = {**STOCK_NAMES, **FLOW_NAMES}
    show_table("本月", ("項目", "數量"), [(says, getattr(last, name)) for name, says in names.items()])
    if publisher is None:
        rows = [
            (name or NO_PUBLISHER, figures[-1].datasets, figures[-1].flagged, figures[-1].open)
            for name, figures in report.ordered()[:_SHOWN]
        ]
        show_table(f"待審最多的機關（前 {_SHOWN} 個）", ("提供機關", "資料集", "疑似不符", "待審"), rows)
