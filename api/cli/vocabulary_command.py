"""`tagger vocabulary`: the vocabulary of semantic labels, out and in as SKOS."""

import sys
from pathlib import Path

import click

from api.cli.output import whole_file
from api.cli.store import open_store
from api.interchange.rdf import RdfFormat
from api.interchange.skos_source import FILE_BYTES, SkosError
from api.interchange.vocabulary_change import Plan
from api.services.vocabulary import (
    VocabularyChanged,
    apply_import,
    plan_import,
    read_vocabulary_file,
    write_vocabulary,
)

_JSON = {".jsonld", ".json"}
_KINDS = {"added": "新增", "changed": "修改", "merged": "併入", "removed": "停用"}


@click.group("vocabulary")
def command() -> None:
    """輸出或匯入語意標籤的詞彙（SKOS）。"""


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
def export(file: Path) -> None:
    """將詞彙輸出為 SKOS：檔名以 .jsonld 結尾時為 JSON-LD，否則為 Turtle。FILE 為 - 時寫到標準輸出。"""
    form: RdfFormat = "jsonld" if file.suffix.lower() in _JSON else "turtle"
    with open_store() as services, whole_file(None if str(file) == "-" else file) as target:
        for piece in write_vocabulary(services, form):
            target.write(piece)


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只列出會有什麼改變，不套用")
@click.option("--remove-missing", is_flag=True, help="停用檔案未提到的概念；省略時維持不變")
def import_(file: Path, dry_run: bool, remove_missing: bool) -> None:
    """匯入 SKOS 的 Turtle 或 JSON-LD 檔：先列出改變，再一次全部套用。

    概念的 URI 永不改變意義：原來的標籤必須仍是它的寫法之一。不用的概念標明 owl:deprecated，併入他者的另標明
    dcterms:isReplacedBy。檔案有誤時什麼都不會改變，結束代碼為 1。
    """
    try:
        source = read_vocabulary_file(_content(file))
    except SkosError as error:
        raise click.ClickException(f"{file.name}：{error}") from error
    with open_store() as services:
        plan = plan_import(services, source, remove_missing=remove_missing)
        _show(plan)
        if plan.errors:
            click.echo(f"檔案有 {len(plan.errors):,} 處錯誤，詞彙沒有任何改變。", err=True)
            sys.exit(1)
        if dry_run or not plan.changes:
            click.echo("未套用。" if plan.changes else "沒有任何改變。")
            return
        try:
            apply_import(services, source, plan, remove_missing=remove_missing)
        except VocabularyChanged:
            raise click.ClickException("詞彙剛被別人改變，請重新執行。") from None
    click.echo("已套用。")


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(FILE_BYTES + 1)
    except OSError as error:
        raise click.ClickException(f"無法開啟 {file}：{error.strerror}") from error


def _show(plan: Plan) -> None:
    for error in plan.errors:
        click.echo(error, err=True)
    for note in plan.notes:
        click.echo(note, err=True)
    for change in plan.changes:
        details = f"：{'；'.join(change.details)}" if change.details else ""
        click.echo(f"{_KINDS[change.kind]} {change.name}{details}")
    counts = {kind: sum(change.kind == kind for change in plan.changes) for kind in _KINDS}
    if plan.changes:
        click.echo("、".join(f"{_KINDS[kind]} {count:,}" for kind, count in counts.items()))
