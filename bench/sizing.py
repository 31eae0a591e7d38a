"""Measures what a catalogue of your own takes: disk by table, memory and processor time of each process.

    createdb tagger_sizing
    python bench/sizing.py EXPORT --store postgresql://postgres@127.0.0.1/tagger_sizing
    python bench/sizing.py EXPORT --store sqlite:////tmp/sizing.sqlite3

EXPORT is any catalogue that `tagger import` reads. Its records are taken again and again, each time with another
identifier and year, until there are `--datasets`. The commands are those of production, in processes of their own:
import, retag, and the web server with 2 workers. Memory is the proportional set size of the whole tree of
processes, so that what they share counts once; time is that of the processor in all of them.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import text  # noqa: E402

from api.readers import CatalogueRow, read_catalogue  # noqa: E402
from models.database import Database  # noqa: E402

_BIN = Path(sys.executable).parent
_TICK = os.sysconf("SC_CLK_TCK")
_LOOK_EVERY = 0.1
_PARTS = {
    "what agencies publish": ("dataset", "dataset_revision"),
    "suggestions": ("suggestion", "suggestion_label"),
    "search": ("search_",),
    "review queue": ("review_item", "new_term"),
    "jobs": ("job",),
}


class Used(NamedTuple):
    """What a tree of processes took.

    Attributes:
        peak: the most memory at one time, in MiB.
        at_end: memory when it was looked at last, in MiB.
        processor: seconds of user and system time.
        elapsed: seconds.
    """

    peak: float
    at_end: float
    processor: float
    elapsed: float


class Watch:
    """Looks at a tree of processes while it runs.

    Args:
        root: the process at its top.
    """

    def __init__(self, root: int) -> None:
        self._root = root
        self._peak = self._last = 0.0
        self._ticks: dict[int, int] = {}
        self._started = time.perf_counter()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def used(self) -> Used:
        """What was used until now."""
        processor = sum(list(self._ticks.values())) / _TICK
        return Used(self._peak, self._last, processor, time.perf_counter() - self._started)

    def end(self) -> Used:
        """Look no more; what was used."""
        self._over.set()
        self._thread.join()
        return self.used()

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            memory = 0.0
            for process in _tree(self._root):
                with contextlib.suppress(OSError, IndexError):
                    memory += _memory(process)
                    self._ticks[process] = _ticks(process)
            self._last = memory or self._last
            self._peak = max(self._peak, memory)


def _tree(root: int) -> list[int]:
    found = [root]
    for process in found:
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())
    return found


def _memory(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    [proportional] = [line for line in lines if line.startswith("Pss:")]
    return int(proportional.split()[1]) / 1024


def _ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def multiplied(catalogue: Path, datasets: int) -> Iterator[dict[str, Any]]:
    """So many datasets made of those of a catalogue, under the standard's names."""
    records = [row.metadata for row in read_catalogue(catalogue) if isinstance(row, CatalogueRow)]
    if not records:
        raise SystemExit(f"{catalogue} has no record that could be used")
    for number in range(datasets):
        turn, place = divmod(number, len(records))
        record = records[place].model_dump(mode="json", by_alias=True, exclude_none=True)
        title = f"{100 + turn}年{record['title']}"[:500] if turn else record["title"]
        yield record | {"identifier": f"S{number + 1}", "title": title}


def _run(arguments: list[str], environment: dict[str, str]) -> Used:
    process = subprocess.Popen(  # noqa: S603 - the commands of this file
        [_BIN / "tagger", *arguments], env=environment, stdout=subprocess.DEVNULL
    )
    watch = Watch(process.pid)
    if process.wait():
        raise SystemExit(f"tagger {arguments[0]} ended with {process.returncode}")
    return watch.end()


