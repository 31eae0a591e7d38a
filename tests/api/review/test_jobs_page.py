"""The pages of jobs, as they are read and as their forms are sent, without a script."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event, text

from api.review import jobs as page_of_jobs
from api.review.jobs import duration, in_words
from api.services import Services
from api.services.accounts import Person
from api.services.jobs import control
from api.services.jobs.local import work
from tests.api.job_requests import nobody, put, put_broken
from tests.api.people import make_person, signed_in_client
from tests.api.review.page_reader import Node, read
from tests.api.review.search_pages import HOSTILE


@pytest.fixture
def browser_of_root(app: Flask, administrator: Person) -> FlaskClient:
    """A browser in which an administrator is signed in."""
    return signed_in_client(app, administrator)


def _page(client: FlaskClient, address: str, status: int = 200) -> Node:
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text
    return read(answer.text)


def _fields(form: Node) -> dict[str, str]:
    return {one.attributes["name"]: one.attributes["value"] for one in form.all("input", type="hidden")}


def _started(client: FlaskClient, **given: str) -> str:
    """The address of a job that was previewed and started."""
    answer = client.get("/review/jobs/new", query_string=given)
    assert answer.status_code == 200, answer.text
    [form] = [one for one in read(answer.text).all("form", method="post") if "key" in _fields(one)]
    sent = client.post(form.attributes["action"], data=_fields(form))
    assert sent.status_code == 303, sent.text
    return sent.location


def test_a_job_is_previewed_started_once_and_shown(browser_of_root: FlaskClient, services: Services) -> None:
    put(services, 4)
    put(services, 3, "內政部", "A00")
    put_broken(services, 1)
    empty = _page(browser_of_root, "/review/jobs")
    assert "沒有工作" in empty.one("div", class_="empty").text
    form_page = _page(browser_of_root, empty.one("a", class_="button").attributes["href"])
    assert "還不會開始" in form_page.one("section", class_="preview").text
    preview = _page(browser_of_root, "/review/jobs/new?mode=all")
    assert "8 筆 其中 8 筆尚未" in preview.one("p", class_="preview-size").text
    assert _page(browser_of_root, "/review/jobs").all("li", class_="job") == [], "nothing has begun"
    [form] = [one for one in preview.all("form", method="post") if "key" in _fields(one)]
    first = browser_of_root.post(form.attributes["action"], data=_fields(form))
    again = browser_of_root.post(form.attributes["action"], data=_fields(form))
    assert first.location == again.location
    [row] = _page(browser_of_root, "/review/jobs").all("li", class_="job")
    assert "等待中 標註全部資料集" in row.text
    assert row.one("progress").attributes["max"] == "8"
    work(services, int(first.location.rpartition("/")[2]), 1, nobody)
    page = _page(browser_of_root, first.location)
    assert page.one("b", class_="state").text == "完成"
    assert page.one("progress").attributes["value"] == "8"
    counts = page.one("dl", class_="counts").described()
    assert {name: one.text for name, one in counts.items()} == {
        "標註": "7",
        "其中分類改變": "0",
        "其中新增疑似不符": counts["其中新增疑似不符"].text,
        "已標註過": "0",
        "失敗": "1",
    }
    [failed] = page.one("table").one("tbody").all("tr")
    assert failed.one("a").attributes["href"] == "/datasets/BAD-0"
    assert "詮釋資料不符規定" in failed.text


@pytest.mark.parametrize(
    ("given", "datasets", "says"),
    [
        ({"mode": "changed"}, 5, "標註有變動的資料集"),
        ({"mode": "again"}, 5, "標註全部資料集，已標註的也重做"),
        ({"mode": "all", "publisher": " 內政部 "}, 2, "標註資料集：機關「內政部」"),
        ({"mode": "all", "categoryCode": "A00"}, 2, "標註資料集：所填分類 A00 交通及通訊"),
        ({"mode": "changed", "publisher": "內政部", "categoryCode": "I00"}, 0, ""),
        ({"mode": "all", "query": "沒有這種東西"}, 0, ""),
    ],
)
def test_a_preview_says_how_many_and_what(
    browser_of_root: FlaskClient, services: Services, given: dict[str, str], datasets: int, says: str
) -> None:
    put(services, 3)
    put(services, 2, "內政部", "A00")
    answer = browser_of_root.get("/review/jobs/new", query_string=given)
    section = read(answer.text).one("section", class_="preview")
    if not datasets:
        assert "沒有符合的資料集" in section.text
        assert section.all("form") == []
        return
    assert says in section.text
    assert section.one("b").text == str(datasets)
    job = _page(browser_of_root, _started(browser_of_root, **given))
    assert job.one("h1").text == says


def test_a_preview_of_very_many_does_not_count_to_the_end(
    browser_of_root: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(services, 5)
    monkeypatch.setattr(control, "MOST_COUNTED", 3)
    section = _page(browser_of_root, "/review/jobs/new?mode=all").one("section", class_="preview")
    assert section.one("p", class_="preview-size").text == "超過 3 筆"
    assert section.one("button").text == "開始標註"
    monkeypatch.setattr(control, "MOST_COUNTED", 5)
    section = _page(browser_of_root, "/review/jobs/new?mode=all").one("section", class_="preview")
    assert section.one("p", class_="preview-size").text == "5 筆 其中 5 筆尚未以目前的模型標註"


@pytest.mark.parametrize("prepared_store", ["postgresql"], indirect=True)
def test_a_preview_that_takes_too_long_is_no_obstacle(
    browser_of_root: FlaskClient, services: Services
) -> None:
    put(services, 5)
    with services.database.engine.connect() as waiting, waiting.begin():
        # Whoever counts waits for this, as it would for very many rows.
        waiting.execute(text("LOCK TABLE dataset IN ACCESS EXCLUSIVE MODE"))
        engine = services.database.engine
        event.listen(engine, "begin", _hurry)
        answer = browser_of_root.get("/review/jobs/new?mode=all")
        event.remove(engine, "begin", _hurry)
    section = read(answer.text).one("section", class_="preview")
    assert "一時算不完；仍可開始" in section.text
    assert _started(browser_of_root, mode="all").startswith("/review/jobs/")


def _hurry(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL statement_timeout = 300")


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({"mode": "all", "query": '"公車'}, 422, "query"),
        ({"mode": "all", "publisher": "勞\0動部"}, 422, "publisher"),
        ({"mode": "all", "publisher": HOSTILE}, 422, "publisher"),
        ({"mode": "all", "categoryCode": "Z99"}, 422, "categoryCode"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    browser_of_root: FlaskClient, given: dict[str, str], status: int, field: str
) -> None:
    for answer in (
        browser_of_root.get("/review/jobs/new", query_string=given),
        browser_of_root.post("/review/jobs/new", data=given),
    ):
        assert answer.status_code == status
        page = read(answer.text)
        assert page.all("p", class_="error")
        if field != "categoryCode":
            assert page.by_id(field).attributes["aria-invalid"] == "true"
            assert page.by_id(field).attributes["value"] == given[field]
    assert browser_of_root.get("/review/jobs/new?mode=burn").status_code == 400


def test_too_many_jobs_are_refused_on_the_form(
    browser_of_root: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "MOST_OPEN", 0)
    put(services, 1)
    answer = browser_of_root.post("/review/jobs/new", data={"mode": "all"})
    assert answer.status_code == 429
    assert "取消不需要的工作" in read(answer.text).one("p", role="alert").text


def test_who_is_limited_to_an_agency_is_told_on_the_form(app: Flask, services: Services) -> None:
    put(services, 1, "內政部")
    limited = signed_in_client(app, make_person(services, "moi", "administrator", "內政部"))
    for answer in (
        limited.get("/review/jobs/new?mode=all"),
        limited.post("/review/jobs/new", data={"mode": "all"}),
    ):
        assert answer.status_code == 403
        assert "只能處理「內政部」" in read(answer.text).one("p", role="alert").text
    assert _started(limited, mode="all", publisher="內政部").startswith("/review/jobs/")


def test_a_job_is_cancelled_and_gone_on_with(browser_of_root: FlaskClient, services: Services) -> None:
    put(services, 2)
    address = _started(browser_of_root, mode="all")
    assert browser_of_root.post(f"{address}/cancel").location == address
    page = _page(browser_of_root, address)
    assert page.one("b", class_="state").text == "已取消"
    assert "2 筆沒有做" in page.one("p", class_="job-state").text
    assert [one.attributes["action"] for one in page.all("form", method="post")][1:] == [f"{address}/retry"]
    assert browser_of_root.post(f"{address}/retry").location == address
    assert _page(browser_of_root, address).one("b", class_="state").text == "等待中"


def test_a_job_of_another_model_says_so_on_its_page(
    browser_of_root: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(services, 1)
    address = _started(browser_of_root, mode="all")
    browser_of_root.post(f"{address}/cancel")
    monkeypatch.setattr(services.tagger, "model_version", "another")
    answer = browser_of_root.post(f"{address}/retry")
    assert answer.status_code == 409
    assert "另外要求一項新的工作" in read(answer.text).one("p", class_="error").text


def test_a_job_that_nobody_takes_up_says_what_is_missing(
    browser_of_root: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(services, 1)
    address = _started(browser_of_root, mode="all")
    assert "tagger worker" not in browser_of_root.get(address).text
    monkeypatch.setattr(page_of_jobs, "_PATIENCE", timedelta(0))
    assert "tagger worker" in browser_of_root.get(address).text


def test_failures_and_jobs_are_paged(
    browser_of_root: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_broken(services, 103)
    address = _started(browser_of_root, mode="all")
    work(services, int(address.rpartition("/")[2]), 1, nobody)
    first = _page(browser_of_root, address)
    assert len(first.one("tbody").all("tr")) == 100
    second = _page(browser_of_root, first.one("a", rel="next").attributes["href"].partition("#")[0])
    assert len(second.one("tbody").all("tr")) == 3
    monkeypatch.setattr(page_of_jobs, "PAGE", 1)
    _started(browser_of_root, mode="all")
    newest = _page(browser_of_root, "/review/jobs")
    older = _page(browser_of_root, newest.one("a", rel="next").attributes["href"])
    assert "等待中" in newest.one("li", class_="job").text
    assert "完成" in older.one("li", class_="job").text
    assert older.all("a", rel="next") == []
    waiting = _page(browser_of_root, "/review/jobs?state=cancelled")
    assert "沒有這種狀態的工作" in waiting.text


def test_others_look_and_change_nothing(app: Flask, services: Services, administrator: Person) -> None:
    put(services, 1)
    address = _started(signed_in_client(app, administrator), mode="all")
    auditor = signed_in_client(app, make_person(services, "audit", "auditor"))
    for place in ("/review/jobs", address):
        page = _page(auditor, place)
        assert "標註全部資料集" in page.text
        assert page.all("a", class_="button") == []
        assert [one.attributes["action"] for one in page.all("form", method="post")] == ["/sign-out"]
    _page(auditor, "/review/jobs/new", 403)
    for action in ("/review/jobs/new", f"{address}/cancel", f"{address}/retry"):
        assert auditor.post(action, data={"mode": "all"}).status_code == 403
    uploader = signed_in_client(app, make_person(services, "up", "uploader"))
    _page(uploader, "/review/jobs", 403)
    assert app.test_client().get("/review/jobs").location == "/sign-in?next=/review/jobs"
    _page(auditor, "/review/jobs/9999", 404)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 秒"), (59.4, "59 秒"), (59.6, "1 分 0 秒"), (200, "3 分 20 秒"), (7_500, "2 小時 5 分")],
)
def test_durations_read_well(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "標註全部資料集"),
        ({"changed": True}, "標註有變動的資料集"),
        (
            {"changed": True, "publisher": "勞動部", "query": "職災"},
            "標註有變動的資料集：機關「勞動部」，查詢「職災」",
        ),
        ({"listed": 1200, "again": True}, "標註資料集：指定的 1,200 筆，已標註的也重做"),
    ],
)
def test_what_was_asked_is_said_in_words(asked: dict[str, Any], words: str) -> None:
    assert in_words(asked) == words


def test_a_hostile_name_is_text(browser_of_root: FlaskClient, services: Services) -> None:
    name = re.sub("\u202e", "", HOSTILE)
    put(services, 1, name)
    address = _started(browser_of_root, mode="all", publisher=name)
    page = _page(browser_of_root, address)
    assert name in page.one("h1").raw_text
    assert page.one("main").all("img") == []
