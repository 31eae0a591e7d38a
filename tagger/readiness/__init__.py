"""What a dataset lacks by the published quality indicators and by the standard, the cheapest to mend first.

The seven indicators are those of 政府資料品質提升機制運作指引 (112 年 1 月). What makes a badge of them (銅, 銀, 金,
白金) is not published, nor are the thresholds of several indicators: a badge is quoted here as the portal gives it and
never told from anything else, and what cannot be known from a record is 未知.
"""

from tagger.readiness.assess import assess
from tagger.readiness.flags import QualityFlags
from tagger.readiness.results import (
    EFFORTS,
    INDICATORS,
    STATES,
    Effort,
    Gap,
    IndicatorState,
    Readiness,
    State,
)

__all__ = [
    "EFFORTS",
    "INDICATORS",
    "STATES",
    "Effort",
    "Gap",
    "IndicatorState",
    "QualityFlags",
    "Readiness",
    "State",
    "assess",
]
