"""Makes the font that PDF papers embed: 全字庫正楷體 with the characters they need, in half its points.

python docs/make_font.py SOURCE.ttf

SOURCE is TW-Kai-98_1.ttf of the Debian package fonts-cns11643-kai. api/reports/fonts/README.md tells the rest.
Takes some minutes.
"""

import hashlib
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, sfnt

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "api" / "reports" / "fonts" / "TW-Kai-subset.woff"
TOLERANCE = 1.5
"""How far an outline may move, in 1/1024 of the em: 0.007 mm at 14 points, a tenth of a printer's dot."""
_TEXTS = ("tagger/resources/*.csv", "tagger/resources/*.ttl", "tagger/resources/*.txt", "api/**/*.py")
_RANGES = (
    (0x20, 0x7F),
    (0xA0, 0x180),
    (0x2010, 0x2028),
    (0x3000, 0x3030),
    (0x3105, 0x312A),
    (0xFF01, 0xFF5F),
)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_WITHIN = (0.5, 1.0)
_LINE_SHARE = 0.6
_CORNER = float(np.cos(np.radians(40)))
_APART = 12.0
"""Units between points of a contour at most, so that a curve cannot leave it between two."""

Points = npt.NDArray[np.float64]
"""Shape (points, 2)."""
Step = tuple[Points | None, Points]
"""A piece of an outline: the control point of a curve, None for a line, and where it ends."""


def wanted() -> set[int]:
    """The code points: Big5, ASCII, punctuation, 注音, full-width forms, and what our own words are written with."""
    found = {ord(char) for char in _big5()}
    for start, end in _RANGES:
        found.update(range(start, end))
    for pattern in _TEXTS:
        for path in ROOT.glob(pattern):
            found.update(map(ord, path.read_text(encoding="utf-8")))
    return {code for code in found if unicodedata.category(chr(code)) not in _UNSEEN}


def _big5() -> Iterator[str]:
    """The symbols and both levels (常用字, 次常用字) of Big5."""
    for lead in range(0xA1, 0xFA):
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            yield from bytes((lead, trail)).decode("big5", "ignore")


def make(source: Path) -> TTFont:
    """The font, small."""
    options = subset.Options(
        hinting=False,
        layout_features=[],
        notdef_outline=True,
        recommended_glyphs=True,
        glyph_names=False,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        name_languages=["*"],
    )
    options.drop_tables += ["FFTM", "GSUB", "GPOS", "GDEF", "vhea", "vmtx", "VORG"]
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted())
    cutter.subset(font)
    outlines, shapes = font.getGlyphSet(), font["glyf"]
    for name in font.getGlyphOrder():
        if shapes[name].numberOfContours > 0:
            shapes[name] = _redrawn(outlines[name], outlines)
    font.flavor = "woff"
    return font


def _redrawn(outline: Any, outlines: Any) -> Any:
    pen = TTGlyphPen(None)
    for contour in _contours(outline, outlines):
        steps = list(_steps(contour))
        if len(steps) > 1:
            _draw(steps, pen)
    return pen.glyph(dropImpliedOnCurves=True)


def _contours(outline: Any, outlines: Any) -> Iterator[Points]:
    """The contours of a glyph as points close to each other, the first one of each not repeated at its end."""
    recorded = DecomposingRecordingPen(outlines)
    outline.draw(recorded)
    points: list[tuple[float, float]] = []
    for operation, given in recorded.value:
        if operation == "moveTo":
            points = [given[0]]
        elif operation == "lineTo":
            points.append(given[0])
        elif operation == "qCurveTo":
            points.extend(_along(points[-1], given))
        elif operation == "closePath":
            yield _close(points)


def _along(start: tuple[float, float], given: Any) -> Iterator[tuple[float, float]]:
    """Points on the quadratic curves of one `qCurveTo`."""
    *controls, last = (np.asarray(one, float) for one in given)
    begin = np.asarray(start, float)
    for place, control in enumerate(controls):
        end = last if place == len(controls) - 1 else (control + controls[place + 1]) / 2
        for t in _WITHIN:
            x, y = (1 - t) ** 2 * begin + 2 * t * (1 - t) * control + t * t * end
            yield float(x), float(y)
        begin = end


