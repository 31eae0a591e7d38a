"""How good suggestions are, against annotated datasets.

Accepted@1: the first category is one that a reviewer would accept. Calibration error: ECE over ten bins of
equal width (Guo et al. 2017). Label F1@5: mean over datasets of the F1 of at most five labels.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from tagger.annotated import Annotated
from tagger.normalise import normalise
from tagger.suggestion import Suggestion
from tagger.tagger import Tagger

_BATCH = 256
_BINS = 10


class Scores(NamedTuple):
    """Scores of a model on annotated datasets, each 0 to 1.

    Attributes:
        datasets: how many were scored.
        accepted_at_1: the first category is the annotator's or one that is also acceptable.
        strict_at_1: the first category is the annotator's own.
        recall_at_3: the annotator's own is among the first three.
        macro_f1: mean over the categories of F1, an accepted alternative counting as right.
        calibration_error: ECE of the first category's confidence.
        label_f1: F1 of the first five labels, compared exactly.
    """

    datasets: int
    accepted_at_1: float
    strict_at_1: float
    recall_at_3: float
    macro_f1: float
    calibration_error: float
    label_f1: float


def evaluate(tagger: Tagger, annotated: Iterable[Annotated]) -> Scores:
    """Score a model. Raises ValueError where there is nothing to score."""
    rows: list[tuple[Annotated, Suggestion]] = []
    source = iter(annotated)
    while batch := list(islice(source, _BATCH)):
        rows += zip(batch, tagger.suggest_batch([dataset.metadata for dataset in batch]), strict=True)
    if not rows:
        raise ValueError("no annotated datasets to score")
    ranked = [[c["categoryCode"] for c in suggestion["categories"]] for _, suggestion in rows]
    right = [codes[0] in dataset.accepted for codes, (dataset, _) in zip(ranked, rows, strict=True)]
    confidence = [suggestion["categories"][0]["confidence"] for _, suggestion in rows]
    count = len(rows)
    return Scores(
        datasets=count,
        accepted_at_1=sum(right) / count,
        strict_at_1=sum(c[0] == d.primary for c, (d, _) in zip(ranked, rows, strict=True)) / count,
        recall_at_3=sum(d.primary in c[:3] for c, (d, _) in zip(ranked, rows, strict=True)) / count,
        macro_f1=_macro_f1([(d, c[0]) for c, (d, _) in zip(ranked, rows, strict=True)]),
        calibration_error=calibration_error(confidence, right),
        label_f1=sum(_label_f1(dataset, suggestion) for dataset, suggestion in rows) / count,
    )


def calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error: how far, on average, confidence is from the share that is right."""
    gap = [0.0] * _BINS
    for probability, hit in zip(confidence, right, strict=True):
        gap[min(int(probability * _BINS), _BINS - 1)] += probability - hit
    return sum(map(abs, gap)) / len(confidence)


def _macro_f1(answers: Sequence[tuple[Annotated, str]]) -> float:
    hit: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for dataset, first in answers:
        if first in dataset.accepted:
            hit[first] += 1
        else:
            missed[dataset.primary] += 1
            wrong[first] += 1
    classes = {dataset.primary for dataset, _ in answers}
    f1 = [
        2 * hit[c] / total if (total := 2 * hit[c] + missed[c] + wrong[c]) else 0.0 for c in sorted(classes)
    ]
    return sum(f1) / len(f1)


def _label_f1(dataset: Annotated, suggestion: Suggestion) -> float:
    found = {_spelling(item["label"]) for item in suggestion["labels"][:5]}
    wanted = {_spelling(label) for label in dataset.labels}
    return 2 * len(found & wanted) / (len(found) + len(wanted)) if found and wanted else 0.0


def _spelling(label: str) -> str:
    return normalise(label).text.replace(" ", "")
