"""Whether a reviewer would ask the publisher to correct the declared category."""

from collections.abc import Sequence

from tagger.categories import category_names
from tagger.suggestion import CategorySuggestion, Evidence, Mismatch

MARGIN = 0.3
"""By how much the best category must beat the declared one. Half of such flags are wrong in published
catalogues even for careful methods (Northcutt et al. 2021), so a flag is an invitation to look."""


def check(declared: str, probability: float, best: CategorySuggestion, spans: Sequence[Evidence]) -> Mismatch:
    """Compare the declared category with the best one.

    Args:
        declared: the declared category's code.
        probability: the model's probability for it, 0 to 1.
        best: the best category.
        spans: what speaks for the best category.
    """
    margin = best["confidence"] - probability
    result = Mismatch(flagged=margin > MARGIN, declared=declared, confidence=round(1 - probability, 4))
    if result["flagged"]:
        result["suggested"] = best["categoryCode"]
        result["reason"] = _reason(declared, best, spans)
    return result


def _reason(declared: str, best: CategorySuggestion, spans: Sequence[Evidence]) -> str:
    words = "、".join(f"「{text}」" for text in dict.fromkeys(span["text"] for span in spans[:3]))
    because = f"內容提到{words}，" if words else ""
    return (
        f"所填服務分類為「{category_names()[declared]}」，{because}"
        f"較符合「{best['name']}」，建議確認是否修正。"
    )
