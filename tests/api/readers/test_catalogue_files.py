"""Any file at all: compressed, mislabelled, damaged, huge."""

import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.readers import CatalogueError, CatalogueRow, RowProblem, read_catalogue
from api.readers.portal import PORTAL_COLUMNS, to_portal_row

Write = Callable[[str, bytes | str], Path]

ROW = "資料集識別碼,資料集名稱\nA-1,甲\n"
LINE = json.dumps({"identifier": "A-1", "title": "甲"}, ensure_ascii=False) + "\n"
ARRAY = f"[{LINE}]"
MARKUP = "<r><d><資料集識別碼>A-1</資料集識別碼><資料集名稱>甲</資料集名稱></d></r>"

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl", "a.xml", "a", "a.csv.gz"])
@pytest.mark.parametrize("content", [ROW, LINE, ARRAY, MARKUP])
@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_the_content_decides_whatever_the_name(
    write: Write, name: str, content: str, pack: Callable[[str], bytes]
) -> None:
    (row,) = read_catalogue(write(name, pack(content)))
    assert isinstance(row, CatalogueRow)
    assert (row.metadata.identifier, row.metadata.title) == ("A-1", "甲")


def test_the_encoding_can_be_told(write: Write) -> None:
    # Too little Chinese to tell: by itself this reads as UTF-8 with one line spoilt.
    content = ("x" * 70_000 + "\n" + LINE).encode("cp950")
    assert isinstance(list(read_catalogue(write("a.jsonl", content)))[1], RowProblem)
    assert isinstance(list(read_catalogue(write("a.jsonl", content), encoding="Big5"))[1], CatalogueRow)


@pytest.mark.parametrize("given_encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp950"])
@pytest.mark.parametrize("actual", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_believed_first(write: Write, actual: str, given_encoding: str) -> None:
    (row,) = read_catalogue(write("a.csv", ROW.encode(actual)), encoding=given_encoding)
    assert isinstance(row, CatalogueRow)


def test_utf_16_without_a_mark_is_read_when_told(write: Write) -> None:
    (row,) = read_catalogue(write("a.csv", ROW.encode("utf-16-le")), encoding="utf-16")
    assert isinstance(row, CatalogueRow)


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "utf-7", "\x00"])
def test_an_encoding_that_is_none_is_refused(write: Write, encoding: str) -> None:
    with pytest.raises(CatalogueError, match="cp950"):
        list(read_catalogue(write("a.csv", ROW), encoding=encoding))


