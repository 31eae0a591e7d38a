"""Measures the monthly report and the readiness list with the national catalogue and a history of two years.

    python bench/papers.py ../shared/data                                     # SQLite, in a temporary folder
    python bench/papers.py ../shared/data --store postgresql://postgres@127.0.0.1/tagger_papers --copies 19

The store must be empty, or one that this made; nothing else should be in it. The catalogue has neither declared
categories nor a past. Categories are drawn as bench/review.py does; the moments at which datasets, suggestions and
decisions were written are spread over two years, one dataset in five is decided. With `--copies`, all rows are doubled in
the database until there are so many times as many. Reports are made by the command, each in a process of its own.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import Connection, text  # noqa: E402

from api.services import Services  # noqa: E402
from bench.review import open_store  # noqa: E402

_BIN = Path(sys.executable).parent
_DAYS = 730
_DECIDED = 5
_LOOK_EVERY = 0.1
_REVISION = "dataset_id, number, content_hash, title, publisher, category_code, content, created_at"
_SUGGESTION = "model_version_id, category_code, confidence, mismatched, content, created_at"

_SUGGESTED_AT_ONCE = (
    "UPDATE suggestion SET created_at = (SELECT created_at FROM dataset_revision r WHERE r.id = revision_id)"
)
_CURRENT = (
    "UPDATE dataset SET current_revision_id = first.current_revision_id + :by,"
    " current_suggestion_id = first.current_suggestion_id + :by"
    " FROM dataset AS first WHERE first.id = dataset.id - :by"
)
_LAST_KEY = (
    "SELECT max(last) FROM (SELECT max(id) AS last FROM dataset UNION ALL SELECT max(id) FROM dataset_revision"
    " UNION ALL SELECT max(id) FROM suggestion) AS tables"
)


def give_a_past(services: Services, copies: int) -> None:
    """Copy the catalogue, spread its moments, and decide on a part of it."""
    engine = services.database.engine
    past = _postgresql_past if engine.dialect.name == "postgresql" else _sqlite_past
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        first = connection.scalar(text(_LAST_KEY)) or 0
        for copy in range(1, copies):
            _copy(connection, copy, first)
        connection.execute(text(f"UPDATE dataset_revision SET created_at = {past('dataset_id')}"))  # noqa: S608
        connection.execute(text(_SUGGESTED_AT_ONCE))
        connection.execute(
            text(
                "INSERT INTO decision (dataset_id, revision_id, suggestion_id, kind, category_code, accepted_labels,"  # noqa: S608
                " rejected_labels, second_wanted, sampled, created_at)"
                " SELECT d.id, d.current_revision_id, d.current_suggestion_id, 'decide', s.category_code,"
                ' \'[{"label": "x", "concept": null}]\', \'[]\', false, false,'
                f" {past('d.id * 7')} FROM dataset d JOIN suggestion s ON s.id = d.current_suggestion_id"
                f" WHERE d.id % {_DECIDED} = 0"
            )
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _postgresql_past(key: str) -> str:
    return f"now() - ({key} % {_DAYS}) * interval '1 day'"


def _sqlite_past(key: str) -> str:
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || ({key} % {_DAYS}) || ' days')"


def _copy(connection: Connection, copy: int, first: int) -> None:
    """Add the first datasets once more, with keys behind the others."""
    by = {"by": copy * first, "first": first}
    for statement in (
        "INSERT INTO dataset (id, identifier, version, created_at, updated_at)"
        " SELECT id + :by, identifier || '-' || :by, 1, created_at, updated_at FROM dataset WHERE id <= :first",
        f"INSERT INTO dataset_revision (id, {_REVISION}) SELECT id + :by,"  # noqa: S608 - constants
        f" {_REVISION.replace('dataset_id', 'dataset_id + :by')} FROM dataset_revision WHERE id <= :first",
        f"INSERT INTO suggestion (id, revision_id, {_SUGGESTION})"  # noqa: S608 - constants
        f" SELECT id + :by, revision_id + :by, {_SUGGESTION} FROM suggestion WHERE id <= :first",
        _CURRENT,
    ):
        named = {name: value for name, value in by.items() if f":{name}" in statement}
        connection.execute(text(statement.replace("|| :by", "|| CAST(:by AS text)")), named)


def report(address: str, *arguments: str) -> None:
    """Make a report and print what it took."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [_BIN / "tagger", "report", *arguments],
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # What the system says of a child at its end includes its parent, which holds a model.
    memory = 0
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        memory = max(memory, _peak(process.pid))
        time.sleep(_LOOK_EVERY)
    _, status, used = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - started
    print(
        f"{arguments[0]} {Path(arguments[-1]).suffix}: {elapsed:.1f} s"
        f" ({used.ru_utime + used.ru_stime:.1f} s of CPU), {memory / 1024:.0f} MB{', failed' if status else ''}"
    )


def _peak(process_id: int) -> int:
    """The most memory that a process had at one time, in KiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process_id}/status").read_text(encoding="ascii"))
    return int(found[1]) if found else 0


def main() -> None:
    """Read the arguments, fill the store, measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("--store")
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--only", choices=("monthly", "readiness"), help="one of the reports")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = asked.store or f"sqlite:///{folder}/papers.sqlite3"
        services = open_store(asked.shared, address)
        with services.database.engine.connect() as connection:
            decided = connection.scalar(text("SELECT count(*) FROM decision"))
        if not decided:
            give_a_past(services, asked.copies)
        services.database.engine.dispose()
        for name, suffix in (("monthly", "xlsx"), ("readiness", "xlsx"), ("readiness", "csv")):
            if asked.only in (None, name):
                report(address, name, "--output", f"{folder}/{name}.{suffix}")


if __name__ == "__main__":
    main()