def serve(environment: dict[str, str], titles: list[str]) -> dict[str, tuple[Used, int]]:
    """What the web server takes: when it is ready, then over suggestions, then over searches; and how many."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = ["--config", "python:api.gunicorn_conf", "--bind", address[7:], "api.app:create_app()"]
    quiet = environment | {"LOG_LEVEL": "ERROR", "WEB_CONCURRENCY": "2", "TAGGER_LIMIT_ANONYMOUS": "0"}
    process = subprocess.Popen([_BIN / "gunicorn", *command], env=quiet, cwd=ROOT)  # noqa: S603
    watch = Watch(process.pid)
    found = {}
    try:
        while not _answers(f"{address}/readyz"):
            time.sleep(0.1)
        time.sleep(1)
        found["ready"] = watch.used(), 0
        for title in titles:
            _ask(f"{address}/v1/suggestions", json.dumps({"title": title}).encode())
        time.sleep(1)
        found["suggestions"] = watch.used(), len(titles)
        for title in titles:
            _ask(f"{address}/v1/search?q={urllib.parse.quote(title[:8])}")
        time.sleep(1)
        found["searches"] = watch.used(), len(titles)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    return found


def _ask(address: str, body: bytes | None = None) -> None:
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - to this machine
        answer.read()


def _answers(address: str) -> bool:
    try:
        _ask(address)
    except OSError:
        return False
    return True


def sizes(address: str) -> dict[str, int]:
    """Bytes on disk by table with its indexes; of SQLite those of its pages where it can tell, else of the file."""
    database = Database(address)
    connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with connection:
        if database.engine.dialect.name == "postgresql":
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
            statement = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' \
                AND relnamespace = 'public'::regnamespace"
            return {row[0]: row[1] for row in connection.execute(text(statement))}
    database.engine.dispose()
    file = Path(database.engine.url.database or "")
    # The tool that ships with SQLite counts pages by table; Python's own library mostly cannot.
    statement = (
        "PRAGMA wal_checkpoint(TRUNCATE); SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master \
        USING (name) GROUP BY 1"
    )
    try:
        told = subprocess.run(  # noqa: S603
            ["sqlite3", file, statement],  # noqa: S607 - the operator's own
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return {"the file": file.stat().st_size}
    rows = [line.split("|") for line in told.stdout.splitlines()[1:]]
    return {name: int(size) for name, size in rows}


def _show(found: dict[str, int], datasets: int) -> None:
    print(f"\n| table with its indexes | MiB for {datasets:,} | bytes a dataset |\n|---|---|---|")
    left = dict(found)
    for part, prefixes in _PARTS.items():
        size = sum(left.pop(name) for name in list(left) if _belongs(name, prefixes))
        print(f"| {part} | {size / 2**20:.1f} | {size / datasets:,.0f} |")
    rest = sum(left.values())
    print(f"| all others | {rest / 2**20:.1f} | |")
    print(f"| together | {sum(found.values()) / 2**20:.1f} | {sum(found.values()) / datasets:,.0f} |\n")
    for name, size in sorted(found.items(), key=lambda one: -one[1])[:12]:
        print(f"  {name:28} {size / datasets:8,.0f} bytes a dataset", flush=True)


def _belongs(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(one if one.endswith("_") else f"{one}_") for one in prefixes)


def _row(name: str, used: Used, note: str) -> None:
    print(
        f"| {name} | {used.peak:.0f} | {used.at_end:.0f} | {used.processor:.1f} | {used.elapsed:.1f} | {note} |",
        flush=True,
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("catalogue", type=Path, help="a catalogue that tagger import reads")
    parser.add_argument("--store", required=True, help="address of an empty database, which it fills")
    parser.add_argument("--datasets", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--requests", type=int, default=1_000, help="of each kind to the web server")
    options = parser.parse_args()
    environment = {**os.environ, "DATABASE_URL": options.store, "TAGGER_ENVIRONMENT": "development"}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "generated.jsonl"
        titles = []
        with file.open("w", encoding="utf-8") as out:
            for record in multiplied(options.catalogue, options.datasets):
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
                titles.append(record["title"])
        print(
            f"{options.datasets:,} datasets, {file.stat().st_size / options.datasets:,.0f} bytes each as JSON\n"
        )
        _run(["migrate"], environment)
        print("| process | peak MiB | MiB at the end | CPU s | s | |\n|---|---|---|---|---|---|")
        _row("import", _run(["import", str(file)], environment), "")
        workers = str(options.workers)
        _row("retag", _run(["retag", "--all", "--workers", workers], environment), f"{workers} workers")
    before = 0.0
    for name, (used, asked) in serve(environment, titles[-options.requests :]).items():
        each = f"{(used.processor - before) / asked * 1000:.1f} ms of CPU each" if asked else ""
        before = used.processor
        _row(f"web, 2 workers: {name}", used, each)
    _show(sizes(options.store), options.datasets)


if __name__ == "__main__":
    main()
