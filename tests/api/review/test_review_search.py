"""The search page: what one asks for, in words and by filters, and what is found."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from api.review.search import FILTERS
from api.services import Services
from tests.api.review.page_reader import read
from tests.api.review.search_pages import asked_by, facets, hits, marked, nearness, put, search_page


@pytest.mark.usefixtures("fires")
def test_without_a_query_everything_is_listed_the_newest_first(client: FlaskClient) -> None:
    page = search_page(client)
    assert hits(page) == ["B-1", "F-4", "F-3", "F-2", "F-1"]
    assert page.by_id("results").text == "全部資料集 5 筆"
    assert "autofocus" in page.by_id("q").attributes


@pytest.mark.usefixtures("fires")
def test_query_finds_and_says_how_many(client: FlaskClient) -> None:
    page = search_page(client, q="火災")
    assert sorted(hits(page)) == ["F-1", "F-2", "F-3", "F-4"]
    assert page.by_id("results").text.startswith("4 筆")
    assert page.by_id("q").attributes["value"] == "火災"
    assert "autofocus" not in page.by_id("q").attributes
    assert "「\u2068火災\u2069」" in page.one("title").raw_text


@pytest.mark.usefixtures("fires")
def test_the_form_that_downloads_asks_for_the_same(client: FlaskClient) -> None:
    form = search_page(client, q="火災", spatial="臺中市").one("details", class_="download").one("form")
    sent = [
        (field.attributes["name"], field.attributes["value"])
        for field in form.all("input")
        if field.attributes.get("type") == "hidden" or "checked" in field.attributes
    ]
    assert ("format", "xlsx") in sent
    sent[sent.index(("format", "xlsx"))] = ("format", "csv")
    answer = client.get(form.attributes["action"], query_string=sent)
    assert (answer.status_code, answer.headers["X-Result-Count"]) == (200, "1")
    # What is ticked is what one gets who asks for no columns.
    assert answer.data == client.get("/v1/search/export?q=火災&spatial=臺中市&format=csv").data


@pytest.mark.usefixtures("fires")
def test_every_filter_narrows_and_stays_in_the_links(client: FlaskClient) -> None:
    for name, value, expected in (
        ("categoryCode", "E00", {"F-1", "F-2", "F-3"}),
        ("status", "mismatched", {"F-4"}),
        ("status", "approved", set()),
        ("label", "職業災害", {"F-4"}),
        ("publisher", "內政部消防署", {"F-2"}),
        ("spatial", "臺中市", {"F-1"}),
        ("from", "2019-06-01", {"F-1"}),
        ("to", "2021-12-31", {"F-1", "F-3"}),
    ):
        page = search_page(client, **{"q": "火災", name: value})
        exact = {hits(page)[place] for place, near in enumerate(nearness(page)) if not near}
        assert exact == expected, name
        for link in facets(page):
            kept = asked_by(link)
            assert kept["q"] == "火災"
            # A link replaces the value of its own filter, or takes it away.
            assert kept.get(name) == value or link in facets(page, name), kept
        fields = {
            field.attributes["name"]: field.attributes["value"]
            for field in page.all("input")
            if field.attributes["name"] not in {"format", "columns"}
        }
        assert fields == {"from": "", "to": ""} | {"q": "火災", name: value}
        [chip] = page.one("ul", class_="chips").all("a")
        assert asked_by(chip) == {"q": "火災"}


@pytest.mark.usefixtures("fires")
def test_facets_lead_to_as_many_results_as_they_say(client: FlaskClient) -> None:
    page = search_page(client, q="火災")
    names = {name for link in facets(page) for name in asked_by(link)}
    assert names == {"q", *FILTERS} - {"from", "to"}
    for link in facets(page):
        narrowed = search_page(client, **asked_by(link))
        number = int(link.one("span", class_="number").text.removesuffix(" 筆"))
        found = int(narrowed.by_id("results").text.partition(" 筆")[0])
        # A label's link also finds what has a narrower label.
        assert found == number or (found > number and link in facets(page, "label")), asked_by(link)


@pytest.mark.usefixtures("fires")
def test_chosen_facet_and_chip_take_away_only_their_own_filter(client: FlaskClient) -> None:
    page = search_page(client, q="火災", categoryCode="E00", spatial="臺中市")
    [chosen] = [link for link in facets(page, "categoryCode") if "aria-current" in link.attributes]
    assert asked_by(chosen) == {"q": "火災", "spatial": "臺中市"}
    category, place, everything = page.one("ul", class_="chips").all("a")
    assert asked_by(category) == asked_by(chosen)
    assert asked_by(place) == {"q": "火災", "categoryCode": "E00"}
    assert asked_by(everything) == {"q": "火災"}
    assert "移除篩選：服務分類 \u2068E00 生活安全及品質\u2069" in category.text


@pytest.mark.usefixtures("fires")
def test_form_that_nobody_filled_is_like_the_bare_address(client: FlaskClient) -> None:
    page = search_page(client, q="", **dict.fromkeys(FILTERS, ""))
    assert len(hits(page)) == 5
    assert not page.all("ul", class_="chips")


@pytest.mark.usefixtures("fires")
def test_words_of_the_query_are_marked_where_they_stand(client: FlaskClient) -> None:
    page = search_page(client, q="台中市 火灾")
    hit = page.all("li", class_="hit")[0]
    title, publisher, described = (
        hit.one("h3"),
        hit.one("p", class_="hit-about"),
        hit.one("p", class_="hit-extract"),
    )
    assert title.text == "臺中市火災統計"
    assert marked(title) == ["臺中市", "火災"]
    assert marked(publisher) == ["臺中市"]
    assert marked(described) == ["火災"]
    assert described.text.startswith("…")
    assert described.text.endswith("…")
    assert "案件，火災以建築物最多" in described.text


@pytest.mark.usefixtures("fires")
def test_result_tells_what_one_chooses_by(client: FlaskClient) -> None:
    found = dict(zip(hits(page := search_page(client, q="火災")), page.all("li", class_="hit"), strict=True))
    told = found["F-1"].one("p", class_="hit-about").text
    assert told == "臺中市政府消防局 E00 生活安全及品質 已有建議 識別碼：F-1"
    more = found["F-1"].one("div", class_="hit-more")
    assert "空間範圍：臺中市" in more.text
    assert "收錄期間：2019 年" in more.text
    assert "收錄期間：2021-03-05 至 未載明" in found["F-3"].text
    flagged = found["F-4"].one("p", class_="hit-about")
    assert flagged.one("strong").text == "▲ 疑似不符"
    assert "所填 I00 公共資訊" in flagged.text
    label = next(link for link in more.all("a") if link.text == "火災")
    assert asked_by(label) == {"label": "火災"}
    assert "F-1" in hits(search_page(client, **asked_by(label)))


@pytest.mark.usefixtures("fires")
def test_results_that_only_come_near_stand_apart(client: FlaskClient) -> None:
    page = search_page(client, q="工廠 火災 原因")
    near = nearness(page)
    assert hits(page)[0] == "F-2"
    assert (near[0], any(near)) == (False, True)
    assert f"另有 {sum(near)} 筆相近" in page.by_id("results").text
    before, after = page.all("ol")
    assert len(before.all("li", class_="near")) == 0
    assert after.all("li", class_="hit")[0].one("span", class_="nearness").text == "相近"
    order = [
        node for node in page.one("main") if node is after or "divider" in node.attributes.get("class", "")
    ]
    assert [node.tag for node in order] == ["p", "ol"]


@pytest.mark.usefixtures("fires")
def test_result_with_every_word_stands_before_those_that_only_come_near(
    client: FlaskClient, services: Services
) -> None:
    put(
        services,
        {"identifier": "T-1", "title": "年度成果", "description": "工廠的火災，其原因與改善"},
        {"identifier": "N-1", "title": "工廠火災統計"},
    )
    page = search_page(client, q="工廠 火災 原因")
    near = nearness(page)
    assert not near[hits(page).index("T-1")]
    assert near == sorted(near)


@pytest.mark.usefixtures("fires")
def test_slip_is_mended_by_a_link_that_keeps_the_filters(client: FlaskClient) -> None:
    page = search_page(client, q="職業災宮", status="mismatched")
    link = page.one("p", class_="mended").one("a")
    assert asked_by(link) == {"q": "職業災害", "status": "mismatched"}
    assert hits(search_page(client, **asked_by(link))) == ["F-4"]


@pytest.mark.usefixtures("fires")
def test_nothing_found_says_what_to_do(client: FlaskClient) -> None:
    page = search_page(client, q="zzyzx", categoryCode="A00")
    assert page.by_id("results").text == "沒有找到資料集"
    assert "少用幾個字詞" in page.one("main").text
    assert "open" in page.one("details", class_="syntax").attributes
    links = [asked_by(link) for link in page.one("div", class_="empty").all("a")]
    assert links == [{"q": "zzyzx"}, {}]


def test_empty_store_says_which_command_fills_it(client: FlaskClient) -> None:
    assert "tagger import FILE" in search_page(client).one("div", class_="empty").text


@pytest.mark.parametrize("query", ["q=公車&categoryCode=A00", "categoryCode=A00"])
def test_pages_reach_every_result_once(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr("api.review.search.PAGE", 5)
    put(
        services,
        *({"identifier": f"N-{n}", "title": f"公車路線{n}", "categoryCode": "A00"} for n in range(12)),
    )
    address, seen = f"/search?{query}", []
    for _ in range(9):
        page = read(client.get(address).text)
        seen += hits(page)
        further = page.all("a", rel="next")
        if not further:
            break
        address = further[0].attributes["href"]
        assert set(parse_qsl(query)) < set(parse_qsl(urlsplit(address).query))
    assert sorted(seen) == sorted(f"N-{n}" for n in range(12))
    assert "已是最後一頁" in page.one("nav", class_="pages").text
    assert page.one("nav", class_="pages").one("a").text == "第一頁"


@pytest.mark.usefixtures("fires")
def test_search_pages_keep_to_own_files(client: FlaskClient) -> None:
    searches: list[tuple[dict[str, str], int]] = [
        ({}, 200),
        ({"q": "火災", "spatial": "臺中市"}, 200),
        ({"q": '"'}, 400),
        ({"q": "zzyzx"}, 200),
    ]
    for asked, status in searches:
        page = search_page(client, status, **asked)
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
    address = search_page(client).one("div", class_="combobox").attributes["data-completions"]
    answer = client.get(f"{address}?{urlencode({'q': '勞保', 'limit': 9})}")
    assert answer.get_json()["labels"][0]["label"] == "勞工保險"
    assert answer.get_json()["labels"][0]["written"] == "勞保"


@pytest.mark.usefixtures("fires")
def test_the_same_search_is_offered_as_json(client: FlaskClient) -> None:
    link = search_page(client, q="火災", spatial="臺中市").one("p", class_="as-data").one("a")
    found = client.get(link.attributes["href"]).get_json()
    assert [result["identifier"] for result in found["results"] if result["exact"]] == ["F-1"]


@pytest.mark.usefixtures("fires")
def test_dataset_page_leads_to_related_ones_and_says_why(client: FlaskClient, services: Services) -> None:
    put(services, {"identifier": "F-5", "title": "工廠火災搶救紀錄", "publisher": "高雄市政府消防局"})
    related = read(client.get("/datasets/F-2").text).one("ul", class_="related").all("li")
    found = {item.all("a")[0].attributes["href"].rpartition("/")[2]: item for item in related}
    assert "F-5" in found
    assert "F-2" not in found
    assert "高雄市政府消防局" in found["F-5"].text
    assert "共同標籤：" in found["F-5"].text
    assert {"label": "工廠火災"} in [asked_by(link) for link in found["F-5"].all("a")[1:]]


def test_dataset_that_is_alone_says_so(client: FlaskClient, services: Services) -> None:
    put(services, {"identifier": "B-1", "title": "公車動態路線"})
    page = read(client.get("/datasets/B-1").text)
    assert not page.all("ul", class_="related")
    assert "沒有足夠相近的資料集" in page.one("main").text
