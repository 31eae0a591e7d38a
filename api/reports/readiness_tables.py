"""What datasets lack on their way to a badge as tables: 待辦, 資料集, 機關, 規則, 指標, 說明."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import IO, BinaryIO, NamedTuple

from api.reports.sheets import Cell, Sheet
from api.reports.tables import TableFormat, write_tables
from api.services.badge_readiness import Assessed, Summary
from tagger.readiness import EFFORTS, INDICATORS, STATES
from tagger.readiness.assess import what_is

NO_PUBLISHER = "未填提供機關"
NOTES = (
    "白金標章的確切條件未公開；本表不推定任何標章，「平臺品質檢測」照錄平臺所載。",
    "七項指標見數位發展部「政府資料品質提升機制運作指引」。符合與不符是依平臺檢測結果，沒有時依詮釋資料；"
    "規則未公開，或詮釋資料看不出來的，一律為未知。",
    "待辦由最容易補的排起：一次填寫（欄位選填一次）、改文字（有人重寫文字）、改檔案（重做檔案）、"
    "需開發（修改程式或介面）。",
    "更新時效性以更新頻率與最近的資源更新時間（沒有時為詮釋資料更新時間）計算；平臺的寬限期未公開。",
)
"""What a reader of the tables must know."""


class Written(NamedTuple):
    """The day that counts as today, and when the file is made."""

    on: date
    created_at: datetime


def write_readiness(
    stream: BinaryIO,
    form: TableFormat,
    found: Iterable[Assessed],
    summary: Summary,
    about: Written,
) -> None:
    """Write the tables; the datasets are looked at once, one at a time in memory.

    Args:
        stream: takes the file.
        form: a CSV file has only the list of what is to be done.
        found: the datasets.
        summary: takes the counts.
        about: the day that counts as today, and when the file was made.
    """
    # While the first table is written, the rows of the second one wait on disk.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
        write_tables(stream, form, _sheets(found, summary, about.on, kept), about.created_at)


def _sheets(found: Iterable[Assessed], summary: Summary, on: date, kept: IO[str]) -> list[Sheet]:
    """The tables; their rows come in this order, and once."""
    efforts = tuple((name, 9) for name in EFFORTS.values())
    return [
        Sheet(
            "待辦",
            (
                *(("提供機關", 26), ("識別碼", 12), ("資料集名稱", 44), ("難易", 9), ("規則", 6)),
                *(("欄位", 18), ("有關指標", 20), ("缺什麼", 52), ("怎麼補", 60)),
            ),
            _gaps(found, summary, kept),
        ),
        Sheet(
            "資料集",
            (
                *(("提供機關", 26), ("識別碼", 12), ("資料集名稱", 44), ("平臺品質檢測", 13)),
                *((name, 11) for name in INDICATORS.values()),
                *efforts,
            ),
            _datasets(kept),
        ),
        Sheet(
            "機關",
            (("提供機關", 32), ("資料集", 9), *efforts, ("缺漏合計", 9)),
            _publishers(summary),
        ),
        Sheet(
            "規則",
            (("規則", 6), ("檢查什麼", 44), ("難易", 9), ("資料集", 9), ("缺漏", 9)),
            _rules(summary),
        ),
        Sheet(
            "指標",
            (("品質指標", 16), *((name, 9) for name in STATES.values())),
            _indicators(summary),
        ),
        Sheet("說明", (("項目", 16), ("內容", 100)), _notes(on, summary)),
    ]


def _gaps(found: Iterable[Assessed], summary: Summary, kept: IO[str]) -> Iterator[list[Cell]]:
    for one in found:
        summary.add(one)
        kept.write(json.dumps(_dataset(one), ensure_ascii=False) + "\n")
        for gap in one.readiness["gaps"]:
            yield [
                one.publisher or NO_PUBLISHER,
                one.identifier,
                one.title,
                EFFORTS[gap["effort"]],
                gap["number"],
                gap["field"],
                "、".join(INDICATORS[indicator] for indicator in gap["indicators"]),
                gap["message"],
                gap["fix"],
            ]


def _dataset(one: Assessed) -> list[Cell]:
    efforts = Counter(gap["effort"] for gap in one.readiness["gaps"])
    return [
        one.publisher or NO_PUBLISHER,
        one.identifier,
        one.title,
        one.readiness["badge"],
        *(STATES[item["state"]] for item in one.readiness["indicators"]),
        *(efforts[effort] for effort in EFFORTS),
    ]


def _datasets(kept: IO[str]) -> Iterator[list[Cell]]:
    kept.seek(0)
    for line in kept:
        yield json.loads(line)


def _publishers(summary: Summary) -> Iterator[list[Cell]]:
    for publisher, size in sorted(summary.sizes.items(), key=lambda item: (-item[1], item[0] or "")):
        gaps = summary.publishers[publisher]
        yield [publisher or NO_PUBLISHER, size, *(gaps[effort] for effort in EFFORTS), gaps.total()]


def _rules(summary: Summary) -> Iterator[list[Cell]]:
    for one in summary.rules:
        yield [*what_is(one.rule), EFFORTS[one.effort], one.datasets, one.gaps]


def _indicators(summary: Summary) -> Iterator[list[Cell]]:
    yield from map(list, summary.indicator_counts())


def _notes(on: date, summary: Summary) -> Iterator[list[Cell]]:
    yield ["以這一天計算", on.isoformat()]
    yield ["資料集", summary.datasets]
    if summary.more:
        said = "其餘沒有檢查；全部請用 tagger report readiness。"
        yield ["不是全部", f"這個機關的資料集很多，本檔只檢查前 {summary.datasets:,} 筆，{said}"]
    yield ["沒有缺漏", summary.complete]
    for name, _, done in summary.effort_counts():
        yield [f"補完{name}後", f"{done:,} 個資料集沒有缺漏"]
    for badge, count in summary.badges.most_common():
        yield [f"平臺：{badge or '未載明'}", count]
    for note in NOTES:
        yield ["說明", note]
