"""`tagger demo`: something to look at."""

import secrets
from pathlib import Path

import click

import api
from api.cli.output import progress_bar
from api.cli.store import open_store
from api.config import Settings
from api.readers import read_catalogue
from api.services import Services
from api.services.accounts import create_account, has_accounts
from api.services.importing import import_catalogue
from api.services.retagging import retag_all

_REVIEWER = "demo"
CATALOGUE = Path(api.__file__).parent / "demo" / "catalogue.jsonl"


@click.command("demo")
@click.option("--yes", is_flag=True, help="在正式環境（TAGGER_ENVIRONMENT=production）也執行")
def command(yes: bool) -> None:
    """載入並標註示範目錄，並建立一個示範審核者。可重複執行，不影響其他資料集與帳號。"""
    if Settings().environment == "production" and not yes:
        raise click.ClickException(
            "這是正式環境，未載入示範目錄與示範帳號。"
            "試用請設定 TAGGER_ENVIRONMENT=development；確定要在正式環境載入，請加上 --yes。"
        )
    with open_store() as services, progress_bar("示範目錄") as bar:
        imported = import_catalogue(
            services,
            read_catalogue(CATALOGUE),
            on_problem=lambda problem: click.echo(problem.sentence, err=True),
            progress=bar.update,
        )
        tagged = retag_all(services, bar.update)
        password = _demonstration_reviewer(services)
    click.echo(f"示範目錄 {imported.rows} 筆（新增 {imported.created}），標註 {tagged.tagged:,} 筆。")
    if password:
        click.echo(f"示範審核者：在 /sign-in 以帳號 {_REVIEWER}、密碼 {password} 登入（密碼只顯示這一次）。")
    else:
        click.echo("已有帳號，未另建示範審核者；請以 tagger user list 查看，tagger user password 更換密碼。")


def _demonstration_reviewer(services: Services) -> str | None:
    """The password of a new account, where there is none yet."""
    if has_accounts(services):
        return None
    password = secrets.token_urlsafe(12)
    create_account(services, _REVIEWER, "示範審核者", "reviewer", password=password)
    return password
