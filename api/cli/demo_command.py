"""`tagger demo`: something to look at."""

from pathlib import Path

import click

import api
from api.cli.output import progress_bar
from api.cli.store import open_store
from api.readers import read_catalogue
from api.services.importing import import_catalogue
from api.services.retagging import retag_all

CATALOGUE = Path(api.__file__).parent / "demo" / "catalogue.jsonl"


@click.command("demo")
def command() -> None:
    """載入並標註示範目錄。可重複執行，不影響其他資料集。"""
    with open_store() as services, progress_bar("示範目錄") as bar:
        imported = import_catalogue(
            services,
            read_catalogue(CATALOGUE),
            on_problem=lambda problem: click.echo(problem.sentence, err=True),
            progress=bar.update,
        )
        tagged = retag_all(services, bar.update)
    click.echo(f"示範目錄 {imported.rows} 筆（新增 {imported.created}），標註 {tagged.tagged:,} 筆。")
