"""Sends generated bad inputs to a real server and says what it made of them.

    python bench/bad_inputs.py                                    # 100,000 on SQLite, in a temporary folder
    python bench/bad_inputs.py --count 20000 --seed 7
    python bench/bad_inputs.py --store postgresql://postgres@127.0.0.1/tagger_bad
    python bench/bad_inputs.py --only 4711                        # one of them again, with its answer

The server is gunicorn as in production, with the demonstration catalogue, accounts, a theme, a webhook and a job. Each
input is made from the seed and its number alone. They go to all routes: mutated JSON, wrong types and encodings, bad
parameters, paths, headers, cursors, forms and workbooks, and what is hardly HTTP. The exit code is 1 where an answer was
500 or another error than a documented 503, where one took longer than two seconds, where a worker ended, or where the
REST interface answered an error without a problem document.
"""

import argparse
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.hostile.bodies import seeded  # noqa: E402
from bench.hostile.requests import Surroundings, bad_request  # noqa: E402
from bench.hostile.server import Server, running, surroundings  # noqa: E402
from bench.hostile.wire import Answered, Sent, send  # noqa: E402

SLOW = 2.0
"""Seconds that an answer may take."""
_PATIENCE = 30.0
_AT_ONCE = 4
_SHOWN = 20
_DOCUMENTED = {"unavailable", "too-many-streams", "too-many-reports", "too-many-exports"}


class Fault(NamedTuple):
    """An input that the server did not take as it should.

    Attributes:
        number: of the input.
        says: what was wrong.
        sent: what was sent.
    """

    number: int
    says: str
    sent: Sent


class Outcome(NamedTuple):
    """What came of all inputs.

    Attributes:
        statuses: kind of input and status → answers; status 0 is a connection closed without one.
        seconds: of each input, in the order of their numbers.
        faults: what should not have been.
        restarts: workers that ended.
    """

    statuses: Counter[tuple[str, int]]
    seconds: list[float]
    faults: list[Fault]
    restarts: int


def faults_of(number: int, sent: Sent, answered: Answered) -> Iterator[Fault]:
    """What is wrong with an answer."""
    if answered.late or answered.seconds > SLOW:
        yield Fault(number, f"took {answered.seconds:.1f} s", sent)
    if sent.complete and not answered.statuses:
        yield Fault(number, "was not answered", sent)
    for status in answered.statuses:
        if status >= 500 and not _is_documented(status, answered):
            yield Fault(number, f"was answered {status}", sent)
    path = sent.content.split(b" ", 2)[1:2]
    if sent.complete and path and path[0].startswith(b"/v1/") and _lacks_problem(sent, answered):
        yield Fault(number, f"{answered.statuses[0]} without a problem document", sent)


def _is_documented(status: int, answered: Answered) -> bool:
    kind = re.search(rb"/problems/([a-z-]+)", answered.first_body)
    # 501 and 505 are the server's own words for a coding or a version of HTTP that it does not know.
    return status in {501, 505} or (status == 503 and kind is not None and kind[1].decode() in _DOCUMENTED)


def _lacks_problem(sent: Sent, answered: Answered) -> bool:
    if not answered.statuses or answered.statuses[0] < 400 or sent.content.startswith(b"HEAD "):
        return False
    # What gunicorn refuses never reaches the service.
    by_gunicorn = b"<html>" in answered.first_body[:20].lower()
    return not by_gunicorn and answered.first_type != "application/problem+json"


def run(server: Server, around: Surroundings, count: int, seed: int, at_once: int = _AT_ONCE) -> Outcome:
    """Send so many inputs, some at a time.

    Args:
        server: that takes them.
        around: what they are made of.
        count: how many.
        seed: what they are made from.
        at_once: connections at one time.
    """
    before = server.workers()

    def one(number: int) -> tuple[Sent, Answered]:
        sent = bad_request(seeded(seed, number), around)
        return sent, send(server.port, sent, _PATIENCE)

    statuses: Counter[tuple[str, int]] = Counter()
    seconds: list[float] = []
    faults: list[Fault] = []
    numbers = iter(range(count))
    with ThreadPoolExecutor(at_once) as pool:
        # In portions, so that what waits does not fill the memory.
        while portion := list(islice(numbers, 1_000)):
            for number, (sent, answered) in zip(portion, pool.map(one, portion), strict=True):
                statuses.update((sent.kind, status) for status in answered.statuses or (0,))
                seconds.append(answered.seconds)
                faults += faults_of(number, sent, answered)
    return Outcome(statuses, seconds, faults, len(before - server.workers()))


def report(outcome: Outcome) -> str:
    """The outcome as a table of Markdown, and what was wrong."""
    kinds = sorted({kind for kind, _ in outcome.statuses})
    shown = sorted({status for _, status in outcome.statuses})
    lines = [
        "| bad in | " + " | ".join(str(status or "closed") for status in shown) + " |",
        "|---" * (len(shown) + 1) + "|",
    ]
    for kind in kinds:
        cells = [
            f"{outcome.statuses[kind, status]:,}" if outcome.statuses[kind, status] else ""
            for status in shown
        ]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    ordered = sorted(outcome.seconds)
    lines.append("")
    lines.append(
        f"inputs {len(ordered):,}, median {ordered[len(ordered) // 2] * 1000:.1f} ms,"
        f" p99 {ordered[int(len(ordered) * 0.99)] * 1000:.0f} ms, longest {ordered[-1]:.2f} s,"
        f" workers ended {outcome.restarts}, faults {len(outcome.faults)}"
    )
    lines.extend(
        f"{fault.number} {fault.says}: {fault.sent.kind}, {fault.sent.content[:200]!r}"
        for fault in outcome.faults[:_SHOWN]
    )
    return "\n".join(lines)


@contextmanager
def _store(given: str | None) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield given or f"sqlite:///{folder}/bad.sqlite3"


def main() -> None:
    """Send and print; the exit code says whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", help="database to use, which must be empty")
    parser.add_argument("--log", type=Path, default=Path(os.devnull), help="file for what the server says")
    parser.add_argument("--only", type=int, help="send the input of this number alone, and print its answer")
    asked = parser.parse_args()
    with _store(asked.store) as address, running(address, asked.log) as server:
        around = surroundings(server)
        if asked.only is not None:
            sent = bad_request(seeded(asked.seed, asked.only), around)
            print(sent, send(server.port, sent, _PATIENCE), sep="\n")
            return
        outcome = run(server, around, asked.count, asked.seed)
    print(report(outcome))
    sys.exit(bool(outcome.faults or outcome.restarts))


if __name__ == "__main__":
    main()
