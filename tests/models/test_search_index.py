"""What is indexed is found, filtered, counted and browsed alike on both engines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from models.catalogue import Record, outdated_documents, store_records
from models.database import Database
from models.dataset import Dataset
from models.search import (
    AllOf,
    AnyOf,
    Document,
    Expression,
    Filters,
    Match,
    browse,
    candidates,
    documents_of,
    store_documents,
    tally,
)
from models.search.document import sample_lexeme, title_lexeme


def _datasets(database: Database, count: int, prefix: str = "d") -> list[int]:
    records = [Record(f"{prefix}{n}", "名稱", None, None, {"title": "名稱"}) for n in range(count)]
    with database.writing() as session:
        return [stored.dataset_id for stored in store_records(session, records)]


def _document(key: int, lexemes: str, **changes: object) -> Document:
    document = Document(
        key,
        "消防 栓",
        "E00",
        "suggested",
        "消防署",
        ["c1", "c2"],
        ["臺北市"],
        None,
        None,
        b"\x01\x02",
        "1",
        frozenset(lexemes.split()),
    )
    return document._replace(**changes)


def _index(database: Database, *documents: Document) -> None:
    with database.writing() as session:
        store_documents(session, documents)


def _found(database: Database, match: Match, filters: Filters = Filters()) -> list[int]:  # noqa: B008
    with database.reading() as session:
        return sorted(one.dataset_id for one in candidates(session, match, filters, 100))


def test_expressions_mean_the_same_on_both_engines(database: Database) -> None:
    a, b, c = _datasets(database, 3)
    _index(database, _document(a, "t火災 t工廠"), _document(b, "t火災 tpm25"), _document(c, "t工廠 t安"))
    cases: list[tuple[Expression, tuple[Expression, ...], list[int]]] = [
        ("t火災", (), [a, b]),
        (AllOf(("t火災", "t工廠")), (), [a]),
        (AnyOf(("t安", "tpm25")), (), [b, c]),
        (AllOf(("t火災", AnyOf(("t工廠", "tpm25")))), (), [a, b]),
        ("t火災", ("t工廠",), [b]),
        (AnyOf(("t火災", "t工廠")), ("tpm25", "t安"), [a]),
        ("t沒有", (), []),
    ]
    for wanted, unwanted, expected in cases:
        assert _found(database, Match(wanted, unwanted)) == expected, (wanted, unwanted)


def test_a_document_takes_the_place_of_the_one_before(database: Database) -> None:
    [key] = _datasets(database, 1)
    _index(database, _document(key, "t舊"))
    _index(database, _document(key, "t新", title_words="新 名稱"))
    assert (_found(database, Match("t舊")), _found(database, Match("t新"))) == ([], [key])
    with database.reading() as session:
        stored = documents_of(session, [key])[key]
    assert (stored.title_words, stored.concepts, stored.spatial) == ("新 名稱", "c1 c2", "臺北市")
    assert bytes(stored.vector) == b"\x01\x02"


def test_a_removed_dataset_is_found_no_more(database: Database) -> None:
    gone, left = _datasets(database, 2)
    _index(database, _document(gone, "t字"), _document(left, "t字"))
    with database.writing() as session:
        row = session.get_one(Dataset, gone)
        row.current_revision_id = None
        session.flush()
        session.delete(row)
    assert _found(database, Match("t字")) == [left]


def test_filters_narrow_whether_searching_browsing_or_counting(database: Database) -> None:
    a, b, c = _datasets(database, 3)
    _index(
        database,
        _document(a, "t字", publisher="勞動部", covers_from="2020-01-01", covers_to="2020-12-31"),
        _document(b, "t字", category_code="500", covers_from="2021-06-01", covers_to=None),
        _document(c, "t字", status="mismatched", publisher='x";--', covers_to="2019-05-05"),
    )
    for filters, expected in (
        (Filters(), [a, b, c]),
        (Filters(category_code="500"), [b]),
        (Filters(status="mismatched"), [c]),
        (Filters(publisher="勞動部"), [a]),
        (Filters(publisher='x";--'), [c]),
        (Filters(publisher="勞動"), []),
        (Filters(covers_from="2020-06-01"), [a]),
        (Filters(covers_to="2020-06-01"), [a]),
        (Filters(covers_from="2021-01-01", covers_to="2021-12-31"), []),
        (Filters(category_code="E00", status="suggested"), [a]),
    ):
        assert _found(database, Match("t字"), filters) == expected, filters
        with database.reading() as session:
            assert sorted(one.dataset_id for one in browse(session, Match(), filters, None, 9)) == expected
            assert tally(session, Match("t字"), filters).total == len(expected)
            assert tally(session, Match(), filters).total == len(expected)


def test_browsing_goes_from_the_newest_to_the_oldest_each_once(database: Database) -> None:
    keys = _datasets(database, 11)
    _index(database, *(_document(key, "t字") for key in keys))
    seen: list[int] = []
    before = None
    with database.reading() as session:
        while page := browse(session, Match(), Filters(), before, 4):
            seen += [one.dataset_id for one in page]
            before = page[-1].dataset_id
    assert seen == sorted(keys, reverse=True)


def test_counts_of_a_small_result_are_exact(database: Database) -> None:
    keys = _datasets(database, 30)
    _index(
        database,
        *(
            _document(
                key,
                "t字",
                category_code="A00" if n % 3 else "B00",
                concepts=["c1"] if n % 2 else ["c2", "c3"],
            )
            for n, key in enumerate(keys)
        ),
    )
    with database.reading() as session:
        counts = tally(session, Match("t字"), Filters())
    assert (counts.total, counts.exact) == (30, True)
    assert counts.category_code == {"A00": 20, "B00": 10}
    assert counts.concepts == {"c1": 15, "c2": 15, "c3": 15}
    assert counts.spatial == {"臺北市": 30}


def test_counts_of_a_large_result_are_estimated_and_say_so(database: Database) -> None:
    keys = [key for part in range(4) for key in _datasets(database, 1_500, f"p{part}-")]
    for at in range(0, len(keys), 500):
        _index(
            database,
            *(
                _document(key, "t字 t半" if key % 2 else "t字", category_code="A00" if key % 4 else "B00")
                for key in keys[at : at + 500]
            ),
        )
    with database.reading() as session:
        counts = tally(session, Match("t字"), Filters(), counted=2_000)
        half = tally(session, Match("t半"), Filters(), counted=5_000)
        everything = tally(session, Match(), Filters(), counted=2_000)
    assert not counts.exact
    assert counts.total == pytest.approx(6_000, rel=0.1)
    assert counts.category_code["A00"] == pytest.approx(4_500, rel=0.15)
    assert (half.exact, half.total) == (True, sum(key % 2 for key in keys))
    assert everything.total == pytest.approx(6_000, rel=0.1)


def test_samples_halve_whatever_the_keys(database: Database) -> None:
    keys = _datasets(database, 1_024)
    _index(database, *(_document(key, "t字") for key in keys))
    with database.reading() as session:
        for sample in range(1, 6):
            found = len(candidates(session, Match(sample_lexeme(sample)), Filters(), 2_000))
            assert found == pytest.approx(1_024 / 2**sample, rel=0.2)


def test_one_whole_title_is_found(database: Database) -> None:
    a, b = _datasets(database, 2)
    _index(
        database, _document(a, "t字", title_words="消防 栓"), _document(b, "t字", title_words="消防 栓 位置")
    )
    assert _found(database, Match(title_lexeme("消 防栓"))) == [a]


def test_what_is_not_indexed_by_the_present_rules_is_outdated(database: Database) -> None:
    a, b, c = _datasets(database, 3)
    _index(database, _document(a, "t字"), _document(b, "t字", scheme="0"))
    with database.reading() as session:
        assert outdated_documents(session, "1", 0, 10) == [b, c]
        assert outdated_documents(session, "1", b, 10) == [c]


@pytest.mark.parametrize("lexeme", ["", "a b", 'a"', "a'", "a&b", "t:*", "火災)", "a\x00"])
def test_what_is_no_lexeme_never_reaches_a_database(database: Database, lexeme: str) -> None:
    [key] = _datasets(database, 1)
    with pytest.raises(ValueError, match="no lexeme"):
        _index(database, _document(key, "t字")._replace(lexemes=frozenset({lexeme})))
    with pytest.raises(ValueError, match="no lexeme"):
        _found(database, Match(lexeme))


@given(st.text())
def test_a_query_is_quoted_or_refused_whatever_is_in_it(text: str) -> None:
    try:
        written = Match(AllOf((text, "t字"))).to_fts5(), Match(AllOf((text, "t字"))).to_tsquery()
    except ValueError:
        assert not text.isalnum()
    else:
        assert written == (f'("{text}" AND "t字")', f"('{text}' & 't字')")


def test_the_number_of_statements_does_not_grow_with_the_batch(database: Database) -> None:
    keys = _datasets(database, 300)
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))

    def statements(count: int) -> int:
        seen.clear()
        _index(database, *(_document(key, "t字") for key in keys[:count]))
        with database.reading() as session:
            candidates(session, Match("t字"), Filters(), 100)
            browse(session, Match("t字"), Filters(), None, 100)
            documents_of(session, keys[:count])
            tally(session, Match("t字"), Filters())
            session.execute(select(1))
        return len([one for one in seen if "BEGIN" not in one])

    assert statements(2) == statements(300) <= 10
