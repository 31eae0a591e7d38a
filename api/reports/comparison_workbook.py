"""A comparison of models as a workbook: 摘要, 分類, 分類改變, 例, 機關, 標籤, 失敗."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from api.reports.sheets import Cell, Sheet, write_sheets
from api.services.comparing import Agreement, Comparison, Findings, views
from tagger.categories import category_names

_DIGITS = 4
_COUNTS: tuple[tuple[str, int], ...] = (("比較筆數", 9), ("改變筆數", 9), ("改變比率", 9))


def write_comparison(stream: BinaryIO, comparison: Comparison, about: Sequence[tuple[str, str]] = ()) -> None:
    """Write the workbook.

    Args:
        stream: takes the file.
        comparison: what was found.
        about: what else the summary tells, such as the catalogue and the filters.
    """
    found = comparison.findings
    category = (("代碼", 7), ("服務分類", 16))
    sheets = (
        Sheet("摘要", (("項目", 32), ("內容", 60)), _summary(comparison, about)),
        Sheet(
            "分類",
            (*category, *(("A 建議筆數", 9), ("B 建議筆數", 9), ("移出筆數", 9), ("移入筆數", 9))),
            _categories(found),
        ),
        Sheet("分類改變", (("模型 A", 20), ("模型 B", 20), ("筆數", 9)), _pairs(found)),
        Sheet(
            "例",
            (
                *(("識別碼", 14), ("資料集名稱", 48), ("提供機關", 24), ("所填分類", 20), ("審核決定", 20)),
                *(("模型 A", 20), ("A 信心", 8), ("模型 B", 20), ("B 信心", 8)),
            ),
            _examples(found),
        ),
        Sheet("機關", (("提供機關", 40), *_COUNTS), _agencies(found)),
        Sheet("標籤", (("語意標籤", 28), ("新增筆數", 9), ("移除筆數", 9)), _labels(found)),
        Sheet("失敗", (("識別碼", 24), ("原因", 80)), found.failures),
    )
    write_sheets(stream, sheets, comparison.finished_at)


def _summary(comparison: Comparison, about: Sequence[tuple[str, str]]) -> Iterator[list[Cell]]:
    found, means = comparison.findings, views.confidence(comparison.findings)
    yield ["模型 A", comparison.name_a]
    yield ["模型 A 版本", "、".join(comparison.versions_a)]
    yield ["模型 B", comparison.name_b]
    yield ["模型 B 版本", "、".join(comparison.versions_b)]
    yield ["是否同一模型", comparison.same]
    for name, value in about:
        yield [name, value]
    yield from _agreement("審核決定", found.decided)
    yield from _agreement("抽樣檢查的決定", found.sampled)
    yield ["資料集", found.datasets]
    yield ["比較", found.compared]
    yield ["尚無建議", found.untagged]
    yield ["失敗", found.failed]
    yield ["建議分類改變", found.changed]
    yield ["建議分類改變比率", round(views.share(found.changed, found.compared), _DIGITS)]
    yield ["疑似分類不符：A", found.flagged_a]
    yield ["疑似分類不符：B", found.flagged_b]
    yield ["疑似分類不符：新增", found.gained]
    yield ["疑似分類不符：消失", found.lost]
    yield ["語意標籤不同的資料集", found.relabelled]
    yield ["新增的語意標籤", found.added.total()]
    yield ["移除的語意標籤", found.removed.total()]
    yield ["平均信心：A", means.a]
    yield ["平均信心：B", means.b]
    yield ["平均信心：B − A", means.shift]
    yield ["開始", comparison.started_at.isoformat(timespec="seconds")]
    yield ["結束", comparison.finished_at.isoformat(timespec="seconds")]
    if comparison.broken is not None:
        yield ["檔案未讀完", comparison.broken]


def _agreement(name: str, counted: Agreement) -> Iterator[list[Cell]]:
    yield [f"{name}：資料集", counted.decided]
    yield [f"{name}：A 相符", counted.a]
    yield [f"{name}：B 相符", counted.b]
    yield [f"{name}：兩者皆相符", counted.both]
    yield [f"{name}：只有 A 相符", counted.only_a]
    yield [f"{name}：只有 B 相符", counted.only_b]
    yield [f"{name}：兩者皆不符", counted.neither]


def _categories(found: Findings) -> Iterator[list[Cell]]:
    for one in views.categories(found):
        yield [one.code, category_names().get(one.code), one.a, one.b, one.left, one.entered]


def _pairs(found: Findings) -> Iterator[list[Cell]]:
    for pair in views.pairs(found):
        yield [views.named(pair.before), views.named(pair.after), pair.datasets]


def _examples(found: Findings) -> Iterator[list[Cell]]:
    for pair in views.pairs(found):
        for one in pair.examples:
            yield [
                *(
                    one.identifier,
                    one.title,
                    one.publisher,
                    views.named(one.declared),
                    views.named(one.decided),
                ),
                *(
                    views.named(one.before),
                    one.before_confidence,
                    views.named(one.after),
                    one.after_confidence,
                ),
            ]


def _agencies(found: Findings) -> Iterator[list[Cell]]:
    for one in views.agencies(found):
        yield [one.publisher or views.NO_PUBLISHER, one.compared, one.changed, round(one.share, _DIGITS)]


def _labels(found: Findings) -> Iterator[list[Cell]]:
    for label, added in views.labels(found.added):
        yield [label, added, found.removed[label]]
    for label, removed in views.labels(found.removed):
        if label not in found.added:
            yield [label, 0, removed]
