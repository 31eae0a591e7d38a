"""Reviewing by the pages, without JavaScript: queue, item, conflict and bulk."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from api.services import Services
from api.services.accounts import Person, create_account
from models.base import now
from models.decision import Decision
from models.review.tables import Lease
from tests.api.people import PASSWORD, signed_in_client
from tests.api.review.page_reader import Node, read
from tests.api.review.search_pages import HOSTILE, put

TITLE = "職業災害勞工慰問金發放統計"


@pytest.fixture
def wang(app: Flask, services: Services, reviewer: Person) -> FlaskClient:
    """A reviewer's browser; nobody is asked for second opinions, nothing is drawn at random."""
    services.settings.second_share = services.settings.random_share = 0
    return signed_in_client(app, reviewer)


@pytest.fixture
def lin(app: Flask, second_reviewer: Person) -> FlaskClient:
    """Another reviewer's browser."""
    return signed_in_client(app, second_reviewer)


def _flagged(number: int, **more: Any) -> dict[str, Any]:
    identifier = f"A-{number}"
    return {
        "identifier": identifier,
        "title": f"{TITLE}第{number}期",
        "publisher": "勞動部",
        "categoryCode": "I00",
    } | more


def _page(client: FlaskClient, address: str, status: int = 200) -> Node:
    response = client.get(address, follow_redirects=True)
    assert response.status_code == status, response.text
    return read(response.text)


def _form(page: Node, **changes: str | list[str] | None) -> tuple[str, MultiDict[str, str]]:
    """The address and the fields of the decision's form as a browser would send them, with changes."""
    form = page.by_id("decision")
    values: MultiDict[str, str] = MultiDict()
    for field in form.all("input"):
        kind = field.attributes.get("type", "text")
        if kind in ("radio", "checkbox") and "checked" not in field.attributes:
            continue
        values.add(field.attributes["name"], field.attributes.get("value", ""))
    values.add("kind", "decide")
    for name, value in changes.items():
        values.setlist(name, [] if value is None else value if isinstance(value, list) else [value])
    return form.attributes["action"], values


def _decide(client: FlaskClient, page: Node, status: int = 200, **changes: str | list[str] | None) -> Node:
    address, values = _form(page, **changes)
    response = client.post(address, data=values, follow_redirects=True)
    assert response.status_code == status, response.text
    return read(response.text)


def _heading(page: Node) -> str:
    return page.by_id("item-title").text


def test_the_queue_counts_narrows_and_begins_with_what_gains_most(
    wang: FlaskClient, services: Services
) -> None:
    put(services, *map(_flagged, range(3)), _flagged(9, publisher="內政部"))
    put(services, {"identifier": "OK", "title": "國道服務區即時剩餘停車位", "categoryCode": "A00"})
    page = _page(wang, "/review")
    tabs = page.one("nav", class_="tabs").text
    assert "疑似分類不符 4" in tabs
    rows = [link.text for link in page.one("tbody").all("a")]
    assert len(rows) == 4
    narrowed = _page(wang, "/review?publisher=內政部")
    assert [link.text for link in narrowed.one("tbody").all("a")] == [f"{TITLE}第9期"]
    assert "沒有待審" in _page(wang, "/review?queue=conflict").text
    first = _page(wang, "/review/next")
    assert _heading(first) == rows[0]
    assert wang.get("/review?queue=nonsense").status_code == 400
    assert wang.get("/review?categoryCode=Z").status_code == 400
    assert wang.get("/review?after=forged").status_code == 400


def test_a_decision_by_form_goes_on_to_the_next(wang: FlaskClient, services: Services) -> None:
    put(services, *map(_flagged, range(2)))
    first = _page(wang, "/review/next")
    labels = [box.attributes["value"] for box in first.by_id("decision").all("input", name="accepted")]
    assert len(labels) > 1
    second = _decide(wang, first, accepted=labels[1:])
    assert _heading(second) != _heading(first)
    done = _decide(wang, second)
    assert "已清空" in done.text
    assert "上一筆已核可" in done.text
    identifier = "A-0" if "第0期" in _heading(first) else "A-1"
    tags = wang.get(f"/v1/datasets/{identifier}").get_json()["tags"]
    assert tags["rejectedLabels"] == labels[:1]
    assert tags["labels"] == labels[1:]
    assert tags["categoryCode"] == "500"
    again = _page(wang, f"/review/items/{identifier}")
    assert labels[0] not in [box.attributes["value"] for box in again.all("input", name="accepted")]
    assert "今天 2 筆" in again.text


