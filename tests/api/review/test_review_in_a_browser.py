"""Reviewing in a real browser, by keyboard alone, on a wide screen and on a phone."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from api.services import Services
from api.services.accounts import Person
from models.decision import Decision
from tests.api.people import PASSWORD
from tests.api.review.browser import Watched, served
from tests.api.review.search_pages import HOSTILE, put

_CITIES = (
    "臺北市",
    "新北市",
    "桃園市",
    "臺中市",
    "臺南市",
    "高雄市",
    "基隆市",
    "新竹市",
    "嘉義市",
    "新竹縣",
    "苗栗縣",
)
_SUBJECTS = (
    "職業災害勞工慰問金發放統計",
    "公車路線時刻表",
    "醫療院所名冊",
    "國民小學學生人數",
    "不動產實價登錄買賣案件",
)
pytestmark = pytest.mark.parametrize("prepared_store", ["sqlite"], indirect=True)


@pytest.fixture
def address(app: Flask, services: Services, reviewer: Person) -> Iterator[str]:
    """A server with 55 datasets that are declared 公共資訊 and are not, the first of them with a hostile name."""
    names = [f"{city}{subject}" for city in _CITIES for subject in _SUBJECTS]
    names[0] = f"{HOSTILE}職業災害勞工慰問金發放統計"
    records = [
        {"identifier": f"S-{number}", "title": name, "publisher": "勞動部", "categoryCode": "I00"}
        for number, name in enumerate(names)
    ]
    put(services, *records)
    with served(app) as found:
        yield found


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _settled(page: Page, keys: tuple[str, ...]) -> None:
    """Press keys and wait until another item has come."""
    before = page.locator("input[name=etag]").first.get_attribute("value"), page.inner_text("#item-title")
    _press(page, *keys)
    page.wait_for_function(
        "([etag, title]) => document.querySelector('#item-title').innerText !== title"
        " || document.querySelector('input[name=etag]')?.value !== etag",
        arg=list(before),
    )


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_reviewer_clears_fifty_items_by_keyboard_alone(
    size: str,
    address: str,
    browser: Browser,
    services: Services,
) -> None:
    services.settings.random_share = services.settings.second_share = 0
    watched = Watched(browser, address, size)
    watched.sign_in("wang", PASSWORD, "/review")
    page = watched.page
    page.keyboard.press("Enter")
    page.wait_for_selector("#decision")
    for number in range(50):
        if number % 10 == 3:
            page.keyboard.press("x")
            page.keyboard.insert_text("本會依法公告的名冊")
            _settled(page, ("Enter",))
        elif number % 10 == 5:
            _settled(page, ("Numpad1", "Enter"))
        elif number % 10 == 7:
            page.keyboard.press("c")
            page.keyboard.insert_text("交通")
            _settled(page, ("Enter", "Enter"))
        else:
            _settled(page, ("Enter",))
    page.wait_for_function("document.querySelector('.today').innerText.includes('今天 50 筆')")
    with services.database.reading() as session:
        kinds = session.scalars(select(Decision.kind)).all()
        chosen = session.scalars(select(Decision.category_code).where(Decision.kind == "decide")).all()
    assert len(kinds) == 50
    assert kinds.count("keep") == 5
    assert chosen.count("A00") >= 5
    assert watched.faults == []
    watched.context.close()


def test_a_key_undoes_the_last_decision_and_another_moves_without_one(
    address: str,
    browser: Browser,
    services: Services,
) -> None:
    services.settings.random_share = services.settings.second_share = 0
    watched = Watched(browser, address, "wide")
    watched.sign_in("wang", PASSWORD, "/review/next")
    page = watched.page
    first = page.inner_text("#item-title")
    _settled(page, ("Enter",))
    second = page.inner_text("#item-title")
    _settled(page, ("u",))
    assert page.inner_text("#item-title") == first
    assert "已復原" in page.inner_text("#said")
    _settled(page, ("j",))
    assert page.inner_text("#item-title") == second
    _settled(page, ("k",))
    assert page.inner_text("#item-title") == first
    assert watched.faults == []
    watched.context.close()


def test_keys_are_silent_while_an_input_method_composes_and_in_fields(
    address: str,
    browser: Browser,
) -> None:
    watched = Watched(browser, address, "wide")
    watched.sign_in("wang", PASSWORD, "/review/next")
    page = watched.page
    title = page.inner_text("#item-title")
    page.evaluate(
        "document.querySelector('#item').dispatchEvent(new KeyboardEvent('keydown',"
        " {code: 'Enter', key: 'Process', keyCode: 229, bubbles: true}))"
    )
    page.evaluate(
        "document.querySelector('#item').dispatchEvent(new KeyboardEvent('keydown',"
        " {code: 'KeyX', key: 'ㄌ', isComposing: true, bubbles: true}))"
    )
    page.keyboard.press("n")
    page.keyboard.type("xu1")
    assert page.input_value("#note") == "xu1"
    assert page.inner_text("#item-title") == title
    assert page.locator(".why[open]").count() == 0
    watched.context.close()


def test_keys_can_be_changed_and_switched_off(address: str, browser: Browser) -> None:
    watched = Watched(browser, address, "wide")
    watched.sign_in("wang", PASSWORD, "/review/next")
    page = watched.page
    page.keyboard.press("Shift+Slash")
    page.get_by_label("更換：寫備註").click()
    page.keyboard.press("x")
    assert "已用於" in page.inner_text("#keys .error")
    page.get_by_label("更換：寫備註").click()
    page.keyboard.press("q")
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("q")
    assert page.evaluate("document.activeElement.id") == "note"
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Slash")
    page.locator("[data-switch]").click()
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    assert page.evaluate("document.activeElement.id") != "note"
    watched.context.close()


def test_a_hostile_title_is_text(address: str, browser: Browser) -> None:
    watched = Watched(browser, address, "wide")
    watched.sign_in("wang", PASSWORD, "/review/items/S-0")
    assert "<img src=x onerror=alert(1)>" in watched.page.inner_text("#item-title")
    assert watched.page.locator("main img").count() == 0
    assert watched.faults == []
    watched.context.close()


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_serious_fault_of_accessibility(
    size: str,
    scheme: str,
    address: str,
    browser: Browser,
) -> None:
    watched = Watched(browser, address, size, scheme)
    watched.sign_in("wang", PASSWORD, "/review/items/S-7")
    for path in PAGES:
        watched.assert_usable(path)
    assert watched.faults == []
    watched.context.close()


PAGES = (
    "/sign-in",
    "/review",
    "/review/items/S-7",
    "/review/bulk",
    "/review/vocabulary?least=1",
    "/review/dashboard",
    "/review/bulk?publisher=勞動部&confidenceFrom=0.8",
)
"""Every page of the review."""
