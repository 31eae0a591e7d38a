"""How good suggestions are, against annotated datasets.

An accepted category is the annotator's own or one that is also acceptable. Calibration error: ECE over ten
bins of equal width (Guo et al. 2017). Label F1@5: mean over datasets of the F1 of at most five labels,
compared exactly or softly (half of the character bigrams shared). Mismatch: each dataset is declared twice,
once with an accepted category and once with another, drawn as publishers err: mostly 公共資訊.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from tagger.annotated import Annotated
from tagger.categories import category_names
from tagger.metadata import DatasetMetadata
from tagger.suggestion import Suggestion
from tagger.tagger import Tagger
from tagger.vocabulary import comparable

BINS = 10
_BATCH = 256
_LABELS = 5
# How often each category is declared in three published catalogues of 2018.
DECLARED_IN_LIFE = {
    "I00": 2270, "A00": 443, "E00": 237, "C00": 174, "900": 173, "B00": 122, "400": 78, "500": 59, "300": 52,
    "600": 22, "100": 22, "G00": 12, "800": 10, "200": 7, "H00": 6, "700": 2, "D00": 2, "F00": 2,
}  # fmt: skip


class CategoryScore(NamedTuple):
    """One category: how many datasets are of it, and how well it was found; an accepted one is right."""

    category_code: str
    datasets: int
    precision: float
    recall: float
    f1: float


class Bin(NamedTuple):
    """Suggestions whose confidence is in one tenth: how many, their mean confidence, the share accepted."""

    datasets: int
    confidence: float
    accepted: float


class MismatchScore(NamedTuple):
    """Flags on simulated declarations; `false_alarms` is the share of accepted declarations flagged."""

    precision: float
    recall: float
    f1: float
    false_alarms: float


class Scores(NamedTuple):
    """Scores of a model on annotated datasets, each 0 to 1.

    Attributes:
        datasets: how many were scored.
        accepted_at_1: the first category is accepted.
        strict_at_1: the first category is the annotator's own.
        recall_at_3: the annotator's own is among the first three.
        macro_f1: mean over the categories of F1.
        calibration_error: ECE of the first category's confidence.
        label_f1: F1 of the first five labels, compared exactly.
        label_f1_soft: the same, compared softly.
        mismatch: of the simulated declarations.
        categories: one entry a category that occurs.
        confusions: (annotated, suggested) → how often, where the suggestion was not accepted.
        calibration: ten bins of confidence.
    """

    datasets: int
    accepted_at_1: float
    strict_at_1: float
    recall_at_3: float
    macro_f1: float
    calibration_error: float
    label_f1: float
    label_f1_soft: float
    mismatch: MismatchScore
    categories: list[CategoryScore]
    confusions: list[tuple[tuple[str, str], int]]
    calibration: list[Bin]


def evaluate(tagger: Tagger, annotated: Iterable[Annotated]) -> Scores:
    """Score a model.

    Raises:
        ValueError: there is nothing to score.
    """
    datasets = list(annotated)
    if not datasets:
        raise ValueError("no annotated datasets to score")
    suggestions = list(_suggested(tagger, (dataset.metadata for dataset in datasets)))
    ranked = [[c["categoryCode"] for c in suggestion["categories"]] for suggestion in suggestions]
    firsts = list(zip(datasets, [codes[0] for codes in ranked], strict=True))
    right = [first in dataset.accepted for dataset, first in firsts]
    bins = calibration_bins([s["categories"][0]["confidence"] for s in suggestions], right)
    count = len(datasets)
    categories = _category_scores(firsts)
    return Scores(
        datasets=count,
        accepted_at_1=sum(right) / count,
        strict_at_1=sum(first == dataset.primary for dataset, first in firsts) / count,
        recall_at_3=sum(d.primary in codes[:3] for d, codes in zip(datasets, ranked, strict=True)) / count,
        macro_f1=sum(score.f1 for score in categories) / len(categories),
        calibration_error=calibration_error(bins),
        label_f1=_mean_label_f1(datasets, suggestions, str.__eq__),
        label_f1_soft=_mean_label_f1(datasets, suggestions, alike),
        mismatch=_mismatch_score(tagger, datasets),
        categories=categories,
        confusions=Counter(
            (d.primary, first) for d, first in firsts if first not in d.accepted
        ).most_common(),
        calibration=bins,
    )


def _suggested(tagger: Tagger, records: Iterable[DatasetMetadata]) -> Iterator[Suggestion]:
    source = iter(records)
    while batch := list(islice(source, _BATCH)):
        yield from tagger.suggest_batch(batch)


def calibration_bins(confidence: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Confidence against deed, in ten bins of equal width."""
    cells: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for probability, hit in zip(confidence, right, strict=True):
        cells[min(int(probability * BINS), BINS - 1)].append((probability, hit))
    return [
        Bin(len(cell), sum(p for p, _ in cell) / len(cell), sum(hit for _, hit in cell) / len(cell))
        if cell
        else Bin(0, 0.0, 0.0)
        for cell in cells
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: how far, on average, confidence is from the share that is right."""
    total = sum(cell.datasets for cell in bins)
    return sum(cell.datasets * abs(cell.confidence - cell.accepted) for cell in bins) / total


def _category_scores(firsts: Sequence[tuple[Annotated, str]]) -> list[CategoryScore]:
    hit: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for dataset, first in firsts:
        if first in dataset.accepted:
            hit[first] += 1
        else:
            missed[dataset.primary] += 1
            wrong[first] += 1
    annotated = Counter(dataset.primary for dataset, _ in firsts)
    return [
        CategoryScore(
            code,
            annotated[code],
            _ratio(hit[code], hit[code] + wrong[code]),
            _ratio(hit[code], hit[code] + missed[code]),
            _ratio(2 * hit[code], 2 * hit[code] + missed[code] + wrong[code]),
        )
        for code in category_names()
        if annotated[code]
    ]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _mean_label_f1(
    datasets: Sequence[Annotated], suggestions: Sequence[Suggestion], same: Callable[[str, str], bool]
) -> float:
    total = 0.0
    for dataset, suggestion in zip(datasets, suggestions, strict=True):
        found = [comparable(item["label"]) for item in suggestion["labels"][:_LABELS]]
        wanted = [comparable(label) for label in dataset.labels]
        precision = _ratio(sum(any(same(f, w) for w in wanted) for f in found), len(found))
        recall = _ratio(sum(any(same(f, w) for f in found) for w in wanted), len(wanted))
        total += _ratio(2 * precision * recall, precision + recall)
    return total / len(datasets)


def alike(one: str, other: str) -> bool:
    """Whether two labels share at least half of their character bigrams (Dice's coefficient)."""
    first, second = _bigrams(one), _bigrams(other)
    return 2 * len(first & second) >= 0.5 * (len(first) + len(second))


def _bigrams(label: str) -> set[str]:
    return {label[at : at + 2] for at in range(len(label) - 1)} or {label}


def _mismatch_score(tagger: Tagger, datasets: Sequence[Annotated]) -> MismatchScore:
    declared = list(_declarations(datasets))
    flagged = [
        bool(suggestion["mismatch"] and suggestion["mismatch"]["flagged"])
        for suggestion in _suggested(tagger, (metadata for metadata, _ in declared))
    ]
    seen = Counter(zip((wrong for _, wrong in declared), flagged, strict=True))
    found, missed = seen[True, True], seen[True, False]
    alarms, quiet = seen[False, True], seen[False, False]
    return MismatchScore(
        _ratio(found, found + alarms),
        _ratio(found, found + missed),
        _ratio(2 * found, 2 * found + alarms + missed),
        _ratio(alarms, alarms + quiet),
    )


def _declarations(datasets: Sequence[Annotated]) -> Iterator[tuple[DatasetMetadata, bool]]:
    """Each dataset as declared rightly and as declared wrongly, the same at each call."""
    pick = random.Random(0)  # noqa: S311 - a simulation, not a secret
    for dataset in datasets:
        right = pick.choice(sorted(dataset.accepted))
        others = [code for code in DECLARED_IN_LIFE if code not in dataset.accepted]
        wrong = pick.choices(others, [DECLARED_IN_LIFE[code] for code in others])[0]
        for code, mismatched in ((right, False), (wrong, True)):
            yield dataset.metadata.model_copy(update={"category_code": code}), mismatched
