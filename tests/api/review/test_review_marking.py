"""Cutting texts at the evidence."""

from hypothesis import given
from hypothesis import strategies as st

from api.review.marking import marked_fields, passages, segments
from tagger import DatasetMetadata, Tagger

TEXTS = st.text(st.sampled_from('職業災害安全𠮷👷\u202e<&"\r\n '), max_size=30)
SPANS = st.lists(st.tuples(st.integers(-3, 35), st.integers(-3, 35)), max_size=6)


def _covered(text: str, spans: list[tuple[int, int]]) -> set[int]:
    return {place for start, end in spans for place in range(max(start, 0), min(end, len(text)))}


@given(TEXTS, SPANS)
def test_segments_joined_are_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    cut = segments(text, spans)
    assert "".join(segment.text for segment in cut) == text
    assert all(segment.text for segment in cut)


@given(TEXTS, SPANS)
def test_marked_is_what_a_span_covers(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [segment.marked for segment in segments(text, spans) for _ in segment.text]
    assert {place for place, marked in enumerate(marks) if marked} == _covered(text, spans)


@given(TEXTS, SPANS, SPANS)
def test_passages_tell_category_from_label(
    text: str, category: list[tuple[int, int]], labels: list[tuple[int, int]]
) -> None:
    cut = passages(text, category, labels)
    assert "".join(passage.text for passage in cut) == text
    marked = [passage.marked for passage in cut for _ in passage.text]
    strong = [part.marked for passage in cut for part in passage.parts for _ in part.text]
    assert {place for place, loud in enumerate(marked) if loud} == _covered(text, category + labels)
    assert {place for place, loud in enumerate(strong) if loud} == _covered(text, category)


def test_overlapping_spans_are_one_mark_and_touching_ones_two() -> None:
    assert [s.text for s in segments("職業災害統計", [(0, 3), (2, 4), (4, 6)]) if s.marked] == [
        "職業災害",
        "統計",
    ]


def test_offsets_count_characters_beyond_the_basic_plane() -> None:
    assert [s.text for s in segments("𠮷👷職災", [(2, 4)]) if s.marked] == ["職災"]


def test_fields_come_in_the_standards_order_and_keywords_one_by_one(tagger: Tagger) -> None:
    metadata = DatasetMetadata.model_validate(
        {"keyword": ["職業災害", "統計"], "publisher": "勞動部", "title": "職業災害", "categoryCode": "I00"}
    )
    fields = marked_fields(metadata.to_record(), tagger.suggest(metadata))
    assert [(field.name, field.label, len(field.texts)) for field in fields] == [
        ("title", "資料集名稱", 1),
        ("publisher", "提供機關", 1),
        ("keyword", "關鍵字", 2),
    ]
    assert [passage.text for passage in fields[0].texts[0] if passage.marked] == ["職業災害"]


def test_without_suggestion_nothing_is_marked() -> None:
    fields = marked_fields({"title": "職業災害", "keyword": ["職災"]}, None)
    assert not [passage for field in fields for text in field.texts for passage in text if passage.marked]
