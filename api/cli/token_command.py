"""`tagger token`: what programs show instead of a password."""

from datetime import timedelta

import click

from api.cli.store import open_store
from api.services.accounts import AccountError, create_token, end_token, tokens
from models.account import SCOPES


@click.group("token")
def command() -> None:
    """管理程式使用的權杖。"""


@command.command("create")
@click.argument("account")
@click.option("--name", required=True, help="用途，例如 上傳流程")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="範圍，可重複：read 讀取、write 儲存資料集與主題、review 審核、manage 管理；省略時為帳號角色可用的全部",
)
@click.option("--expires", type=click.IntRange(1, 3650), default=365, show_default=True, help="幾天後到期")
@click.option("--no-expiry", is_flag=True, help="不到期；請定期檢查是否仍需要")
def create(account: str, name: str, scopes: tuple[str, ...], expires: int, no_expiry: bool) -> None:
    """為帳號 ACCOUNT 發一個權杖，只顯示這一次。"""
    lifetime = None if no_expiry else timedelta(days=expires)
    with open_store() as services:
        try:
            token = create_token(services, account, name, lifetime, scopes or None)
        except AccountError as error:
            raise click.ClickException(str(error)) from error
    click.echo(token)
    click.echo("請立即收妥：權杖不會儲存，也無法再次顯示。用法：Authorization: Bearer 權杖", err=True)


@command.command("list")
def list_() -> None:
    """列出權杖的開頭、帳號、用途、範圍與狀態。"""
    with open_store() as services:
        found = tokens(services)
    for one in found:
        state = (
            "已撤銷" if one.revoked_at else f"{one.expires_at:%Y-%m-%d} 到期" if one.expires_at else "有效"
        )
        used = f"{one.last_used_at:%Y-%m-%d %H:%M} 用過" if one.last_used_at else "未用過"
        scopes = "、".join(one.scopes)
        click.echo("\t".join((one.prefix, one.account.name, one.name, scopes, state, used)))


@command.command("revoke")
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """撤銷開頭為 PREFIX 的權杖，立即失效。"""
    with open_store() as services:
        try:
            end_token(services, prefix)
        except AccountError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"已撤銷 {prefix}。")
