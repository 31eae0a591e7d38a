"""`tagger export search`: all that a search finds, as a table or JSON lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import click

from api.cli.output import Bar, progress_bar, whole_file
from api.cli.store import open_store
from api.reports.search_table import (
    COLUMNS,
    DEFAULT_COLUMNS,
    MEDIA_TYPES,
    STATUS_NAMES,
    ExportFormat,
    write_search,
)
from api.services.search import Asked
from api.services.search.exporting import MOST, Exported, export_search
from models.search import Filters
from tagger.categories import category_names
from tagger.retrieval.syntax import QueryError


class _Columns(click.ParamType[tuple[str, ...]]):
    """Names of columns with commas between."""

    name = "columns"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The names, each once. Fails where one is unknown."""
        names = tuple(dict.fromkeys(str(value).split(",")))
        unknown = [name for name in names if name not in COLUMNS]
        if unknown:
            self.fail(f"沒有「{unknown[0]}」這個欄位，可用的欄位：{'、'.join(COLUMNS)}", param, ctx)
        return names


@click.command("search")
@click.argument("query", required=False)
@click.option(
    "--format", "form", type=click.Choice(list(MEDIA_TYPES)), help="檔案格式；省略時依 --output 的副檔名"
)
@click.option(
    "--columns",
    type=_Columns(),
    default=",".join(DEFAULT_COLUMNS),
    help="欄位，依所列順序，以逗號分隔；名稱見 docs/exports.md，或給一個錯的名稱就會列出",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="檔案；- 為標準輸出",
)
@click.option("--publisher", help="只要這個提供機關，名稱需完全相同")
@click.option("--category", type=click.Choice(list(category_names())), help="只要適用這個服務分類者")
@click.option("--label", help="只要有這個語意標籤（或其下位詞）者")
@click.option("--status", type=click.Choice(list(STATUS_NAMES)), help="只要這個狀態")
def command(
    query: str | None,
    form: ExportFormat | None,
    columns: tuple[str, ...],
    output: Path,
    **filters: str | None,
) -> None:
    """將搜尋 QUERY 找到的全部資料集輸出成檔案；省略 QUERY 時為符合篩選者，最新的在前。

    檔案寫完才會出現。CSV 中可能被當成公式的文字前面會加上一個 '，匯入時會去掉。
    """
    chosen = form or _format_of(output)
    asked = Asked(
        (query or "").strip() or None,
        Filters(filters["category"], filters["status"], filters["publisher"]),
        filters["label"],
    )
    with open_store() as services:
        try:
            found = export_search(services, asked)
        except QueryError as error:
            raise click.ClickException(f"查詢字詞：{error}") from error
        with progress_bar("輸出") as bar, whole_file(None if str(output) == "-" else output) as target:
            counted = found._replace(rows=_counted(found.rows, bar, found.number))
            write_search(target, chosen, counted, columns, _said(asked))
    click.echo(f"已輸出 {found.number:,} 筆資料集。", err=True)
    if found.more:
        click.echo(f"符合的超過 {MOST:,} 筆，其餘未列出；請加上字詞或篩選，分次輸出。", err=True)


def _format_of(output: Path) -> ExportFormat:
    suffix = output.suffix.lower().removeprefix(".")
    if suffix not in MEDIA_TYPES:
        raise click.UsageError(f"請以 --format 指定格式：{'、'.join(MEDIA_TYPES)}。")
    return cast(ExportFormat, suffix)


def _said(asked: Asked) -> Iterator[tuple[str, str | None]]:
    filters = asked.filters
    yield "查詢字詞", asked.query
    yield "語意標籤", asked.label
    yield "適用分類", filters.category_code
    yield "提供機關", filters.publisher
    yield "狀態", STATUS_NAMES[filters.status] if filters.status else None


def _counted(rows: Iterator[Exported], bar: Bar, total: int) -> Iterator[Exported]:
    for done, row in enumerate(rows, 1):
        yield row
        bar.update(done, total)
