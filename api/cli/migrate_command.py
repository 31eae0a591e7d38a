"""`tagger migrate`: the database's schema."""

import click

from api.cli.store import open_store
from api.services.migrating import migrate
from models.database import SchemaInUse


@click.command("migrate")
def command() -> None:
    """建立或更新資料庫結構。可重複執行。"""
    with open_store(migrated=False) as services:
        try:
            migrate(services)
        except SchemaInUse as error:
            raise click.ClickException(
                "要更新的資料表有其他程式正在使用（例如備份）而未釋出；沒有做任何更新，請待它結束後再執行 tagger migrate。"
            ) from error
    click.echo("資料庫結構為最新版本。")
