"""`tagger retag`: the loaded model over what is stored."""

import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import click
import orjson

from api.cli.output import progress_bar, whole_file
from api.cli.retag_report import show_retag
from api.cli.store import open_store
from api.cli.workers_option import workers_option
from api.config import Settings
from api.reports.retag_workbook import write_retag_report
from api.services import Services
from api.services.jobs.choosing import datasets_matching
from api.services.jobs.local import WorkersFailed
from api.services.jobs.retag import (
    CHANGED,
    MISMATCHED,
    TAGGED,
    UNCHANGED,
    Preview,
    RetagAsked,
    WrongModel,
    make_retag,
    preview_retag,
)
from api.services.retagging import (
    NoSuchJob,
    RetagReport,
    do_retag,
    known_datasets,
    reopen_retag,
    watch_retag,
)
from models.job import CANCELLED
from models.job_items import Wanted
from tagger.categories import category_names
from tagger.retrieval.syntax import QueryError

_SHOWN = 20


@click.command("retag")
@click.option("--all", "everything", is_flag=True, help="所有已儲存的資料集")
@click.option("--changed", is_flag=True, help="只標註內容或模型版本改變而尚未標註的資料集")
@click.option("--publisher", help="只標註這個機關的資料集，需完全相同")
@click.option(
    "--category", type=click.Choice(list(category_names())), help="只標註所填為這個服務分類的資料集"
)
@click.option("--query", help="只標註搜尋得到的資料集，寫法同搜尋")
@click.option(
    "--ids",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="只標註檔案裡的識別碼，一行一個",
)
@click.option("--again", is_flag=True, help="這個模型標註過的也重新標註並更新索引")
@click.option("--dry-run", is_flag=True, help="只計算會有什麼改變，不寫入")
@click.option("--resume", type=click.IntRange(1), metavar="JOB", help="接續一項工作，並重試失敗的部分")
@workers_option("同時用幾個行程（只用於 local）")
@click.option(
    "--engine",
    type=click.Choice(["local", "celery"]),
    default="local",
    show_default=True,
    help="local 由這臺主機處理；celery 交給以 tagger worker 啟動的各主機，在此等候完成",
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 輸出報告")
@click.option("--xlsx", type=click.Path(dir_okay=False, path_type=Path), help="另將報告寫成 Excel 檔")
def command(**options: Any) -> None:
    """以目前的模型標註已儲存的資料集；這個模型標註過且內容未變的不會重做。

    只有建議會改變，人員的決定不受影響。中斷後以 --resume 接續，或重跑同一個指令。
    條件可以併用。有資料集無法標註，或工作被取消時，結束代碼為 1。
    """
    given = _Options(**options)
    _check(given)
    # A terminated command ends its workers too, as one that is interrupted does.
    signal.signal(signal.SIGTERM, _interrupt)
    with open_store() as services:
        try:
            report = _run(services, given)
        except NoSuchJob as error:
            raise click.ClickException(f"沒有編號 {given.resume} 的工作。") from error
        except WrongModel as error:
            raise click.ClickException(
                f"這項工作是為模型 {error} 建立的，請以 TAGGER_MODEL 指定該模型，或重新執行 tagger retag。"
            ) from error
        except WorkersFailed as error:
            raise click.ClickException("沒有行程能夠處理，請查看上面的紀錄。") from error
        if report is None:
            return
        if given.xlsx is not None:
            with whole_file(given.xlsx) as stream:
                write_retag_report(stream, report, model_version=services.model_version)
    if given.as_json:
        click.echo(orjson.dumps(report.document()).decode())
    else:
        show_retag(report, services.model_version)
    if report.failed or report.chunks or report.state == CANCELLED:
        sys.exit(1)


class _Options(NamedTuple):
    everything: bool
    changed: bool
    publisher: str | None
    category: str | None
    query: str | None
    ids: Path | None
    again: bool
    dry_run: bool
    resume: int | None
    workers: int
    engine: str
    as_json: bool
    xlsx: Path | None


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check(given: _Options) -> None:
    """Refuse what means nothing before anything is opened."""
    chosen = (given.publisher, given.category, given.query, given.ids)
    some = any(one is not None for one in chosen)
    if not (some or given.everything or given.changed or given.resume is not None):
        raise click.UsageError(
            "請指定 --all、--changed、--publisher、--category、--query、--ids 或 --resume 其中之一。"
        )
    if given.resume is not None and (some or given.everything or given.changed or given.dry_run):
        raise click.UsageError("--resume 接續原來的工作，不能再加條件或 --dry-run。")
    if given.changed and given.again:
        raise click.UsageError("--changed 與 --again 互相矛盾，請擇一。")
    if given.query is not None and given.ids is not None:
        raise click.UsageError("--query 與 --ids 請擇一。")
    if given.engine == "celery" and Settings().broker_url is None:
        raise click.UsageError("請以 TAGGER_BROKER_URL 指定 Redis 或 RabbitMQ 的位址。")


def _run(services: Services, given: _Options) -> RetagReport | None:
    """Do what was asked for; None where it was a preview."""
    celery = given.engine == "celery"
    with progress_bar("標註") as bar:
        if given.resume is not None:
            job_id = given.resume
            reopen_retag(services, job_id, for_workers=celery)
        else:
            asked = _asked(services, given)
            if given.dry_run:
                _show_preview(preview_retag(services, asked, bar.update), given.as_json)
                return None
            job_id = make_retag(services, asked, for_workers=celery)
        try:
            if celery:
                return watch_retag(services, job_id, bar.update, _Hint())
            return do_retag(services, job_id, bar.update, given.workers)
        except KeyboardInterrupt as error:
            told = "worker 仍會繼續做完" if celery else "已停止，完成的部分已儲存"
            # Without it the job would be taken from the workers.
            engine = "--engine celery " if celery else ""
            again = f"tagger retag {engine}--resume {job_id}"
            raise click.ClickException(f"{told}；以 {again} 接續這項工作。") from error


class _Hint:
    """Says once that nobody works."""

    _AFTER_SECONDS = 15

    def __init__(self) -> None:
        self._told = False

    def __call__(self, seconds: float) -> None:
        if seconds > self._AFTER_SECONDS and not self._told:
            self._told = True
            click.echo("還沒有 worker 接手，請在任一主機執行 tagger worker。", err=True)


def _asked(services: Services, given: _Options) -> RetagAsked:
    chosen = _listed(services, given.ids)
    if given.query is not None:
        try:
            chosen = datasets_matching(services, given.query)
        except QueryError as error:
            raise click.UsageError(f"--query 第 {error.position + 1} 字：{error}") from error
    wanted = Wanted(given.publisher, given.category, given.changed)
    return RetagAsked(wanted, chosen, given.again, given.query)


def _listed(services: Services, ids: Path | None) -> tuple[int, ...] | None:
    """The keys of the datasets that a file names; unknown ones are told and left out."""
    if ids is None:
        return None
    lines = [line.strip() for line in ids.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    keys, unknown = known_datasets(services, lines)
    for identifier in unknown[:_SHOWN]:
        click.echo(f"沒有識別碼為「{identifier}」的資料集，略過。", err=True)
    if len(unknown) > _SHOWN:
        click.echo(f"另有 {len(unknown) - _SHOWN:,} 個識別碼不存在，略過。", err=True)
    return tuple(keys)


def _show_preview(found: Preview, as_json: bool) -> None:
    counts: Counter[str] = found.counts
    if as_json:
        differences = [
            {"title": one.title, "before": one.before, "after": one.after} for one in found.differences
        ]
        shown = {"datasets": found.datasets, **counts, "differences": differences}
        click.echo(orjson.dumps(shown).decode())
        return
    click.echo(
        f"共 {found.datasets:,} 筆：將標註 {counts[TAGGED]:,}（分類改變 {counts[CHANGED]:,}、"
        f"新增疑似分類不符 {counts[MISMATCHED]:,}）、已標註過 {counts[UNCHANGED]:,}。沒有寫入任何資料。"
    )
    for one in found.differences:
        click.echo(f"{one.before or '未標註'} → {one.after}　{one.title}")
