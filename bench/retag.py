"""Measures re-tagging: each store and engine over one catalogue, and PostgreSQL over ever larger ones.

    python bench/retag.py ../shared/data/catalogue-2026.jsonl.gz --server postgresql://postgres@127.0.0.1/postgres \
        --brokers redis://127.0.0.1:6379/0 amqp://guest:guest@127.0.0.1:5672// --sizes 10000 100000 1000000

Every row has a store of its own, which is made, filled by `tagger import` and removed. The commands are those of
production, in processes of their own. Time is that of the job, from its first chunk to its last, with reading,
tagging, storing, indexing and queueing; the whole command with loading the model stands beside it. Memory is the
proportional set size of the whole tree of processes, with the workers', so that what they share counts once; the
database server's is not in it. The larger catalogues are made of the given one, each round with another year in the
titles.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from sizing import Used, Watch, multiplied  # noqa: E402
from sqlalchemy import create_engine, text  # noqa: E402

from models.database import Database  # noqa: E402
from models.job_state import find_job  # noqa: E402

_TAGGER = Path(sys.executable).parent / "tagger"
_PROCESSES = 2
_READY_SECONDS = 5


class Row(NamedTuple):
    """What one run took; memory in MiB, times in seconds."""

    datasets: int
    job: float
    command: float
    memory: float
    imported: float


@contextmanager
def store(server: str | None) -> Iterator[str]:
    """An empty store: a database on a PostgreSQL server, else an SQLite file."""
    if server is None:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bench.sqlite3"
        return
    engine = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    name = f"tagger_bench_{uuid.uuid4().hex}"
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def measured(catalogue: Path, server: str | None, broker: str | None) -> Row:
    """Import a catalogue into a new store and re-tag it."""
    with store(server) as address:
        environment = {
            **os.environ,
            "DATABASE_URL": address,
            "LOG_LEVEL": "ERROR",
            "TAGGER_BROKER_QUEUE": f"bench_{uuid.uuid4().hex}",
            **({"TAGGER_BROKER_URL": broker} if broker else {}),
        }
        _run(["migrate"], environment)
        imported = _run(["import", str(catalogue)], environment).elapsed
        with _workers(environment) if broker else _nobody() as watch:
            engine = ["--engine", "celery"] if broker else ["--workers", str(_PROCESSES)]
            used = _run(["retag", "--all", *engine], environment)
            memory = used.peak + (watch.used().peak if watch else 0)
        database = Database(address)
        with database.reading() as session:
            job = find_job(session, 1)
        database.engine.dispose()
    if job is None or job.state != "done" or job.started_at is None or job.finished_at is None:
        raise SystemExit(f"the job has not come to a good end: {job}")
    seconds = (job.finished_at - job.started_at).total_seconds()
    return Row(job.total, seconds, used.elapsed, memory, imported)


def _run(arguments: list[str], environment: dict[str, str]) -> Used:
    process = subprocess.Popen(  # noqa: S603 - the commands of this file
        [_TAGGER, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    watch = Watch(process.pid)
    if process.wait():
        raise SystemExit(f"tagger {arguments[0]} ended with {process.returncode}")
    return watch.end()


@contextmanager
def _workers(environment: dict[str, str]) -> Iterator[Watch | None]:
    command = [_TAGGER, "worker", "--workers", str(_PROCESSES)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603
    watch = Watch(process.pid)
    time.sleep(_READY_SECONDS)
    try:
        yield watch
    finally:
        watch.end()
        process.send_signal(signal.SIGTERM)
        process.wait()


@contextmanager
def _nobody() -> Iterator[Watch | None]:
    yield None


def _show(name: str, row: Row) -> None:
    print(
        f"| {name} | {row.datasets:,} | {row.job:.1f} | {row.datasets / row.job:,.0f} "
        f"| {row.job / row.datasets * 1000:.3f} | {row.command:.1f} | {row.memory:.0f} | {row.imported:.1f} |",
        flush=True,
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("catalogue", type=Path, help="a catalogue that tagger import reads")
    parser.add_argument("--server", help="PostgreSQL on which databases may be made: postgresql://…/NAME")
    parser.add_argument("--brokers", nargs="*", default=[], help="redis://… and amqp://…")
    parser.add_argument("--sizes", type=int, nargs="*", default=[], help="generated datasets in PostgreSQL")
    parser.add_argument("--no-catalogue", action="store_true", help="only the generated ones")
    options = parser.parse_args()
    print(
        "| store, engine, 2 processes | datasets | job s | datasets/s | ms each | command s | peak MiB | import s |"
    )
    print("|---|---|---|---|---|---|---|---|")
    if not options.no_catalogue:
        _show("SQLite, local", measured(options.catalogue, None, None))
        if options.server:
            _show("PostgreSQL, local", measured(options.catalogue, options.server, None))
        for broker in options.brokers:
            name = f"PostgreSQL, Celery over {broker.partition(':')[0]}"
            _show(name, measured(options.catalogue, options.server, broker))
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "generated.jsonl"
            with file.open("w", encoding="utf-8") as out:
                for record in multiplied(options.catalogue, size):
                    out.write(json.dumps(record, ensure_ascii=False) + "\n")
            _show("PostgreSQL, local, generated", measured(file, options.server, None))


if __name__ == "__main__":
    main()
