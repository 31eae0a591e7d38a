"""`tagger index`: the search index."""

import click

from api.cli.output import progress_bar
from api.cli.store import open_store
from api.services.indexing import index_outdated


@click.command("index")
def command() -> None:
    """補上缺少或過時的搜尋索引，例如升級之後。可重複執行；中斷後重跑會接續。

    新增、修改、標註與審核資料集時索引會一併更新，平時不需要執行。
    """
    with open_store() as services, progress_bar("索引") as bar:
        indexed = index_outdated(services, bar.update)
    click.echo(f"已更新 {indexed:,} 筆資料集的搜尋索引。")
