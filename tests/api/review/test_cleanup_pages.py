"""Clearing 公共資訊 on the pages, without JavaScript and by keyboard; and its report."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict

from api.cli.report_cleanup import command
from api.services import Services
from api.services.accounts import Person, create_account
from models.dataset import Dataset
from models.review.tables import ReviewItem
from tests.api.people import PASSWORD, signed_in_client
from tests.api.review.browser import Watched, served
from tests.api.review.page_reader import Node, read
from tests.api.review.search_pages import HOSTILE, put

pytestmark = pytest.mark.parametrize("prepared_store", ["sqlite"], indirect=True)
TITLE = "職業災害勞工慰問金發放統計"
GROUP = {"suggestedCode": "500", "titlePattern": f"#年{TITLE}"}


def _dataset(number: int, **more: Any) -> dict[str, Any]:
    return {
        "identifier": f"A-{number}",
        "title": f"{100 + number}年{TITLE}",
        "publisher": "勞動部",
        "categoryCode": "I00",
    } | more


@pytest.fixture
def wang(app: Flask, services: Services, reviewer: Person) -> FlaskClient:
    """A reviewer's browser before a store with four look-alikes and one other."""
    services.settings.second_share = services.settings.random_share = 0
    put(services, *map(_dataset, range(4)), _dataset(9, title="公車動態路線", publisher="交通部"))
    return signed_in_client(app, reviewer)


def _page(client: FlaskClient, address: str, **asked: str) -> Node:
    response = client.get(address, query_string=asked)
    assert response.status_code == 200, response.text
    return read(response.text)


def _form(page: Node, **more: str | list[str]) -> MultiDict[str, str]:
    fields: MultiDict[str, str] = MultiDict(
        (field.attributes["name"], field.attributes["value"])
        for field in page.by_id("group").all("input", type="hidden")
    )
    for name, value in more.items():
        fields.setlist(name, value if isinstance(value, list) else [value])
    return fields


def _totals(client: FlaskClient) -> dict[str, str]:
    return {
        name: value.text for name, value in _page(client, "/review/cleanup").one("dl").described().items()
    }


def test_a_group_is_opened_and_decided_and_the_decision_taken_back(wang: FlaskClient) -> None:
    page = _page(wang, "/review/cleanup")
    rows = page.one("table", class_="groups").one("tbody").all("a")
    assert [row.text for row in rows] == [f"#年{TITLE}", "公車動態路線"]
    group = read(wang.get(rows[0].attributes["href"]).text)
    assert len(group.all("li", class_="member")) == 4
    assert "職業災害" in group.all("p", class_="why-of")[0].text
    sent = _form(group, action="accept", excluded="A-2")
    done = read(wang.post("/review/cleanup/group", data=sent, follow_redirects=True).text)
    assert "已完成這一群的決定" in done.text
    assert _totals(wang)["改到其他分類"] == "3"
    [left] = _page(wang, "/review/cleanup/group", **GROUP).all("li", class_="member")
    assert f"102年{TITLE}" in left.text
    undo = done.one("form", class_="said-batch")
    assert "已整批復原" in wang.post(undo.attributes["action"], follow_redirects=True).text
    assert _totals(wang)["改到其他分類"] == "0"
    assert _totals(wang)["疑似不符，待審"] == "5"
    table = page.by_id("changes").one("table")
    totals = [cell.text for cell in table.one("tfoot").all("td")]
    assert totals[:3] == ["5", "5", "5"]


def test_keeping_needs_a_reason_and_what_was_entered_is_still_there(
    wang: FlaskClient, services: Services
) -> None:
    group = _page(wang, "/review/cleanup/group", **GROUP)
    sent = _form(group, action="keep", excluded=["A-0", "A-1"])
    refused = wang.post("/review/cleanup/group", data=sent)
    assert (refused.status_code, "請寫理由" in refused.text) == (422, True)
    boxes = [box for box in read(refused.text).all("input", type="checkbox") if "checked" in box.attributes]
    assert {box.attributes["value"] for box in boxes} == {"A-0", "A-1"}
    put(services, _dataset(5))
    sent.setlist("reason", ["依法公告"])
    changed = wang.post("/review/cleanup/group", data=sent)
    assert (changed.status_code, "已有變更" in changed.text, "依法公告" in changed.text) == (409, True, True)
    sent = _form(read(changed.text), action="keep", reason="依法公告", excluded=["A-0", "A-1"])
    assert wang.post("/review/cleanup/group", data=sent).status_code == 303
    assert _totals(wang)["維持"] == "3"
    everything = _form(
        _page(wang, "/review/cleanup/group", **GROUP), action="accept", excluded=["A-0", "A-1"]
    )
    assert "全部都排除了" in wang.post("/review/cleanup/group", data=everything).text
    assert wang.post("/review/cleanup/group", data={**GROUP, "action": "delete"}).status_code == 400
    assert wang.get("/review/cleanup/group").status_code == 400


