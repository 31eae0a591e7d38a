"""A comparison of models in words and tables."""

from collections import Counter

import click

from api.cli.tables import percent, printable, show_table
from api.services.comparing import Agreement, Comparison, Findings, views

_SHOWN = 20
"""Rows of a table; the files have them all."""


def show_comparison(comparison: Comparison, *, stored: bool) -> None:
    """Print a comparison: what one looks at first on top, then tables.

    Args:
        comparison: what was found.
        stored: whether it is about the store, where reviewers have decided.
    """
    found = comparison.findings
    click.echo(f"模型 A：{_model(comparison.name_a, comparison.versions_a)}")
    click.echo(f"模型 B：{_model(comparison.name_b, comparison.versions_b)}")
    if stored:
        _show_decisions(found)
    click.echo(
        f"共 {found.datasets:,} 筆：比較 {found.compared:,}、尚無建議 {found.untagged:,}、失敗 {found.failed:,}"
    )
    if comparison.same:
        click.echo("兩者是同一個模型，沒有差異。")
    else:
        _show_changes(found)
        _show_tables(found)
    _show_problems(comparison)


def _model(name: str, versions: tuple[str, ...]) -> str:
    return f"{printable(name)}（版本 {'、'.join(versions) or '無'}）"


def _show_decisions(found: Findings) -> None:
    if not found.decided.decided:
        click.echo("這些資料集還沒有審核決定可以比較。")
        return
    click.echo(f"與審核決定的分類相符：{_agreement(found.decided)}")
    if found.sampled.decided:
        click.echo(f"　其中抽樣檢查的決定：{_agreement(found.sampled)}")


def _agreement(counted: Agreement) -> str:
    a, b = (percent(views.share(part, counted.decided)) for part in (counted.a, counted.b))
    return (
        f"A {a}、B {b}（{counted.decided:,} 筆：皆相符 {counted.both:,}、只有 A 相符 {counted.only_a:,}、"
        f"只有 B 相符 {counted.only_b:,}、皆不符 {counted.neither:,}）"
    )


def _show_changes(found: Findings) -> None:
    means = views.confidence(found)
    click.echo(f"建議分類改變 {found.changed:,} 筆（{percent(views.share(found.changed, found.compared))}）")
    click.echo(
        f"疑似分類不符：A {found.flagged_a:,}、B {found.flagged_b:,}；"
        f"新增 {found.gained:,}、消失 {found.lost:,}"
    )
    click.echo(
        f"語意標籤不同 {found.relabelled:,} 筆：新增 {found.added.total():,} 個、"
        f"移除 {found.removed.total():,} 個"
    )
    click.echo(f"平均信心：A {means.a:.4f}、B {means.b:.4f}（{means.shift:+.4f}）")


def _show_tables(found: Findings) -> None:
    pairs = views.pairs(found)
    show_table(
        _title("分類改變", len(pairs)),
        ("模型 A", "模型 B", "筆數"),
        [(views.named(one.before), views.named(one.after), one.datasets) for one in pairs[:_SHOWN]],
    )
    agencies = [one for one in views.agencies(found) if one.changed]
    show_table(
        _title("各機關", len(agencies)),
        ("提供機關", "比較", "改變", "比率"),
        [
            (one.publisher or views.NO_PUBLISHER, one.compared, one.changed, one.share)
            for one in agencies[:_SHOWN]
        ],
    )
    _show_labels("新增的語意標籤", found.added)
    _show_labels("移除的語意標籤", found.removed)
    examples = [one for pair in pairs[:_SHOWN] for one in pair.examples]
    show_table(
        "例子",
        ("模型 A", "信心", "模型 B", "信心", "所填", "提供機關", "識別碼", "資料集名稱"),
        [
            (
                *(views.named(one.before), one.before_confidence),
                *(views.named(one.after), one.after_confidence),
                *(one.declared or "未填", one.publisher or "", one.identifier, one.title),
            )
            for one in examples
        ],
    )


def _show_labels(title: str, counted: Counter[str]) -> None:
    ordered = views.labels(counted)
    show_table(_title(title, len(ordered)), ("標籤", "筆數"), ordered[:_SHOWN])


def _title(title: str, rows: int) -> str:
    return f"{title}（前 {_SHOWN} 項，共 {rows:,} 項；全部見 --xlsx 或 --json）" if rows > _SHOWN else title


def _show_problems(comparison: Comparison) -> None:
    failures = comparison.findings.failures
    for identifier, reason in failures[:_SHOWN]:
        click.echo(f"{printable(identifier)}：{printable(reason)}", err=True)
    if comparison.findings.failed > _SHOWN:
        click.echo(f"另有 {comparison.findings.failed - _SHOWN:,} 筆失敗，見 --xlsx 或 --json。", err=True)
    if comparison.broken is not None:
        click.echo(f"檔案沒有讀完，以上只含讀到的部分：{comparison.broken}", err=True)
