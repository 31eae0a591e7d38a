"""`tagger report`: the papers that a meeting needs. Each subcommand is imported when it is called."""

import importlib

import click

_REPORTS = {
    "statistics": "為平臺的瀏覽下載統計加上服務分類與語意標籤",
    "note": "產生一個資料集或一個機關的修正建議單",
    "cleanup": "公共資訊清理：會移到哪裡，名稱相似的一群一列，清理前後的筆數",
    "readiness": "資料集在品質指標與標準規範上缺什麼，由最容易補的排起",
    "monthly": "各機關的月報：疑似分類不符、決定、標籤涵蓋率與趨勢",
}
"""Subcommand → its help. The subcommand NAME is `command` of `api.cli.report_NAME`, dashes as underscores."""


class _LazyGroup(click.Group):
    """Knows its subcommands' names and help without importing them; others are added by `add_command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return [*_REPORTS, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand, imported now; None where there is none of this name."""
        if cmd_name not in _REPORTS:
            return self.commands.get(cmd_name)
        name = cmd_name.replace("-", "_")
        command = importlib.import_module(f"api.cli.report_{name}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands from the table; click's own way would import each."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    *_REPORTS.items(),
                    *((name, one.get_short_help_str()) for name, one in self.commands.items()),
                ]
            )


@click.group("report", cls=_LazyGroup)
def command() -> None:
    """產生會議所需的文件。"""
