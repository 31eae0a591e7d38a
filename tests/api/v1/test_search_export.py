"""Exports of a search over REST: everything that it finds, in every format, with the columns that were asked for."""

import json
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from api.readers import CatalogueRow
from api.readers.tables import Cell, open_table
from api.reports.search_table import COLUMNS
from api.services import Services
from api.services.datasets import put_dataset
from api.services.importing import import_catalogue
from api.services.search.exporting import Export, export_search
from api.services.search.searching import Asked
from api.v1 import search_export
from tagger import DatasetMetadata

MANY = 620


def _lines(client: FlaskClient, query: str) -> list[dict[str, object]]:
    answer = client.get(f"/v1/search/export?format=jsonl&{query}")
    assert answer.status_code == 200, answer.get_json()
    return [json.loads(line) for line in answer.text.splitlines()]


def _table(client: FlaskClient, query: str, form: str, folder: Path) -> tuple[list[str], list[list[Cell]]]:
    answer = client.get(f"/v1/search/export?format={form}&{query}")
    assert answer.status_code == 200, answer.get_json()
    assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
    path = folder / "file"
    path.write_bytes(answer.data)
    with open_table(path, required=[["資料集識別碼"]]) as table:
        return table.columns, list(table.rows)


def test_everything_that_matches_is_there_once_in_the_order_of_the_pages(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        CatalogueRow(
            n, DatasetMetadata(identifier=f"p{n:03}", title=f"公有停車場第{n}處", publisher="交通局"), n
        )
        for n in range(MANY)
    ]
    import_catalogue(services, rows, on_problem=print, progress=lambda done: None)
    seen: list[str] = []
    event.listen(services.database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    lines = _lines(client, "q=停車場&columns=identifier,score,exact")
    assert len(seen) < 25
    found = [line["identifier"] for line in lines]
    assert sorted(found) == [f"p{n:03}" for n in range(MANY)]
    page = client.get("/v1/search?q=停車場&limit=100").get_json()["results"]
    assert found[:100] == [one["identifier"] for one in page]
    assert [line["score"] for line in lines[:100]] == [one["score"] for one in page]
    # Beyond what is ranked the newest come first.
    rest = [line["identifier"] for line in lines if line["score"] is None]
    assert len(rest) > 200
    assert rest == sorted(rest, key=str, reverse=True) == found[-len(rest) :]
    assert {line["exact"] for line in lines} == {True}
    # Without a query, and with a limit that is told.
    assert len(_lines(client, "publisher=交通局")) == MANY
    monkeypatch.setattr(search_export, "export_search", partial(export_search, most=10))
    cut = client.get("/v1/search/export?format=csv")
    assert cut.text.count("\r\n") == 11
    assert (cut.headers["X-Result-Count"], cut.headers["X-Result-Truncated"]) == ("10", "true")


def test_tables_have_words_and_json_lines_codes_and_lists(
    client: FlaskClient, services: Services, tmp_path: Path
) -> None:
    flagged = {"identifier": "=1", "title": "=職業災害統計", "publisher": "勞動部", "categoryCode": "I00"}
    for record in (flagged, {"identifier": "2", "title": "公有停車場"}):
        put_dataset(services, DatasetMetadata.model_validate(record))
    every = "&".join(f"columns={name}" for name in reversed(COLUMNS))
    for form in ("xlsx", "csv", "ods"):
        columns, [row] = _table(client, "status=mismatched", form, tmp_path)
        assert columns == [
            *(
                "資料集識別碼",
                "資料集名稱",
                "提供機關",
                "服務分類",
                "建議分類",
                "建議信心",
                "狀態",
                "語意標籤",
            )
        ]
        assert row[:5] == ["=1", "=職業災害統計", "勞動部", "公共資訊", "求職及就業"]
        assert (row[6], "職業災害" in str(row[7])) == ("疑似不符", True)
        assert 0 < float(str(row[5])) <= 1
        # Every column can be asked for, in any order, as a form sends them.
        columns, rows = _table(client, f"q=職業災害&{every}", form, tmp_path)
        assert columns == [column.heading for column in reversed(COLUMNS.values())]
        assert rows[0][columns.index("相符")] == "全部字詞"
    names = ["title", "categoryCode", "suggestedCategoryCode", "labels", "status", "notes"]
    [line] = _lines(client, f"status=mismatched&columns={','.join(names)}")
    assert list(line) == names
    labels = line.pop("labels")
    assert isinstance(labels, list)
    assert "職業災害" in labels
    assert list(line.values()) == ["=職業災害統計", "I00", "500", "mismatched", None]
    empty = client.get("/v1/search/export?format=jsonl&label=沒有這個標籤")
    assert (empty.status_code, empty.data) == (200, b"")


def test_a_bad_request_is_a_400_that_names_the_place(client: FlaskClient) -> None:
    for query, pointer in (
        ("columns=identifier,colour", "/columns"),
        ("columns=", "/columns"),
        ("format=pdf", "/format"),
        ("q=「勞保", "/q"),
        ("from=2021-01-01&to=2020-01-01", "/to"),
        ("limit=5", "/limit"),
        ("status=new", "/status"),
    ):
        answer = client.get(f"/v1/search/export?{query}")
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
        assert [error["pointer"] for error in answer.get_json()["errors"]] == [pointer]


def test_so_many_at_once_and_no_more(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []

    def meanwhile(services: Services, asked: Asked) -> Export:
        answers.append(client.get("/v1/search/export?format=csv"))
        return export_search(services, asked)

    with monkeypatch.context() as patch:
        patch.setattr(search_export, "export_search", meanwhile)
        answers.append(client.get("/v1/search/export?format=csv"))
    assert [one.status_code for one in answers] == [503, *[200] * search_export.AT_ONCE]
    assert answers[0].headers["Retry-After"] == "5"
    assert client.get("/v1/search/export").status_code == 200


def test_who_reads_slowly_keeps_nobody_waiting(client: FlaskClient) -> None:
    for form in ("csv", "jsonl"):
        query = f"/v1/search/export?format={form}"
        held = [client.get(query, buffered=False) for _ in range(search_export.AT_ONCE)]
        assert client.get(query).status_code == 200
        for one in held:
            one.close()
