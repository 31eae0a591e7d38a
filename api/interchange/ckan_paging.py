"""Reading all pages of a list that may change while it is read."""

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from api.interchange.ckan_answer import CkanUnavailable, NotCkan

_SPARE_REQUESTS = 50
_SMALLEST_PAGE = 2


class Page(NamedTuple):
    """One page: how many there are in all, as it says itself, and those on it in the list's order."""

    total: int
    items: list[object]


Fetch = Callable[[int, int], Page]
"""The page from an offset on, and how many it should hold."""


def walk(fetch: Fetch, rows: int) -> Iterator[object]:
    """Every item of a list in a steady order, each once.

    Pages overlap by one item. Where a page does not begin with a known one, something before it was removed
    and others slid past unseen: the walk goes back until it meets a known one. What was added behind the walk
    is left for the next time. A server that gives fewer items than asked for, or that lost some of what it
    counted, is read all the same.

    Args:
        fetch: reads a page.
        rows: items a page, at least 2.

    Raises:
        NotCkan: the server repeats one page for ever, or gives fewer items than it counts.
        CkanUnavailable: the list changes faster than it can be read.
    """
    return _Walk(fetch, max(rows, _SMALLEST_PAGE)).items()


class _Walk:
    def __init__(self, fetch: Fetch, rows: int) -> None:
        self._fetch = fetch
        self._rows = rows
        # What the server gives at most, which may be less than it is asked for.
        self._largest = 1
        self._seen: set[str] = set()
        self._first: list[str] = []
        self._repeats = 0
        # Going back, and having met a known item by it: what follows is accepted as it comes.
        self._returning = self._met = False

    def items(self) -> Iterator[object]:
        """See `walk`."""
        page = self._fetch(0, self._rows)
        start, requests, allowed = 0, 1, self._allowed(page)
        while True:
            keys = [_key(item) for item in page.items]
            self._largest = max(self._largest, len(keys))
            if self._lost_track(start, keys):
                start = max(0, start - self._largest)
            else:
                yield from self._new(keys, page.items)
                end = start + len(keys)
                if end >= page.total or self._ends(page, start):
                    return
                start = max(start + 1, end - 1) if keys else end
            requests += 1
            if requests > allowed:
                raise CkanUnavailable("平臺的資料集一直在增減，無法讀完。請稍後再試。")
            page = self._fetch(start, self._rows)

    def _allowed(self, page: Page) -> int:
        """How many requests are enough for a list of this size, and some."""
        step = max(1, len(page.items) - 1)
        return 3 * (page.total // step + 1) + _SPARE_REQUESTS

    def _lost_track(self, start: int, keys: list[str]) -> bool:
        if start == 0 or not keys or keys[0] in self._seen:
            self._met = self._met or self._returning
            self._returning = False
            return False
        if self._met:
            return False
        self._returning = True
        return True

    def _new(self, keys: list[str], items: list[object]) -> Iterator[object]:
        # Once can be chance: as many were added before it as a page has.
        self._repeats = self._repeats + 1 if keys and keys == self._first else 0
        if self._repeats > 1:
            raise NotCkan("平臺不論第幾頁都回傳相同的內容，無法讀完。請洽平臺管理者。")
        self._first = self._first or keys
        for key, item in zip(keys, items, strict=True):
            if key not in self._seen:
                self._seen.add(key)
                self._met = False
                yield item

    def _ends(self, page: Page, start: int) -> bool:
        """Whether an empty page is the end: the server counts more than it has, within one page of it."""
        if page.items:
            return False
        if self._seen and page.total - start < self._rows:
            return True
        raise NotCkan(
            f"平臺說有 {page.total:,} 筆，卻只給了 {len(self._seen):,} 筆。請稍後再試，或洽平臺管理者。"
        )


def _key(item: object) -> str:
    """What makes an item itself: its id, or all of it where it has none."""
    identifier = item.get("id") if isinstance(item, dict) else None
    if isinstance(identifier, str):
        return identifier
    try:
        return json.dumps(item, sort_keys=True)
    except RecursionError:
        return "nested deeper than the stack"
