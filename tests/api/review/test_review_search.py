"""The search page: what one asks for, in words and by filters, and what is found."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from api.review.search import FILTERS, about, extract, pinpointed
from api.services import Services
from api.services.datasets import put_dataset
from tagger import DatasetMetadata
from tests.api.review.page_reader import Node, read

HOSTILE = "<img src=x onerror=alert(1)></script>\"'\u202e火災"
FACTORY = "工廠火災原因統計"
FIRES: list[dict[str, object]] = [
    {
        "identifier": "F-1",
        "title": "臺中市火災統計",
        "publisher": "臺中市政府消防局",
        "categoryCode": "E00",
        "description": "消防局"
        + "按月整理各行政區的案件，" * 20
        + "火災以建築物最多，"
        + "另列財物損失。" * 30,
        "temporalCoverageFrom": "2019-01-01",
        "temporalCoverageTo": "2019-12-31",
    },
    {"identifier": "F-2", "title": FACTORY, "publisher": "內政部消防署", "categoryCode": "E00"},
    {
        "identifier": "F-3",
        "title": "森林火災面積",
        "publisher": "林業及自然保育署",
        "temporalCoverageFrom": "2021-03-05",
    },
    {
        "identifier": "F-4",
        "title": "職業災害死亡人數：火災與爆炸",
        "publisher": "勞動部職業安全衛生署",
        "categoryCode": "I00",
    },
    {"identifier": "B-1", "title": "公車動態路線", "publisher": "交通部公路局", "categoryCode": "A00"},
]


def _put(services: Services, *records: dict[str, object]) -> None:
    for record in records:
        put_dataset(services, DatasetMetadata.model_validate(record))


@pytest.fixture
def catalogue(services: Services) -> None:
    """Four datasets about fires, of which one is flagged, and one about buses."""
    _put(services, *FIRES)


def _page(client: FlaskClient, status: int = 200, /, **asked: str) -> Node:
    response = client.get("/search", query_string=asked)
    assert response.status_code == status, response.text
    return read(response.text)


def _hits(page: Node) -> list[str]:
    """The identifiers on a page, from the links of the titles."""
    return [
        hit.one("h3").one("a").attributes["href"].rpartition("/")[2] for hit in page.all("li", class_="hit")
    ]


def _asked(link: Node) -> dict[str, str]:
    address = urlsplit(link.attributes["href"])
    assert address.path == "/search"
    return dict(parse_qsl(address.query))


def _facets(page: Node) -> list[Node]:
    return [link for group in page.one("section", class_="narrow").all("nav") for link in group.all("a")]


def _marked(node: Node) -> list[str]:
    return [mark.raw_text for mark in node.all("mark")]


@pytest.mark.usefixtures("catalogue")
def test_without_a_query_everything_is_listed_the_newest_first(client: FlaskClient) -> None:
    page = _page(client)
    assert _hits(page) == ["B-1", "F-4", "F-3", "F-2", "F-1"]
    assert page.by_id("results").text == "全部資料集 5 筆"
    assert "autofocus" in page.by_id("q").attributes


@pytest.mark.usefixtures("catalogue")
def test_query_finds_and_says_how_many(client: FlaskClient) -> None:
    page = _page(client, q="火災")
    assert sorted(_hits(page)) == ["F-1", "F-2", "F-3", "F-4"]
    assert page.by_id("results").text.startswith("4 筆")
    assert page.by_id("q").attributes["value"] == "火災"
    assert "autofocus" not in page.by_id("q").attributes
    assert "「\u2068火災\u2069」" in page.one("title").raw_text


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("categoryCode", "E00", {"F-1", "F-2", "F-3"}),
        ("status", "mismatched", {"F-4"}),
        ("status", "approved", set()),
        ("label", "職業災害", {"F-4"}),
        ("publisher", "內政部消防署", {"F-2"}),
        ("spatial", "臺中市", {"F-1"}),
        ("from", "2019-06-01", {"F-1"}),
        ("to", "2021-12-31", {"F-1", "F-3"}),
    ],
)
def test_every_filter_narrows_and_stays_in_the_links(
    client: FlaskClient, name: str, value: str, expected: set[str]
) -> None:
    page = _page(client, **{"q": "火災", name: value})
    exact = {_hits(page)[place] for place, near in enumerate(_nearness(page)) if not near}
    assert exact == expected
    for link in _facets(page):
        kept = _asked(link)
        assert kept["q"] == "火災"
        # A link replaces the value of its own filter, or takes it away.
        assert kept.get(name) == value or link in _group(page, name), kept
    fields = {field.attributes["name"]: field.attributes["value"] for field in page.all("input")}
    assert fields == {"from": "", "to": ""} | {"q": "火災", name: value}
    [chip] = page.one("ul", class_="chips").all("a")
    assert _asked(chip) == {"q": "火災"}


def _nearness(page: Node) -> list[bool]:
    return ["near" in hit.attributes["class"].split() for hit in page.all("li", class_="hit")]


def _group(page: Node, name: str) -> list[Node]:
    return [link for group in page.all("nav", **{"aria-labelledby": f"by-{name}"}) for link in group.all("a")]


@pytest.mark.usefixtures("catalogue")
def test_facets_lead_to_as_many_results_as_they_say(client: FlaskClient) -> None:
    page = _page(client, q="火災")
    names = {name for link in _facets(page) for name in _asked(link)}
    assert names == {"q", *FILTERS} - {"from", "to"}
    for link in _facets(page):
        narrowed = _page(client, **_asked(link))
        number = int(link.one("span", class_="number").text.removesuffix(" 筆"))
        found = int(narrowed.by_id("results").text.partition(" 筆")[0])
        # A label's link also finds what has a narrower label.
        assert found == number or (found > number and link in _group(page, "label")), _asked(link)


@pytest.mark.usefixtures("catalogue")
def test_chosen_facet_and_chip_take_away_only_their_own_filter(client: FlaskClient) -> None:
    page = _page(client, q="火災", categoryCode="E00", spatial="臺中市")
    [chosen] = [link for link in _group(page, "categoryCode") if "aria-current" in link.attributes]
    assert _asked(chosen) == {"q": "火災", "spatial": "臺中市"}
    category, place, everything = page.one("ul", class_="chips").all("a")
    assert _asked(category) == _asked(chosen)
    assert _asked(place) == {"q": "火災", "categoryCode": "E00"}
    assert _asked(everything) == {"q": "火災"}
    assert "移除篩選：服務分類 \u2068E00 生活安全及品質\u2069" in category.text


@pytest.mark.usefixtures("catalogue")
def test_form_that_nobody_filled_is_like_the_bare_address(client: FlaskClient) -> None:
    page = _page(client, q="", **dict.fromkeys(FILTERS, ""))
    assert len(_hits(page)) == 5
    assert not page.all("ul", class_="chips")


@pytest.mark.usefixtures("catalogue")
def test_words_of_the_query_are_marked_where_they_stand(client: FlaskClient) -> None:
    page = _page(client, q="台中市 火灾")
    hit = page.all("li", class_="hit")[0]
    title, publisher, described = (
        hit.one("h3"),
        hit.one("p", class_="hit-about"),
        hit.one("p", class_="hit-extract"),
    )
    assert title.text == "臺中市火災統計"
    assert _marked(title) == ["臺中市", "火災"]
    assert _marked(publisher) == ["臺中市"]
    assert _marked(described) == ["火災"]
    assert described.text.startswith("…")
    assert described.text.endswith("…")
    assert "案件，火災以建築物最多" in described.text


@pytest.mark.usefixtures("catalogue")
def test_result_tells_what_one_chooses_by(client: FlaskClient) -> None:
    hits = dict(zip(_hits(page := _page(client, q="火災")), page.all("li", class_="hit"), strict=True))
    told = hits["F-1"].one("p", class_="hit-about").text
    assert told == "臺中市政府消防局 E00 生活安全及品質 已有建議 識別碼：F-1"
    more = hits["F-1"].one("div", class_="hit-more")
    assert "空間範圍：臺中市" in more.text
    assert "收錄期間：2019 年" in more.text
    assert "收錄期間：2021-03-05 至 未載明" in hits["F-3"].text
    flagged = hits["F-4"].one("p", class_="hit-about")
    assert flagged.one("strong").text == "▲ 疑似不符"
    assert "所填 I00 公共資訊" in flagged.text
    label = next(link for link in more.all("a") if link.text == "火災")
    assert _asked(label) == {"label": "火災"}
    assert "F-1" in _hits(_page(client, **_asked(label)))


@pytest.mark.usefixtures("catalogue")
def test_results_that_only_come_near_stand_apart(client: FlaskClient) -> None:
    page = _page(client, q="工廠 火災 原因")
    near = _nearness(page)
    assert _hits(page)[0] == "F-2"
    assert (near[0], any(near)) == (False, True)
    assert f"另有 {sum(near)} 筆相近" in page.by_id("results").text
    before, after = page.all("ol")
    assert len(before.all("li", class_="near")) == 0
    assert after.all("li", class_="hit")[0].one("span", class_="nearness").text == "相近"
    order = [
        node for node in page.one("main") if node is after or "divider" in node.attributes.get("class", "")
    ]
    assert [node.tag for node in order] == ["p", "ol"]


@pytest.mark.usefixtures("catalogue")
def test_slip_is_mended_by_a_link_that_keeps_the_filters(client: FlaskClient) -> None:
    page = _page(client, q="職業災宮", status="mismatched")
    link = page.one("p", class_="mended").one("a")
    assert _asked(link) == {"q": "職業災害", "status": "mismatched"}
    assert _hits(_page(client, **_asked(link))) == ["F-4"]


@pytest.mark.usefixtures("catalogue")
def test_nothing_found_says_what_to_do(client: FlaskClient) -> None:
    page = _page(client, q="zzyzx", categoryCode="A00")
    assert page.by_id("results").text == "沒有找到資料集"
    assert "少用幾個字詞" in page.one("main").text
    assert "open" in page.one("details", class_="syntax").attributes
    links = [_asked(link) for link in page.one("div", class_="empty").all("a")]
    assert links == [{"q": "zzyzx"}, {}]


def test_empty_store_says_which_command_fills_it(client: FlaskClient) -> None:
    assert "tagger import FILE" in _page(client).one("div", class_="empty").text


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("query", "message", "place"),
    [
        ('火災 "森林 統計', '第 4 個字的引號「"」沒有結尾', '"森林'),
        ("火災 OR", "第 4 個字的 OR 後面缺少字詞", "OR"),
        ("-火災", "只有要排除的字詞", "-火災"),
        ("。？！", "沒有可以搜尋的字詞", "。？！"),
        ("火" * 10_000, "超過 200 字", "火" * 16),
        ("火災 " * 21, "超過 20 個字詞", "火災"),
        ("字 " * 190, "超過 200 字", "字"),
    ],
)
def test_query_that_cannot_be_read_is_told_beside_the_box(
    client: FlaskClient, query: str, message: str, place: str
) -> None:
    page = _page(client, 400, q=query, categoryCode="E00")
    box = page.by_id("q")
    assert message in page.by_id("q-error").text
    assert (box.attributes["aria-invalid"], box.attributes["aria-describedby"]) == ("true", "q-error")
    assert box.attributes["value"] == query.strip()
    assert _marked(page.one("p", class_="pinpoint")) == [place]
    # What else was chosen is still there.
    assert _asked(page.one("ul", class_="chips").all("a")[0]) == {"q": query.strip()}
    assert page.one("input", type="hidden").attributes["value"] == "E00"
    assert page.by_id("from").attributes["aria-invalid"] == "false"


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("categoryCode", "Z99", "不是服務分類代碼"),
        ("status", "maybe", "應為下列之一"),
        ("label", "<script>", "不會有的字元"),
        ("publisher", "'; DROP TABLE dataset; --", "不會有的字元"),
        ("publisher", "部" * 10_000, "超過 255 字"),
        ("spatial", "亞特蘭提斯", "不是縣市或鄉鎮市區"),
    ],
)
def test_wrong_filter_is_told_beside_its_chip(
    client: FlaskClient, name: str, value: str, message: str
) -> None:
    page = _page(client, 400, **{"q": "火災", name: value})
    chip = page.one("ul", class_="chips").one("li", class_="wrong")
    assert chip.one("bdi").raw_text == value
    assert _asked(chip.one("a")) == {"q": "火災"}
    [told] = [node.text for node in page.all("p", class_="error") if node.text]
    assert told.startswith(FILTERS[name])
    assert message in told
    assert not _hits(page)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "2019-13-01"}, "from"),
        ({"to": "昨天"}, "to"),
        ({"from": "2020-01-01", "to": "2019-01-01"}, "to"),
    ],
)
def test_wrong_day_is_told_beside_its_field(client: FlaskClient, asked: dict[str, str], field: str) -> None:
    page = _page(client, 400, q="火災", **asked)
    assert page.by_id(f"{field}-error").text
    assert not re.search("[A-Za-z]{6}", page.by_id(f"{field}-error").text)
    assert page.by_id(field).attributes["aria-invalid"] == "true"
    assert "open" in page.one("details", class_="fold").attributes
    assert len([node for node in page.all("p", class_="error") if node.text]) == 1


@pytest.mark.usefixtures("catalogue")
def test_forged_cursor_leads_back_to_the_first_page(client: FlaskClient) -> None:
    page = _page(client, 400, q="火災", spatial="臺中市", cursor="WzAuNSwxXQ.forged")
    empty = page.one("div", class_="empty")
    assert "分頁游標無效" in empty.text
    assert _asked(empty.one("a")) == {"q": "火災", "spatial": "臺中市"}


EVIL = ("' OR 1=1 --", HOSTILE, "字" * 10_000, "\x00", "%", "NEAR(a b)", "title:*", "\U0001f525\u200d")


@pytest.mark.usefixtures("catalogue")
def test_no_input_breaks_the_page(client: FlaskClient) -> None:
    for name in ("q", *FILTERS, "cursor"):
        for value in EVIL:
            response = client.get("/search", query_string={name: value})
            assert response.status_code in {200, 400}, (name, value)
            page = read(response.text)
            assert page.one("h1").text == "搜尋資料集"
            assert not page.all("img")


@pytest.mark.parametrize("query", ["q=公車", "q=公車&categoryCode=A00", "", "categoryCode=A00"])
def test_pages_reach_every_result_once(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr("api.review.search.PAGE", 5)
    _put(
        services,
        *({"identifier": f"N-{n}", "title": f"公車路線{n}", "categoryCode": "A00"} for n in range(12)),
    )
    address, seen = f"/search?{query}", []
    for _ in range(9):
        page = read(client.get(address).text)
        seen += _hits(page)
        further = page.all("a", rel="next")
        if not further:
            break
        address = further[0].attributes["href"]
        assert set(parse_qsl(query)) < set(parse_qsl(urlsplit(address).query))
    assert sorted(seen) == sorted(f"N-{n}" for n in range(12))
    assert "已是最後一頁" in page.one("nav", class_="pages").text
    assert page.one("nav", class_="pages").one("a").text == "第一頁"


def test_hostile_text_is_only_text(client: FlaskClient, services: Services) -> None:
    _put(
        services,
        {"identifier": "X-1", "title": HOSTILE, "publisher": HOSTILE, "description": HOSTILE},
    )
    page = _page(client, q="火災")
    [hit] = page.all("li", class_="hit")
    title, publisher = hit.one("h3").one("bdi"), hit.one("p", class_="hit-about").all("bdi")[0]
    assert title.raw_text == publisher.raw_text == hit.one("p", class_="hit-extract").raw_text == HOSTILE
    assert _marked(title) == ["火災"]
    assert not page.all("img")
    typed = _page(client, q=HOSTILE.replace('"', ""))
    assert typed.by_id("q").attributes["value"] == HOSTILE.replace('"', "")
    assert not typed.all("img")


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("asked", "status"),
    [({}, 200), ({"q": "火災", "spatial": "臺中市"}, 200), ({"q": '"'}, 400), ({"q": "zzyzx"}, 200)],
)
def test_search_pages_keep_to_own_files(client: FlaskClient, asked: dict[str, str], status: int) -> None:
    page = _page(client, status, **asked)
    ids = [node.attributes["id"] for node in page if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    for node in page:
        assert node.tag != "style"
        assert not [name for name in node.attributes if name == "style" or name.startswith("on")]
        assert node.tag != "script" or not node.raw_text.strip()
        for name in ("href", "src", "action", "data-completions"):
            place = node.attributes.get(name, "#")
            assert place.startswith("#") or (place.startswith("/") and not place.startswith("//")), place
    assert page.one("header").one("a", **{"aria-current": "page"}).text == "搜尋"
    for script in page.all("script"):
        with client.get(script.attributes["src"]) as answer:
            assert answer.status_code == 200


def test_box_completes_labels_by_the_interface(client: FlaskClient) -> None:
    address = _page(client).one("div", class_="combobox").attributes["data-completions"]
    answer = client.get(f"{address}?{urlencode({'q': '勞保', 'limit': 9})}")
    assert answer.get_json()["labels"][0]["label"] == "勞工保險"
    assert answer.get_json()["labels"][0]["written"] == "勞保"


@pytest.mark.usefixtures("catalogue")
def test_the_same_search_is_offered_as_json(client: FlaskClient) -> None:
    link = _page(client, q="火災", spatial="臺中市").one("p", class_="as-data").one("a")
    found = client.get(link.attributes["href"]).get_json()
    assert [result["identifier"] for result in found["results"] if result["exact"]] == ["F-1"]


@pytest.mark.usefixtures("catalogue")
def test_dataset_page_leads_to_related_ones_and_says_why(client: FlaskClient, services: Services) -> None:
    _put(services, {"identifier": "F-5", "title": "工廠火災搶救紀錄", "publisher": "高雄市政府消防局"})
    related = read(client.get("/datasets/F-2").text).one("ul", class_="related").all("li")
    found = {item.all("a")[0].attributes["href"].rpartition("/")[2]: item for item in related}
    assert "F-5" in found
    assert "F-2" not in found
    assert "高雄市政府消防局" in found["F-5"].text
    assert "共同標籤：" in found["F-5"].text
    assert {"label": "工廠火災"} in [_asked(link) for link in found["F-5"].all("a")[1:]]


def test_dataset_that_is_alone_says_so(client: FlaskClient, services: Services) -> None:
    _put(services, {"identifier": "B-1", "title": "公車動態路線"})
    page = read(client.get("/datasets/B-1").text)
    assert not page.all("ul", class_="related")
    assert "沒有足夠相近的資料集" in page.one("main").text


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
