"""`tagger retag`: the loaded model over what is stored."""

import click

from api.cli.output import progress_bar
from api.cli.store import open_store
from api.services.retagging import retag_all


@click.command("retag")
@click.option("--all", "everything", is_flag=True, required=True, help="標註所有已儲存的資料集")
def command(everything: bool) -> None:
    """以目前的模型重新標註已儲存的資料集。中斷後重跑會接續，不會重複標註。"""
    with open_store() as services, progress_bar("標註") as bar:
        report = retag_all(services, bar.update)
    click.echo(
        f"共 {report.datasets:,} 筆：標註 {report.tagged:,}（其中疑似分類不符 {report.mismatched:,}）、"
        f"已標註過 {report.unchanged:,}；模型版本 {services.tagger.model_version}"
    )
