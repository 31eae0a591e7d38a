"""The report by REST and on its page: files in, files out, and what is said of files that cannot be."""

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import unquote

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from flask import Flask
from flask.testing import FlaskClient

from api.reports.tables import MEDIA_TYPES
from api.services import Services
from api.services.accounts import Person
from tests.api.people import bearer, make_person, signed_in_client
from tests.api.portal_statistics.conftest import CSV, HEADER, ROWS, read_back
from tests.api.review.browser import Watched, served
from tests.api.review.page_reader import read

PAGE, REST = "/review/statistics", "/v1/reports/statistics"
pytestmark = pytest.mark.parametrize("prepared_store", ["sqlite"], indirect=True)


@pytest.fixture
def officer(app: Flask, reviewer: Person) -> FlaskClient:
    """A browser in which a reviewer is signed in."""
    return signed_in_client(app, reviewer)


def _workbook(rows: list[list[Any]]) -> bytes:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet("統計")
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
    return file.getvalue()


@contextmanager
def _sent(client: FlaskClient, content: bytes, name: str = "統計 2018.csv", **fields: str) -> Iterator[Any]:
    data = {**fields, "file": (BytesIO(content), name)}
    with client.post(PAGE, data=data, headers={"Accept": "text/html"}) as response:
        yield response


def _rows(response: Any, folder: Path) -> list[list[Any]]:
    path = folder / "answer"
    path.write_bytes(response.data)
    _, rows = read_back(path)
    return rows


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (CSV.encode(), "xlsx"),
        (CSV.encode("cp950"), "csv"),
        (gzip.compress(CSV.encode()), "ods"),
        (_workbook([["某年度統計"], [], HEADER, *ROWS]), "ods"),
    ],
)
def test_a_file_comes_back_from_the_page(
    officer: FlaskClient, stored: None, tmp_path: Path, content: bytes, form: str
) -> None:
    with _sent(officer, content, format=form) as response:
        assert response.status_code == 200
        assert response.content_type == MEDIA_TYPES[form]  # type: ignore[index]
        assert unquote(response.headers["Content-Disposition"]).endswith(f"統計 2018-附件1.{form}")
        rows = _rows(response, tmp_path)
    assert [row[1] for row in rows] == [row[1] for row in ROWS]
    assert [row[2] for row in rows[:3]] == ["7,472", "5,080", "609"]
    assert rows[0][len(HEADER)] == "公共資訊"


def test_programs_send_a_body_or_a_form(
    app: Flask, services: Services, stored: None, reviewer: Person, tmp_path: Path
) -> None:
    client, headers = app.test_client(), bearer(services, reviewer)
    for sent in (
        {"data": CSV.encode(), "content_type": "text/csv"},
        # What curl --data-binary says of any file.
        {"data": CSV.encode(), "content_type": "application/x-www-form-urlencoded"},
        {"data": {"file": (BytesIO(CSV.encode()), "x.csv")}},
    ):
        with client.post(f"{REST}?format=csv", headers=headers, **sent) as response:  # type: ignore[arg-type]
            assert response.status_code == 200, response.text
            assert len(_rows(response, tmp_path)) == len(ROWS)
    assert list(Path(tmp_path).glob("tagger-statistics-*")) == []
    for address, status, kind in (
        (f"{REST}?format=pdf", 400, "invalid-parameter"),
        (f"{REST}?unknown=1", 400, "invalid-parameter"),
    ):
        answer = client.post(address, headers=headers, data=CSV.encode())
        assert (answer.status_code, answer.get_json()["type"]) == (status, f"/problems/{kind}")
    assert client.post(REST, data=CSV.encode()).status_code == 401


def _bomb() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 90_000_000)
    return file.getvalue()


