"""What is written comes back equal, in every format, and none of it runs: no cell is a formula, whatever it says."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.csv_quoting import quoted, unquoted
from api.readers.tables import Cell, open_table
from api.reports.sheets import Sheet
from api.reports.tables import TableFormat, write_tables

MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
COLUMNS = (("資料集名稱", 20), ("=SUM(A1)", 9), ("瀏覽", 9))
HOSTILE = [
    *(
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1",
        "＋1",
        "－1",
        "＠a",
        " =1",
        "\u3000＝1",
    ),
    *(
        "'=1",
        "''=1",
        "'",
        "'a",
        "-5",
        "-3.2",
        "-7,472",
        "'-5",
        "{=1}",
        "http://example.invalid/",
        "1e5",
        "007",
    ),
    *(
        "<r><t>x</t></r>",
        '<r></c><c r="Z9"><f>1</f></c></r>',
        "_x000D_",
        "_x005F_x0041_",
        "a\nb",
        "a\r\nb",
        "\n",
    ),
    *("  兩  格  ", "a\tb", "&amp;<b>", "]]>", "of:=1", "\u200b=1", "😀", "\u202e甲"),
]
# What no XML holds is replaced; a CSV keeps it.
PARTS = st.sampled_from([*HOSTILE, "=", "+", "-", "@", "'", "\t", "\r", "\n", "＝", "甲", " "])
TEXTS = st.lists(
    st.one_of(PARTS, st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=8)),
    max_size=4,
)
CELLS = TEXTS.map("".join).filter(lambda text: not set(text) & set("\ufffe\uffff\ufdd0"))


def _written(form: TableFormat, rows: Sequence[Sequence[Cell]], booleans: bool = True) -> bytes:
    file = io.BytesIO()
    write_tables(file, form, [Sheet("資料", COLUMNS, rows, {2: "#,##0"}, booleans)], MOMENT)
    return file.getvalue()


def _round(form: TableFormat, rows: Sequence[Sequence[Cell]], folder: Path) -> list[list[Cell]]:
    content = _written(form, rows)
    _check_inert(form, content)
    path = folder / f"table.{form}"
    path.write_bytes(content)
    with open_table(path, required=[["資料集名稱"]]) as table:
        assert table.columns == [name for name, _width in COLUMNS]
        return list(table.rows)


def _check_inert(form: TableFormat, content: bytes) -> None:
    if form == "csv":
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            for cell in row:
                assert re.fullmatch(r"-\d[\d,.]*", cell) or not re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\0]", cell)
        return
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        for name in package.namelist():
            part = package.read(name)
            assert not re.search(rb"<f[ >/]|table:formula|<hyperlink|xlink:href", part), name


@pytest.mark.parametrize("form", ["csv", "xlsx", "ods"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=20, max_size=60))
def test_any_text_comes_back_and_none_is_a_formula(
    form: TableFormat, tmp_path: Path, rows: list[list[str]]
) -> None:
    rows = [*rows, *([text, "", text] for text in HOSTILE), ["尾", "尾", "尾"]]
    blank = "" if form == "csv" else None
    assert _round(form, rows, tmp_path) == [[cell or blank for cell in row] for row in rows]


@settings(max_examples=300, deadline=None)
@given(st.one_of(CELLS, st.text()))
def test_exactly_one_quote_is_taken_away(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert quoted(text) in {text, f"'{text}"}


TYPED: list[Cell] = [
    *(0, -5, 7_472, 2**53, 0.1 + 0.2, -3.25, 1e-300, True, False, None),
    *(date(2026, 1, 31), datetime(2026, 1, 31, 8, 30, 15), timedelta(hours=26, minutes=5)),  # noqa: DTZ001
]


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_typed_cells_keep_their_types(form: TableFormat, tmp_path: Path) -> None:
    # An ODS's durations are read as the texts that stand there.
    cells = [cell for cell in TYPED if form == "xlsx" or not isinstance(cell, timedelta)]
    found = [row[2] for row in _round(form, [["a", None, cell] for cell in TYPED], tmp_path)][: len(cells)]
    assert found == cells
    assert [type(cell) for cell in found] == [type(cell) for cell in cells]


def test_a_csv_has_them_in_words(tmp_path: Path) -> None:
    rows = [["a", None, cell] for cell in (*TYPED, float("inf"), 2**60)]
    assert [row[2] for row in _round("csv", rows, tmp_path)][-8:] == [
        *("TRUE", "FALSE", "", "2026-01-31", "2026-01-31 08:30:15", "26:05:00", "inf", str(2**60))
    ]
    assert "是" in _written("csv", rows, booleans=False).decode()


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_what_no_spreadsheet_holds_is_replaced_or_a_text(form: TableFormat, tmp_path: Path) -> None:
    odd = ["a\x00b\x0b", "\ud800", float("nan"), 2**60, datetime(1850, 1, 1), MOMENT]  # noqa: DTZ001
    assert [row[0] for row in _round(form, [[cell, None, 1] for cell in odd], tmp_path)] == [
        *("a\ufffdb\ufffd", "\ufffd", "nan", str(2**60), "1850-01-01 00:00:00", "2026-03-01 12:00:00+00:00")
    ]


def test_an_ods_begins_with_its_media_type_and_the_same_rows_are_the_same_bytes() -> None:
    content = _written("ods", [["a", "b", 1]])
    assert content[30:84] == b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
    assert content == _written("ods", [["a", "b", 1]])
