"""`tagger migrate`: the database's schema."""

import click

from api.cli.store import open_store
from api.services.migrating import migrate


@click.command("migrate")
def command() -> None:
    """建立或更新資料庫結構。可重複執行。"""
    with open_store(migrated=False) as services:
        migrate(services)
    click.echo("資料庫結構為最新版本。")
