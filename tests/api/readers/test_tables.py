"""Tables that people keep, as they come in: every format, and what is wrong with a file told so that one can mend it."""

import gzip
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter

from api.readers.tables import Cell, TableError, open_table
from api.readers.tables import rows as table_rows

TITLE = ("資料集名稱", "資料集標題")
REQUIRED = (TITLE, ("提供機關", "提供機關名稱"))
TEXT = '資料集名稱,提供機關,瀏覽人次\r\n火災統計,內政部消防署,"7,472"\r\n ＝空白 ,,\r\n'
ROWS = [["火災統計", "內政部消防署", "7,472"], [" ＝空白 ", "", ""]]
Write = Callable[[str, bytes | str], Path]


def _read(path: Path) -> tuple[str | None, list[str], int, list[list[Cell]]]:
    with open_table(path, required=REQUIRED) as table:
        return table.sheet, table.columns, table.line, list(table.rows)


def _book(**sheets: list[list[object]]) -> bytes:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for place, row in enumerate(rows):
                page.write_row(place, 0, row)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp950"),
        TEXT.encode("utf-16"),
        gzip.compress(TEXT.encode()),
        TEXT.replace(",", "\t").replace('"7\t472"', "7,472").encode("utf-16"),
        b"\r\n" + TEXT.encode() + b",,\r\n\r\n",
    ],
    ids=["utf-8", "bom", "cp950", "utf-16", "gzip", "tabs", "blank rows around"],
)
def test_a_csv_in_every_encoding_is_the_same(write: Write, content: bytes) -> None:
    # The name says nothing.
    sheet, columns, _line, rows = _read(write("table.bin", content))
    assert (sheet, columns, rows) == (None, ["資料集名稱", "提供機關", "瀏覽人次"], ROWS)


def test_titles_notes_and_other_sheets_are_passed_over(write: Write) -> None:
    data: list[list[object]] = [
        ["107 年瀏覽統計"],
        [],
        ["資料集\n標題", "ＩＤ", "提供機關名稱 ", None, 2018],
        ["甲", 7.0, "乙", "附註", 1.5, "沒有欄名"],
        [],
        ["丙", True, None, None, date(2026, 1, 31)],
        [],
    ]
    file = write("x.csv", _book(說明=[["請看下一頁"]], 空白=[], 資料=data, 其他=data))
    sheet, columns, line, rows = _read(file)
    assert (sheet, line) == ("資料", 3)
    assert columns == ["資料集\n標題", "ＩＤ", "提供機關名稱 ", "", "2018", ""]
    assert rows == [
        ["甲", 7, "乙", "附註", 1.5, "沒有欄名"],
        [None] * 6,
        ["丙", True, None, None, date(2026, 1, 31), None],
    ]
    assert type(rows[0][1]) is int


def test_moments_of_a_workbook_have_their_types(write: Write) -> None:
    moments: list[object] = [datetime(2026, 1, 31, 8, 30), date(2026, 1, 31)]  # noqa: DTZ001
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["資料集名稱", "提供機關", "三"])
        page.write_datetime(1, 0, moments[0], book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        page.write_datetime(1, 1, moments[1], book.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_datetime(1, 2, timedelta(hours=26), book.add_format({"num_format": "[h]:mm:ss"}))
    assert _read(write("x.xlsx", file.getvalue()))[3] == [[*moments, timedelta(hours=26)]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["檔案是空的"]),
        (b" \r\n", ["檔案是空的"]),
        (b"\r\n,,\r\n", ["沒有任何內容"]),
        (_book(空白=[]), ["沒有任何內容"]),
        (
            "統計\r\n資料集名稱,機關,次\r\n甲,乙,1\r\n",
            ["缺少欄位：「提供機關」（或「提供機關名稱」）", "第 2 列有：資料集名稱、機關、次"],
        ),
        (
            "名稱,機關\r\n",
            ["前 50 列中沒有表頭", "「資料集名稱」（或「資料集標題」）", "第 1 列是：名稱、機關"],
        ),
        (_book(甲=[["資料集名稱"]], 乙=[["x"]]), ["工作表「甲」第 1 列有：資料集名稱"]),
        ("資料集名稱,提供機關,資料集名稱\r\n", ["兩個「資料集名稱」欄"]),
        ("資料集名稱,提供機關\r\n甲,乙\r\n丙,丁,戊\r\n", ["第 3 列有 3 格，表頭只有 2 欄"]),
        ('資料集名稱,提供機關\r\n"甲,乙\r\n', ["第 2 行起的引號沒有結尾"]),
        (
            "資料集名稱,提供機關\r\n甲,".encode() + b"\xff\xff\r\n",
            ["第 2 列", "無法解讀的位元組", "--encoding"],
        ),
        (b"%PDF-1.7", ["這是 PDF"]),
        (b"\xef\xbb\xbf<!DOCTYPE html>", ["這是網頁"]),
    ],
)
def test_what_is_wrong_is_told_with_the_place(write: Write, content: bytes | str, words: list[str]) -> None:
    with pytest.raises(TableError) as error:
        _read(write("table.csv", content))
    assert [word for word in words if word not in str(error.value)] == [], str(error.value)


def test_rows_beyond_what_a_sheet_holds_are_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rows, "MOST_ROWS", 2)
    with pytest.raises(TableError, match="超過 2 列的上限"):
        _read(write("table.csv", TEXT))


def test_more_columns_than_anybody_keeps_are_refused(write: Write) -> None:
    header = ["資料集名稱", "提供機關"]
    for text in (",".join(header) + "," * 1_000, ",".join(header) + "\r\n" + "," * 1_000):
        with pytest.raises(TableError, match=r"1,00[12] 欄，超過 1,000 欄的上限。請"):
            _read(write("table.csv", text))
    far: list[list[object]] = [[*header, *[None] * 1_000, "遠"], ["甲", "乙"]]
    with pytest.raises(TableError, match="工作表「遠」有 1,003 欄，超過 1,000 欄的上限。請"):
        _read(write("table.xlsx", _book(遠=far)))
    # A sheet that nobody asked for may be as wide as it likes.
    other: list[list[object]] = [[None] * 1_100 + ["x"]]
    assert _read(write("table.xlsx", _book(寬=other, 表=[header, ["甲", "乙"]])))[3] == [["甲", "乙"]]


def test_not_more_than_some_sheets_are_looked_at_for_a_header(write: Write) -> None:
    # Each shows 32 rows of 1,000 cells, though it holds but two.
    wide: list[list[object]] = [["x"], *[[]] * 30, [None] * 999 + ["x"]]
    needed: list[list[object]] = [["資料集名稱", "提供機關"], ["甲", "乙"]]
    many = {f"{number}": wide for number in range(40)}
    with pytest.raises(TableError, match=r"工作表太多或太寬.*請只留下需要的工作表"):
        _read(write("table.xlsx", _book(**many, 表=needed)))
    assert _read(write("table.xlsx", _book(表=needed, **many)))[3] == [["甲", "乙"]]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="無法開啟檔案"):
        _read(tmp_path / "none.csv")
