"""Makes the pictures of docs/screenshots: the pages of the review with the demonstration catalogue.

python docs/make_screenshots.py [CHROMIUM]
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from api.app import create_app  # noqa: E402
from api.cli.demo_command import CATALOGUE  # noqa: E402
from api.config import Settings  # noqa: E402
from api.readers import read_catalogue  # noqa: E402
from api.services import Services  # noqa: E402
from api.services.accounts import accounts, create_account  # noqa: E402
from api.services.importing import import_catalogue  # noqa: E402
from api.services.jobs.retag import RetagAsked, make_retag, run_next  # noqa: E402
from api.services.migrating import migrate  # noqa: E402
from api.services.retagging import retag_all  # noqa: E402
from tests.api.review.browser import SIZES, served  # noqa: E402

PICTURES = ROOT / "docs" / "screenshots"
_PASSWORD = "only for the pictures"  # noqa: S105
_DECIDED = 6
_CHUNK = 8


def store(address: str) -> Services:
    """The demonstration catalogue, tagged, with a reviewer and an administrator."""
    services = Services(
        Settings(database_url=address, random_share=0, second_share=0, environment="development")
    )
    migrate(services)
    rows = read_catalogue(CATALOGUE)
    import_catalogue(services, rows, on_problem=print, progress=lambda done: None)
    retag_all(services, lambda done, total: None)
    create_account(services, "wang", "王小姐", "reviewer", password=_PASSWORD)
    create_account(services, "lin", "林先生", "administrator", password=_PASSWORD)
    return services


def take(page: Page, size: str) -> None:
    """Take the pictures of one size."""
    page.goto("/review")
    _save(page, f"queue-{size}")
    page.goto("/review/next")
    for _ in range(_DECIDED if size == "wide" else 0):
        title = page.inner_text("#item-title")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "title => document.querySelector('#item-title').innerText !== title", arg=title
        )
    page.goto("/review/next")
    _save(page, f"item-{size}")
    for name, path in {
        "bulk": "/review/bulk?categoryCode=I00&confidenceFrom=0.8",
        "desk": "/review/vocabulary?least=1",
        "dashboard": "/review/dashboard",
        "statistics-report": "/review/statistics",
        "correction-note": "/datasets/DEMO-038/correction-note",
    }.items():
        page.goto(path)
        _save(page, f"{name}-{size}")


def take_jobs(services: Services, page: Page, size: str) -> None:
    """Take the pictures of a job that goes on, and of what only administrators can do."""
    [administrator] = [one for one in accounts(services) if one.name == "lin"]
    job_id = make_retag(services, RetagAsked(again=True), administrator.id, _CHUNK)
    for _ in range(3):
        run_next(services, job_id)
    for name, path in {
        "job": f"/review/jobs/{job_id}",
        "jobs": "/review/jobs",
        "job-new": "/review/jobs/new?mode=again",
    }.items():
        page.goto(path)
        _save(page, f"{name}-{size}")
    while run_next(services, job_id) is not None:
        pass


def _save(page: Page, name: str) -> None:
    whole = name.startswith(("dashboard", "correction-note"))
    page.screenshot(path=PICTURES / f"{name}.png", caret="initial", full_page=whole)


def _sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.fill("#name", name)
    page.fill("#password", _PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("/")


def main() -> None:
    """Make all pictures."""
    PICTURES.mkdir(exist_ok=True)
    chromium = sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        services = store(f"sqlite:///{folder}/pictures.sqlite3")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with served(create_app(services.settings, services)) as address:
            for size, (width, height) in SIZES.items():
                context = browser.new_context(
                    base_url=address, viewport={"width": width, "height": height}, locale="zh-TW"
                )
                page = context.new_page()
                _sign_in(page, "wang")
                take(page, size)
                _sign_in(page, "lin")
                take_jobs(services, page, size)
        browser.close()
        services.database.engine.dispose()


if __name__ == "__main__":
    main()
