"""`tagger evaluate`: a model against annotated data."""

from pathlib import Path

import click

from tagger import Tagger
from tagger.annotated import AnnotationError, read_annotated
from tagger.evaluation import Scores, evaluate
from tagger.weights import ModelError

_NAMES = {
    "datasets": "資料集數",
    "accepted_at_1": "分類可接受率（第一名）",
    "strict_at_1": "分類與標註者相同（第一名）",
    "recall_at_3": "標註者的分類在前三名",
    "macro_f1": "各分類 F1 平均",
    "calibration_error": "信心校準誤差（ECE）",
    "label_f1": "標籤 F1（前五名，完全相同）",
}


@click.command("evaluate")
@click.argument("annotated", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--model", type=click.Path(file_okay=False, path_type=Path), help="模型資料夾；省略時用內附的模型"
)
def command(annotated: Path, model: Path | None) -> None:
    """以標註資料評量模型。"""
    try:
        scores = evaluate(Tagger.load(model), read_annotated(annotated))
    except (AnnotationError, ModelError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    for name in Scores._fields:
        value = getattr(scores, name)
        click.echo(f"{_NAMES[name]}：{value:,}" if isinstance(value, int) else f"{_NAMES[name]}：{value:.4f}")
