"""The portal's export as CSV, as it is and as it gets damaged."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from api.readers import CatalogueError, CatalogueRow, RowProblem, read_catalogue
from api.readers.portal import PORTAL_COLUMNS, to_portal_row

Write = Callable[[str, bytes | str], Path]
AsCsv = Callable[[list[dict[str, str]]], str]
Row = dict[str, str]


def kept(row: Row) -> Row:
    """What a row should come back as: the columns that the reader keeps."""
    return {column: row[column] for column in PORTAL_COLUMNS}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950", "utf-16"])
def test_the_portals_22_columns_come_back_letter_for_letter(
    write: Write, as_csv: AsCsv, portal_row: Row, encoding: str
) -> None:
    path = write("export.csv", as_csv([portal_row, portal_row]).encode(encoding))

    first, second = read_catalogue(path)

    assert isinstance(first, CatalogueRow)
    assert isinstance(second, CatalogueRow)
    assert first.metadata.identifier == "900001"
    assert first.metadata.category_code == "500"
    assert first.metadata.description == '第一行\r\n第二行，含「引號"」'
    assert to_portal_row(first.metadata) == kept(portal_row)
    # The description's line break is in the file, so the second record begins on its fourth line.
    assert (first.number, first.line, second.number, second.line) == (1, 2, 2, 4)


def test_each_resource_is_a_distribution(write: Write, as_csv: AsCsv, portal_row: Row) -> None:
    portal_row["資料下載網址"] = "https://example.gov.tw/a;https://example.gov.tw/b"
    (row,) = read_catalogue(write("export.csv", as_csv([portal_row])))

    assert isinstance(row, CatalogueRow)
    assert [
        (resource.format, resource.download_url, resource.character_set_code)
        for resource in row.metadata.distribution or []
    ] == [
        ("CSV", "https://example.gov.tw/a", "UTF-8"),
        ("JSON", "https://example.gov.tw/b", "UTF-8"),
    ]


def test_the_contact_person_ends_at_the_door(
    write: Write, as_csv: AsCsv, portal_row: Row, contact: list[str]
) -> None:
    broken = portal_row | {"服務分類": "沒有這一類", "資料集名稱": "長" * 600}
    text = as_csv([portal_row, broken]) + ",".join([*contact, "短"]) + "\r\n"
    text += f'"{contact[0]}"x,{contact[1]}\r\n{contact[0]}'

    said = repr(list(read_catalogue(write("export.csv", text))))

    assert "沒有這一類" in said
    assert not [secret for secret in contact if secret in said]


def test_a_file_without_a_header_does_not_tell_its_contact_person(
    write: Write, portal_row: Row, contact: list[str]
) -> None:
    with pytest.raises(CatalogueError, match="缺少必要欄位") as caught:
        list(read_catalogue(write("export.csv", ",".join(portal_row.values()))))
    assert not [secret for secret in contact if secret in str(caught.value)]


def test_the_listing_method_column_is_known_by_its_right_spelling(write: Write) -> None:
    path = write("export.csv", "資料集識別碼,資料集名稱,資料集上架方式\nA-1,甲,系統介接程式\n")

    (row,) = read_catalogue(path)

    assert isinstance(row, CatalogueRow)
    assert row.metadata.listing_method == "系統介接程式"


def test_columns_may_be_fewer_in_another_order_and_unknown(write: Write) -> None:
    (row,) = read_catalogue(write("export.csv", "瀏覽人次, 資料集名稱 ,資料集識別碼\n5,甲,A-1\n"))

    assert isinstance(row, CatalogueRow)
    assert row.metadata.to_record() == {"identifier": "A-1", "title": "甲"}


def test_a_missing_column_is_named_beside_those_found(write: Write) -> None:
    path = write("export.csv", "資料集編號,資料集名稱,服務分類,瀏覽人次\nA-1,甲,就醫,5\n")

    with pytest.raises(CatalogueError) as caught:
        list(read_catalogue(path))

    assert "缺少必要欄位：資料集識別碼" in str(caught.value)
    assert "資料集名稱、服務分類、資料集編號、1 個不認得的欄位" in str(caught.value)


def test_a_column_given_twice_is_refused(write: Write) -> None:
    with pytest.raises(CatalogueError, match="資料集名稱"):
        list(read_catalogue(write("export.csv", "資料集識別碼,資料集名稱,資料集名稱\nA-1,甲,乙\n")))


@pytest.mark.parametrize(
    ("cells", "pointer", "code"),
    [
        (("A-2", "", "就醫"), "/資料集名稱", "missing"),
        (("A-2", "  ", "就醫"), "/資料集名稱", "blank"),
        (("A-2", "長" * 501, "就醫"), "/資料集名稱", "string_too_long"),
        (("A-2", "乙", "醫療"), "/服務分類", "unknown_category"),
        (("", "乙", "就醫"), "/資料集識別碼", "missing"),
        (("A-2", "乙"), "", "cell_count"),
        (("A-2", "乙", "就醫", "多的"), "", "cell_count"),
        (("A-2", '"乙"丙', "就醫"), "", "csv_invalid"),
    ],
)
def test_a_bad_row_is_told_and_the_others_go_on(
    write: Write, cells: tuple[str, ...], pointer: str, code: str
) -> None:
    lines = ["資料集識別碼,資料集名稱,服務分類", "A-1,甲,就醫", ",".join(cells), "A-3,丙,"]

    first, problem, last = read_catalogue(write("export.csv", "\n".join(lines)))

    assert isinstance(first, CatalogueRow)
    assert isinstance(last, CatalogueRow)
    assert last.metadata.category_code is None
    assert isinstance(problem, RowProblem)
    assert (problem.number, problem.line) == (2, 3)
    assert [(error.pointer, error.code) for error in problem.errors] == [(pointer, code)]
    # Where the cells may have shifted no one of them is sure to be the identifier.
    assert problem.identifier == ("A-2" if pointer and cells[0] else None)


def test_an_unknown_category_is_named(write: Write) -> None:
    (problem,) = read_catalogue(write("a.csv", "資料集識別碼,資料集名稱,服務分類\nA-1,甲,醫療\n"))
    assert isinstance(problem, RowProblem)
    assert "「醫療」" in problem.errors[0].detail


def test_bytes_that_are_no_text_cost_their_row_only(write: Write) -> None:
    lines = ["資料集識別碼,資料集名稱".encode(), "A-1,甲".encode(), b"A-2,\xff\xfe", "A-3,丙".encode()]

    first, problem, last = read_catalogue(write("export.csv", b"\n".join(lines)))

    assert isinstance(first, CatalogueRow)
    assert isinstance(last, CatalogueRow)
    assert isinstance(problem, RowProblem)
    assert problem.identifier == "A-2"
    assert [error.code for error in problem.errors] == ["encoding"]
    assert "--encoding cp950" in problem.errors[0].detail


def test_a_cell_of_more_than_a_million_characters_is_a_problem_of_its_row(write: Write) -> None:
    text = f"資料集識別碼,資料集名稱\nA-1,{'長' * 1_100_000}\nA-2,乙\n"

    problem, row = read_catalogue(write("export.csv", text))

    assert isinstance(problem, RowProblem)
    assert [error.code for error in problem.errors] == ["too_long"]
    assert isinstance(row, CatalogueRow)


def test_more_resources_than_metadata_may_hold_are_a_problem(write: Write) -> None:
    text = f"資料集識別碼,資料集名稱,檔案格式\nA-1,甲,{';' * 500_000}\n"
    (problem,) = read_catalogue(write("export.csv", text))
    assert isinstance(problem, RowProblem)
    assert [error.code for error in problem.errors] == ["too_long"]


def test_an_open_quote_does_not_take_the_file_with_it(write: Write) -> None:
    text = '資料集識別碼,資料集名稱\nA-1,甲\nA-2,"乙\nA-3,丙\n'

    first, problem = read_catalogue(write("export.csv", text))

    assert isinstance(first, CatalogueRow)
    assert isinstance(problem, RowProblem)
    assert "第 3 行起的引號沒有結尾" in problem.errors[0].detail


def test_an_endless_record_stops_the_reading(write: Write) -> None:
    text = "資料集識別碼,資料集名稱\nA-1,甲\n" + "," * 9_000_000
    rows = read_catalogue(write("export.csv", text))
    assert isinstance(next(rows), CatalogueRow)
    with pytest.raises(CatalogueError, match="第 2 筆超過 8 MB"):
        next(rows)


def test_a_header_alone_is_an_empty_catalogue(write: Write) -> None:
    assert list(read_catalogue(write("export.csv", "資料集識別碼,資料集名稱\n"))) == []


@pytest.mark.shared
def test_the_portals_own_export(shared_data: Path) -> None:
    path = shared_data / "portal-export-sample.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        expected = [kept(row) for row in csv.DictReader(file)]

    entries = list(read_catalogue(path))

    assert len(entries) == 100
    assert [to_portal_row(row.metadata) for row in entries if isinstance(row, CatalogueRow)] == expected
