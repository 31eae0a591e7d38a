"""Keeping what takes a while to make."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """A value that is made when it is asked for and kept for some seconds. Safe to share between threads.

    Args:
        seconds: how old it may become.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._made: tuple[float, T] | None = None

    def get(self, make: Callable[[], T]) -> T:
        """The value; one caller makes it, others that come meanwhile wait for it."""
        with self._lock:
            if self._made is None or time.monotonic() - self._made[0] >= self._seconds:
                self._made = time.monotonic(), make()
            return self._made[1]
