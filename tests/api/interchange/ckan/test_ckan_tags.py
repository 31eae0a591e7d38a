"""Labels and CKAN's rule for tags."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.interchange.ckan_tags import ckan_name, tag_refusal
from tagger.vocabulary import Vocabulary
from tests.api.interchange.ckan.actions import tag_errors

LABELS = st.text(max_size=120) | st.from_regex(r"[\w \-.、（）]{0,6}", fullmatch=True)


@pytest.mark.parametrize("label", ["職業安全", "COVID-19", "1.5 度", "a_b", "勞保", "字" * 100])
def test_a_label_that_keeps_the_rule_is_its_own_tag(label: str) -> None:
    assert ckan_name(label) == label
    assert tag_refusal(label) is None


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("稅", "至少要 2 個字"),
        ("字" * 101, "至多 100 個字"),
        ("公共安全（火災）", "不能有「（」「）」"),
        ("職安/消防", "不能有「/」"),
        ("A、B", "不能有「、」"),
        ("職業安全\n", "U+000A"),
        ("職業\u200b安全", "U+200B"),
        (" 職業安全", "前後有空格"),
        ("  ", "空白"),
        ("", "空白"),
    ],
)
def test_a_label_that_breaks_the_rule_is_refused_with_the_reason(label: str, reason: str) -> None:
    assert ckan_name(label) is None
    assert reason in (tag_refusal(label) or "")


@settings(deadline=None)
@given(LABELS)
def test_whatever_the_label_the_portal_takes_the_tag_or_there_is_none(label: str) -> None:
    name = ckan_name(label)
    assert (name is None) == bool(tag_refusal(label))
    if name is not None:
        assert tag_errors(name) == []
        assert re.fullmatch(r"[\w \-.]{2,100}", name)


@settings(deadline=None)
@given(LABELS, LABELS)
def test_two_labels_never_become_one_tag(first: str, second: str) -> None:
    if first != second and ckan_name(first) is not None:
        assert ckan_name(first) != ckan_name(second)


@settings(deadline=None)
@given(LABELS)
def test_what_the_portal_refuses_is_refused_here(label: str) -> None:
    if tag_errors(label):
        assert ckan_name(label) is None


def test_every_label_of_the_vocabulary_can_be_a_tag() -> None:
    refused = [concept.label for concept in Vocabulary.read().concepts if ckan_name(concept.label) is None]
    assert refused == []
