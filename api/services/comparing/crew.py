"""Processes that share what this one has loaded, and hand their results back in order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
_AHEAD = 2
"""Tasks in hand for each process: one that is done, one that waits."""
_duty: list[Callable[[Any], Any]] = []
"""What this process does, where it is one of a crew."""


class CrewLost(Exception):
    """A process of the crew was killed from outside."""


@contextmanager
def crew(
    do: Callable[[Task], Result], workers: int, begin: Callable[[], None]
) -> Iterator[Callable[[Iterable[Task]], Iterator[Result]]]:
    """A function like `map` that works in so many processes, with results in the order of their tasks.

    Only a few tasks are drawn ahead of the results, so neither pile up. The processes are forked here, from what is
    loaded now, and before whoever calls starts threads. They end with this one, however it ends.

    Args:
        do: what is done with a task. Tasks and results go between processes, `do` itself does not.
        workers: how many processes; with one it is done in this process.
        begin: called once in each process that is made.

    Raises:
        CrewLost: by the function, where a process was killed.
    """
    if workers == 1:
        yield lambda tasks: map(do, tasks)
        return
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("fork"), initializer=_enlist, initargs=(do, begin)
    )
    try:
        # The first task makes all processes.
        pool.submit(_stand_by).result()
        yield lambda tasks: _in_order(pool, tasks, workers * _AHEAD)
    except BrokenProcessPool as error:
        raise CrewLost from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, tasks: Iterable[Any], ahead: int) -> Iterator[Any]:
    waiting: deque[Future[Any]] = deque()
    for task in tasks:
        waiting.append(pool.submit(_do, task))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _enlist(do: Callable[[Any], Any], begin: Callable[[], None]) -> None:
    # Ctrl-C reaches every process of the terminal; the one that made these ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _duty[:] = [do]
    begin()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _stand_by() -> None:
    """Nothing to do yet."""


def _do(task: Any) -> Any:
    return _duty[0](task)
