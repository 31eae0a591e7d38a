"""Queries as people type them, and what is wrong with those that cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.retrieval.syntax import MOST_CHARACTERS, MOST_TERMS, ParsedQuery, QueryError, Term, parse_query


def _bare(*texts: str) -> tuple[Term, ...]:
    return tuple(Term(text, quoted=False) for text in texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("職業安全", ParsedQuery((_bare("職業安全"),), ())),
        ("  職業　安全 ", ParsedQuery((_bare("職業"), _bare("安全")), ())),
        ("火災 OR 消防 工廠", ParsedQuery((_bare("火災", "消防"), _bare("工廠")), ())),
        ("火災｜消防", ParsedQuery((_bare("火災｜消防"),), ())),
        ("火災 ｜ 消防 | 救護", ParsedQuery((_bare("火災", "消防", "救護"),), ())),
        ("火災 -森林 －「山 林」", ParsedQuery((_bare("火災"),), (Term("森林", False), Term("山 林", True)))),
        ('"職業 安全"統計', ParsedQuery(((Term("職業 安全", True),), _bare("統計")), ())),
        ("高雄市-停車場", ParsedQuery((_bare("高雄市-停車場"),), ())),
        ('"OR"', ParsedQuery(((Term("OR", True),),), ())),
        ("<b>稅</b>", ParsedQuery((_bare("<b>稅</b>"),), ())),
    ],
)
def test_a_query_is_read(text: str, expected: ParsedQuery) -> None:
    assert parse_query(text) == expected


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "沒有可以搜尋的字詞"),
        ("  ；％ ", 0, "沒有可以搜尋的字詞"),
        ("-火災", 0, "只有要排除的字詞"),
        ('職業 "安全', 3, "沒有結尾"),
        ("職業「安全", 2, "補上「」」"),
        ("OR 火災", 0, "前面缺少"),
        ("火災 OR", 3, "後面缺少"),
        ("火災 OR OR 消防", 6, "前面缺少"),
        ("火災 OR -消防", 3, "後面缺少"),
        ("火" * (MOST_CHARACTERS + 1), MOST_CHARACTERS, f"{MOST_CHARACTERS} 字"),
        ("火 " * (MOST_TERMS + 1), 2 * MOST_TERMS, f"{MOST_TERMS} 個字詞"),
    ],
)
def test_what_cannot_be_read_is_refused_with_place_and_reason(text: str, position: int, says: str) -> None:
    with pytest.raises(QueryError, match=says) as refused:
        parse_query(text)
    assert refused.value.position == position


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('"「」“”-－|｜ OR火災')), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    query = refusal = None
    try:
        query = parse_query(text)
    except QueryError as error:
        refusal = error
    if query:
        assert query.wanted
        assert all(any(map(str.isalnum, term.text)) for terms in query.wanted for term in terms)
    else:
        assert str(refusal)
        assert 0 <= refusal.position <= len(text)