def test_the_wrong_encoding_says_what_to_try(write: Write) -> None:
    with pytest.raises(CatalogueError, match="--encoding cp950"):
        list(read_catalogue(write("a.csv", ROW.encode("cp950")), encoding="utf-8"))


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "空的"), (b" \n\n", "空的"), (b"PK\x03\x04...", "試算表"), (b"\xef\xbb\xbf", "空的")],
)
def test_what_is_no_catalogue_is_called_what_it_is(write: Write, content: bytes, told: str) -> None:
    with pytest.raises(CatalogueError, match=told):
        list(read_catalogue(write("a.csv", content)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nothing\.csv"):
        list(read_catalogue(tmp_path / "nothing.csv"))
    with pytest.raises(CatalogueError, match="無法開啟"):
        list(read_catalogue(tmp_path))


def test_a_torn_archive_gives_the_rows_before(write: Write) -> None:
    lines = "".join(
        json.dumps({"identifier": f"A-{n}", "title": f"甲{n * 7919}"}) + "\n" for n in range(9_000)
    )
    entries = read_catalogue(write("a.jsonl.gz", gzip.compress(lines.encode())[:-2_000]))

    read: list[CatalogueRow | RowProblem] = []
    with pytest.raises(CatalogueError, match=r"壓縮檔不完整或已損壞，讀到第 \d+ 筆為止"):
        read.extend(entries)
    assert len(read) > 1_000
    assert all(isinstance(entry, CatalogueRow) for entry in read)


def test_the_file_is_closed_when_the_reader_is_dropped(write: Write) -> None:
    entries = read_catalogue(write("a.csv", ROW * 2))
    next(entries)
    entries.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.json.gz", "a.jsonl.gz", "a.xml.gz"])
def test_a_large_file_takes_little_memory(tmp_path: Path, name: str) -> None:
    notes = "說明" * 2_000
    record = {"資料集識別碼": "A-1", "資料集名稱": "甲", "備註": notes}
    one, head, join, tail = {
        "csv": (f"A-1,甲,{notes}", "資料集識別碼,資料集名稱,備註\n", "\n", "\n"),
        "json": (json.dumps(record, ensure_ascii=False), "[", ",", "]"),
        "jsonl": (json.dumps(record, ensure_ascii=False), "", "\n", "\n"),
        "xml": (
            "<d>" + "".join(f"<{key}>{cell}</{key}>" for key, cell in record.items()) + "</d>",
            "<r>",
            "",
            "</r>",
        ),
    }[name.split(".")[1]]
    count = 2_500
    with gzip.open(tmp_path / name, "wt", encoding="utf-8") as file:
        file.write(head + join.join([one] * count) + tail)

    tracemalloc.start()
    try:
        assert sum(isinstance(entry, CatalogueRow) for entry in read_catalogue(tmp_path / name)) == count
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # 30 MB of text.
    assert peak < 3_000_000


pieces = st.sampled_from(
    [
        part.encode()
        for part in (ROW, LINE, ARRAY, MARKUP, '"', "\n", "[", "{", "<", "<!DOCTYPE x>", ",", "\r", "\0")
    ]
    + [b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b", "職業災害".encode("cp950"), ROW.encode("utf-16")]
)
anything = st.one_of(st.binary(), st.lists(st.one_of(pieces, st.binary(max_size=8))).map(b"".join))


@same_folder
@given(
    content=anything,
    packed=st.booleans(),
    suffix=st.sampled_from(["csv", "json", "jsonl", "xml"]),
    encoding=st.sampled_from([None, "utf-8", "cp950", "big5hkscs", "utf-16"]),
)
def test_any_bytes_are_rows_problems_or_a_catalogue_error(
    write: Write, content: bytes, packed: bool, suffix: str, encoding: str | None
) -> None:
    path = write(f"a.{suffix}", gzip.compress(content) if packed else content)
    with suppress(CatalogueError):
        for entry in read_catalogue(path, encoding=encoding):
            assert isinstance(entry, CatalogueRow | RowProblem)
            if isinstance(entry, CatalogueRow):
                assert entry.metadata.identifier
            else:
                # What is told can be printed.
                assert [error.sentence.encode() for error in entry.errors]
                assert (entry.identifier or "").isprintable()


# NUL is refused by the metadata itself; U+FDD0 is no character, and marks bytes that make none.
cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufdd0"), max_size=30)
required = cell.filter(str.strip)
identifiers = st.text(
    st.characters(categories=["L", "N", "S"], exclude_characters="\ufdd0"), min_size=1, max_size=30
)
rows = st.lists(
    st.fixed_dictionaries(
        {
            column: {"資料集識別碼": identifiers, "資料集名稱": required}.get(column, cell)
            for column in PORTAL_COLUMNS
            if column != "服務分類"
        }
    ),
    min_size=1,
    max_size=5,
)


@same_folder
@given(rows=rows, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_whatever_is_written_as_csv_is_read_back(
    write: Write, rows: list[dict[str, str]], encoding: str
) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)

    entries = list(read_catalogue(write("a.csv", text.getvalue().encode(encoding))))

    assert [to_portal_row(row.metadata) for row in entries if isinstance(row, CatalogueRow)] == [
        {"服務分類": ""} | row for row in rows
    ]


@same_folder
@given(rows=rows)
def test_whatever_is_written_as_json_is_read_back(write: Write, rows: list[dict[str, str]]) -> None:
    array = list(read_catalogue(write("a.json", json.dumps(rows))))
    lines = list(read_catalogue(write("a.jsonl", "\n".join(map(json.dumps, rows)))))

    assert array == [entry._replace(line=None) for entry in lines]
    assert [to_portal_row(row.metadata) for row in array if isinstance(row, CatalogueRow)] == [
        {"服務分類": ""} | row for row in rows
    ]
