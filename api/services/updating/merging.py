"""How what a catalogue says of a dataset is merged into what is stored of it.

A catalogue that is silent takes nothing back: the portal's daily changes, for one, leave 檔案格式 empty for every
dataset. So null, a text of nothing but white space and an empty list are silence, and what is said wins:

- A field that the new record fills takes the place of the stored one; keywords as a whole.
- `distribution` lists the dataset's resources, so the new list decides which there are and in what order. Each
  takes from the stored resource that is the same one what it does not say itself. Two are the same where they
  have the same resourceID, else the same downloadURL, else the same accessURL, never where their resourceIDs
  differ. Of the rest, those at the same place are the same where the lists are equally long.
- A list in which no resource has one of these three names no resources; where the stored one does and is not
  equally long, it says nothing that could be placed, and the stored list stays.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Content = Mapping[str, Any]
"""A record under the standard's names, JSON types."""
RESOURCES = "distribution"
_NAMING = ("resourceID", "downloadURL", "accessURL")


def merged(stored: Content, new: Content) -> dict[str, Any]:
    """The stored record with what a new one says. Merging the same record again changes nothing."""
    said = _said(new)
    if RESOURCES in said and not _is_silent(stored.get(RESOURCES)):
        said[RESOURCES] = _merged_resources(stored[RESOURCES], said[RESOURCES])
    return {**stored, **said}


def changed_fields(before: Content, after: Content) -> tuple[str, ...]:
    """The names of the fields that differ, in the order of the alphabet."""
    return tuple(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))


def _said(record: Content) -> dict[str, Any]:
    return {name: value for name, value in record.items() if not _is_silent(value)}


def _is_silent(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list):
        return all(_is_silent(item) for item in value)
    if isinstance(value, dict):
        return all(_is_silent(item) for item in value.values())
    return value is None


def _merged_resources(stored: list[Content], new: list[Content]) -> list[Any]:
    named = any(_names(resource) for resource in new)
    if not named and len(new) != len(stored) and any(_names(resource) for resource in stored):
        return list(stored)
    same = _same_resources(stored, new)
    return [
        {**(stored[same[at]] if at in same else {}), **_said(resource)} for at, resource in enumerate(new)
    ]


def _names(resource: Content) -> bool:
    return any(not _is_silent(resource.get(name)) for name in _NAMING)


def _same_resources(stored: list[Content], new: list[Content]) -> dict[int, int]:
    """The place in the new list → the place in the stored list of the same resource, each used once."""
    pairs = _Pairs(stored, new)
    for name in _NAMING:
        # The same place first, so that of several with one address each finds itself again.
        pairs.join_places(name)
        pairs.join_values(name)
    if len(new) == len(stored):
        pairs.join_places(None)
    return pairs.found


class _Pairs:
    """Which resource of one list is which of another."""

    def __init__(self, stored: list[Content], new: list[Content]) -> None:
        self._stored = stored
        self._new = new
        self._free = set(range(len(stored)))
        self.found: dict[int, int] = {}

    def join_places(self, name: str | None) -> None:
        """Those at the same place that are alike under a name."""
        for at in range(min(len(self._new), len(self._stored))):
            self._join(at, (at,), name)

    def join_values(self, name: str) -> None:
        """Those that are alike under a name, wherever they stand."""
        places = _places(self._stored, name)
        for at, resource in enumerate(self._new):
            self._join(at, places.get(resource.get(name), ()), name)

    def _join(self, at: int, candidates: Iterable[int], name: str | None) -> None:
        if at in self.found:
            return
        for candidate in candidates:
            if candidate in self._free and _may_be_same(self._stored[candidate], self._new[at], name):
                self.found[at] = candidate
                self._free.remove(candidate)
                return


def _places(stored: list[Content], name: str) -> dict[Any, list[int]]:
    """Where each value of a name stands."""
    places: dict[Any, list[int]] = {}
    for at, resource in enumerate(stored):
        if not _is_silent(resource.get(name)):
            places.setdefault(resource[name], []).append(at)
    return places


def _may_be_same(one: Content, other: Content, name: str | None) -> bool:
    """Whether nothing speaks against it, and both have the same value under a name."""
    first, second = one.get("resourceID"), other.get("resourceID")
    if not _is_silent(first) and not _is_silent(second) and first != second:
        return False
    return name is None or (not _is_silent(other.get(name)) and one.get(name) == other[name])
