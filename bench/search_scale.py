"""Measures search in PostgreSQL over 10 thousand, 100 thousand and a million datasets.

    createdb tagger_scale
    python bench/search_scale.py ../shared/data postgresql://postgres@127.0.0.1/tagger_scale --sizes 10000 100000 1000000

The datasets are generated from the titles of the national catalogue: as they are, and then again and again for
another township and year. Each has a revision, the suggestion that the model makes for the original title
(without its evidence), and a search document made by the service's own indexing. The GIN index is made after
each load, as is usual for bulk loads; times are of the whole search in process: reading the query, statements,
ranking, marks and facets.
"""

import argparse
import gzip
import json
import random
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from search import report_speed  # noqa: E402
from sqlalchemy import text  # noqa: E402

from api.config import Settings  # noqa: E402
from api.services import Services  # noqa: E402
from api.services.datasets import to_record, to_suggestion_record  # noqa: E402
from api.services.indexing import index_datasets  # noqa: E402
from api.services.migrating import migrate  # noqa: E402
from models.catalogue import count_datasets, store_records  # noqa: E402
from models.tagging import store_suggestions  # noqa: E402
from tagger import DatasetMetadata, Suggestion  # noqa: E402
from tagger.facets import facets  # noqa: E402

_CHUNK = 1_000
_INDEX = "ix_search_document_lexemes"


def generated(shared: Path, services: Services) -> Iterator[tuple[DatasetMetadata, Suggestion]]:
    """Datasets without end, always the same ones."""
    with gzip.open(shared / "catalogue-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    originals = [
        DatasetMetadata(title=row["title"], publisher=row["publisher"] or None, category_code=None)
        for row in rows
        if row["title"].strip()
    ]
    suggestions: list[Suggestion] = []
    for at in range(0, len(originals), 256):
        suggestions += services.tagger.suggest_batch(originals[at : at + 256])
    pairs = list(zip(originals, suggestions, strict=True))
    random.Random(1).shuffle(pairs)  # noqa: S311 - any fixed order
    counties = (
        "臺北市",
        "新北市",
        "桃園市",
        "臺中市",
        "臺南市",
        "高雄市",
        "宜蘭縣",
        "屏東縣",
        "花蓮縣",
        "澎湖縣",
    )
    number = turn = 0
    while True:
        for metadata, suggestion in pairs:
            number += 1
            suffix = f"（{counties[(number + turn) % len(counties)]}{100 + turn}年）" if turn else ""
            copy = metadata.model_copy(
                update={"identifier": f"G{number}", "title": (metadata.title + suffix)[:500]}
            )
            slim: Any = {**suggestion, "evidence": {"categories": [], "labels": []}}
            if turn:
                found = facets(copy)
                slim["facets"] = {**suggestion["facets"], "spatial": list(found.spatial), "spans": []}
            yield copy, slim
        turn += 1


def load(services: Services, source: Iterator[tuple[DatasetMetadata, Suggestion]], size: int) -> None:
    """Bring the store to a size."""
    with services.database.reading() as session:
        stored = count_datasets(session).datasets
    version = services.model_version_id
    with services.database.engine.begin() as connection:
        connection.execute(text(f"DROP INDEX IF EXISTS {_INDEX}"))
    for _ in range(stored, size, _CHUNK):
        chunk = list(islice(source, _CHUNK))
        with services.database.writing() as session:
            outcomes = store_records(session, [to_record(metadata) for metadata, _ in chunk])
            revisions = [outcome.revision_id for outcome in outcomes]
            made = [
                to_suggestion_record(revision, suggestion)
                for revision, (_, suggestion) in zip(revisions, chunk, strict=True)
            ]
            store_suggestions(session, version, made, revisions)
            index_datasets(services, session, [outcome.dataset_id for outcome in outcomes])
    with services.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET maintenance_work_mem = '512MB'"))
        connection.execute(text(f"CREATE INDEX {_INDEX} ON search_document USING gin (lexemes)"))
        connection.execute(text("VACUUM ANALYZE"))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shared", type=Path, help="folder of the real catalogues")
    parser.add_argument("store", help="address of an empty PostgreSQL database, which it fills")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--repeat", type=int, default=3, help="rounds of each call")
    parser.add_argument("--loaded", action="store_true", help="measure the store as it is; load nothing")
    options = parser.parse_args()
    services = Services(Settings(database_url=options.store))
    if options.loaded:
        report_speed(services, 1)
        print(flush=True)
        report_speed(services, options.repeat)
        return
    migrate(services)
    source = generated(options.shared, services)
    with services.database.reading() as session:
        stored = count_datasets(session).datasets
    # What is there already was generated before, in the same order.
    next(islice(source, stored, stored), None)
    for size in options.sizes:
        started = time.perf_counter()
        load(services, source, size)
        with services.database.reading() as session:
            bytes_ = session.execute(text("SELECT pg_total_relation_size('search_document')")).scalar_one()
        print(
            f"\n{size:,} datasets: loaded in {time.perf_counter() - started:.0f} s, "
            f"search takes {bytes_ / 2**20:.0f} MiB on disk\n",
            flush=True,
        )
        report_speed(services, 1)  # warms the caches
        print(flush=True)
        report_speed(services, options.repeat)


if __name__ == "__main__":
    main()
