"""`tagger retag`: the loaded model over what is stored."""

import os
import sys
from collections import Counter
from pathlib import Path

import click
import orjson

from api.cli.output import progress_bar
from api.cli.store import open_store
from api.services import Services
from api.services.jobs.retag import (
    CHANGED,
    MISMATCHED,
    TAGGED,
    UNCHANGED,
    Preview,
    RetagAsked,
    WrongModel,
    preview_retag,
)
from api.services.retagging import NoSuchJob, RetagReport, known_datasets, resume_retag, retag
from models.jobs import Wanted
from tagger.categories import category_names

_SHOWN = 20


@click.command("retag")
@click.option("--all", "everything", is_flag=True, help="所有已儲存的資料集")
@click.option("--publisher", help="只標註這個機關的資料集，需完全相同")
@click.option(
    "--category", type=click.Choice(list(category_names())), help="只標註所填為這個服務分類的資料集"
)
@click.option(
    "--ids",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="只標註檔案裡的識別碼，一行一個",
)
@click.option("--again", is_flag=True, help="這個模型標註過的也重新標註並更新索引")
@click.option("--dry-run", is_flag=True, help="只計算會有什麼改變，不寫入")
@click.option("--resume", type=click.IntRange(1), metavar="JOB", help="接續一項工作，並重試失敗的部分")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=lambda: os.cpu_count() or 1,
    show_default="核心數",
    help="同時用幾個行程",
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 輸出報告")
def command(  # noqa: PLR0913, PLR0917 - one option each
    everything: bool,
    publisher: str | None,
    category: str | None,
    ids: Path | None,
    again: bool,
    dry_run: bool,
    resume: int | None,
    workers: int,
    as_json: bool,
) -> None:
    """以目前的模型標註已儲存的資料集；這個模型標註過且內容未變的不會重做。

    只有建議會改變，人員的決定不受影響。中斷後以 --resume 接續，或重跑同一個指令。
    有資料集無法標註時，結束代碼為 1。
    """
    if (
        sum((everything, publisher is not None, category is not None, ids is not None, resume is not None))
        == 0
    ):
        raise click.UsageError("請指定 --all、--publisher、--category、--ids 或 --resume 其中之一。")
    with open_store() as services, progress_bar("標註") as bar:
        asked = RetagAsked(Wanted(publisher, category), _listed(services, ids), again)
        if dry_run:
            _show_preview(preview_retag(services, asked, bar.update), as_json)
            return
        try:
            if resume is not None:
                report = resume_retag(services, resume, bar.update, workers)
            else:
                report = retag(services, asked, bar.update, workers)
        except NoSuchJob as error:
            raise click.ClickException(f"沒有編號 {resume} 的工作。") from error
        except WrongModel as error:
            raise click.ClickException(
                f"這項工作是為模型 {error} 建立的，請以 TAGGER_MODEL 指定該模型，或重新執行 tagger retag。"
            ) from error
    _show(report, services.tagger.model_version, as_json)
    if report.failed or report.chunks:
        sys.exit(1)


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


def _show(report: RetagReport, model_version: str, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(report.document()).decode())
        return
    click.echo(
        f"共 {report.datasets:,} 筆：標註 {report.tagged:,}（分類改變 {report.changed:,}、"
        f"新增疑似分類不符 {report.mismatched:,}）、已標註過 {report.unchanged:,}、失敗 {report.failed:,}；"
        f"模型版本 {model_version}，工作編號 {report.job_id}"
    )
    for identifier, reason in report.failures[:_SHOWN]:
        click.echo(f"{identifier}：{reason}", err=True)
    for number, error in report.chunks[:_SHOWN]:
        click.echo(f"第 {number + 1} 批未完成：{error}", err=True)
    if report.failed or report.chunks:
        click.echo(f"排除原因後，以 tagger retag --resume {report.job_id} 重試。", err=True)


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