def test_a_reason_becomes_a_saved_reply_and_a_precedent(wang: FlaskClient, services: Services) -> None:
    put(services, *map(_flagged, range(2)))
    first = _page(wang, "/review/items/A-0")
    _decide(wang, first, kind="keep", reason="依法公告之名冊", saveReason="true")
    second = _page(wang, "/review/items/A-1")
    assert "依法公告之名冊" in second.one("fieldset", class_="replies").text
    assert "先例" in second.text
    assert wang.get("/v1/datasets/A-0").get_json()["tags"]["categoryCode"] == "I00"
    shown = _decide(wang, second, kind="keep", reply="依法公告之名冊")
    assert "已清空" in shown.text
    assert wang.post("/review/items/A-1/replies", data={"reply": str(10**30)}).status_code == 303
    removed = wang.post("/review/items/A-1/replies", data={"reply": "1"}, follow_redirects=True)
    assert 'class="replies"' not in removed.text


def test_skipping_needs_a_reason_and_leaves_the_item_to_others(
    wang: FlaskClient, lin: FlaskClient, services: Services
) -> None:
    put(services, _flagged(0))
    item = _page(wang, "/review/next")
    [first, *_] = [box.attributes["value"] for box in item.all("input", name="accepted")]
    refused = _decide(wang, item, 422, kind="skip", accepted=[first], otherCategory="A00")
    assert "略過時請寫下理由" in refused.by_id("decision").text
    ticked = [box for box in refused.all("input", name="accepted") if "checked" in box.attributes]
    assert [box.attributes["value"] for box in ticked] == [first], "what was chosen is still there"
    assert refused.one("option", value="A00", selected="").text.startswith("A00")
    assert "已清空" in _decide(wang, item, kind="skip", reason="需要問勞動部").text
    assert _heading(_page(lin, "/review/next")) == f"{TITLE}第0期"
    assert "需要問勞動部" in _page(lin, "/review/items/A-0").text


def test_undoing_shows_the_item_again(wang: FlaskClient, services: Services) -> None:
    put(services, *map(_flagged, range(2)))
    first = _page(wang, "/review/next")
    _decide(wang, first)
    back = read(wang.post("/review/undo", follow_redirects=True).text)
    assert _heading(back) == _heading(first)
    assert "已復原" in back.text
    wang.post("/review/undo")
    assert wang.get("/v1/search?status=approved").get_json()["total"] == 0


def test_two_at_once_see_each_other_and_the_later_one_both_values(
    wang: FlaskClient, lin: FlaskClient, services: Services
) -> None:
    put(services, *map(_flagged, range(2)))
    first = _page(wang, "/review/next")
    address = first.by_id("decision").attributes["action"].removesuffix("/decision")
    others = _page(lin, address)
    assert "wang小姐正在審" in others.text
    assert _heading(_page(lin, "/review/next")) != _heading(first), "what somebody looks at is left to him"
    _decide(wang, first)
    conflict = _decide(lin, others, 412, category="I00")
    assert "wang小姐" in conflict.text
    assert {"500 求職及就業", "I00 公共資訊"} <= {
        span.text for span in conflict.all("span", class_="category")
    }
    forms = [form for form in conflict.all("form") if form.attributes.get("action", "").endswith("/decision")]
    values = MultiDict(
        (field.attributes["name"], field.attributes["value"]) for field in forms[0].all("input")
    )
    assert lin.post(forms[0].attributes["action"], data=values).status_code == 303
    assert (
        wang.get(address.replace("/review/items", "/v1/datasets")).get_json()["tags"]["categoryCode"] == "I00"
    )


