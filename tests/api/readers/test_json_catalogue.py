"""JSON and JSONL catalogues."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from api.readers import CatalogueError, CatalogueRow, RowProblem, read_catalogue
from api.readers.portal import PORTAL_COLUMNS, to_portal_row

Write = Callable[[str, bytes | str], Path]
Row = dict[str, str]


def lines_of(count: int) -> list[str]:
    """JSONL lines of good datasets."""
    return [json.dumps({"identifier": f"A-{n}", "title": f"資料集{n}"}) for n in range(1, count + 1)]


def titles(entries: list[CatalogueRow | RowProblem]) -> list[str]:
    """The titles of the rows that were read."""
    return [entry.metadata.title for entry in entries if isinstance(entry, CatalogueRow)]


def test_a_malformed_line_is_told_and_the_next_ones_go_on(write: Write) -> None:
    lines = lines_of(10)
    lines[6] = '{"identifier": "A-7", "title": "資料'

    entries = list(read_catalogue(write("a.jsonl", "\n".join(lines))))

    assert len(titles(entries)) == 9
    problem = entries[6]
    assert isinstance(problem, RowProblem)
    assert (problem.number, problem.line, problem.errors[0].code) == (7, 7, "json_invalid")
    assert "資料" not in problem.errors[0].detail


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"identifier": "A-2", "title": "\xff"}', "encoding"),
        (b'{"identifier": "A-2"}', "missing"),
        (b'{"identifier": "A-2", "title": null}', "missing"),
        (b'{"identifier": "A-2", "title": true}', "string_type"),
        (b'{"identifier": "A-2", "title": "\\u0000"}', "control_character"),
        (b'{"identifier": "A-2", "title": "\\ud800"}', "string_unicode"),
        (b'{"identifier": "A-2", "title": "b", "categoryCode": "ZZZ"}', "unknown_category"),
        (b'{"identifier": "A-2", "title": "b", "category": "none"}', "unknown_category"),
        (b'{"identifier": "A-2", "title": "b", "category": ["I00"]}', "string_type"),
        (b'{"identifier": "A-2", "title": "b", "distribution": [{"format": "\xff"}]}', "encoding"),
    ],
)
def test_a_line_that_does_not_validate_is_named(write: Write, line: bytes, code: str) -> None:
    first, last = (text.encode() for text in lines_of(2))

    entries = list(read_catalogue(write("a.jsonl", b"\n".join([first, line, last]))))

    assert len(titles(entries)) == 2
    problem = entries[1]
    assert isinstance(problem, RowProblem)
    assert (problem.identifier, [error.code for error in problem.errors]) == ("A-2", [code])


@pytest.mark.parametrize("line", ["[1]", '"text"', "12", "{} {}", '{"title": NaN}', "[" * 100_000])
def test_a_line_that_is_no_object_is_a_problem(write: Write, line: str) -> None:
    entries = list(read_catalogue(write("a.jsonl", "\n".join([*lines_of(1), line, *lines_of(1)]))))
    assert len(titles(entries)) == 2
    assert isinstance(entries[1], RowProblem)


def test_a_line_without_end_is_one_problem(write: Write) -> None:
    text = "\n".join([*lines_of(1), "x" * 12_000_000, *lines_of(1)])

    entries = list(read_catalogue(write("a.jsonl", text)))

    assert [entry.number for entry in entries] == [1, 2, 3]
    assert len(titles(entries)) == 2


def test_jsonl_takes_a_plain_format_and_a_category_by_name(write: Write) -> None:
    record = {"identifier": "A-1", "title": "甲", "format": "csv", "category": "購屋及遷徒"}
    (row,) = read_catalogue(write("a.jsonl", json.dumps(record)))

    assert isinstance(row, CatalogueRow)
    assert row.metadata.category_code == "C00"
    assert row.metadata.to_record()["distribution"] == [{"format": "csv"}]


def test_the_declared_code_wins_over_the_name(write: Write) -> None:
    record = {"identifier": "A-1", "title": "甲", "categoryCode": "500", "category": "公共資訊"}
    (row,) = read_catalogue(write("a.jsonl", json.dumps(record)))
    assert isinstance(row, CatalogueRow)
    assert row.metadata.category_code == "500"


def test_a_text_is_neither_trimmed_nor_a_number_respelt(write: Write) -> None:
    line = '{"identifier": 10, "title": " 甲 ", "numberOfData": 1.10, "notes": "", "keyword": "單一"}'
    (row,) = read_catalogue(write("a.jsonl", line))

    assert isinstance(row, CatalogueRow)
    assert row.metadata.to_record() == {
        "identifier": "10",
        "title": " 甲 ",
        "numberOfData": "1.10",
        "keyword": ["單一"],
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950", "utf-16"])
@pytest.mark.parametrize("indent", [None, 2])
def test_the_portals_json_comes_back(
    write: Write, portal_row: Row, encoding: str, indent: int | None
) -> None:
    content = json.dumps([portal_row] * 3, ensure_ascii=False, indent=indent).encode(encoding)

    entries = list(read_catalogue(write("export.json", content)))

    assert [entry.number for entry in entries] == [1, 2, 3]
    expected = {column: portal_row[column] for column in PORTAL_COLUMNS}
    for entry in entries:
        assert isinstance(entry, CatalogueRow)
        assert to_portal_row(entry.metadata) == expected


def test_a_json_array_takes_the_standards_names(write: Write) -> None:
    records = [{"identifier": "A-1", "title": "甲", "fieldDescription": None}, 5]

    row, problem = read_catalogue(write("export.json", json.dumps(records)))

    assert isinstance(row, CatalogueRow)
    assert isinstance(problem, RowProblem)
    assert problem.errors[0].detail == "應為一個物件"


@pytest.mark.parametrize(
    "rest",
    [
        "",
        ",",
        ', {"a": ',
        ', {"a": 1} oops]',
        "] oops",
        ",]",
        ', {"資料集名稱": "02-8995',
        ", " + "[" * 100_000,
    ],
)
def test_a_damaged_json_array_gives_what_comes_before(write: Write, rest: str) -> None:
    good = ",\n".join(lines_of(2))
    entries = read_catalogue(write("export.json", f"[{good}{rest}"))

    assert titles([next(entries), next(entries)]) == ["資料集1", "資料集2"]
    with pytest.raises(CatalogueError, match="JSON 第 2 行") as caught:
        list(entries)
    assert "8995" not in str(caught.value)


def test_a_number_of_any_length_is_read(write: Write) -> None:
    (row,) = read_catalogue(
        write("a.json", '[{"identifier": "A-1", "title": "甲", "x": ' + "1" * 9_000 + "}]")
    )
    assert isinstance(row, CatalogueRow)


def test_elements_larger_than_a_read_are_whole(write: Write) -> None:
    records = [{"identifier": f"A-{n}", "title": "甲", "x": "長" * 100_000} for n in range(5)]
    entries = list(read_catalogue(write("a.json", json.dumps(records, ensure_ascii=False))))
    assert len(titles(entries)) == 5


def test_an_object_around_the_array_is_told_from_jsonl(write: Write) -> None:
    content = json.dumps({"success": True, "result": []}, indent=2)
    with pytest.raises(CatalogueError, match="應為陣列"):
        list(read_catalogue(write("export.json", content)))


def test_an_empty_array_is_an_empty_catalogue(write: Write) -> None:
    assert list(read_catalogue(write("export.json", " [ ]\n"))) == []


def test_the_demonstration_catalogue_reads_without_a_problem() -> None:
    path = Path(__file__).parents[3] / "api" / "demo" / "catalogue.jsonl"

    entries = list(read_catalogue(path))

    assert len(titles(entries)) == len(entries) == 48
    declared = [row.metadata.category_code for row in entries if isinstance(row, CatalogueRow)]
    assert declared.count(None) == 2
    assert min(declared.count(code) for code in set(declared)) >= 2
    assert len(set(declared) - {None}) == 18
