"""Whether a reviewer would ask the publisher to correct the declared category.

A logistic regression over the scores of the declared and of the best category, fitted on held-out scores of
annotated datasets that were declared once rightly and once wrongly, the wrong ones drawn as publishers err:
mostly 公共資訊. Several categories can be acceptable, and 公共資訊 has a threshold of its own. Half of the
flags of careful methods are wrong in published catalogues (Northcutt et al. 2021), so the thresholds keep
false alarms rare, and a flag is an invitation to look, never a change.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tagger.categories import PUBLIC_INFORMATION, category_names
from tagger.classify import CategoryScores, sigmoid
from tagger.features import Floats, Integers
from tagger.suggestion import Evidence, LabelEvidence, Mismatch
from tagger.weights import ModelFiles

CONFIRM = "建議確認"
CORRECT = "建議修正"
_QUOTED = 3
_Matrix = npt.NDArray[np.float64]


class Thresholds(NamedTuple):
    """From which probability of a mismatch on a declaration is flagged, and from which as `CORRECT`."""

    public_information: float
    other: float
    correct: float


class MismatchModel(NamedTuple):
    """The logistic regression.

    Attributes:
        mean, scale: what the features are standardised with.
        weights: of the standardised features, then of the declared and of the best category.
        bias: its intercept.
        codes: the category of each column of the scores.
    """

    mean: _Matrix
    scale: _Matrix
    weights: _Matrix
    bias: float
    codes: tuple[str, ...]
    thresholds: Thresholds

    @classmethod
    def load(cls, files: ModelFiles, codes: Sequence[str]) -> "MismatchModel":
        """Read the model that `saved` describes."""
        settings = files.document("mismatch")
        mean, scale, weights = (np.asarray(settings[name]) for name in ("mean", "scale", "weights"))
        return cls(mean, scale, weights, settings["bias"], tuple(codes), Thresholds(**settings["thresholds"]))

    def saved(self) -> dict[str, Any]:
        """The document that `load` reads."""
        arrays = {name: getattr(self, name).tolist() for name in ("mean", "scale", "weights")}
        return {"mismatch": {**arrays, "bias": self.bias, "thresholds": self.thresholds._asdict()}}

    def probabilities(self, scores: CategoryScores, declared: Integers) -> Floats:
        """Probability that a reviewer asks for a correction.

        Args:
            scores: of the declared records, in their order.
            declared: column of each one's declared category.
        """
        features, one_hot = mismatch_features(scores, declared, self.codes)
        design = np.hstack(((features - self.mean) / self.scale, one_hot))
        return sigmoid(design @ self.weights + self.bias)

    def level(self, declared: str, probability: float) -> str | None:
        """How firmly a declaration is flagged, or None."""
        own = self.thresholds.public_information if declared == PUBLIC_INFORMATION else self.thresholds.other
        if probability < own:
            return None
        return CORRECT if probability >= self.thresholds.correct else CONFIRM


def mismatch_features(
    scores: CategoryScores, declared: Integers, codes: Sequence[str]
) -> tuple[_Matrix, _Matrix]:
    """What a mismatch shows in, to be standardised, and the declared and the best category as indicators."""
    rows = np.arange(len(declared))
    primary, acceptance = scores.primary.astype(np.float64), scores.acceptance.astype(np.float64)
    best = primary.argmax(axis=1)
    ordered = np.sort(primary, axis=1)
    public = declared == codes.index(PUBLIC_INFORMATION)
    plain = np.stack(
        (
            primary[rows, declared],
            ordered[:, -1] - primary[rows, declared],
            ordered[:, -1],
            ordered[:, -2],
            best == declared,
            public,
            best == codes.index(PUBLIC_INFORMATION),
            acceptance[rows, declared],
            acceptance.max(axis=1) - acceptance[rows, declared],
        ),
        axis=1,
    ).astype(np.float64)
    one_hot = np.zeros((len(declared), 2 * len(codes)))
    one_hot[rows, declared] = 1
    one_hot[rows, len(codes) + best] = 1
    return np.hstack((plain, plain * public[:, None], plain**2, plain * plain[:, [1]])), one_hot


def answer(
    declared: str, probability: float, level: str | None, suggested: str, words: Sequence[str]
) -> Mismatch:
    """The answer for one declaration.

    Args:
        declared, suggested: category codes.
        probability: of a mismatch.
        level: from `MismatchModel.level`.
        words: what speaks for the suggested category, from `quoted_words`.
    """
    result = Mismatch(flagged=level is not None, declared=declared, confidence=round(probability, 4))
    if level is not None:
        result["level"] = level
        result["suggested"] = suggested
        result["reason"] = _reason(declared, suggested, words)
        result["proposal"] = _proposal(declared, suggested, level)
    return result


def _reason(declared: str, suggested: str, words: Sequence[str]) -> str:
    names = category_names()
    quoted = "、".join(f"「{word}」" for word in words)
    because = f"內容提到{quoted}，" if quoted else ""
    return f"所填服務分類為「{names[declared]}」，{because}較符合「{names[suggested]}」。"


def quoted_words(spans: Sequence[Evidence], labels: Sequence[LabelEvidence]) -> list[str]:
    """What to quote for a category, strongest first: words of two characters or more, none inside another.

    Spans of n-grams begin and end within words (府勞動), so the terms of the labels that they touch are
    quoted; the spans themselves only where they touch none.

    Args:
        spans: the evidence for the category, strongest first.
        labels: the evidence for the labels.
    """
    terms = [term for label in labels for term in label["spans"]]
    touched = [term["text"] for span in spans for term in terms if _touch(span, term)]
    words: list[str] = []
    for text in touched or [span["text"] for span in spans]:
        word = text.strip()
        if len(word) > 1 and not any(word in known for known in words):
            words = [known for known in words if known not in word] + [word]
    return words[:_QUOTED]


def _touch(one: Evidence, other: Evidence) -> bool:
    return one["field"] == other["field"] and one["start"] < other["end"] and other["start"] < one["end"]


def _proposal(declared: str, suggested: str, level: str) -> str:
    names = category_names()
    before = f"「{declared} {names[declared]}」"
    after = f"「{suggested} {names[suggested]}」"
    if level == CORRECT:
        return f"建議將服務分類由{before}修正為{after}；如認為現行分類適當，請敘明理由回復維持原分類。"
    return f"請確認服務分類{before}是否適當，可考慮改為{after}；如維持原分類，請敘明理由。"
