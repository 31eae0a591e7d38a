"""Measures the report on a portal's statistics: time, memory, how rows are joined, and how wrong near titles are.

    python bench/statistics_report.py ../shared/data/statistics-2018.csv.gz ../shared/data/catalogue-2026.jsonl.gz

The catalogue is imported and tagged into a store of its own, SQLite unless `--store` names one that is empty. Then the
command runs as people run it, once for each format; memory is the proportional set size of the whole tree of
processes. `--near` takes each row that agency and title join exactly, hides its dataset, and looks whether near titles
would join the row to another one: that would be wrong. `--threshold` may be given several times.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from sizing import Used, Watch  # noqa: E402

from api.config import Settings  # noqa: E402
from api.readers.tables import open_table  # noqa: E402
from api.services import Services  # noqa: E402
from api.services.portal_statistics.joining import (  # noqa: E402
    AMBIGUOUS,
    JOINED,
    UNMATCHED,
    Candidate,
    Named,
    join_rows,
)
from api.services.portal_statistics.known import Catalogue, agency_keys, read_catalogue  # noqa: E402
from api.services.portal_statistics.numbers import NEEDED, find_columns, text_of  # noqa: E402
from tagger.agencies import names_in_titles  # noqa: E402
from tagger.near_titles import Near, nearest, settled  # noqa: E402

_TAGGER = Path(sys.executable).parent / "tagger"


def main() -> None:
    """Print the figures."""
    given = _arguments()
    with _store(given.store) as address:
        if not given.ready:
            _run(address, "migrate")
            print("import", _shown(_run(address, "import", given.catalogue)))
            print("retag", _shown(_run(address, "retag", "--all", "--workers", "2")))
        with tempfile.TemporaryDirectory() as folder:
            for form in given.format:
                output = Path(folder) / f"report.{form}"
                used = _run(address, "report", "statistics", given.statistics, "--output", output)
                print(form, _shown(used), f"{output.stat().st_size / 1e6:.1f} MB")
        if given.near:
            _near(address, given.statistics, given.threshold)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("statistics", type=Path)
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("--store", help="an empty database to be filled; by default a file that is removed")
    parser.add_argument("--ready", action="store_true", help="the store has the catalogue already")
    parser.add_argument("--format", nargs="*", default=["xlsx", "ods", "csv"])
    parser.add_argument("--near", action="store_true", help="measure how often near titles are wrong")
    parser.add_argument("--threshold", type=float, action="append", default=[])
    return parser.parse_args()


@contextmanager
def _store(address: str | None) -> Iterator[str]:
    if address:
        yield address
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/store.sqlite3"


def _run(address: str, *words: str | Path) -> Used:
    """Run a command to its end; what it used, all of its processes together."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [_TAGGER, *map(str, words)], env={**os.environ, "DATABASE_URL": address}
    )
    watch = Watch(process.pid)
    code = process.wait()
    used = watch.end()
    if code:
        sys.exit(f"{' '.join(map(str, words))} ended with {code}")
    return used


def _shown(used: Used) -> str:
    return f"{used.elapsed:.1f} s, {used.processor:.1f} s of CPU, {used.peak:.0f} MiB"


def _near(address: str, statistics: Path, thresholds: list[float]) -> None:
    services = Services(Settings(database_url=address, engine="none"))
    catalogue = read_catalogue(services)
    with open_table(statistics, required=NEEDED) as table:
        columns = find_columns(table.columns)
        if columns is None:
            sys.exit("the columns are not there")
        rows = [Named("", text_of(row[columns.agency]), text_of(row[columns.title])) for row in table.rows]
    joins = dict(zip(rows, join_rows(catalogue, rows), strict=True))
    certain = {row: join.candidates[0] for row, join in joins.items() if join.how == "exact"}
    near = _without_their_own(catalogue, certain)
    ways = Counter(joins[row].how for row in rows)
    print("rows:", ", ".join(f"{how} {ways[how]:,}" for how in (*JOINED, AMBIGUOUS, UNMATCHED)))
    print(f"of {len(near):,} rows whose dataset is away")
    print(f"  joined to another one: {sum(settled(found) is not None for found in near.values()):,}")
    for least in thresholds or [80, 85, 88, 90, 92, 95]:
        wrong = sum(1 for found in near.values() if any(one.likeness >= least for one in found))
        print(f"  likeness alone, from {least:g} on, would join: {wrong:,}")


def _without_their_own(catalogue: Catalogue, certain: dict[Named, Candidate]) -> dict[Named, list[Near]]:
    """What is near to each row when the datasets of all such rows are away."""
    taken = {candidate.place for candidate in certain.values()}
    found: dict[Named, list[Near]] = {}
    by_agency: dict[tuple[str, ...], list[Named]] = {}
    for row in certain:
        by_agency.setdefault(agency_keys(row.agency), []).append(row)
    for agencies, rows in by_agency.items():
        titles = [
            catalogue.datasets[place].title for place in catalogue.published(agencies) if place not in taken
        ]
        names = names_in_titles(rows[0].agency)
        found.update(zip(rows, nearest([row.title for row in rows], titles, names), strict=True))
    return found


if __name__ == "__main__":
    main()
