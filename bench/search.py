"""Measures search over the national catalogue: how good its first ten results are, and how long they take.

    python bench/search.py ../shared/data                 # quality, on SQLite, in a temporary folder
    python bench/search.py ../shared/data --store sqlite:////tmp/catalogue.sqlite3 --speed

`search-judgements.jsonl` has 60 queries with the identifiers of the datasets that answer them: 2 directly, 1 in
part. They were judged by title and publisher, over what regular expressions, BM25 and sentence embeddings
brought up. nDCG@10 (Järvelin and Kekäläinen 2002) with gains 3 and 1; what nobody judged counts as no answer.
The weights of the ranking were chosen on the 20 queries marked `choose`; the 40 marked `report` are the measure.

Compared: LIKE on the title, each word of the query anywhere; FTS5 alone with BM25, over the same character
pairs and words that the index has, all of them needed or any; and the whole.
"""

import argparse
import gzip
import json
import math
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import select  # noqa: E402

from api.config import Settings  # noqa: E402
from api.readers import read_catalogue  # noqa: E402
from api.services import Services  # noqa: E402
from api.services.importing import import_catalogue  # noqa: E402
from api.services.migrating import migrate  # noqa: E402
from api.services.retagging import retag_all  # noqa: E402
from api.services.search import Asked, search  # noqa: E402
from api.services.search.completing import complete_labels  # noqa: E402
from api.services.search.related import related  # noqa: E402
from models.dataset import Dataset, DatasetRevision  # noqa: E402
from tagger.meaning import Meaning  # noqa: E402
from tagger.retrieval.indexing import title_words  # noqa: E402
from tagger.retrieval.lexemes import grams, needed_grams  # noqa: E402

JUDGEMENTS = Path(__file__).parent / "search-judgements.jsonl"
_DEPTH = 10
Engine = Callable[[str], list[str]]


def judgements() -> list[dict[str, Any]]:
    """The judged queries."""
    with JUDGEMENTS.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def ndcg(found: Sequence[str], relevant: dict[str, int]) -> float:
    """nDCG of the first ten results, 0 to 1."""

    def gain(grades: Sequence[int]) -> float:
        return sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades[:_DEPTH]))

    best = gain(sorted(relevant.values(), reverse=True))
    return gain([relevant.get(identifier, 0) for identifier in found]) / best if best else 0.0


def open_store(shared: Path, address: str) -> Services:
    """The catalogue in a store, imported and tagged where it is not yet."""
    services = Services(Settings(database_url=address))
    migrate(services)
    with services.database.reading() as session:
        stored = session.connection().exec_driver_sql("SELECT count(*) FROM search_document").scalar_one()
    if not stored:
        rows = read_catalogue(shared / "catalogue-2026.jsonl.gz")
        import_catalogue(services, rows, on_problem=print, progress=lambda done: None)
        retag_all(services, lambda done, total: None)
    return services


def like(shared: Path) -> Engine:
    """Each word of the query anywhere in the title, in the order of the catalogue."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE dataset (identifier TEXT, title TEXT)")
    database.executemany("INSERT INTO dataset VALUES (?, ?)", _titles(shared))

    def find(query: str) -> list[str]:
        words = query.split()
        where = " AND ".join("title LIKE '%' || ? || '%'" for _ in words)
        rows = database.execute(f"SELECT identifier FROM dataset WHERE {where} LIMIT {_DEPTH}", words)  # noqa: S608
        return [row[0] for row in rows]

    return find


def full_text(shared: Path, meaning: Meaning, joiner: str) -> Engine:
    """FTS5 with BM25 over character pairs and words of the titles, joined with AND or OR."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE dataset USING fts5(identifier UNINDEXED, tokens)")
    database.executemany(
        "INSERT INTO dataset VALUES (?, ?)",
        (
            (identifier, " ".join([*grams(title), *title_words(meaning, title).split()]))
            for identifier, title in _titles(shared)
        ),
    )

    def find(query: str) -> list[str]:
        tokens = dict.fromkeys([*needed_grams(query), *title_words(meaning, query).split()])
        match = joiner.join(f'"{token}"' for token in tokens)
        rows = database.execute(
            f"SELECT identifier FROM dataset WHERE tokens MATCH ? ORDER BY rank LIMIT {_DEPTH}",  # noqa: S608
            [match],
        )
        return [row[0] for row in rows]

    return find


def whole(services: Services) -> Engine:
    """The service's own search."""

    def find(query: str) -> list[str]:
        return [hit.dataset.identifier for hit in search(services, Asked(query, limit=_DEPTH)).hits]

    return find


