"""The search page: input that is wrong, hostile or odd, and how numbers and extracts read."""

import re

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from api.review.search import FILTERS, about, extract, pinpointed
from api.services import Services
from tests.api.review.page_reader import read
from tests.api.review.search_pages import HOSTILE, asked_by, hits, marked, put, search_page


@pytest.mark.usefixtures("fires")
def test_query_that_cannot_be_read_is_told_beside_the_box(client: FlaskClient) -> None:
    for query, message, place in (
        ('火災 "森林 統計', '第 4 個字的引號「"」沒有結尾', '"森林'),
        ("火災 OR", "第 4 個字的 OR 後面缺少字詞", "OR"),
        ("-火災", "只有要排除的字詞", "-火災"),
        ("。？！", "沒有可以搜尋的字詞", "。？！"),
        ("火" * 10_000, "超過 200 字", "火" * 16),
        ("火災 " * 21, "超過 20 個字詞", "火災"),
        ("字 " * 190, "超過 200 字", "字"),
    ):
        page = search_page(client, 400, q=query, categoryCode="E00")
        box = page.by_id("q")
        assert message in page.by_id("q-error").text
        assert (box.attributes["aria-invalid"], box.attributes["aria-describedby"]) == ("true", "q-error")
        assert box.attributes["value"] == query.strip()
        assert marked(page.one("p", class_="pinpoint")) == [place]
        # What else was chosen is still there.
        assert asked_by(page.one("ul", class_="chips").all("a")[0]) == {"q": query.strip()}
        assert page.one("input", type="hidden").attributes["value"] == "E00"
        assert page.by_id("from").attributes["aria-invalid"] == "false"


@pytest.mark.usefixtures("fires")
def test_wrong_filter_is_told_beside_its_chip(client: FlaskClient) -> None:
    for name, value, message in (
        ("categoryCode", "Z99", "不是服務分類代碼"),
        ("status", "maybe", "應為下列之一"),
        ("label", "<script>", "不會有的字元"),
        ("publisher", "'; DROP TABLE dataset; --", "不會有的字元"),
        ("publisher", "部" * 10_000, "超過 255 字"),
        ("spatial", "亞特蘭提斯", "不是縣市或鄉鎮市區"),
    ):
        page = search_page(client, 400, **{"q": "火災", name: value})
        chip = page.one("ul", class_="chips").one("li", class_="wrong")
        assert chip.one("bdi").raw_text == value
        assert asked_by(chip.one("a")) == {"q": "火災"}
        [told] = [node.text for node in page.all("p", class_="error") if node.text]
        assert told.startswith(FILTERS[name])
        assert message in told
        assert not hits(page)


@pytest.mark.usefixtures("fires")
def test_wrong_day_is_told_beside_its_field(client: FlaskClient) -> None:
    for asked, field in (
        ({"from": "2019-13-01"}, "from"),
        ({"to": "昨天"}, "to"),
        ({"from": "2020-01-01", "to": "2019-01-01"}, "to"),
    ):
        page = search_page(client, 400, q="火災", **asked)
        assert page.by_id(f"{field}-error").text
        assert not re.search("[A-Za-z]{6}", page.by_id(f"{field}-error").text)
        assert page.by_id(field).attributes["aria-invalid"] == "true"
        assert "open" in page.one("details", class_="fold").attributes
        assert len([node for node in page.all("p", class_="error") if node.text]) == 1


@pytest.mark.usefixtures("fires")
def test_forged_cursor_leads_back_to_the_first_page(client: FlaskClient) -> None:
    page = search_page(client, 400, q="火災", spatial="臺中市", cursor="WzAuNSwxXQ.forged")
    empty = page.one("div", class_="empty")
    assert "分頁游標無效" in empty.text
    assert asked_by(empty.one("a")) == {"q": "火災", "spatial": "臺中市"}


EVIL = ("' OR 1=1 --", HOSTILE, "字" * 10_000, "\x00", "%", "NEAR(a b)", "title:*", "\U0001f525\u200d")


@pytest.mark.usefixtures("fires")
def test_no_input_breaks_the_page(client: FlaskClient) -> None:
    for name in ("q", *FILTERS, "cursor"):
        for value in EVIL:
            response = client.get("/search", query_string={name: value})
            assert response.status_code in {200, 400}, (name, value)
            page = read(response.text)
            assert page.one("h1").text == "搜尋資料集"
            assert not page.all("img")


def test_hostile_text_is_only_text(client: FlaskClient, services: Services) -> None:
    put(
        services,
        {"identifier": "X-1", "title": HOSTILE, "publisher": HOSTILE, "description": HOSTILE},
    )
    page = search_page(client, q="火災")
    [hit] = page.all("li", class_="hit")
    title, publisher = hit.one("h3").one("bdi"), hit.one("p", class_="hit-about").all("bdi")[0]
    assert title.raw_text == publisher.raw_text == hit.one("p", class_="hit-extract").raw_text == HOSTILE
    assert marked(title) == ["火災"]
    assert not page.all("img")
    typed = search_page(client, q=HOSTILE.replace('"', ""))
    assert typed.by_id("q").attributes["value"] == HOSTILE.replace('"', "")
    assert not typed.all("img")


@pytest.mark.parametrize(
    ("number", "exact", "words"),
    [
        (0, True, "0"),
        (1234, True, "1,234"),
        (15494, False, "約 15,000"),
        (995, False, "約 1,000"),
        (7, False, "約 7"),
        (0, False, "約 0"),
    ],
)
def test_estimates_do_not_pretend_to_be_counts(number: int, exact: bool, words: str) -> None:
    assert about(number, exact) == words


TEXTS = st.text(st.sampled_from("火災 𠮷<…"), max_size=400)
SPANS = st.lists(st.integers(0, 400), max_size=8).map(
    lambda ends: list(zip(*[iter(sorted(set(ends)))] * 2, strict=False))
)


@given(TEXTS, SPANS)
def test_extract_is_a_piece_of_the_text_with_the_first_mark_in_it(
    text: str, spans: list[tuple[int, int]]
) -> None:
    cut = extract(text, [span for span in spans if span[1] <= len(text)])
    piece = "".join(segment.text for segment in cut)
    assert piece.removeprefix("…").removesuffix("…") in text
    marked = [segment.text for segment in cut if segment.marked]
    inside = [text[start:end] for start, end in spans if end <= len(text)]
    assert bool(marked) == bool(inside)
    if inside:
        assert inside[0].startswith(marked[0])


@given(st.text(max_size=60), st.integers(0, 60))
def test_pinpoint_never_fails_and_is_of_the_query(query: str, position: int) -> None:
    piece = "".join(segment.text for segment in pinpointed(query, position))
    assert piece.strip("…").strip() in query or "…" in query
