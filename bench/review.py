"""Measures how long the server takes to decide on an item and show the next, with the national catalogue.

    python bench/review.py ../shared/data                                    # SQLite, in a temporary folder
    python bench/review.py ../shared/data --store sqlite:////tmp/review.sqlite3

The catalogue of 2026 has no declared categories; they are drawn here with a fixed seed the way publishers declare:
one in six 公共資訊, the others what the model suggests, so that the queue of suspected mismatches is as long as it
would be. A reviewer then decides, item after item, through the page's own form, by the same requests that the
browser sends: one a decision, which is answered with the next item. Times are those of the whole WSGI call in one
process: database, evidence, similar datasets, precedents, template.
"""

import argparse
import contextlib
import gzip
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from flask import Flask  # noqa: E402
from flask.testing import FlaskClient  # noqa: E402
from werkzeug.datastructures import MultiDict  # noqa: E402

from api.app import create_app  # noqa: E402
from api.config import Settings  # noqa: E402
from api.readers import read_catalogue  # noqa: E402
from api.services import Services  # noqa: E402
from api.services.accounts import AccountError, create_account, sign_in  # noqa: E402
from api.services.importing import import_catalogue  # noqa: E402
from api.services.migrating import migrate  # noqa: E402
from api.services.retagging import retag_all  # noqa: E402
from models.catalogue import count_datasets  # noqa: E402
from tagger import DatasetMetadata  # noqa: E402

_PUBLIC = "I00"
_PUBLIC_SHARE = 1 / 6
_CHUNK = 1_000
_PASSWORD = "only for this measurement"  # noqa: S105


def declared_catalogue(shared: Path, services: Services, path: Path) -> None:
    """Write the catalogue with declared categories, as JSON Lines."""
    draw = random.Random(0)  # noqa: S311
    with (
        gzip.open(shared / "catalogue-2026.jsonl.gz", "rt", encoding="utf-8") as lines,
        path.open("w") as out,
    ):
        for chunk in _chunks([json.loads(line) for line in lines]):
            suggestions = services.tagger.suggest_batch(
                [DatasetMetadata.model_validate(one) for one in chunk]
            )
            for record, suggestion in zip(chunk, suggestions, strict=True):
                best = suggestion["categories"][0]["categoryCode"]
                record["categoryCode"] = _PUBLIC if draw.random() < _PUBLIC_SHARE else best
                out.write(json.dumps(record, ensure_ascii=False) + "\n")


def _chunks(records: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(records), _CHUNK):
        yield records[start : start + _CHUNK]


def open_store(shared: Path, address: str) -> Services:
    """The catalogue in a store, imported and tagged where it is not yet."""
    services = Services(Settings(database_url=address, environment="development"))
    migrate(services)
    with services.database.reading() as session:
        stored = count_datasets(session).datasets
    if not stored:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "declared.jsonl"
            declared_catalogue(shared, services, path)
            import_catalogue(services, read_catalogue(path), on_problem=print, progress=lambda done: None)
        retag_all(services, lambda done, total: None)
    return services


def signed_in(app: Flask, services: Services) -> FlaskClient:
    """A browser in which a reviewer is signed in."""
    with contextlib.suppress(AccountError):
        create_account(services, "bench", "量測", "reviewer", password=_PASSWORD)
    client = app.test_client()
    client.set_cookie("session", sign_in(services, "bench", _PASSWORD) or "")
    client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    return client


def fields(page: str) -> tuple[str, list[tuple[str, str]]]:
    """The address and the fields of the decision's form, as a browser would send them."""
    form = re.search(r'<form id="decision".*?</form>', page, re.DOTALL)
    if form is None:
        raise ValueError("the page has no form to decide with")
    action = re.search(r'action="([^"]+)"', form[0])
    found = []
    for tag in re.findall(r"<input [^>]+>", form[0]):
        named = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if named and ('type="hidden"' in tag or " checked" in tag):
            found.append((named[1], unescape(value[1]) if value else ""))
    return unescape(action[1]) if action else "", [*found, ("kind", "decide")]


def measure(client: FlaskClient, decisions: int) -> list[float]:
    """Milliseconds of each decide-and-next."""
    headers = {"HX-Request": "true"}
    page = client.get("/review/next", headers=headers).text
    times = []
    for _ in range(decisions):
        address, form = fields(page)
        started = time.perf_counter()
        answer = client.post(address, data=MultiDict(form), headers=headers)
        times.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        page = answer.text
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("shared", type=Path, help="folder of the real catalogues")
    parser.add_argument("--store", help="database to use; loaded where it is empty")
    parser.add_argument("--decisions", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        services = open_store(asked.shared, asked.store or f"sqlite:///{folder}/review.sqlite3")
        app = create_app(services.settings, services)
        client = signed_in(app, services)
        measure(client, 20)
        times = sorted(measure(client, asked.decisions))
        with services.database.reading() as session:
            datasets = count_datasets(session)
        services.database.engine.dispose()
    print(f"datasets {datasets.datasets:,}, flagged {datasets.mismatched:,}, decisions {len(times)}")
    print(
        f"decide-and-next: median {statistics.median(times):.1f} ms,"
        f" p95 {times[int(len(times) * 0.95)]:.1f} ms, max {times[-1]:.1f} ms"
    )


if __name__ == "__main__":
    main()