def _titles(shared: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(shared / "catalogue-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["identifier"], row["title"]


def report_quality(engines: dict[str, Engine], unjudged: Path | None) -> None:
    """Print nDCG@10 of each engine: on the queries to report, on all, and by kind."""
    judged = judgements()
    scores = {
        name: [ndcg(engine(row["query"]), row["relevant"]) for row in judged]
        for name, engine in engines.items()
    }
    kinds = list(dict.fromkeys(row["kind"] for row in judged))
    groups = {"report": {"report"}, "choose": {"choose"}, "all": {"report", "choose"}}
    print(f"| nDCG@10 | {' | '.join([*groups, *kinds])} |")
    print(f"|---|{'---|' * (len(groups) + len(kinds))}")
    for name, values in scores.items():
        cells = [
            statistics.mean(value for value, row in zip(values, judged, strict=True) if row["use"] in uses)
            for uses in groups.values()
        ]
        cells += [
            statistics.mean(value for value, row in zip(values, judged, strict=True) if row["kind"] == kind)
            for kind in kinds
        ]
        print(f"| {name} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
    if unjudged:
        with unjudged.open("w", encoding="utf-8") as file:
            for row in judged:
                found = {one for engine in engines.values() for one in engine(row["query"])}
                new = sorted(found - row["relevant"].keys())
                print(json.dumps({"query": row["query"], "identifiers": new}, ensure_ascii=False), file=file)


def report_speed(services: Services, repeat: int) -> None:
    """Print how long searches, completions and related datasets take, in milliseconds."""
    queries = [row["query"] for row in judgements()]
    labels = [services.tagger.labels.concepts[at].label for at in range(0, 2000, 10)]
    titles = [row[0] for row in _some_titles(services, 200)]
    identifiers = [row[1] for row in _some_titles(services, 200)]
    places = [f"{place} {label}" for place, label in zip(("臺北市", "高雄市") * 50, labels, strict=False)]
    asked: dict[str, list[Callable[[], object]]] = {
        "search, judged queries": [lambda q=q: search(services, Asked(q)) for q in queries],
        "search, labels": [lambda q=q: search(services, Asked(q)) for q in labels],
        "search, place and label": [lambda q=q: search(services, Asked(q)) for q in places],
        "search, whole titles": [lambda q=q: search(services, Asked(q[:200])) for q in titles],
        "search, no query": [lambda: search(services, Asked())] * 20,
        "completion": [lambda q=q[:2]: complete_labels(services, q, 10) for q in labels],
        "related": [lambda i=i: related(services, i, 10) for i in identifiers],
    }
    print("| milliseconds | calls | p50 | p95 | worst |\n|---|---|---|---|---|")
    every: list[float] = []
    for name, calls in asked.items():
        times = sorted(_milliseconds(call) for _ in range(repeat) for call in calls)
        if name.startswith("search"):
            every += times
        _row(name, times)
    _row("all searches", sorted(every))


def _some_titles(services: Services, count: int) -> list[tuple[str, str]]:
    with services.database.reading() as session:
        rows = session.execute(
            select(DatasetRevision.title, Dataset.identifier)
            .join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id)
            .where(Dataset.id % 257 == 0)
            .order_by(Dataset.id)
            .limit(count)
        )
        return [(row.title, row.identifier) for row in rows]


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _row(name: str, times: Sequence[float]) -> None:
    p50, p95 = (times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.95))
    print(f"| {name} | {len(times)} | {p50:.1f} | {p95:.1f} | {times[-1]:.1f} |")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shared", type=Path, help="folder of the real catalogues")
    parser.add_argument(
        "--store", help="address of a store, filled where it is empty; default: a temporary one"
    )
    parser.add_argument("--speed", action="store_true", help="measure times too")
    parser.add_argument("--repeat", type=int, default=3, help="rounds of each call")
    parser.add_argument("--unjudged", type=Path, help="write the results that nobody judged")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        services = open_store(options.shared, options.store or f"sqlite:///{folder}/catalogue.sqlite3")
        engines = {
            "LIKE": like(options.shared),
            "FTS5 alone, all": full_text(options.shared, services.meaning, " AND "),
            "FTS5 alone, any": full_text(options.shared, services.meaning, " OR "),
            "the whole": whole(services),
        }
        report_quality(engines, options.unjudged)
        if options.speed:
            print()
            report_speed(services, options.repeat)


if __name__ == "__main__":
    main()
