"""`tagger train`: annotated data to a model directory."""

from pathlib import Path

import click

from tagger.annotated import AnnotationError


@click.command("train")
@click.option(
    "--annotated",
    "paths",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    required=True,
    help="標註資料（JSONL），可重複指定",
)
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="模型資料夾")
def command(paths: tuple[Path, ...], output: Path) -> None:
    """以標註資料訓練模型。相同的資料會得到一個位元都不差的模型。"""
    # scikit-learn takes a second to import; only training pays it.
    from tagger.training.build import train  # noqa: PLC0415

    try:
        version = train(paths, output)
    except AnnotationError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"模型 {version} 已寫入 {output}")