def test_notes_call_people_and_what_calls_one_is_ones_own(
    wang: FlaskClient, lin: FlaskClient, services: Services
) -> None:
    put(services, _flagged(0))
    answer = wang.post("/review/items/A-0/notes", data={"text": "@lin 請看欄位說明"}, follow_redirects=True)
    assert "已加上備註" in answer.text
    assert answer.request.method == "GET", "reloading writes no second note"
    assert [link.text for link in _page(lin, "/review?queue=mine").one("tbody").all("a")] == [f"{TITLE}第0期"]
    assert "請看欄位說明" in _page(lin, "/review/items/A-0").text
    assert "沒有待審" in _page(lin, "/review?queue=mine").text, "it was seen"
    wang.post("/review/items/A-0/assignment", data={"account": "lin", "dueOn": "2026-12-31"})
    assert "2026-12-31" in _page(lin, "/review?queue=mine").one("tbody").text
    assert wang.post("/review/items/A-0/notes", data={"text": " "}).status_code == 422
    bad = wang.post("/review/items/A-0/assignment", data={"account": "lin", "dueOn": "2026-02-30"})
    assert (bad.status_code, "存在的日期" in bad.text) == (422, True)


def test_a_flag_is_set_and_taken_off(wang: FlaskClient, services: Services) -> None:
    put(services, _flagged(0))
    flagged = _decide(wang, _page(wang, "/review/items/A-0"), kind="flag")
    assert "已標記" in flagged.one("div", class_="item-head").text
    assert len(_page(wang, "/review?queue=mine").one("tbody").all("a")) == 1
    put(services, *map(_flagged, range(1, 13)))
    for number in range(1, 13):
        _decide(wang, _page(wang, f"/review/items/A-{number}"))
    unflagged = _decide(wang, flagged, kind="unflag")
    assert "已取消標記" in unflagged.text
    _decide(wang, unflagged, kind="unflag")
    assert wang.get("/v1/search?status=approved").get_json()["total"] == 12, "nothing else was taken back"
    assert "沒有待審" in _page(wang, "/review?queue=mine").text


def test_a_random_check_is_drawn_from_the_confident_and_measured(
    wang: FlaskClient, services: Services
) -> None:
    services.settings.random_share = 1
    put(
        services,
        _flagged(0),
        {"identifier": "OK", "title": "國道服務區即時剩餘停車位", "categoryCode": "A00"},
    )
    item = _page(wang, "/review/next")
    assert _heading(item) == "國道服務區即時剩餘停車位"
    assert "抽" not in item.text, "who knows it is a check looks harder"
    _decide(wang, item)
    with services.database.reading() as session:
        assert session.scalars(select(Decision.sampled)).one() is True


def test_a_batch_is_what_was_previewed_and_is_taken_back_as_a_whole(
    wang: FlaskClient, lin: FlaskClient, services: Services
) -> None:
    put(services, *map(_flagged, range(7)), _flagged(8, publisher="內政部"))
    item = _page(wang, "/review/items/A-3")
    [link] = [one for one in item.all("a") if "整批" in one.text]
    page = _page(wang, link.attributes["href"])
    assert "預覽：7 筆" in page.text
    assert len(page.one("ul", class_="samples").all("li")) == 5
    [form] = page.all("form", class_="apply")
    values = {field.attributes["name"]: field.attributes.get("value", "") for field in form.all("input")}
    put(services, _flagged(9))
    changed = wang.post("/review/bulk", data=values)
    assert (changed.status_code, "已有變更" in changed.text) == (409, True)
    [form] = read(changed.text).all("form", class_="apply")
    values = {field.attributes["name"]: field.attributes.get("value", "") for field in form.all("input")}
    done = wang.post("/review/bulk", data=values, follow_redirects=True)
    assert "已完成整批處理" in done.text
    assert wang.get("/v1/search?status=approved").get_json()["total"] == 8
    [undo] = [
        one.attributes["action"]
        for one in read(done.text).all("form")
        if one.attributes.get("action", "").endswith("/undo") and "bulk" in one.attributes["action"]
    ]
    assert lin.post(undo).status_code == 403
    assert "已復原整批" in wang.post(undo, follow_redirects=True).text
    assert wang.get("/v1/search?status=approved").get_json()["total"] == 0