def test_of_a_group_larger_than_a_batch_all_that_a_decision_would_take_is_listed(
    wang: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.services.review.bulk.MOST", 2)
    doubtful = select(Dataset.id).where(Dataset.identifier.in_(["A-0", "A-1"]))
    with services.database.writing() as session:
        session.execute(
            update(ReviewItem).where(ReviewItem.dataset_id.in_(doubtful)).values(confidence=0.5, gain=9)
        )
    group = _page(wang, "/review/cleanup/group", **GROUP)
    boxes = {box.attributes["value"]: box.attributes["name"] for box in group.all("input", type="checkbox")}
    unsure, sure = "excludedUnsure", "excludedSure"
    assert boxes == {"A-0": unsure, "A-1": unsure, "A-2": sure, "A-3": sure}
    assert [button.text for button in group.all("button", name="action")] == [
        "採用建議 2 筆",
        "維持公共資訊 2 筆",
    ]
    sent = _form(group, action="accept", excludedSure="A-3", excludedUnsure="A-0")
    assert wang.post("/review/cleanup/group", data=sent).status_code == 303
    assert _totals(wang)["改到其他分類"] == "1"
    group = _page(wang, "/review/cleanup/group", **GROUP)
    sent = _form(group, action="keep", reason="依法公告", excludedSure="A-3", excludedUnsure="A-0")
    assert wang.post("/review/cleanup/group", data=sent).status_code == 303
    assert _totals(wang)["維持"] == "1"


def test_an_auditor_looks_and_hostile_text_stays_text(
    app: Flask, wang: FlaskClient, services: Services
) -> None:
    put(services, _dataset(7, title=HOSTILE + TITLE, publisher=HOSTILE))
    auditor = signed_in_client(app, create_account(services, "audit", "稽核", "auditor", password=PASSWORD))
    [link] = [one for one in _page(auditor, "/review/cleanup").all("a") if "onerror" in one.text]
    group = auditor.get(link.attributes["href"])
    assert "&lt;img src=x" in group.text
    assert "<img src=x" not in group.text
    assert not read(group.text).all("button", name="action")
    assert auditor.post("/review/cleanup/group", data={**GROUP, "action": "keep"}).status_code == 403


def test_the_report_has_the_figures_of_the_page(
    wang: FlaskClient, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = _form(_page(wang, "/review/cleanup/group", **GROUP), action="accept", excluded="A-2")
    wang.post("/review/cleanup/group", data=sent)
    monkeypatch.setenv("DATABASE_URL", services.settings.database_url)
    result = CliRunner().invoke(command, ["--output", str(tmp_path / "cleanup.xlsx")])
    assert result.exit_code == 0, result.output
    book = CalamineWorkbook.from_path(tmp_path / "cleanup.xlsx")
    summary = {row[0]: row[1:] for row in book.get_sheet_by_name("摘要").to_python()}
    assert summary["I00 公共資訊"] == [5, 2, 0, -5]
    assert summary["500 求職及就業"] == [0, 3, 4, 4]
    assert summary["合計"][:3] == [5, 5, 5]
    groups = book.get_sheet_by_name("群組").to_python()[1:]
    assert [(row[0], row[2]) for row in groups] == [(f"#年{TITLE}", 1), ("公車動態路線", 1)]
    datasets = {row[0]: row for row in book.get_sheet_by_name("資料集").to_python()[1:]}
    assert set(datasets) == {"A-0", "A-1", "A-2", "A-3", "A-9"}
    assert datasets["A-0"][4] == "已決定"
    assert datasets["A-0"][8] == "500 求職及就業"
    assert datasets["A-2"][4] == "疑似不符，待審"
    assert "職業災害" in datasets["A-2"][9]


def test_single_ones_are_left_out_by_keyboard(app: Flask, wang: FlaskClient, browser: Browser) -> None:
    with served(app) as address:
        watched = Watched(browser, address, "wide")
        watched.sign_in("wang", PASSWORD, "/review/cleanup")
        watched.assert_usable("/review/cleanup")
        page = watched.page
        page.locator("table.groups tbody a").first.click()
        page.wait_for_load_state("load")
        for key in ("j", "j", "x"):
            page.keyboard.press(key)
        assert page.inner_text('[data-do="accept"]') == "採用建議 3 筆"
        left_out = page.locator(".member input").nth(1).get_attribute("value")
        watched.assert_usable(page.url)
        for key in ("j", "j", "x"):
            page.keyboard.press(key)
        page.locator('[data-do="accept"]').press("Enter")
        page.wait_for_selector(".said-batch")
        assert watched.faults == []
        watched.context.close()
    group = _page(wang, "/review/cleanup/group", **GROUP)
    assert [box.attributes["value"] for box in group.all("input", type="checkbox")] == [left_out]
