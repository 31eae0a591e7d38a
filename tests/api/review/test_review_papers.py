"""The pages of readiness and of the months: what they show is what REST and the store say."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from python_calamine import CalamineWorkbook

from api.services import Services
from api.services.accounts import Person
from api.services.datasets import get_dataset
from api.services.monthly import Figures, Month, Monthly, month_of, monthly
from api.services.review.choosing import Choice
from api.services.review.deciding import decide
from api.services.review.viewing import open_item
from models.base import now
from models.decision import DECIDE
from models.review.tables import FOR_SECOND
from tests.api.papers import AGENCY, store
from tests.api.people import PASSWORD, make_person, signed_in_client
from tests.api.review.browser import Watched, served
from tests.api.review.page_reader import Node, read
from tests.api.review_numbers import HOSTILE, fill


def _rows(page: Node, section: str, table: int = 0) -> list[list[str]]:
    body = page.by_id(section).all("table")[table].one("tbody")
    return [[cell.text for cell in row.children if isinstance(cell, Node)] for row in body.all("tr")]


def test_months_are_those_of_taiwan() -> None:
    month = Month(2026, 1)
    assert (str(month.plus(-1)), str(month.plus(12))) == ("2025-12", "2027-01")
    assert month_of(month.start) == month
    assert month_of(month.start - timedelta(microseconds=1)) == Month(2025, 12)
    assert month.start.isoformat() == "2026-01-01T00:00:00+08:00"


def test_the_figures_of_the_month_are_those_of_the_dashboard(
    app: Flask, services: Services, reviewer: Person, second_reviewer: Person
) -> None:
    fill(services, reviewer, second_reviewer)
    at = now()
    found = monthly(services, month_of(at), at)
    ours = found.agencies["勞動部"]
    assert ours[:-1] == [Figures()] * 11
    figures = ours[-1]
    assert (figures.datasets, figures.public_information, figures.tagged) == (13, 13, 13)
    # As in the dashboard: the decision on the first dataset was taken back, so it is open again.
    assert (figures.flagged, figures.open) == (13, 1)
    assert (figures.accepted, figures.otherwise, figures.kept, figures.rejected) == (10, 0, 1, 1)
    assert (figures.second, figures.undone, figures.decisions) == (3, 1, 12)
    assert found.total()[-1].datasets == 14
    assert {name: figures[-1].datasets for name, figures in found.ministries().agencies.items()}[
        "勞動部"
    ] == 13
    # Before the decisions nothing of them is known.
    assert monthly(services, month_of(at).plus(-1), at).agencies == {}

    client = signed_in_client(app, reviewer)
    page = read(client.get("/review/monthly").text)
    assert _rows(page, "mismatches")[0] == [str(month_of(at)), "14", "14", "2"]
    assert _rows(page, "decisions")[0][1:6] == ["10", "0", "1", "1", "12"]
    assert sorted(row[0] for row in _rows(page, "publishers")) == sorted(["勞動部", HOSTILE])
    one = read(client.get("/review/monthly", query_string={"publisher": HOSTILE}).text)
    assert _rows(one, "mismatches")[0][1:] == ["1", "1", "1"]
    answer = client.get("/review/monthly/file?format=xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    assert [row[0] for row in book.get_sheet_by_name("機關").to_python()[1:]] == ["勞動部", HOSTILE]
    assert client.get("/review/monthly/file?format=pdf").status_code == 400
    assert client.get("/review/monthly?month=2001-01").status_code == 400
    assert client.get("/review/monthly?publisher=x").status_code == 404


def test_who_is_asked_for_a_blind_opinion_does_not_see_the_agency_s_months(
    app: Flask, services: Services, reviewer: Person, second_reviewer: Person
) -> None:
    services.settings.second_share = 1
    store(services)
    dataset = get_dataset(services, "P-1")
    assert dataset is not None
    assert decide(services, reviewer, "P-1", Choice(DECIDE, "500"), dataset.etag)
    view = open_item(services, second_reviewer, "P-1", FOR_SECOND)
    assert view is not None
    assert view.blind
    asked, other = (signed_in_client(app, person) for person in (second_reviewer, reviewer))
    of_one = f"/review/monthly?publisher={AGENCY}"
    assert [client.get(of_one).status_code for client in (asked, other)] == [403, 200]
    page = read(asked.get("/review/monthly").text)
    assert [row[0] for row in _rows(page, "publishers")] == ["交通部公路局"]
    assert f"不含「{AGENCY}」" in page.text
    book = CalamineWorkbook.from_filelike(BytesIO(asked.get("/review/monthly/file?format=xlsx").data))
    assert ["不含", AGENCY] in book.get_sheet_by_name("摘要").to_python()
    assert [row[0] for row in book.get_sheet_by_name("機關").to_python()[1:]] == ["交通部公路局"]


def test_an_agency_that_lost_its_last_open_mismatches_is_listed_with_what_it_lost() -> None:
    none, some = Figures(), Figures(datasets=2, open=2)
    agencies: dict[str | None, list[Figures]] = {
        "gone": [some, none],
        "stays": [none, Figures(datasets=1)],
        "long gone": [none, none],
    }
    listed = Monthly(now(), [Month(2026, 1), Month(2026, 2)], agencies).ordered()
    assert [(name, figures[-1].open - figures[-2].open) for name, figures in listed] == [
        ("stays", 0),
        ("gone", -2),
    ]


def test_a_dataset_and_an_agency_are_told_what_they_lack(
    app: Flask,
    client: FlaskClient,
    services: Services,
    reviewer: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store(services)
    page = read(client.get("/datasets/P-4").text)
    section = next(
        node for node in page.all("section") if node.attributes.get("aria-labelledby") == "readiness"
    )
    assert len(section.one("tbody").all("tr")) == 7
    assert [heading.text for heading in section.all("h3")] == [
        "一次填寫，7 項",
        "改文字，2 項",
        "改檔案，1 項",
    ]
    assert client.get("/review/readiness").status_code == 303
    browser = signed_in_client(app, reviewer)
    asked = {"publisher": AGENCY, "on": "2026-11-24"}
    agency = read(browser.get("/review/readiness", query_string=asked).text)
    assert _rows(agency, "todo")[0][:3] == ["一次填寫", "Q03 沒有授權方式", "2"]
    assert [row[1:] for row in _rows(agency, "indicators")][2] == ["3", "0", "0"]
    answer = browser.get("/review/readiness/file", query_string={**asked, "format": "ods"})
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    assert len(book.get_sheet_by_name("待辦").to_python()) == 4
    assert "不是全部" not in [row[0] for row in book.get_sheet_by_name("說明").to_python()]
    monkeypatch.setattr("api.review.badge_readiness.MOST_DATASETS", 2)
    answer = browser.get("/review/readiness/file", query_string={**asked, "format": "ods"})
    notes = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_name("說明").to_python()
    assert next(row[1] for row in notes if row[0] == "不是全部").count("前 2 筆") == 1
    assert browser.get("/review/readiness?publisher=%00").status_code == 400
    assert browser.get("/review/readiness?publisher=x").status_code == 200
    assert browser.get("/review/readiness?publisher=x&on=2026-02-30").status_code == 400
    uploader = signed_in_client(app, make_person(services, "u", "uploader", AGENCY))
    assert AGENCY in read(uploader.get("/review/readiness").text).one("h1").text
    assert uploader.get("/review/monthly").status_code == 403


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_usable_at_any_width(
    app: Flask, services: Services, reviewer: Person, second_reviewer: Person, browser: Browser, scheme: str
) -> None:
    if services.database.engine.dialect.name != "sqlite":
        pytest.skip("a page looks the same on every store")
    store(services)
    fill(services, reviewer, second_reviewer)
    with served(app) as address:
        for size in ("wide", "phone"):
            watched = Watched(browser, address, size, scheme)
            watched.sign_in(reviewer.name, PASSWORD, "/review/monthly")
            for path in ("/review/monthly", f"/review/readiness?publisher={AGENCY}", "/datasets/P-4"):
                watched.assert_usable(path)
            assert watched.faults == []
            watched.context.close()
