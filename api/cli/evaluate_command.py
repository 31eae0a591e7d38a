"""`tagger evaluate`: a model against annotated data."""

from pathlib import Path

import click

from api.cli.output import whole_file
from tagger import Tagger
from tagger.annotated import AnnotationError, read_annotated
from tagger.evaluation import evaluate
from tagger.scorecard import calibration_plot, tables
from tagger.weights import ModelError


@click.command("evaluate")
@click.argument("annotated", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--model", type=click.Path(file_okay=False, path_type=Path), help="模型資料夾；省略時用內附的模型"
)
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="將校準圖寫成 SVG 檔")
def command(annotated: Path, model: Path | None, plot: Path | None) -> None:
    """以標註資料評量模型：整體、各分類、混淆與校準。輸出為 Markdown 表格。"""
    try:
        scores = evaluate(Tagger.load(model), read_annotated(annotated))
    except (AnnotationError, ModelError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(tables(scores))
    if plot:
        with whole_file(plot) as file:
            file.write(calibration_plot(scores.calibration).encode())
