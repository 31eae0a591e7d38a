"""Charts as shapes that a template draws as SVG.

Lengths across are percent of the width and those down are pixels, so that a chart fits any width while its text
keeps its size. Series differ by pattern as well as by colour.
"""

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import NamedTuple

_LEFT, _RIGHT = 34.0, 86.0
"""Where bars begin beside their labels, and where the longest one ends, in percent."""
_ROW, _BAR = 24, 14
_TALL, _TOP, _BOTTOM = 150, 16, 24
"""Height of the plot of columns, and what is above and below it, in pixels."""
_AXIS = 11.0
"""Left of the first column, in percent."""
_LONGEST_LABEL = 22
PATTERNED = (1, 2)
"""Series that are drawn with a pattern; the first one is full and the fourth one empty."""


class Shape(NamedTuple):
    """One SVG element: its tag, its attributes, and the text that it is or, for a bar, that explains it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


class Chart(NamedTuple):
    """A drawing.

    Attributes:
        name: begins the ids in it.
        title, description: what it shows, and its main point, in 繁體中文.
        height: in pixels.
        legend: the series in their order, by name; none where there is only one.
    """

    name: str
    title: str
    description: str
    height: int
    shapes: list[Shape]
    legend: tuple[str, ...] = ()


class Bar(NamedTuple):
    """A bar: its label, the value of each series, and what stands at its end."""

    label: str
    values: tuple[float, ...]
    shown: str


class Dot(NamedTuple):
    """A measured share with its interval, 0 to 1; None where nothing was measured. `shown` says it in words."""

    label: str
    share: float | None
    low: float | None
    high: float | None
    shown: str


class Caption(NamedTuple):
    """The name, title and description of a chart."""

    name: str
    title: str
    description: str


def bars(
    caption: Caption, rows: Sequence[Bar], legend: tuple[str, ...] = (), *, above: bool = False
) -> Chart:
    """Bars across, those of several series end to end.

    Args:
        above: whether labels stand above their bars, which leaves room for long ones.
    """
    left, row = (0.0, 2 * _ROW - 4) if above else (_LEFT, _ROW)
    longest = max((sum(bar.values) for bar in rows), default=0) or 1
    shapes: list[Shape] = []
    for place, bar in enumerate(rows):
        top = place * row
        middle = top + row - _ROW / 2
        shapes.append(_text(0, top + _ROW / 2 if above else middle, _shortened(bar.label)))
        end = left
        for series, value in enumerate(bar.values):
            width = value / longest * (_RIGHT - left)
            what = f"{bar.label} {legend[series]} {value:,g}" if legend else f"{bar.label} {bar.shown}"
            if value:
                shapes.append(_bar(caption.name, series, (end, middle - _BAR / 2, width, _BAR), what))
            end += width
        shapes.append(_text(end + 1, middle, bar.shown))
    return Chart(*caption, len(rows) * row, shapes, legend)


def pairs(caption: Caption, rows: Sequence[Bar], legend: tuple[str, ...]) -> Chart:
    """Two bars across for each label, or more, one below the other, all from the start."""
    longest = max((max(bar.values) for bar in rows), default=0) or 1
    thick = _BAR - 4
    row = len(legend) * thick + 8
    shapes: list[Shape] = []
    for place, bar in enumerate(rows):
        top = place * row + 2
        middle = top + len(legend) * thick / 2
        shapes.append(_text(0, middle, bar.label))
        for series, value in enumerate(bar.values):
            width = value / longest * (_RIGHT - 6 - _LEFT)
            box = (_LEFT, top + series * thick, width, thick - 1)
            shapes.append(_bar(caption.name, series, box, f"{bar.label} {legend[series]} {value:,g}"))
        end = _LEFT + max(bar.values) / longest * (_RIGHT - 6 - _LEFT)
        shapes.append(_text(end + 1, middle, bar.shown))
    return Chart(*caption, len(rows) * row, shapes, legend)


def columns(caption: Caption, rows: Sequence[Bar], legend: tuple[str, ...], every: int) -> Chart:
    """Columns, those of several series one on the other.

    Args:
        every: of so many columns one is labelled, counted from the last.
    """
    step, top = _axis(max((sum(bar.values) for bar in rows), default=0))
    shapes = [shape for value in range(0, top + 1, step) for shape in _grid(value / top, f"{value:,}")]
    each = (100 - _AXIS) / len(rows)
    for place, bar in enumerate(rows):
        x, base = _AXIS + place * each, 0.0
        for series, value in enumerate(bar.values):
            height = value / top * _TALL
            if value:
                box = (x + each * 0.1, _TOP + _TALL - base - height, each * 0.8, height)
                shapes.append(_bar(caption.name, series, box, f"{bar.label} {legend[series]} {value:,g}"))
            base += height
    return Chart(
        *caption, _TOP + _TALL + _BOTTOM, shapes + _below([bar.label for bar in rows], every), legend
    )


def trend(caption: Caption, rows: Sequence[Dot], every: int) -> Chart:
    """Shares one after the other, each a dot with its interval, joined by a line where nothing is lacking."""
    lowest = _lowest(rows)
    shapes = [
        shape
        for tenth in _tenths(lowest)
        for shape in _grid((tenth / 10 - lowest) / (1 - lowest), f"{tenth * 10}%")
    ]
    each = (100 - _AXIS) / len(rows)

    def down(share: float) -> float:
        return _TOP + _TALL * (1 - (share - lowest) / (1 - lowest))

    before: tuple[float, float] | None = None
    for place, dot in enumerate(rows):
        if dot.share is None or dot.low is None or dot.high is None:
            before = None
            continue
        x, y = _AXIS + (place + 0.5) * each, down(dot.share)
        if before:
            shapes.append(_line("join", before, (x, y)))
        shapes += [_line("interval", (x, down(dot.low)), (x, down(dot.high))), _dot(x, y, dot)]
        before = x, y
    return Chart(*caption, _TOP + _TALL + _BOTTOM, shapes + _below([dot.label for dot in rows], every))


def intervals(caption: Caption, rows: Sequence[Dot]) -> Chart:
    """Shares below each other, each a dot with its interval."""
    lowest = _lowest(rows)
    wide, bottom = 100 - _LEFT - 5, len(rows) * _ROW

    def across(share: float) -> float:
        return _LEFT + (share - lowest) / (1 - lowest) * wide

    shapes: list[Shape] = []
    for tenth in _tenths(lowest):
        x = across(tenth / 10)
        shapes.append(_line("grid", (x, 0), (x, bottom)))
        shapes.append(_text(x, bottom + 14, f"{tenth * 10}%", "axis", "middle"))
    for place, dot in enumerate(rows):
        y = (place + 0.5) * _ROW
        shapes.append(_text(0, y, dot.label))
        if dot.share is not None and dot.low is not None and dot.high is not None:
            shapes.append(_line("interval", (across(dot.low), y), (across(dot.high), y)))
            shapes.append(_dot(across(dot.share), y, dot))
    return Chart(*caption, bottom + _BOTTOM, shapes)


def _lowest(rows: Iterable[Dot]) -> float:
    """Where the axis of shares begins: at the tenth below the lowest interval, at 90% at the most."""
    return min([0.9, *(floor(dot.low * 10) / 10 for dot in rows if dot.low is not None)])


def _tenths(lowest: float) -> list[int]:
    first = round(lowest * 10)
    # Counted from 100%, which is always marked.
    return list(range(10, first - 1, -2 if first <= 5 else -1))


def _axis(largest: float) -> tuple[int, int]:
    """Step and end of an axis with at most five steps of 1, 2 or 5 times a power of ten."""
    rough = max(largest, 1) / 4
    power = 10 ** max(floor(log10(rough)), 0)
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= rough)
    return step, step * ceil(max(largest, 1) / step)


def _grid(height: float, shown: str) -> list[Shape]:
    """A line across the columns at a share of their height, with what it stands for."""
    y = _TOP + _TALL * (1 - height)
    return [_line("grid", (_AXIS, y), (100, y)), _text(_AXIS - 1, y, shown, "axis", "end")]


def _below(labels: Sequence[str], every: int) -> list[Shape]:
    each = (100 - _AXIS) / len(labels)
    y = _TOP + _TALL + 14
    return [
        _text(_AXIS + (place + 0.5) * each, y, label, "axis", "end" if label is labels[-1] else "middle")
        for place, label in enumerate(labels)
        if (len(labels) - 1 - place) % every == 0
    ]


def _bar(name: str, series: int, box: tuple[float, float, float, float], what: str) -> Shape:
    x, y, width, height = box
    attributes = {"class": f"series-{series}", "x": _percent(x), "y": _pixels(y), "width": _percent(width)}
    # Patterns belong to their chart, and a style sheet cannot point at them.
    fill = {"fill": f"url(#{name}-{series})"} if series in PATTERNED else {}
    return Shape("rect", {**attributes, "height": _pixels(height), **fill}, what)


def _dot(x: float, y: float, dot: Dot) -> Shape:
    attributes = {"class": "dot", "cx": _percent(x), "cy": _pixels(y), "r": "4"}
    return Shape("circle", attributes, f"{dot.label} {dot.shown}")


def _line(kind: str, start: tuple[float, float], end: tuple[float, float]) -> Shape:
    (x1, y1), (x2, y2) = start, end
    places = {"x1": _percent(x1), "y1": _pixels(y1), "x2": _percent(x2), "y2": _pixels(y2)}
    return Shape("line", {"class": kind, **places})


def _text(x: float, y: float, text: str, kind: str = "label", anchor: str = "start") -> Shape:
    places = {"x": _percent(x), "y": _pixels(y), "text-anchor": anchor}
    return Shape("text", {"class": kind, **places}, text)


def _shortened(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _pixels(value: float) -> str:
    return f"{value:.1f}"
