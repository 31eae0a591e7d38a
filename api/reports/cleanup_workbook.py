"""What clearing a category would change as tables: 摘要, 群組, 資料集."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from api.reports.sheets import Cell, Sheet
from api.services.review.cleanup import CategoryCount, CleanupCounts
from models.review.cleanup import CleanupRow, GroupRow
from models.review.tables import CONFIDENT, CONFLICT, DECIDED, MISMATCH, SECOND, UNCERTAIN
from tagger.categories import category_names

STATE_NAMES = {
    MISMATCH: "疑似不符，待審",
    UNCERTAIN: "未標示不符",
    CONFIDENT: "未標示不符",
    SECOND: "已決定",
    DECIDED: "已決定",
    CONFLICT: "意見不同，待第三人",
}
"""Where a dataset stands, in words."""
_LEVEL_NAMES = {"correct": "建議修正", "confirm": "建議確認"}


class Cleanup(NamedTuple):
    """What is reported.

    Attributes:
        category_code: the category that is cleared.
        publisher: the agency that it is limited to, if any.
        groups: all of them, the largest first.
        datasets: all that are declared for the category.
    """

    category_code: str
    publisher: str | None
    counts: CleanupCounts
    groups: Iterable[GroupRow]
    datasets: Iterable[CleanupRow]


def cleanup_sheets(found: Cleanup) -> tuple[Sheet, ...]:
    """The sheets; their rows are made as they are written."""
    return (
        Sheet(
            "摘要",
            (("項目", 28), ("審核前", 12), ("現在", 12), ("全部採用後", 12), ("增減", 12)),
            _summary(found),
            dict.fromkeys(range(1, 4), "#,##0") | {4: "+#,##0;-#,##0;0"},
        ),
        Sheet(
            "群組",
            (
                ("名稱樣式", 60),
                ("建議分類", 18),
                ("筆數", 9),
                ("可一次採用", 11),
                ("機關數", 9),
                ("平均信心", 10),
            ),
            _groups(found.groups),
            dict.fromkeys((2, 3, 4), "#,##0") | {5: "0.0%"},
        ),
        datasets_sheet(found),
    )


def datasets_sheet(found: Cleanup) -> Sheet:
    """All datasets that are declared for the category."""
    return Sheet(
        "資料集",
        (
            ("識別碼", 16),
            ("資料集名稱", 48),
            ("提供機關", 24),
            ("所填分類", 18),
            ("狀態", 16),
            ("建議分類", 18),
            ("信心", 8),
            ("程度", 10),
            ("核可分類", 18),
            ("依據", 60),
            ("名稱樣式", 48),
        ),
        _datasets(found),
        {6: "0.0%"},
    )


def _named(code: str | None) -> str | None:
    return f"{code} {category_names()[code]}" if code in category_names() else code


def _summary(found: Cleanup) -> Iterator[list[Cell]]:
    counts = found.counts
    yield from (_line(one) for one in counts.categories)
    yield [
        "合計",
        sum(one.before for one in counts.categories),
        sum(one.now for one in counts.categories),
        sum(one.expected for one in counts.categories),
        0,
    ]
    facts: list[tuple[str, int]] = [
        (f"所填為 {_named(found.category_code)}", counts.declared),
        ("其中已決定", counts.decided),
        ("已決定，改到其他分類", counts.moved),
        ("已決定，維持", counts.kept),
        ("已決定，退回", counts.undetermined),
        ("疑似不符，待審", counts.doubtful),
        ("未標示不符", counts.unflagged),
        *((f"待審，建議移到 {_named(code)}", count) for code, count in counts.moves),
    ]
    for name, count in facts:
        yield [name, count, None, None, None]
    if found.publisher is not None:
        yield ["只計提供機關", found.publisher, None, None, None]


def _line(one: CategoryCount) -> list[Cell]:
    name = _named(one.category_code) or "沒有分類"
    return [name, one.before, one.now, one.expected, one.expected - one.before]


def _groups(groups: Iterable[GroupRow]) -> Iterator[list[Cell]]:
    for group in groups:
        yield [
            group.title_pattern,
            _named(group.suggested_code),
            group.datasets,
            group.sure,
            group.publishers,
            round(group.confidence, 4),
        ]


def _datasets(found: Cleanup) -> Iterator[list[Cell]]:
    declared = _named(found.category_code)
    for row in found.datasets:
        moves = row.level is not None
        yield [
            row.identifier,
            row.title,
            row.publisher,
            declared,
            STATE_NAMES[row.queue],
            _named(row.suggested_code) if moves else None,
            round(row.confidence, 4) if moves else None,
            _LEVEL_NAMES.get(row.level or ""),
            _named(row.decided_code),
            row.reason,
            row.title_pattern,
        ]
