"""`tagger ckan`: a CKAN portal's datasets in, approved labels back."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from api.cli.output import progress_bar
from api.cli.store import open_store
from api.interchange.ckan import CkanClient
from api.interchange.ckan_answer import CkanError
from api.interchange.ckan_push import Outcome
from api.readers import CatalogueError
from api.services import ckan as ckan_service

_TOKEN_VARIABLE = "CKAN_API_TOKEN"  # noqa: S105 - the name of the variable, not a token
_TOKEN_BYTES = 16 * 1024


@click.group("ckan")
def command() -> None:
    """讀取 CKAN 平臺的資料集，並將核可的語意標籤寫回。"""


@command.command("pull")
@click.argument("url")
@click.option("--fq", help="只讀符合的資料集（Solr 的 fq 語法），例如 organization:mol")
@click.option("--limit", type=click.IntRange(min=1), help="至多讀幾筆")
def pull(url: str, fq: str | None, limit: int | None) -> None:
    """匯入 CKAN 平臺 URL 上公開的資料集。

    依 CKAN 的 id 新增或更新，重複執行不會有任何改變。作者與維護者的聯絡資料一律捨棄。
    有誤的資料集會列出並略過，其餘照常匯入；只要有一筆有誤，結束代碼即為 1。
    """
    with _portal(url, None) as client, open_store() as services, progress_bar("讀取") as bar:
        try:
            report = ckan_service.pull(
                services,
                client,
                fq,
                limit,
                on_problem=lambda problem: click.echo(problem.sentence, err=True),
                progress=bar.update,
            )
        except CatalogueError as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"讀入 {report.rows:,} 筆：新增 {report.created:,}、修改 {report.changed:,}、"
        f"未變 {report.unchanged:,}、有誤 {report.failed:,}"
    )
    if report.failed:
        sys.exit(1)


@command.command("push")
@click.argument("url")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"存放 API 權杖的檔案；省略時讀環境變數 {_TOKEN_VARIABLE}",
)
@click.option("--dry-run", is_flag=True, help="只列出會有的改變，不寫入")
@click.option("--publisher", help="只處理這個提供機關的資料集")
@click.option("--allow-http", is_flag=True, help="允許經由未加密的 http 傳送權杖（僅限可信任的內部網路）")
def push(url: str, token_file: Path | None, dry_run: bool, publisher: str | None, allow_http: bool) -> None:
    """將核可的語意標籤寫回 CKAN 平臺 URL。

    只新增核可的標籤，並移除先前由本工具寫入、後來不再核可的標籤；平臺原有的標籤一律保留。
    只處理由 tagger ckan pull 匯入的資料集。權杖不可寫在命令列上。
    有資料集寫入失敗時，其餘照常處理，結束代碼為 1。
    """
    token = _token(token_file)
    if token is None and not dry_run:
        raise click.ClickException(
            f"寫入需要 API 權杖：請以 --token-file 指定檔案，或設定環境變數 {_TOKEN_VARIABLE}。"
        )
    with _portal(url, token, plain=allow_http) as client, open_store() as services:
        report = ckan_service.push(services, client, _tell, publisher=publisher, dry_run=dry_run)
    _tell_labels(report)
    count = report.outcomes
    changed = f"將修改 {count['planned']:,}" if dry_run else f"修改 {count['changed']:,}"
    click.echo(
        f"共 {count.total():,} 筆：{changed}、未變 {count['unchanged']:,}、"
        f"不在此平臺 {count['absent']:,}、失敗 {count['failed']:,}"
    )
    if report.stopped:
        raise click.ClickException(f"{report.stopped}。請稍後再執行，已完成的不會重做。")
    if count["failed"]:
        sys.exit(1)


@contextmanager
def _portal(url: str, token: str | None, *, plain: bool = False) -> Iterator[CkanClient]:
    try:
        client = CkanClient(url, token, plain=plain)
    except CkanError as error:
        raise click.ClickException(str(error)) from error
    with closing(client):
        yield client


def _token(path: Path | None) -> str | None:
    if path is None:
        return os.environ.get(_TOKEN_VARIABLE, "").strip() or None
    try:
        with path.open("rb") as file:
            # A wrong file must not be read to its end, nor its content be shown.
            text = file.read(_TOKEN_BYTES + 1).decode("ascii").strip()
    except OSError as error:
        raise click.ClickException(f"無法讀取權杖檔 {path}：{error.strerror}。") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"權杖檔 {path} 不是純文字，請確認檔案。") from error
    if not text:
        raise click.ClickException(f"權杖檔 {path} 是空的，請存入 CKAN 的 API 權杖。")
    return text


def _tell(outcome: Outcome) -> None:
    """One line a dataset of which there is something to tell."""
    name = f"{outcome.identifier}{'　' + _line(outcome.title) if outcome.title else ''}"
    if outcome.status == "failed":
        click.echo(f"{name}：{outcome.error}", err=True)
    elif outcome.status in ("changed", "planned"):
        signs = [f"＋{label}" for label in outcome.added] + [f"－{label}" for label in outcome.removed]
        note = "（讀取後平臺有更動，已重新讀取）" if outcome.reread else ""
        click.echo(f"{name}：{' '.join(signs)}{note}")


def _tell_labels(report: ckan_service.PushReport) -> None:
    for label, reason in report.refused.items():
        click.echo(f"標籤「{_line(label)}」未寫回：{reason}。", err=True)
    for label, known in report.similar.items():
        click.echo(f"標籤「{label}」在平臺上另有寫法「{_line(known)}」，請確認是否併用。", err=True)
    if not report.spellings_checked:
        click.echo("平臺沒有提供標籤清單，未檢查是否有寫法相近的標籤。", err=True)


def _line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
