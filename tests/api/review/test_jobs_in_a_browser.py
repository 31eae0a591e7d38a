"""Jobs in a real browser: started by keyboard, followed without reload, on a wide screen and on a phone."""

import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from api.services import Services
from api.services.accounts import Person
from api.services.jobs import retag
from api.services.jobs.control import Asked, cancel, start_retag
from api.services.jobs.local import work
from api.services.jobs.retag import run_next
from models.job import ENDED
from models.job_state import find_job
from tests.api.job_requests import nobody, put, put_broken
from tests.api.people import PASSWORD
from tests.api.review.browser import Watched, served

pytestmark = pytest.mark.parametrize("prepared_store", ["sqlite"], indirect=True)


@pytest.fixture
def address(
    app: Flask, services: Services, administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A server with 30 datasets, one of which cannot be tagged, in chunks of five."""
    monkeypatch.setattr(retag, "CHUNK", 5)
    assert administrator.name == "root"
    put(services, 29)
    put_broken(services, 1)
    _ = services.tagger, services.meaning, services.model_version_id
    with served(app) as found:
        yield found


class Worker(threading.Thread):
    """Does a job chunk by chunk, each when it is told to."""

    def __init__(self, services: Services, job_id: int) -> None:
        super().__init__()
        self._services, self._job_id = services, job_id
        self._go = threading.Semaphore(0)

    def do(self, chunks: int) -> None:
        """Do so many chunks."""
        for _ in range(chunks):
            self._go.release()

    def run(self) -> None:
        """Work until the job has ended."""
        while self._go.acquire(timeout=60) and run_next(self._services, self._job_id) is not None:
            with self._services.database.reading() as session:
                job = find_job(session, self._job_id)
            if job is None or job.state in ENDED:
                return


def _text(page: Page, name: str) -> str:
    return page.inner_text(f'#job [data-field="{name}"]')


def _until(page: Page, name: str, value: str) -> None:
    page.wait_for_function(
        '([name, value]) => document.querySelector(`#job [data-field="${name}"]`)?.textContent === value',
        arg=[name, value],
        timeout=20_000,
    )


def _mark(page: Page) -> None:
    """Leave a mark that a reload would wipe out."""
    page.evaluate("window.notReloaded = true")


def _start_by_keyboard(page: Page) -> None:
    """From the list to a job about everything that the model has not tagged."""
    page.keyboard.press("/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/jobs/new")
    page.wait_for_load_state("load")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    # A browser goes to a fragment in the first frame after the page is there as a whole.
    page.wait_for_url("**#preview", wait_until="load")
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert "30 筆" in page.inner_text(".preview-size")
    # One goes on where the preview is.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hasAttribute('data-start')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#job")


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_job_is_started_by_keyboard_and_followed_to_its_end_without_reload(
    size: str, address: str, browser: Browser, services: Services
) -> None:
    watched = Watched(browser, address, size)
    watched.sign_in("root", PASSWORD, "/review/jobs")
    page = watched.page
    streams: list[str] = []
    page.on("request", lambda one: streams.append(one.url) if one.resource_type == "eventsource" else None)
    _start_by_keyboard(page)
    _mark(page)
    assert _text(page, "state") == "等待中"
    worker = Worker(services, int(page.url.rpartition("/")[2]))
    worker.start()
    worker.do(2)
    _until(page, "settled", "10")
    assert _text(page, "state") == "進行中"
    assert page.evaluate("document.querySelector('#job progress').value") == 10
    assert page.is_visible("[data-shown=rate]")
    assert page.get_by_role("button", name="取消").is_visible()
    worker.do(4)
    _until(page, "state", "完成")
    page.wait_for_selector("#failures")
    worker.join()
    assert (_text(page, "settled"), _text(page, "failed"), _text(page, "tagged")) == ("30", "1", "29")
    assert page.inner_text("[data-said]").startswith("完成：29 筆，失敗 1 筆")
    assert page.get_by_role("link", name="壞0").get_attribute("href") == "/datasets/BAD-0"
    assert page.get_by_role("button", name="重試失敗的部分").is_visible()
    assert page.evaluate("window.notReloaded") is True
    assert len(streams) == 1, "an ended stream is not asked for again"
    live = page.inner_text("#job")
    page.reload()
    assert page.inner_text("#job") == live, "the script and the server word alike"
    assert watched.faults == []
    watched.context.close()


def test_a_job_is_followed_by_asking_where_no_stream_is_left(
    address: str, browser: Browser, services: Services, administrator: Person, app: Flask
) -> None:
    job_id = start_retag(services, administrator, Asked())
    for _ in range(2):
        app.extensions["job_streams"].take()
    watched = Watched(browser, address, "wide")
    watched.sign_in("root", PASSWORD, f"/review/jobs/{job_id}")
    _mark(watched.page)
    work(services, job_id, 1, nobody)
    _until(watched.page, "state", "完成")
    assert _text(watched.page, "settled") == "30"
    assert watched.page.evaluate("window.notReloaded") is True
    assert watched.page.locator("[data-stale]").is_hidden()
    assert watched.faults == []
    watched.context.close()


def test_a_list_follows_its_jobs_and_shows_new_ones(
    address: str, browser: Browser, services: Services, administrator: Person
) -> None:
    first = start_retag(services, administrator, Asked())
    watched = Watched(browser, address, "wide")
    watched.sign_in("root", PASSWORD, "/review/jobs")
    page = watched.page
    _mark(page)
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.getAttribute('href')") == f"/review/jobs/{first}"
    work(services, first, 1, nobody)
    page.wait_for_function(
        "() => document.querySelector('.job .state').textContent === '完成'", timeout=20_000
    )
    assert page.evaluate("document.querySelector('.job progress').value") == 30
    second = start_retag(services, administrator, Asked(again=True))
    page.wait_for_selector(f'.job[data-job="{second}"]', timeout=30_000)
    assert page.evaluate("document.activeElement.getAttribute('href')") == f"/review/jobs/{first}"
    assert page.evaluate("window.notReloaded") is True
    assert watched.faults == []
    watched.context.close()


def test_a_viewer_that_leaves_gives_its_stream_back_at_once(
    address: str, browser: Browser, services: Services, administrator: Person, app: Flask
) -> None:
    job_id = start_retag(services, administrator, Asked())
    watched = Watched(browser, address, "wide")
    watched.sign_in("root", PASSWORD, f"/review/jobs/{job_id}")
    streams = app.extensions["job_streams"]
    _wait_for(lambda: streams.open == 1)
    watched.context.close()
    _wait_for(lambda: streams.open == 0)


def _wait_for(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_serious_fault_of_accessibility(
    size: str, scheme: str, address: str, browser: Browser, services: Services, administrator: Person
) -> None:
    done = start_retag(services, administrator, Asked())
    work(services, done, 1, nobody)
    cancelled = start_retag(services, administrator, Asked(again=True))
    cancel(services, administrator, cancelled)
    running = start_retag(services, administrator, Asked(query="職業災害", again=True))
    run_next(services, running)
    watched = Watched(browser, address, size, scheme)
    watched.sign_in("root", PASSWORD, "/review/jobs")
    for path in (
        "/review/jobs",
        f"/review/jobs/{done}",
        f"/review/jobs/{cancelled}",
        f"/review/jobs/{running}",
        "/review/jobs/new",
        "/review/jobs/new?mode=all&publisher=勞動部",
        '/review/jobs/new?mode=all&query="x',
    ):
        watched.assert_usable(path)
    assert watched.faults == []
    watched.context.close()
