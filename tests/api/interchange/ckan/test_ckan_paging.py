"""Reading all datasets of a portal, which may change meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.interchange.ckan import CkanClient
from api.interchange.ckan_answer import CkanError, CkanInvalid, CkanUnavailable, NotCkan
from api.interchange.ckan_paging import Page, walk
from tests.api.interchange.ckan import faults
from tests.api.interchange.ckan.portal import Portal

Connect = Callable[..., CkanClient]


def _fill(portal: Portal, number: int) -> list[str]:
    ids = [f"{index:04d}" for index in range(0, number * 10, 10)]
    for key in reversed(ids):
        portal.site.add("職災統計", id=key)
    return ids


def _ids(found: Any) -> list[str]:
    return [package["id"] for package in found]


@pytest.mark.parametrize("number", [0, 1, 2, 9, 10, 11, 19, 37])
def test_all_datasets_are_read_once_and_in_order(portal: Portal, client: CkanClient, number: int) -> None:
    ids = _fill(portal, number)
    assert _ids(client.package_search(rows=10)) == ids
    assert portal.count("package_search") <= number // 9 + 1


def test_a_filter_is_passed_on(portal: Portal, client: CkanClient) -> None:
    _fill(portal, 3)
    portal.site.add("火災統計", id="x", organization={"name": "nfa", "title": "消防署"})
    assert _ids(client.package_search("organization:nfa")) == ["x"]
    assert portal.asked[0].data["fq"] == "organization:nfa"


def test_a_filter_that_solr_does_not_understand_is_told(portal: Portal, client: CkanClient) -> None:
    _fill(portal, 1)
    with pytest.raises(CkanError, match="SOLR returned an error"):
        list(client.package_search("((("))


@pytest.mark.parametrize("most", [1, 2, 4])
def test_a_portal_that_gives_fewer_than_asked_for_is_read_to_its_end(
    portal: Portal, client: CkanClient, most: int
) -> None:
    ids = _fill(portal, 23)
    portal.site.rows_max = most
    assert _ids(client.package_search(rows=100)) == ids


def test_datasets_removed_while_paging_make_none_be_skipped(portal: Portal, client: CkanClient) -> None:
    ids = _fill(portal, 40)

    def remove() -> None:
        for key in ids[2:7]:
            del portal.site.packages[key]

    portal.meanwhile["package_search"] = [lambda: None, remove]
    assert _ids(client.package_search(rows=5)) == ids


def test_datasets_added_while_paging_make_none_come_twice(portal: Portal, client: CkanClient) -> None:
    ids = _fill(portal, 40)

    def add() -> None:
        for key in ("0001", "0002", "0003", "0395"):
            portal.site.add("新的", id=key)

    portal.meanwhile["package_search"] = [lambda: None, add]
    found = _ids(client.package_search(rows=5))
    assert sorted(set(found)) == sorted(found)
    assert set(ids) | {"0395"} == set(found)


def test_datasets_that_the_index_lost_do_not_stop_the_others(portal: Portal, client: CkanClient) -> None:
    ids = _fill(portal, 30)
    for broken in ({ids[9], ids[10]}, {ids[29]}, {ids[0]}, set(ids[8:12])):
        portal.site.broken = broken
        assert _ids(client.package_search(rows=10)) == [key for key in ids if key not in broken]


def test_a_server_that_repeats_its_first_page_is_noticed(portal: Portal, client: CkanClient) -> None:
    page = b'{"success": true, "result": {"count": 500, "results": [{"id": "a"}, {"id": "b"}]}}'
    portal.faults["package_search"] = [faults.body(page)] * 5
    with pytest.raises(NotCkan, match="相同的內容"):
        list(client.package_search())
    assert portal.count("package_search") == 3


def test_a_server_that_gives_less_than_it_counts_is_noticed(portal: Portal, client: CkanClient) -> None:
    pages = [b'{"success": true, "result": {"count": 500, "results": []}}'] * 3
    portal.faults["package_search"] = [faults.body(page) for page in pages]
    with pytest.raises(NotCkan, match="500 筆，卻只給了 0 筆"):
        list(client.package_search())


@pytest.mark.parametrize(
    "result", [b"[]", b'{"count": "x", "results": []}', b'{"count": 1, "results": {}}', b"{}"]
)
def test_a_page_of_another_shape_is_no_page(portal: Portal, client: CkanClient, result: bytes) -> None:
    portal.faults["package_search"] = [faults.body(b'{"success": true, "result": ' + result + b"}")]
    with pytest.raises(NotCkan):
        list(client.package_search())


def test_what_was_read_before_an_error_was_given(
    portal: Portal, connect: Connect, waits: list[float]
) -> None:
    ids = _fill(portal, 30)
    portal.faults["package_search"] = [lambda _: True, *[faults.truncated] * 3]
    found = connect().package_search(rows=10)
    assert _ids(next(found) for _ in range(10)) == ids[:10]
    with pytest.raises(CkanUnavailable):
        next(found)


def test_a_portal_refuses_numbers_that_are_none(portal: Portal, client: CkanClient) -> None:
    with pytest.raises(CkanInvalid, match="rows"):
        client._call("package_search", {"rows": "x"}, None)


def test_an_endless_list_ends() -> None:
    fresh = iter(range(10**9))

    def fetch(start: int, rows: int) -> Page:
        return Page(start + 1_000, [{"id": str(next(fresh))} for _ in range(rows)])

    with pytest.raises(CkanUnavailable, match="一直在增減"):
        for _ in walk(fetch, 10):
            pass


@settings(deadline=None)
@given(
    st.integers(0, 60),
    st.integers(1, 12),
    st.lists(st.tuples(st.booleans(), st.integers(0, 80)), max_size=25),
    st.lists(st.integers(0, 3), max_size=25),
)
def test_whatever_happens_meanwhile_what_stays_comes_once(
    number: int, rows: int, changes: list[tuple[bool, int]], often: list[int]
) -> None:
    listed = {index * 2 for index in range(number)}
    stayed = set(listed)
    waiting, turns = list(changes), list(often)

    def fetch(start: int, size: int) -> Page:
        page = Page(len(listed), [{"id": f"{key:04d}"} for key in sorted(listed)[start : start + size]])
        for _ in range(turns.pop() if turns else 0):
            added, key = waiting.pop() if waiting else (True, 1)
            if added:
                listed.add(key)
            else:
                listed.discard(key)
                stayed.discard(key)
        return page

    found = [int(item["id"]) for item in walk(fetch, rows) if isinstance(item, dict)]
    assert len(found) == len(set(found))
    assert stayed <= set(found)
