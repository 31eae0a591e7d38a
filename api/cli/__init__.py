"""The `tagger` command. Each subcommand is imported when it is called, so that the others start fast."""

import importlib
import sys

import click

from tagger.version import __version__

_COMMANDS = {
    "suggest": "為 JSONL 的每筆資料集建議服務分類與語意標籤",
    "import": "匯入目錄檔（平臺匯出的 CSV、JSON、XML，或標準名稱的 JSONL）",
    "sync": "由網址取得目錄或每日變動檔並匯入",
    "export": "將目錄輸出為 DCAT 或國家標準的欄位格式",
    "report": "產生會議所需的文件：統計、建議單、月報",
    "vocabulary": "輸出或匯入語意標籤的詞彙（SKOS）",
    "ckan": "讀取 CKAN 平臺，並將核可的語意標籤寫回",
    "webhook": "管理 webhook，並傳送審核決定的通知",
    "user": "管理可以登入的帳號",
    "token": "管理程式使用的權杖",
    "retag": "以目前的模型重新標註已儲存的資料集",
    "worker": "持續處理重新標註的工作",
    "compare": "比較兩個模型：對目錄的建議會有什麼不同",
    "migrate": "建立或更新資料庫結構",
    "index": "補上缺少或過時的搜尋索引",
    "audit": "查核決定的紀錄是否如實，並輸出事件",
    "demo": "載入並標註示範目錄",
    "train": "以標註資料訓練模型",
    "evaluate": "以標註資料評量模型",
}


class _LazyGroup(click.Group):
    """Knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None where there is none of this name."""
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f"api.cli.{cmd_name}_command").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table; click's own way would import each."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tagger")
def cli() -> None:
    """為臺灣的政府開放資料建議服務分類與語意標籤。"""


def main() -> None:
    """Entry of the console script."""
    # A reader that goes away (`tagger suggest | head`) is no error worth a traceback.
    try:
        cli()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