def _close(points: list[tuple[float, float]]) -> Points:
    """A closed contour with no two neighbours alike or far apart, its first point not repeated at its end."""
    corners = np.asarray([point for place, point in enumerate(points) if point != points[place - 1]], float)
    if not len(corners):
        return corners
    found: list[Points] = []
    for start, end in zip(corners, np.roll(corners, -1, 0), strict=True):
        parts = int(np.ceil(np.hypot(*(end - start)) / _APART))
        found.append(start + np.outer(np.arange(parts) / parts, end - start))
    return np.vstack(found)


def _steps(contour: Points) -> Iterator[Step]:
    """A contour in as few lines and curves as stay within `TOLERANCE`; corners stay corners."""
    if len(contour) < 3:
        return
    before, after = contour - np.roll(contour, 1, 0), np.roll(contour, -1, 0) - contour
    straight = (before * after).sum(1) / (_lengths(before) * _lengths(after))
    first = int(straight.argmin())
    closed = np.roll(np.vstack((contour, contour)), -first, 0)[: len(contour) + 1]
    corners = [place for place, cosine in enumerate(np.roll(straight, -first)) if cosine < _CORNER]
    begin = 0
    for end in sorted({*corners, len(contour)} - {0}):
        while begin < end:
            reached, control = _farthest(
                lambda to, begin=begin: _fitted(closed[begin : to + 1]), begin + 1, end
            )
            yield control, np.round(closed[reached])
            begin = reached


def _farthest(
    fitted: Callable[[int], tuple[bool, Points | None]], nearest: int, end: int
) -> tuple[int, Points | None]:
    """The farthest point that one line or curve reaches: steps that double, then halve."""
    good, control = nearest, None
    bad, step = end + 1, 1
    while bad - good > 1:
        step = min(step, max((bad - good) // 2, 1))
        fits, found = fitted(good + step)
        if fits:
            good, control, step = good + step, found, step * 2
        else:
            bad = good + step
    return good, control


def _fitted(points: Points) -> tuple[bool, Points | None]:
    """Whether one line (None) or one curve through the ends stays near the points, and its control point."""
    start, end = points[0], points[-1]
    way, length = end - start, float(np.hypot(*(end - start)))
    moved = points - start
    if length and float(_lengths(moved).max()) <= length:
        aside = np.abs(moved[:, 0] * way[1] - moved[:, 1] * way[0]) / length
        if float(aside.max()) <= TOLERANCE * _LINE_SHARE:
            return True, None
    travelled = np.concatenate(([0], np.cumsum(_lengths(np.diff(points, axis=0)))))
    t = (travelled / travelled[-1])[:, None]
    weight, base = 2 * t * (1 - t), (1 - t) ** 2 * start + t**2 * end
    control = np.round((weight * (points - base)).sum(0) / (weight**2).sum())
    return float(_lengths(base + weight * control - points).max()) <= TOLERANCE, control


def _lengths(vectors: Points) -> Points:
    return np.hypot(vectors[:, 0], vectors[:, 1])


def _draw(steps: list[Step], pen: TTGlyphPen) -> None:
    pen.moveTo(_pair(steps[-1][1]))
    for control, end in steps:
        if control is None:
            pen.lineTo(_pair(end))
        else:
            pen.qCurveTo(_pair(control), _pair(end))
    pen.closePath()


def _pair(point: Points) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def main() -> None:
    """Write the font, and say what it is."""
    sfnt.ZLIB_COMPRESSION_LEVEL = 9
    font = make(Path(sys.argv[1]))
    TARGET.parent.mkdir(exist_ok=True)
    font.save(TARGET)
    content = TARGET.read_bytes()
    print(TARGET.name, len(font.getBestCmap()), "characters", len(content), "bytes")
    print(hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main()
