"""Scores for people: tables in Markdown and the calibration plot as SVG."""

from collections.abc import Iterator

from tagger.categories import category_names
from tagger.evaluation import Bin, Scores

_SIZE = 320
_MARGIN = 44
_MOST_CONFUSIONS = 12


def tables(scores: Scores) -> str:
    """All scores as Markdown tables with 繁體中文 headings."""
    return "\n".join(
        [*_overall(scores), "", *_categories(scores), "", *_confusions(scores), "", *_bins(scores)]
    )


def _overall(scores: Scores) -> Iterator[str]:
    yield "| 指標 | 值 |"
    yield "|---|---|"
    yield f"| 資料集數 | {scores.datasets:,} |"
    rows = {
        "分類可接受率（第一名）": scores.accepted_at_1,
        "分類與標註者相同（第一名）": scores.strict_at_1,
        "標註者的分類在前三名": scores.recall_at_3,
        "各分類 F1 平均": scores.macro_f1,
        "信心校準誤差（ECE）": scores.calibration_error,
        "標籤 F1（前五名，完全相同）": scores.label_f1,
        "標籤 F1（前五名，近似）": scores.label_f1_soft,
        "不符檢查精確率": scores.mismatch.precision,
        "不符檢查召回率": scores.mismatch.recall,
        "不符檢查 F1": scores.mismatch.f1,
        "誤報率": scores.mismatch.false_alarms,
    }
    for name, value in rows.items():
        yield f"| {name} | {value:.4f} |"


def _categories(scores: Scores) -> Iterator[str]:
    yield "| 服務分類 | 資料集 | 精確率 | 召回率 | F1 |"
    yield "|---|---|---|---|---|"
    for row in scores.categories:
        name = f"{row.category_code} {category_names()[row.category_code]}"
        yield f"| {name} | {row.datasets} | {row.precision:.3f} | {row.recall:.3f} | {row.f1:.3f} |"


def _confusions(scores: Scores) -> Iterator[str]:
    yield "| 標註 | 誤為 | 次數 |"
    yield "|---|---|---|"
    names = category_names()
    for (annotated, suggested), count in scores.confusions[:_MOST_CONFUSIONS]:
        yield f"| {annotated} {names[annotated]} | {suggested} {names[suggested]} | {count} |"


def _bins(scores: Scores) -> Iterator[str]:
    yield "| 信心 | 資料集 | 平均信心 | 實際可接受 |"
    yield "|---|---|---|---|"
    for number, cell in enumerate(scores.calibration):
        if cell.datasets:
            between = f"{number / 10:.1f}–{(number + 1) / 10:.1f}"
            yield f"| {between} | {cell.datasets} | {cell.confidence:.3f} | {cell.accepted:.3f} |"


def calibration_plot(bins: list[Bin]) -> str:
    """Confidence against the share accepted, as SVG; a point's area grows with its number of datasets."""
    total = sum(cell.datasets for cell in bins) or 1
    inner = _SIZE - 2 * _MARGIN

    def place(x: float, y: float) -> tuple[str, str]:
        return f"{_MARGIN + x * inner:.1f}", f"{_SIZE - _MARGIN - y * inner:.1f}"

    (left, bottom), (right, top) = place(0, 0), place(1, 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" role="img" '
        'font-family="sans-serif" font-size="11" fill="#333">',
        "<title>信心與實際可接受率</title>",
        f'<rect width="{_SIZE}" height="{_SIZE}" fill="#fff"/>',
        f'<path d="M{left} {bottom}L{right} {top}" stroke="#999" stroke-dasharray="4 4" fill="none"/>',
        f'<path d="M{left} {top}V{bottom}H{right}" stroke="#333" fill="none"/>',
    ]
    for tick in (0.0, 0.5, 1.0):
        x, y = place(tick, tick)
        parts.append(f'<text x="{x}" y="{_SIZE - _MARGIN + 16}" text-anchor="middle">{tick:.1f}</text>')
        parts.append(f'<text x="{_MARGIN - 6}" y="{y}" text-anchor="end">{tick:.1f}</text>')
    for cell in bins:
        if cell.datasets:
            x, y = place(cell.confidence, cell.accepted)
            radius = 2.5 + 9 * (cell.datasets / total) ** 0.5
            parts.append(f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="#1f5f66" fill-opacity=".75"/>')
    parts.append(f'<text x="{_SIZE / 2}" y="{_SIZE - 8}" text-anchor="middle">信心</text>')
    parts.append(f'<text x="{_MARGIN}" y="{_MARGIN - 14}" text-anchor="middle">實際可接受</text></svg>\n')
    return "\n".join(parts)
