"""XML catalogues, and what attackers send as XML."""

from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from api.readers import CatalogueError, CatalogueRow, RowProblem, read_catalogue
from api.readers.portal import PORTAL_COLUMNS, to_portal_row

Write = Callable[[str, bytes | str], Path]
Row = dict[str, str]

BOMB = """<?xml version="1.0"?>
<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<r><d><資料集識別碼>1</資料集識別碼><資料集名稱>&c;</資料集名稱></d></r>"""
EXTERNAL = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><d>&x;</d></r>'


def as_xml(rows: list[Row], declaration: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    """Rows as the portal writes XML; a carriage return is escaped, else XML would drop it."""
    records = (
        "".join(f"<{name}>{escape(cell, {chr(13): '&#13;'})}</{name}>" for name, cell in row.items())
        for row in rows
    )
    return (
        f"{declaration}\n<data>\n" + "\n".join(f"<row>{record}</row>" for record in records) + "\n</data>\n"
    )


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("Big5", "cp950"),
        ("UTF-16", "utf-16"),
        ("nonsense", "utf-8"),
    ],
)
def test_the_portals_xml_comes_back(write: Write, portal_row: Row, declared: str, encoding: str) -> None:
    text = as_xml([portal_row] * 3, f'<?xml version="1.0" encoding="{declared}"?>')

    entries = list(read_catalogue(write("export.xml", text.encode(encoding))))

    assert [entry.number for entry in entries] == [1, 2, 3]
    expected = {column: portal_row[column] for column in PORTAL_COLUMNS}
    for entry in entries:
        assert isinstance(entry, CatalogueRow)
        assert to_portal_row(entry.metadata) == expected


def test_a_bad_record_is_told_and_the_others_go_on(write: Write, portal_row: Row) -> None:
    bad = portal_row | {"資料集名稱": ""}
    first, problem, last = read_catalogue(write("export.xml", as_xml([portal_row, bad, portal_row])))

    assert isinstance(first, CatalogueRow)
    assert isinstance(last, CatalogueRow)
    assert isinstance(problem, RowProblem)
    assert (problem.number, problem.identifier) == (2, "900001")
    assert [error.pointer for error in problem.errors] == ["/資料集名稱"]


@pytest.mark.parametrize("inner", ["<b>甲</b>", "甲</資料集名稱><資料集名稱>乙"])
def test_a_column_that_is_no_single_text_is_a_problem(write: Write, inner: str) -> None:
    text = f"<r><d><資料集識別碼>1</資料集識別碼><資料集名稱>{inner}</資料集名稱></d></r>"
    (problem,) = read_catalogue(write("export.xml", text))
    assert isinstance(problem, RowProblem)
    assert [error.code for error in problem.errors] == ["string_type"]


def test_bytes_that_are_no_text_cost_their_record_only(write: Write, portal_row: Row) -> None:
    content = as_xml([portal_row, portal_row | {"資料集名稱": "XXXX"}, portal_row]).encode()

    first, problem, last = read_catalogue(write("export.xml", content.replace(b"XXXX", b"\xff\xfe")))

    assert isinstance(first, CatalogueRow)
    assert isinstance(last, CatalogueRow)
    assert isinstance(problem, RowProblem)
    assert [error.code for error in problem.errors] == ["encoding"]


@pytest.mark.parametrize("text", [BOMB, EXTERNAL])
def test_entities_are_refused(write: Write, text: str) -> None:
    with pytest.raises(CatalogueError, match="ENTITY"):
        list(read_catalogue(write("export.xml", text)))


def test_a_truncated_file_gives_the_rows_before(write: Write, portal_row: Row, contact: list[str]) -> None:
    text = as_xml([portal_row] * 3)
    entries = read_catalogue(write("export.xml", text[: text.rindex(contact[1]) + len(contact[1])]))

    assert isinstance(next(entries), CatalogueRow)
    assert isinstance(next(entries), CatalogueRow)
    with pytest.raises(CatalogueError, match="讀到第 2 筆為止") as caught:
        next(entries)
    assert contact[1] not in str(caught.value)


def test_deep_nesting_is_refused(write: Write) -> None:
    with pytest.raises(CatalogueError, match="超過 50 層"):
        list(read_catalogue(write("export.xml", "<a>" * 100_000)))


def test_a_web_page_is_called_so(write: Write) -> None:
    with pytest.raises(CatalogueError, match="這是網頁"):
        list(read_catalogue(write("export.csv", "\n<!DOCTYPE html>\n<html><body>登入</body></html>")))
