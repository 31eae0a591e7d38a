"""`tagger user`: accounts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import orjson

from api.cli.store import open_store
from api.services.accounts import AccountError, accounts, create_account, set_disabled, set_password, set_role
from models.account import ROLES


@click.group("user")
def command() -> None:
    """管理可以登入的帳號。"""


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except AccountError as error:
        raise click.ClickException(str(error)) from error


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("密碼", hide_input=True, confirmation_prompt="再輸入一次"))


_STDIN = click.option("--password-stdin", is_flag=True, help="由標準輸入讀取密碼，供程式使用")


@command.command("add")
@click.argument("name")
@click.option("--display", default="", help="顯示名稱，例如 王小姐；省略時同帳號")
@click.option("--role", type=click.Choice(ROLES), default="reviewer", show_default=True, help="角色")
@click.option("--publisher", help="只能審核這個機關的資料集")
@click.option("--no-password", is_flag=True, help="不設密碼，只能以權杖使用")
@_STDIN
def add(
    name: str, display: str, role: str, publisher: str | None, no_password: bool, password_stdin: bool
) -> None:
    """新增帳號 NAME。"""
    password = None if no_password else _password(password_stdin)
    with open_store() as services, _told():
        create_account(services, name, display, role, publisher=publisher, password=password)
    click.echo(f"已新增帳號「{name}」（{role}）。")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="輸出 JSON Lines")
def list_(as_json: bool) -> None:
    """列出帳號。"""
    with open_store() as services:
        found = accounts(services)
    for one in found:
        if as_json:
            shown = {
                "name": one.name,
                "displayName": one.display_name,
                "role": one.role,
                "publisher": one.publisher,
                "disabled": one.disabled_at is not None,
            }
            click.echo(orjson.dumps(shown).decode())
        else:
            state = "停用" if one.disabled_at else "可用"
            click.echo("\t".join((one.name, one.display_name, one.role, one.publisher or "各機關", state)))


@command.command("password")
@click.argument("name")
@_STDIN
def password(name: str, password_stdin: bool) -> None:
    """更換 NAME 的密碼，並登出其所有瀏覽器。"""
    with open_store() as services, _told():
        set_password(services, name, _password(password_stdin))
    click.echo(f"已更換「{name}」的密碼。")


@command.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
def role(name: str, role: str) -> None:
    """將 NAME 的角色改為 ROLE，並登出其所有瀏覽器。"""
    with open_store() as services, _told():
        set_role(services, name, role)
    click.echo(f"「{name}」的角色已改為 {role}。")


@command.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """停用 NAME；其瀏覽器與權杖立即失效。"""
    with open_store() as services, _told():
        set_disabled(services, name, True)
    click.echo(f"已停用「{name}」。")


@command.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """恢復 NAME。"""
    with open_store() as services, _told():
        set_disabled(services, name, False)
    click.echo(f"已恢復「{name}」。")
