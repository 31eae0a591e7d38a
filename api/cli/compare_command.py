"""`tagger compare`: what would change if one model took another's place."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click
import orjson

from api.cli.comparison_report import show_comparison
from api.cli.output import progress_bar, whole_file
from api.cli.store import open_store
from api.cli.workers_option import workers_option
from api.config import Settings
from api.logs import configure_logs
from api.reports.comparison_workbook import write_comparison
from api.services.comparing import EXAMPLES, Candidate, CrewLost, FileSource, Source, StoreSource, prepared
from api.services.comparing.views import document
from models.job_items import Wanted
from tagger import Tagger
from tagger.categories import category_names
from tagger.weights import ModelError

SHIPPED, STORED = "shipped", "stored"
_MOST_EXAMPLES = 100


@click.command("compare")
@click.argument("model_a")
@click.argument("model_b")
@click.option(
    "--catalogue",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="比較這個目錄檔的資料集，不用資料庫；省略時比較已儲存的資料集",
)
@click.option("--encoding", help="目錄檔的文字編碼，例如 cp950；省略時自動判斷")
@click.option("--publisher", help="只比較這個機關的資料集，需完全相同")
@click.option(
    "--category", type=click.Choice(list(category_names())), help="只比較所填為這個服務分類的資料集"
)
@click.option("--limit", type=click.IntRange(1), help="最多比較幾筆，從最先的算起")
@workers_option("同時用幾個行程；不影響結果")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 輸出報告")
@click.option(
    "--xlsx", type=click.Path(dir_okay=False, path_type=Path), help="另將完整報告寫成試算表（XLSX）"
)
@click.option(
    "--examples",
    type=click.IntRange(0, _MOST_EXAMPLES),
    default=EXAMPLES,
    show_default=True,
    help="每一種分類改變列出幾筆例子",
)
def command(  # noqa: PLR0913, PLR0917 - one option each
    model_a: str,
    model_b: str,
    catalogue: Path | None,
    encoding: str | None,
    publisher: str | None,
    category: str | None,
    limit: int | None,
    workers: int,
    as_json: bool,
    xlsx: Path | None,
    examples: int,
) -> None:
    """比較兩個模型：建議的分類、語意標籤、疑似不符與信心會有什麼不同。

    MODEL_A 與 MODEL_B 是模型資料夾，或 shipped（內附的模型）、stored（已儲存的建議，即審核人員現在看到的）。
    只讀取，不寫入資料庫。有資料集無法比較時，結束代碼為 1。
    """
    if catalogue is not None and STORED in {model_a, model_b}:
        raise click.UsageError(
            f"{STORED} 是資料庫裡的建議，不能與 --catalogue 併用；請改用模型資料夾或 {SHIPPED}。"
        )
    if encoding is not None and catalogue is None:
        raise click.UsageError("--encoding 是目錄檔的編碼，要與 --catalogue 併用。")
    # One that is terminated cleans up like one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    a, b = _candidates(model_a, model_b)
    asked = _about(catalogue, publisher, category, limit)
    with (
        # Where nothing can be written is told before the work, not after it.
        whole_file(xlsx) if xlsx is not None else nullcontext() as target,
        _source(catalogue, encoding, Wanted(publisher, category), limit) as source,
    ):
        try:
            with (
                prepared(a, b, source, workers=workers, examples=examples) as run,
                progress_bar("比較") as bar,
            ):
                comparison = run(bar.update)
        except CrewLost as error:
            raise click.ClickException(
                "比較用的行程被中止，可能是記憶體不足。請以較小的 --workers 再試一次。"
            ) from error
        if target is not None:
            write_comparison(target, comparison, asked)
    if as_json:
        click.echo(orjson.dumps({**document(comparison), "asked": dict(asked)}).decode())
    else:
        show_comparison(comparison, stored=catalogue is None)
    if comparison.findings.failed or comparison.broken:
        sys.exit(1)


def _candidates(model_a: str, model_b: str) -> tuple[Candidate, Candidate]:
    a = Candidate(model_a, _loaded(model_a))
    return a, a if model_a == model_b else Candidate(model_b, _loaded(model_b))


def _loaded(model: str) -> Tagger | None:
    if model == STORED:
        return None
    directory = None if model == SHIPPED else Path(model)
    if directory is not None and not directory.is_dir():
        raise click.ClickException(
            f"沒有模型資料夾「{model}」。請給 tagger train 寫出的資料夾，或 {SHIPPED}、{STORED}。"
        )
    try:
        return Tagger.load(directory)
    except ModelError as error:
        raise click.ClickException(f"模型「{model}」無法使用：{error}") from error


@contextmanager
def _source(
    catalogue: Path | None, encoding: str | None, wanted: Wanted, limit: int | None
) -> Iterator[Source]:
    if catalogue is not None:
        configure_logs(Settings().log_level)
        yield FileSource(catalogue, wanted, limit, encoding)
        return
    with open_store() as services:
        yield StoreSource(services.database, wanted, limit)


def _about(
    catalogue: Path | None, publisher: str | None, category: str | None, limit: int | None
) -> list[tuple[str, str]]:
    """What was asked for, in words: a report is read without the command that made it."""
    asked = [("資料來源", str(catalogue) if catalogue else "已儲存的資料集")]
    if publisher is not None:
        asked.append(("機關", publisher))
    if category is not None:
        asked.append(("所填分類", f"{category} {category_names()[category]}"))
    if limit is not None:
        asked.append(("最多筆數", f"{limit:,}"))
    return asked
