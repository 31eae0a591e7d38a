"""`tagger export`: the catalogue for other systems."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from api.cli.output import progress_bar, whole_file
from api.cli.store import open_store
from api.config import Settings
from api.services import Services

_DCAT = {"dcat-turtle": "turtle", "dcat-jsonld": "jsonld"}
_DIALECTS = ("standard", "portal", "national")
_LINES = {".jsonl", ".ndjson"}


class _Export(click.Command):
    """`tagger export FILE` as it always was, and `tagger export search QUERY` beside it."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of the one or the other. A file that is called `search` is written as `./search`."""
        if args[:1] != ["search"]:
            return super().make_context(info_name, args, parent, **extra)
        # Imported when it is called, like each command.
        from api.cli.export_search import command as search  # noqa: PLC0415

        return search.make_context(f"{info_name} search", args[1:], parent, **extra)


@click.command("export", cls=_Export)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice([*_DCAT, *_DIALECTS]),
    required=True,
    help="DCAT 3 的 Turtle 或 JSON-LD；或國家標準的欄位名稱：standard 為 104 年規範、portal 為平臺匯出檔的中文欄位、"
    "national 為平臺 API 的欄位",
)
@click.option("--publisher", help="只輸出這個提供機關的資料集，名稱需完全相同")
@click.option(
    "--approved", is_flag=True, help="以核可的服務分類取代所填的，並將核可的標籤併入關鍵字（DCAT 一律如此）"
)
@click.option(
    "--base-url", help="本服務的公開網址，DCAT 的識別網址由此而來；省略時用環境變數 TAGGER_PUBLIC_URL"
)
def command(file: Path, form: str, publisher: str | None, approved: bool, base_url: str | None) -> None:
    """將已儲存的資料集輸出成檔案，供其他系統讀取。

    檔名以 .jsonl 結尾時一行一個物件，否則為 JSON 陣列。FILE 為 - 時寫到標準輸出。檔案寫完才會出現。

    要將搜尋結果輸出成試算表，請用 tagger export search，見 tagger export search --help。
    """
    with open_store() as services, progress_bar("輸出") as bar:
        done = _Counter(bar)
        pieces = (
            _dcat(services, form, publisher, base_url, done)
            if form in _DCAT
            else _dialect(services, form, publisher, approved, file.suffix.lower() in _LINES, done)
        )
        with whole_file(None if str(file) == "-" else file) as target:
            for piece in pieces:
                target.write(piece)
    if done.count:
        click.echo(f"已輸出 {done.count:,} 筆資料集。", err=True)
    else:
        shown = f"提供機關「{publisher}」沒有" if publisher else "沒有"
        click.echo(f"{shown}已儲存的資料集，輸出的是空的目錄。", err=True)


class _Counter:
    """Counts what is done and shows it."""

    def __init__(self, bar: Any) -> None:
        self.count = 0
        self._bar = bar

    def __call__(self, done: int) -> None:
        self.count = done
        self._bar.update(done)


def _dcat(
    services: Services, form: str, publisher: str | None, base_url: str | None, done: _Counter
) -> Iterator[bytes]:
    # rdflib takes a moment to import; other formats do without it.
    from api.interchange.dcat import catalogue  # noqa: PLC0415
    from api.services.interchange import export_dcat  # noqa: PLC0415

    settings = Settings()
    address = base_url or settings.public_url
    if not address:
        raise click.ClickException("DCAT 需要本服務的公開網址，請加 --base-url 或設定 TAGGER_PUBLIC_URL。")
    try:
        about = catalogue(address, publisher=settings.catalog_publisher)
    except ValueError as error:
        raise click.ClickException(f"{address} 不是網址，應以 http:// 或 https:// 開頭。") from error
    return export_dcat(services, about, "jsonld" if _DCAT[form] == "jsonld" else "turtle", publisher, done)


def _dialect(
    services: Services, form: str, publisher: str | None, approved: bool, lines: bool, done: _Counter
) -> Iterator[bytes]:
    from api.services.interchange import export_dialect  # noqa: PLC0415

    return export_dialect(services, form, publisher, done, approved=approved, lines=lines)
