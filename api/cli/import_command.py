"""`tagger import`: a catalogue into the store."""

import signal
import sys
from pathlib import Path
from typing import Any

import click

from api.cli.store import open_store
from api.cli.updating import update, update_options
from api.services.updating.catalogue import Asked, Origin, rereadable
from models.base import now


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@update_options
def command(file: Path, workbook: Path | None, as_json: bool, **asked: Any) -> None:
    """匯入目錄檔：平臺匯出的 CSV、JSON、XML，或標準名稱的 JSONL（皆可為 .gz）。

    依識別碼新增或更新：檔案空白的欄位保留原值，重複匯入不會有任何改變。有「資料集變動狀態」欄的是變動檔，
    註明刪除的資料集會撤回；其餘視為完整目錄，比上次少兩成以上時不予匯入。聯絡人姓名與電話一律捨棄。
    有誤的列會列出並略過，其餘照常匯入；只要有一列有誤，結束代碼即為 1。
    """
    # One that is terminated cleans up like one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    origin = Origin(file.name, now())
    with open_store() as services, rereadable(file) as path:
        fine = update(services, path, Asked(**asked), origin, workbook, as_json=as_json)
    if not fine:
        sys.exit(1)