_BAD = {
    "nothing": (b"", "空的"),
    "zip bomb": (_bomb(), "倍以上"),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "密碼",
    ),
    "empty sheet": (_workbook([]), "沒有"),
    "wrong column": (CSV.replace("資料集名稱", "名稱").encode(), "缺少欄位：「資料集名稱」"),
    "header alone": (",".join(HEADER).encode(), "沒有資料"),
    "a page": (b"<!doctype html><title>x</title>", "網頁"),
    "broken workbook": (_workbook([HEADER, *ROWS])[:-200], "損壞"),
}


@pytest.mark.parametrize("name", list(_BAD))
def test_a_bad_file_is_told_with_its_fix_and_the_next_is_served(
    officer: FlaskClient, stored: None, name: str
) -> None:
    content, says = _BAD[name]
    with _sent(officer, content, format="csv") as response:
        assert response.status_code == 422
        page = read(response.text)
    assert says in page.by_id("file-error").text
    assert "請" in page.by_id("file-error").text
    assert page.one("input", name="format", checked="").attributes["value"] == "csv"
    with _sent(officer, CSV.encode()) as response:
        assert response.status_code == 200


def test_what_is_too_large_missing_or_too_much_at_once_is_told(
    app: Flask, officer: FlaskClient, stored: None
) -> None:
    with officer.post(PAGE, data={"format": "xlsx"}, headers={"Accept": "text/html"}) as response:
        assert (response.status_code, "沒有選擇檔案" in response.text) == (422, True)
    app.config["MAX_CONTENT_LENGTH"] = 1024
    with _sent(officer, b"x" * 5_000) as response:
        assert (response.status_code, "上限" in response.text) == (413, True)
        assert read(response.text).by_id("file")
    app.config["MAX_CONTENT_LENGTH"] = 8 * 1024**2
    making: BoundedSemaphore = app.extensions["statistics_reports"]
    with making, _sent(officer, CSV.encode()) as response:
        assert (response.status_code, "正在製作" in response.text) == (503, True)
    with _sent(officer, CSV.encode()) as response:
        assert response.status_code == 200


def test_a_report_that_finds_no_room_leaves_the_place_to_the_next(
    app: Flask, officer: FlaskClient, stored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(ENOSPC, "No space left on device")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as patch:
        patch.setattr("api.v1.report_statistics.tempfile.TemporaryFile", full)
        with _sent(officer, CSV.encode()) as response:
            assert response.status_code == 500
    with _sent(officer, CSV.encode()) as response:
        assert response.status_code == 200


def test_only_who_reviews_may_send_one(app: Flask, services: Services, client: FlaskClient) -> None:
    assert client.get(PAGE).location.startswith("/sign-in")
    uploader = signed_in_client(app, make_person(services, "up", "uploader"))
    with _sent(uploader, CSV.encode()) as response:
        assert response.status_code == 403
    officer = signed_in_client(app, make_person(services, "audit", "auditor"))
    assert officer.get(PAGE).status_code == 200
    officer.environ_base["HTTP_ORIGIN"] = "https://elsewhere.example"
    with _sent(officer, CSV.encode()) as response:
        assert response.status_code == 403


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("phone", "dark")])
def test_a_real_browser_gives_a_file_and_gets_one_by_keyboard(
    app: Flask,
    browser: Any,
    reviewer: Person,
    stored: None,
    tmp_path: Path,
    size: str,
    scheme: str,
) -> None:
    (tmp_path / "統計.csv").write_text(CSV, encoding="utf-8")
    with served(app) as address:
        watched = Watched(browser, address, size, scheme)
        watched.sign_in(reviewer.name, "correct horse battery", PAGE)
        watched.assert_usable(PAGE)
        watched.page.set_input_files("#file", tmp_path / "統計.csv")
        watched.page.locator("#file").focus()
        watched.page.keyboard.press("Tab")
        watched.page.keyboard.press("ArrowDown")
        watched.page.keyboard.press("Tab")
        with watched.page.expect_download() as download:
            watched.page.keyboard.press("Enter")
        assert download.value.suggested_filename == "統計-附件1.ods"
        _, rows = read_back(Path(download.value.path()))
        assert len(rows) == len(ROWS)
        assert watched.faults == []
        watched.context.close()
