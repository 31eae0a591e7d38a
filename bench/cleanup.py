"""Measures how long clearing 公共資訊 takes on the server, with the national catalogue.

    python bench/cleanup.py ../shared/data                                    # SQLite, in a temporary folder
    python bench/cleanup.py ../shared/data --store sqlite:////tmp/review.sqlite3
    python bench/cleanup.py ../shared/data --copies 18                        # about a million datasets

Declared categories are drawn as bench/review.py does: one in six 公共資訊, the others what the model suggests. Copies
share revisions and suggestions with the datasets that they are copies of, and their title patterns fall in five
families, so that groups become both more and larger. Times are those of the whole WSGI call in one process.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from flask.testing import FlaskClient  # noqa: E402
from sqlalchemy import ColumnElement, func, insert, select, text  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402
from werkzeug.datastructures import MultiDict  # noqa: E402

from api.app import create_app  # noqa: E402
from api.services import Services  # noqa: E402
from api.services.review.bulk import MOST  # noqa: E402
from api.services.review.cleanup import all_groups, cleanup_counts  # noqa: E402
from bench.review import open_store, signed_in  # noqa: E402
from models.dataset import Dataset  # noqa: E402
from models.review.cleanup import GroupRow  # noqa: E402
from models.review.queue import QueueFilters  # noqa: E402
from models.review.tables import ReviewItem  # noqa: E402

_FILTERS = QueueFilters(declared_code="I00")
_DATASET = "identifier, current_revision_id, current_suggestion_id, version, created_at, updated_at"
_ITEM = "queue, gain, level, confidence, declared_code, suggested_code, publisher, model_version_id, title_pattern"


def copy_datasets(services: Services, copies: int) -> None:
    """Fill the store with copies of its datasets."""
    with services.database.writing() as session:
        highest = session.scalars(select(func.max(Dataset.id))).one()
        for number in range(1, copies + 1):
            shift = number * highest
            changed = {"id": Dataset.id + shift, "identifier": Dataset.identifier + f"-{number}"}
            _copy(session, Dataset.__table__, changed, Dataset.id <= highest)
            changed = {
                "dataset_id": ReviewItem.dataset_id + shift,
                "title_pattern": ReviewItem.title_pattern + f" {number % 5}",
            }
            _copy(session, ReviewItem.__table__, changed, ReviewItem.dataset_id <= highest)
    with services.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _copy(session: Session, table: Any, changed: dict[str, Any], which: ColumnElement[bool]) -> None:
    values = {column.name: changed.get(column.name, column) for column in table.columns}
    session.execute(insert(table).from_select(list(values), select(*values.values()).where(which)))


def timed(name: str, call: Callable[[], Any], times: int = 5) -> Any:
    """Print how long a call takes; what it gave the last time."""
    spent = []
    answer = None
    for _ in range(times):
        started = time.perf_counter()
        answer = call()
        spent.append((time.perf_counter() - started) * 1000)
    print(f"{name}: median {statistics.median(spent):.0f} ms, max {max(spent):.0f} ms")
    return answer


def report_groups(groups: list[GroupRow]) -> None:
    """Print how far grouping saves decisions."""
    datasets = sum(group.datasets for group in groups)
    alike = [group for group in groups if group.datasets > 1]
    print(
        f"{datasets:,} datasets to move, {sum(group.sure for group in groups):,} of them sure,"
        f" in {len(groups):,} groups; {len(alike):,} groups of two or more hold"
        f" {sum(group.datasets for group in alike):,}; the largest {groups[0].datasets:,}"
    )


def decide(client: FlaskClient, page: str) -> str:
    """Accept the group of a page; the address at which that is taken back."""
    form = re.search(r'<form method="post" action="([^"]+)" id="group">.*?</form>', page, re.DOTALL)
    if form is None:
        raise ValueError("the page has no group to decide on")
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    fields = MultiDict([*((name, unescape(value)) for name, value in hidden), ("action", "accept")])
    answer = client.post(unescape(form[1]), data=fields)
    if answer.status_code != 303:
        raise RuntimeError(f"the decision was answered {answer.status_code}")
    listed = client.get(answer.location).text
    [undo] = re.findall(r'action="([^"]+/undo)"', listed)
    return unescape(undo)


def measure(client: FlaskClient, services: Services) -> None:
    """Measure grouping, the pages, a decision and taking it back."""
    groups = timed("grouping alone, all groups", lambda: all_groups(services, _FILTERS))
    report_groups(groups)
    timed("counts alone", lambda: cleanup_counts(services, _FILTERS))
    page = timed("GET /review/cleanup", lambda: client.get("/review/cleanup").text)
    following = re.search(r'rel="next" href="([^"]+)"', page)
    if following:
        timed("the second page", lambda: client.get(unescape(following[1])).text)
    timed("GET /v1/cleanup", lambda: client.get("/v1/cleanup").json)
    # The one with most to accept; one batch holds no more than so many.
    chosen = max(groups, key=lambda one: (min(one.sure, MOST), -one.datasets))
    address = {"suggestedCode": chosen.suggested_code, "titlePattern": chosen.title_pattern}
    opened = timed(
        f"the page of a group of {chosen.datasets:,}",
        lambda: client.get("/review/cleanup/group", query_string=address).text,
    )
    undo = timed(f"deciding on {chosen.sure:,} and the list after it", lambda: decide(client, opened), 1)
    timed("taking that back", lambda: client.post(undo, data={}), 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("shared", type=Path, help="folder of the real catalogues")
    parser.add_argument("--store", help="database to use; loaded where it is empty")
    parser.add_argument("--copies", type=int, default=0, help="copies of each dataset")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        services = open_store(asked.shared, asked.store or f"sqlite:///{folder}/review.sqlite3")
        if asked.copies:
            copy_datasets(services, asked.copies)
        client = signed_in(create_app(services.settings, services), services)
        measure(client, services)
        services.database.engine.dispose()


if __name__ == "__main__":
    main()
