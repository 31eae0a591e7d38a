"""What re-tagging did, in a sentence and tables."""

from collections import Counter

import click

from api.cli.tables import printable, show_table
from api.services.retagging import RetagReport
from models.job import CANCELLED

_SHOWN = 20


def show_retag(report: RetagReport, model_version: str) -> None:
    """Print a report: the sum in one sentence, the counts, why datasets failed, and how to go on."""
    click.echo(
        f"共 {report.datasets:,} 筆：標註 {report.tagged:,}（分類改變 {report.changed:,}、"
        f"新增疑似分類不符 {report.mismatched:,}）、已標註過 {report.unchanged:,}、失敗 {report.failed:,}；"
        f"模型版本 {model_version}，工作編號 {report.job_id}"
    )
    show_table(
        "標註結果",
        ("項目", "筆數"),
        [
            ("標註", report.tagged),
            ("　分類改變", report.changed),
            ("　新增疑似分類不符", report.mismatched),
            ("未變（已標註過）", report.unchanged),
            ("失敗", report.failed),
        ],
    )
    _show_reasons(report)
    for identifier, reason in report.failures[:_SHOWN]:
        click.echo(f"{printable(identifier)}：{reason}", err=True)
    if report.failed > _SHOWN:
        click.echo(f"另有 {report.failed - _SHOWN:,} 筆失敗，見 --xlsx 或 --json。", err=True)
    for number, error in report.chunks[:_SHOWN]:
        click.echo(f"第 {number + 1} 批未完成：{error}", err=True)
    if report.state == CANCELLED:
        click.echo(f"這項工作已取消，以 tagger retag --resume {report.job_id} 接續。", err=True)
    elif report.failed or report.chunks:
        click.echo(f"排除原因後，以 tagger retag --resume {report.job_id} 重試。", err=True)


def _show_reasons(report: RetagReport) -> None:
    reasons = Counter(reason for _, reason in report.failures).most_common(_SHOWN)
    known = len(report.failures)
    title = "失敗原因" if known == report.failed else f"失敗原因（前 {known:,} 筆）"
    show_table(title, ("原因", "筆數"), reasons)
