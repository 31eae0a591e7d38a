"""`tagger suggest`: JSONL in, JSONL out."""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import click
import orjson

from api.cli.output import whole_file
from api.readers import RowProblem
from api.readers.lines import read_lines
from tagger import DatasetMetadata, Tagger
from tagger.weights import ModelError

_BATCH = 256


@click.command("suggest")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-")
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="寫到檔案；省略時寫到標準輸出"
)
@click.option(
    "--model", type=click.Path(file_okay=False, path_type=Path), help="模型資料夾；省略時用內附的模型"
)
@click.option(
    "--engine",
    type=click.Choice(["default", "ckip", "none"]),
    default="default",
    show_default=True,
    help="尋找新詞的斷詞引擎；none 表示不找新詞",
)
@click.option(
    "--engine-data",
    envvar="TAGGER_ENGINE_DATA",
    type=click.Path(file_okay=False, path_type=Path),
    help="ckip 引擎的資料夾；省略時用環境變數 TAGGER_ENGINE_DATA",
)
def command(
    file: Path, output: Path | None, model: Path | None, engine: str, engine_data: Path | None
) -> None:
    """為 JSONL 的每筆資料集建議服務分類與語意標籤。

    每行一個物件，欄位名稱依「資料集詮釋資料標準規範」，至少要有 title。FILE 為 - 或省略時讀標準輸入。
    有誤的行會列在標準錯誤輸出，其餘照常處理；只要有一行有誤，結束代碼即為 1。
    """
    try:
        tagger = Tagger.load(model, None if engine == "none" else engine, engine_data)
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    failed = 0
    with _opened(file) as source, whole_file(output) as target:
        for rows in _batches(source):
            failed += _answer(tagger, rows, target)
    if failed:
        click.echo(f"共 {failed} 行有誤，其餘已處理。", err=True)
        sys.exit(1)


def _opened(file: Path) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise click.ClickException(f"無法開啟 {file}：{error.strerror}") from error


def _batches(source: BinaryIO) -> Iterator[list[DatasetMetadata | RowProblem]]:
    rows = read_lines(source)
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _answer(tagger: Tagger, rows: list[DatasetMetadata | RowProblem], target: BinaryIO) -> int:
    """Write the answers to a batch of lines and name the bad ones; how many were bad."""
    problems = [row for row in rows if isinstance(row, RowProblem)]
    for problem in problems:
        click.echo(problem.sentence, err=True)
    for suggestion in tagger.suggest_batch([row for row in rows if isinstance(row, DatasetMetadata)]):
        target.write(orjson.dumps(suggestion, option=orjson.OPT_APPEND_NEWLINE))
    return len(problems)
