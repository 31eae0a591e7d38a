"""The monthly report as tables: 摘要, 趨勢, 部會, 機關, 各月明細, 說明."""

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from api.reports.sheets import Cell, Sheet
from api.reports.tables import TableFormat, write_tables
from api.services.monthly import Figures, Monthly

NO_PUBLISHER = "未填提供機關"
STOCK_NAMES = {
    "datasets": "資料集",
    "public_information": "所填為公共資訊",
    "tagged": "有建議",
    "labelled": "建議有標籤",
    "flagged": "疑似不符",
    "open": "疑似不符待審",
    "approved": "有核可標籤",
}
"""What stands at the end of a month, in words."""
FLOW_NAMES = {
    "accepted": "核可建議",
    "otherwise": "改選其他",
    "kept": "維持原分類",
    "rejected": "退回",
    "second": "第二意見",
    "skipped": "略過",
    "marked": "標記",
    "undone": "復原",
}
"""What was decided in a month, in words."""
SHARE_NAMES = {
    "public_share": "公共資訊比率",
    "agreement": "與建議相同比率",
    "labelled_share": "建議標籤涵蓋率",
    "approved_share": "核可標籤涵蓋率",
}
"""Shares of them, in words."""
NOTES = (
    ("月份", "依臺灣時間；月底的數字為次月 1 日 0 時以前的狀態，未結束的月份算到產生報表時。"),
    ("資料集", "當時在目錄裡的；撤回的從撤回起不計，提供機關與所填分類以當時的版本為準。"),
    ("疑似不符", "當時的建議與所填分類不符；待審為其中當時沒有有效決定的。"),
    ("決定", "該月所做、且月底前沒有復原的第一意見；第二意見、略過與標記另計，復原計在復原的那個月。"),
    ("與建議相同比率", "核可建議 ÷（核可建議＋改選其他＋維持原分類＋退回）；沒有決定則空白。"),
    ("建議標籤涵蓋率", "當時的建議至少有一個語意標籤的資料集 ÷ 資料集。"),
    ("核可標籤涵蓋率", "當時有效的決定至少核可一個語意標籤的資料集 ÷ 資料集。"),
)
"""The definitions in short; docs/monthly-report.md has them in full."""
_DIGITS = 4


def write_monthly(stream: BinaryIO, form: TableFormat, report: Monthly, publisher: str | None) -> None:
    """Write the tables of a report; of one agency those of all others are left out.

    Args:
        stream: takes the file.
        form: a CSV file has only the months of each agency.
        report: of one agency where `publisher` is given.
    """
    if form == "csv":
        tables = [_detail(report)]
    else:
        tables = [
            Sheet("摘要", (("項目", 24), ("內容", 40)), _summary(report, publisher)),
            _sheet("趨勢", (("月份", 10), *_columns()), _trend(report)),
            *([] if publisher else _of_agencies(report)),
            Sheet("說明", (("項目", 18), ("定義", 100)), map(list, NOTES)),
        ]
    write_tables(stream, form, tables, report.at)


def _of_agencies(report: Monthly) -> Iterator[Sheet]:
    parts = (("部會", "部會或地方政府", report.ministries()), ("機關", "提供機關", report))
    for name, head, part in parts:
        yield _sheet(name, ((head, 32), *_columns(), ("待審增減", 9)), _agencies(part))
    yield _detail(report)


def _detail(report: Monthly) -> Sheet:
    return _sheet("各月明細", (("提供機關", 32), ("月份", 10), *_columns()), _each(report))


def figure_cells(figures: Figures) -> list[Cell]:
    """A month's figures in the order of the headings."""
    counts = [getattr(figures, name) for name in (*STOCK_NAMES, *FLOW_NAMES)]
    shares = [getattr(figures, name) for name in SHARE_NAMES]
    return [*counts, *(None if share is None else round(share, _DIGITS) for share in shares)]


def _columns() -> list[tuple[str, int]]:
    names = (*STOCK_NAMES.values(), *FLOW_NAMES.values(), *SHARE_NAMES.values())
    return [(name, 10) for name in names]


def _sheet(name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]) -> Sheet:
    """A table whose shares are shown in percent."""
    shares = set(SHARE_NAMES.values())
    formats = {place: "0.0%" for place, (head, _) in enumerate(columns) if head in shares}
    return Sheet(name, columns, rows, formats)


def _summary(report: Monthly, publisher: str | None) -> Iterator[list[Cell]]:
    last = report.total()[-1]
    yield ["月份", str(report.months[-1])]
    yield ["提供機關", publisher or "全部"]
    if report.withheld:
        yield ["不含", "、".join(sorted(name or NO_PUBLISHER for name in report.withheld))]
    yield ["產生時間", report.at.isoformat(timespec="seconds")]
    yield ["月份已結束", not report.unfinished]
    for name, says in STOCK_NAMES.items():
        yield [f"月底{says}", getattr(last, name)]
    for name, says in FLOW_NAMES.items():
        yield [f"本月{says}", getattr(last, name)]
    for name, says in SHARE_NAMES.items():
        share = getattr(last, name)
        yield [says, None if share is None else f"{share:.1%}"]


def _trend(report: Monthly) -> Iterator[list[Cell]]:
    for month, figures in zip(report.months, report.total(), strict=True):
        yield [str(month), *figure_cells(figures)]


def _agencies(report: Monthly) -> Iterator[list[Cell]]:
    for name, figures in report.ordered():
        before = figures[-2].open if len(figures) > 1 else 0
        yield [name or NO_PUBLISHER, *figure_cells(figures[-1]), figures[-1].open - before]


def _each(report: Monthly) -> Iterator[list[Cell]]:
    for name, each in sorted(report.agencies.items(), key=lambda item: item[0] or ""):
        for month, figures in zip(report.months, each, strict=True):
            if any(figures):
                yield [name or NO_PUBLISHER, str(month), *figure_cells(figures)]
