"""A real browser before a real server, for tests of the pages.

Skips the test where no Chromium is installed; in CI that is a failure. `CHROMIUM` names another one.
"""

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from werkzeug.serving import make_server

from tests.missing import missing

SIZES = {"wide": (1280, 800), "phone": (390, 844)}
"""Width and height of the window, in CSS pixels."""
_WATCH = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("no Chromium is installed (Debian: apt-get install chromium fonts-noto-cjk)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of a server that runs the application."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Watched:
    """A page of which everything is written down that it must not do.

    Attributes:
        page: the page.
        faults: requests to other hosts, errors on the console, violated policies, and dialogs.
    """

    def __init__(self, browser: Browser, address: str, size: str, scheme: str = "light") -> None:
        width, height = SIZES[size]
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            locale="zh-TW",
            base_url=address,
        )
        self.faults: list[str] = []
        self._host = urlsplit(address).netloc
        self.context.add_init_script(_WATCH)
        self.page: Page = self.context.new_page()
        self.page.on("request", self._requested)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))

    def assert_usable(self, path: str) -> None:
        """Open a page: axe finds nothing serious on it, and it is no wider than the window."""
        self.page.goto(path)
        found = Axe().run(self.page).response["violations"]
        serious = [
            (one["id"], [node["html"] for node in one["nodes"]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], path
        overflow = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, path

    def _requested(self, request: Request) -> None:
        if urlsplit(request.url).netloc != self._host:
            self.faults.append(f"request to {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        # Answers that say what was wrong with a form are shown on the page; the console tells of them too.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def sign_in(self, name: str, password: str, following: str) -> None:
        """Sign in by the form, with the keyboard, and go on to a page."""
        self.page.goto(f"/sign-in?next={following}")
        self.page.locator("#name").press_sequentially(name)
        self.page.keyboard.press("Tab")
        self.page.locator("#password").press_sequentially(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("form.account")
        # Scripts are deferred: before they have run, no key does anything.
        self.page.wait_for_load_state("load")
