"""What a flag says to the publisher."""

import pytest

from tagger.mismatch import CONFIRM, CORRECT, answer, quoted_words
from tagger.suggestion import Evidence, LabelEvidence


def _span(text: str, start: int, field: str = "title") -> Evidence:
    return Evidence(field=field, start=start, end=start + len(text), text=text, weight=1.0)


@pytest.mark.parametrize(
    ("spans", "labels", "expected"),
    [
        ([_span("職業災害統", 2)], [_span("職業災害", 2)], ["職業災害"]),
        ([_span("府勞動", 4, "publisher"), _span("職業災", 0)], [_span("職業災害", 0)], ["職業災害"]),
        ([_span("公車", 0), _span("公車路線", 3), _span("線", 9)], [], ["公車路線"]),
        ([_span("公車", 0)], [_span("公車", 0, "description")], ["公車"]),
        ([], [_span("公車", 0)], []),
    ],
)
def test_whole_words_are_quoted_where_the_evidence_touches_them(
    spans: list[Evidence], labels: list[Evidence], expected: list[str]
) -> None:
    assert quoted_words(spans, [LabelEvidence(label="x", spans=labels)]) == expected


@pytest.mark.parametrize(("level", "verb"), [(CORRECT, "修正為"), (CONFIRM, "請確認")])
def test_a_proposal_fits_its_level(level: str, verb: str) -> None:
    made = answer("I00", 0.9, level, "500", ["職業災害"])
    assert made["reason"] == "所填服務分類為「公共資訊」，內容提到「職業災害」，較符合「求職及就業」。"
    assert verb in made["proposal"]
    assert "維持原分類" in made["proposal"]


def test_what_is_not_flagged_says_nothing_more() -> None:
    assert answer("I00", 0.1, None, "500", []) == {"flagged": False, "declared": "I00", "confidence": 0.1}
