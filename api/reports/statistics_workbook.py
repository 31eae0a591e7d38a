"""The statistics with category and labels as a workbook: 附件1, what it adds up to, and what is uncertain."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from api.readers.tables import Cell, find_column
from api.reports.sheets import Sheet
from api.services.portal_statistics.joining import AMBIGUOUS, JOINED, UNMATCHED
from api.services.portal_statistics.numbers import AGENCY, TITLE
from api.services.portal_statistics.quality import (
    LOW_SCORE,
    MANY_FINDINGS,
    SHARE,
    neglected,
    thresholds,
)
from api.services.portal_statistics.report import (
    Report,
    ReportRow,
    Sum,
    by_agency,
    by_category,
    sum_of,
)
from models.review.statistics import TAIPEI
from tagger.categories import category_names
from tagger.near_titles import LIKE, WORTH_SHOWING

ROWS = "附件1"
"""The name of the sheet that has the rows."""
ADDED = (("服務分類", 18), ("建議分類", 18), ("語意標籤", 36), ("分類說明", 60))
"""What the report adds to a row, with the widths of the columns."""
HOW_NAMES = {
    "identifier": "以識別碼對應",
    "exact": "機關與名稱相同",
    "renamed": "名稱相同，機關已改名或改隸",
    "related": "名稱相同且唯一，機關為上下級",
    "near": "同一機關的相近名稱",
    AMBIGUOUS: "待確認",
    UNMATCHED: "未對應",
}
"""Ways in which a row is joined, in words."""
_WIDE, _MIDDLE, _NARROW = 48, 24, 12
_SUMS = (("筆數", 9), ("瀏覽人次", _NARROW), ("下載次數", _NARROW), ("平均評分", 10))
_FORMATS = ("#,##0", "#,##0", "#,##0", "0.00")
_LABELS_BETWEEN = "、"
_HUNDREDTH = Decimal("0.01")


def rows_sheet(report: Report) -> Sheet:
    """The rows as they came, with what the report adds."""
    taken = set(report.header)
    added = [(name if name not in taken else f"{name}（本次）", width) for name, width in ADDED]
    columns = [(name, _width(name)) for name in report.header] + added
    # True stays True: the cells are somebody else's.
    return Sheet(ROWS, columns, map(_cells, report.rows), booleans=True)


def statistics_sheets(report: Report) -> list[Sheet]:
    """All sheets, in their order."""
    return [
        rows_sheet(report),
        _categories(report),
        _agencies(report),
        _neglected(report),
        _unmatched(report),
        _ambiguous(report),
        Sheet("說明", (("項目", 30), ("內容", 90)), _notes(report)),
    ]


def _cells(row: ReportRow) -> list[Cell]:
    return [*row.cells, row.category, row.suggested, _LABELS_BETWEEN.join(row.labels), row.why]


def _width(name: str) -> int:
    if find_column([name], TITLE) is not None:
        return _WIDE
    return _MIDDLE if find_column([name], AGENCY) is not None else _NARROW


def _categories(report: Report) -> Sheet:
    known = by_category(report.rows)
    best = by_category(report.rows, lambda row: row.best)
    columns = (("服務分類", 22), *_SUMS, *((f"含推定的{name}", width + 6) for name, width in _SUMS))
    rows: list[list[Cell]] = [
        [name, *_sums(one), *_sums(other)] for (name, one), (_, other) in zip(known, best, strict=True)
    ]
    whole = _sums(sum_of(report.rows))
    return Sheet("依分類", columns, [*rows, ["合計", *whole, *whole]], dict(enumerate(_FORMATS * 2, 1)))


def _agencies(report: Report) -> Sheet:
    columns = (
        ("提供機關名稱", 36),
        *_SUMS,
        *(("已對應", 9), ("待確認", 9), ("未對應", 9), ("有建議分類", 11), ("最多的分類（含推定）", 26)),
    )
    rows = [_agency(name, group) for name, group in by_agency(report.rows)]
    formats = dict(enumerate((*_FORMATS, *(_FORMATS[0],) * 4), 1))
    return Sheet("依機關", columns, [*rows, _agency("合計", report.rows)], formats)


def _agency(name: str, rows: Sequence[ReportRow]) -> list[Cell]:
    joined = sum(row.join.how in JOINED for row in rows)
    ambiguous = sum(row.join.how == AMBIGUOUS for row in rows)
    counted = [(one.rows, category) for category, one in by_category(rows, lambda row: row.best)]
    most, category = max(counted, key=lambda item: item[0])
    return [
        name or "未填",
        *_sums(sum_of(rows)),
        joined,
        ambiguous,
        len(rows) - joined - ambiguous,
        sum(bool(row.suggested) for row in rows),
        f"{category}（{most:,}）",
    ]


def _neglected(report: Report) -> Sheet:
    columns = (
        ("列", 9),
        ("提供機關名稱", _MIDDLE),
        ("資料集名稱", _WIDE),
        *(("瀏覽人次", _NARROW), ("下載次數", _NARROW), ("資料集評分", 10), ("分類（含推定）", 20)),
        ("識別碼", 16),
        ("待改善之處", 60),
    )
    rows = (
        [
            _number(one.place),
            one.row.agency,
            one.row.title,
            *one.row.used,
            one.row.best,
            one.row.known.identifier if one.row.known else None,
            "；".join(one.reasons),
        ]
        for one in neglected(report.rows)
    )
    return Sheet("高使用低品質", columns, rows)


def _unmatched(report: Report) -> Sheet:
    columns = (
        ("列", 9),
        ("提供機關名稱", _MIDDLE),
        ("資料集名稱", _WIDE),
        ("建議分類", 18),
        ("最相近的資料集（未採用）", _WIDE),
        ("識別碼", 16),
        ("相似度", 9),
    )
    return Sheet("未對應", columns, _unmatched_rows(report))


def _unmatched_rows(report: Report) -> Iterator[list[Cell]]:
    for place, row in enumerate(report.rows):
        if row.join.how != UNMATCHED:
            continue
        nearest: list[Cell] = [None, None, None]
        if row.join.candidates:
            candidate = row.join.candidates[0]
            known = report.datasets[candidate.place]
            nearest = [known.title, known.identifier, round(candidate.likeness)]
        yield [_number(place), row.agency, row.title, row.suggested, *nearest]


def _ambiguous(report: Report) -> Sheet:
    columns = (
        ("列", 9),
        ("提供機關名稱", _MIDDLE),
        ("資料集名稱", _WIDE),
        ("候選", 8),
        ("候選的識別碼", 16),
        ("候選的名稱", _WIDE),
        ("候選的提供機關", _MIDDLE),
        ("相似度", 9),
        ("候選的服務分類", 18),
    )
    return Sheet("待確認", columns, _ambiguous_rows(report))


def _ambiguous_rows(report: Report) -> Iterator[list[Cell]]:
    """A row for each candidate."""
    for place, row in enumerate(report.rows):
        if row.join.how != AMBIGUOUS:
            continue
        for number, candidate in enumerate(row.join.candidates, 1):
            known = report.datasets[candidate.place]
            code = known.decided or known.declared
            yield [
                _number(place),
                row.agency,
                row.title,
                f"{number}/{len(row.join.candidates)}",
                known.identifier,
                known.title,
                known.publisher,
                round(candidate.likeness),
                category_names()[code] if code else None,
            ]


def _notes(report: Report) -> Iterator[list[Cell]]:
    joins = report.joins
    yield [
        "來源檔案",
        report.source if report.sheet is None else f"{report.source}，工作表「{report.sheet}」",
    ]
    yield ["製作時間", report.at.astimezone(TAIPEI).isoformat(sep=" ", timespec="minutes")]
    yield ["模型版本", report.model_version]
    yield ["列數", len(report.rows)]
    yield ["目錄的資料集", len(report.datasets)]
    for how, name in HOW_NAMES.items():
        yield [f"對應：{name}", joins[how]]
    yield ["有建議分類的列", sum(bool(row.suggested) for row in report.rows)]
    yield ["無法標註的列", report.failed]
    for name, says in _RULES:
        yield [name, says]
    most = thresholds(report.rows)
    yield [
        "高使用低品質",
        f"瀏覽人次或下載次數在前 {SHARE:.0%}（瀏覽 {_shown(most.views)} 以上，或下載 {_shown(most.downloads)} 以上），"
        f"且資料集評分低於 {LOW_SCORE}，或目錄中的詮釋資料有 {MANY_FINDINGS} 項以上的錯誤或警告；"
        "沒有評分又未對應的列無從判斷，不列入。",
    ]


_RULES = (
    ("原有欄位", "與來源檔案相同，列的順序不變；其他工作表的「列」是附件1 的列號。"),
    ("服務分類", "對應的資料集經審核核可的分類，未審核者為機關所填；沒有對應或沒有所填分類的列留白。"),
    (
        "建議分類",
        "模型的第一建議，只在與服務分類不同時列出；經審核的不再建議。建議僅供參考，以人員審核為準。",
    ),
    ("語意標籤", "經審核核可的標籤，沒有時為模型建議的標籤。"),
    (
        "對應的順序",
        "資料集識別碼（檔案有此欄時；名稱與機關都不同者列為待確認）；機關與名稱相同（全半形、臺台、空白不計）；機關已改名或改隸；名稱在目錄中唯一且機關為上下級；"
        "同一機關的相近名稱。",
    ),
    (
        "相近名稱",
        "同一機關，數字、縣市與男女等字都相同（106年不會對應 107年），"
        "且只差「資料」「統計表」「名冊」這類字、標點或名稱前的機關名；"
        "已有其他列名稱相同者不列入，兩列相近於同一筆時都列為待確認。",
    ),
    (
        "待確認",
        f"有數筆同樣可能，或名稱相似度 {LIKE:g} 以上但差在內容的字（例如預算與決算），"
        "或只有其他機關有這個名稱，或識別碼所指的資料集名稱與機關都不同；不擅自選擇，請由候選中確認。",
    ),
    (
        "未對應",
        f"目錄沒有這筆資料集，或差異太大；相似度 {WORTH_SHOWING:g} 以上的列出最相近者供查找，未採用。",
    ),
    ("含推定", "沒有服務分類的列以建議分類計入。"),
    ("平均評分", "只計有評分的列，四捨五入到小數兩位；瀏覽與下載的合計不含無法讀為數字的儲存格。"),
    ("限制", "只有名稱的列所知較少，建議較不可靠；統計與目錄的時間不同，資料集可能已改名、合併或下架。"),
)


def _sums(found: Sum) -> list[Cell]:
    return [found.rows, found.views, found.downloads, _rounded(found.mean_score)]


def _rounded(mean: float | None) -> float | None:
    """Half goes up, as people and spreadsheets round; `round` takes the even neighbour."""
    return None if mean is None else float(Decimal(str(mean)).quantize(_HUNDREDTH, ROUND_HALF_UP))


def _number(place: int) -> int:
    """The row of the sheet 附件1, under its header, as spreadsheets count."""
    return place + 2


def _shown(value: float | None) -> str:
    return "不計" if value is None else f"{value:,}"