def test_a_batch_below_the_threshold_or_of_everything_is_refused(
    wang: FlaskClient, services: Services
) -> None:
    put(services, _flagged(0))
    assert "不得低於 0.8" in _page(wang, "/review/bulk?publisher=勞動部&confidenceFrom=0.5").text
    refused = wang.post("/review/bulk", data={"action": "accept", "confidenceFrom": "0.9"})
    assert (refused.status_code, "至少指定" in refused.text) == (422, True)
    assert wang.get("/review/bulk?action=delete").status_code == 400


def test_an_auditor_looks_and_does_not_decide(app: Flask, services: Services) -> None:
    put(services, _flagged(0))
    auditor = signed_in_client(app, create_account(services, "audit", "稽核", "auditor", password=PASSWORD))
    assert "開始審核" not in _page(auditor, "/review").text
    assert auditor.get("/review/items/A-0").status_code == 200
    assert auditor.post("/review/items/A-0/decision", data={"kind": "decide"}).status_code == 403
    assert auditor.get("/review/next").status_code == 403


def test_hostile_text_stays_text(wang: FlaskClient, services: Services) -> None:
    put(services, _flagged(0, title=HOSTILE + TITLE, publisher=HOSTILE))
    item = _page(wang, "/review/items/A-0")
    wang.post("/review/items/A-0/notes", data={"text": HOSTILE})
    for address in ("/review", "/review/items/A-0", "/review/bulk?categoryCode=I00&confidenceFrom=0.8"):
        text = wang.get(address).text
        assert "<img src=x" not in text, address
        assert "&lt;img src=x" in text, address
    assert HOSTILE[:20] in _heading(item)


def test_what_one_flagged_or_was_assigned_is_done_once_one_decided(
    wang: FlaskClient, services: Services
) -> None:
    put(services, *map(_flagged, range(2)))
    services.settings.second_share = 1
    wang.post("/review/items/A-0/assignment", data={"account": "wang"})
    _decide(wang, _page(wang, "/review/items/A-1"), kind="flag")
    first = _page(wang, "/review/next?queue=mine")
    second = _decide(wang, first)
    assert {_heading(first), _heading(second)} == {f"{TITLE}第0期", f"{TITLE}第1期"}
    assert "已清空" in _decide(wang, second).text


def test_a_second_opinion_is_blind_whatever_one_looked_at_before(
    wang: FlaskClient, lin: FlaskClient, services: Services
) -> None:
    put(services, _flagged(0))
    lin.get("/review/items/A-0")
    services.settings.second_share = 1
    _decide(wang, _page(wang, "/review/items/A-0"))
    with services.database.writing() as session:
        for lease in session.scalars(select(Lease)):
            lease.expires_at = now() - timedelta(minutes=1)
    item = None
    for _ in range(200):
        answer = lin.get("/review/next", follow_redirects=True)
        if "item-title" in answer.text and "已清空" not in answer.text:
            item = read(answer.text)
            break
    assert item is not None, "a second opinion is mixed in by chance"
    assert "還沒有人決定過" in item.text
    assert "wang小姐" not in item.by_id("item").text.replace("wang小姐（wang）", "")
    _decide(lin, item, category="I00")
    tags = wang.get("/v1/datasets/A-0").get_json()["tags"]
    assert tags["categoryCode"] == "500", "it changes nothing by itself"
    conflict = _page(wang, "/review?queue=conflict")
    assert "沒有待審" in conflict.text, "a conflict is for a third"


def test_an_account_of_one_agency_gets_only_its_own(
    app: Flask, services: Services, wang: FlaskClient
) -> None:
    put(services, _flagged(0), _flagged(1, publisher="內政部"))
    person = create_account(services, "moi", "內政部", "reviewer", publisher="內政部", password=PASSWORD)
    moi = signed_in_client(app, person)
    item = _page(moi, "/review/next")
    assert _heading(item) == f"{TITLE}第1期"
    assert "已清空" in _decide(moi, item).text
    refused = _decide(moi, _page(moi, "/review/items/A-0"), 422)
    assert "只能審核「內政部」" in refused.by_id("decision").text


def test_a_session_that_ended_leads_to_the_sign_in_and_back(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/review/items/A-0?at=x"}
    for method in (client.get, client.post):
        answer = method("/review/next" if method == client.get else "/review/undo", headers=headers)
        assert answer.headers["HX-Redirect"] == "/sign-in?next=/review/items/A-0?at%3Dx"
