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

from api.app import create_app  # noqa: E402
from api.config import Settings  # noqa: E402
from api.readers import read_catalogue  # noqa: E402
from api.services import Services  # noqa: E402
from api.services.accounts import create_account, sign_in  # noqa: E402
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
    services = Services(Settings(database_url=address))
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
