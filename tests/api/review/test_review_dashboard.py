"""The dashboard: the same numbers as REST, in its tables and in its charts."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.review.charts import Bar, Caption, Dot, bars, columns, intervals, trend
from api.review.dashboard import OUTCOME_NAMES, named, percentage
from api.services import Services
from api.services.accounts import Person
from api.services.keeping import Kept
from tests.api.people import bearer, make_person, signed_in_client
from tests.api.review.page_reader import Node, read
from tests.api.review.search_pages import put
from tests.api.review_numbers import HOSTILE, Filled, fill

ADDRESS = "/review/dashboard"
CAPTION = Caption("c", "標題", "說明")


@pytest.fixture
def filled(services: Services, reviewer: Person, second_reviewer: Person) -> Filled:
    """Decisions whose numbers are known."""
    return fill(services, reviewer, second_reviewer)


@pytest.fixture
def page(filled: Filled, app: Flask, reviewer: Person) -> Node:
    """The dashboard of these decisions."""
    return _page(signed_in_client(app, reviewer))


@pytest.fixture
def numbers(filled: Filled, client: FlaskClient, services: Services, reviewer: Person) -> Any:
    """The numbers that REST gives."""
    return client.get("/v1/reviews/statistics", headers=bearer(services, reviewer)).get_json()


def _page(client: FlaskClient) -> Node:
    response = client.get(ADDRESS)
    assert response.status_code == 200
    return read(response.text)


def _rows(page: Node, section: str, table: int = 0) -> list[list[str]]:
    """The cells of a table's body, row by row."""
    body = page.by_id(section).all("table")[table].one("tbody")
    return [[cell.text for cell in row.children if isinstance(cell, Node)] for row in body.all("tr")]


def _share(share: Any) -> list[str]:
    if not share["decisions"]:
        return ["–", "–", "0", "0"]
    interval = f"{percentage(share['low'])} 至 {percentage(share['high'])}"
    return [percentage(share["share"]), interval, str(share["right"]), str(share["decisions"])]


def _flagged(count: Any) -> list[str]:
    return [str(count[name]) for name in ("datasets", "flagged", "open", "corrected", "kept")]


def test_tables_have_the_numbers_of_rest(page: Node, numbers: Any) -> None:
    assert _rows(page, "days") == [
        [day["day"], *(str(day[name]) for name in ("accepted", "otherwise", "kept", "rejected")), total]
        for day in reversed(numbers["days"])
        for total in [str(sum(value for value in day.values() if isinstance(value, int)))]
    ]
    precision = numbers["precision"]
    assert _rows(page, "precision") == [
        ["全部", *_share(precision["overall"])],
        *([named(one["categoryCode"]), *_share(one)] for one in precision["categories"]),
    ]
    assert _rows(page, "precision", 1) == [
        [week["monday"], *_share(week)] for week in reversed(precision["weeks"])
    ]
    pace = [{"name": "全部", **numbers["pace"]["overall"]}, *numbers["pace"]["reviewers"]]
    assert _rows(page, "pace") == [
        [one["name"], f"{one['medianSeconds']:.1f}", str(one["decisions"])] for one in pace
    ]
    mismatch = numbers["mismatch"]
    assert _rows(page, "publishers") == [
        ["全部機關", *_flagged(mismatch["overall"])],
        *([one["publisher"], *_flagged(one)] for one in mismatch["publishers"]),
    ]
    assert _rows(page, "campaign", 1) == [
        [
            named(one["categoryCode"]) if one["categoryCode"] else "沒有分類",
            str(one["before"]),
            str(one["now"]),
            f"{one['now'] - one['before']:+}",
        ]
        for one in numbers["categories"]
    ]


def test_agreement_and_the_campaign_say_what_rest_says(page: Node, numbers: Any) -> None:
    agreement, section = numbers["agreement"], page.by_id("agreement")
    said = {term: node.text for term, node in section.described().items()}
    assert said == {"κ": "0.000", "一致": "33.3%", "偶然一致": "33.3%", "兩個意見都有的": "3 筆"}
    assert "Cohen 1960" in section.text
    assert _rows(page, "agreement") == [
        [*map(named, one["categoryCodes"]), str(one["datasets"])] for one in agreement["differences"]
    ]
    assert _rows(page, "agreement", 1) == [
        [
            named(one["categoryCode"]),
            str(one["opinions"]),
            str(one["agreed"]),
            percentage(one["share"]),
        ]
        for one in agreement["categories"]
    ]
    campaign = {term: node.text for term, node in page.by_id("campaign").described().items()}
    assert list(campaign.values()) == ["14", "10", "1", "1", "2", "0"]


def _chart(page: Node, name: str) -> Node:
    [chart] = [
        svg for svg in page.all("svg", role="img") if svg.attributes["aria-labelledby"].startswith(f"{name}-")
    ]
    assert page.by_id(f"{name}-title").text
    assert page.by_id(f"{name}-description").text
    return chart


def _explained(chart: Node) -> set[str]:
    """What the bars and dots of a chart say of themselves."""
    return {title.text for title in chart.all("title") if "id" not in title.attributes}


def test_charts_have_the_numbers_of_their_tables(page: Node) -> None:
    _, month, day = _rows(page, "days")[0][0].split("-")
    values = zip(OUTCOME_NAMES, _rows(page, "days")[0][1:5], strict=True)
    assert _explained(_chart(page, "days")) == {
        f"{int(month)}/{int(day)} {name} {value}" for name, value in values
    }
    for section, name, rows in (("precision", "precision", 0), ("precision", "weeks", 1)):
        told = " ".join(_explained(_chart(page, name)))
        for row in _rows(page, section, rows):
            if row[4] != "0":
                assert f"{row[1]}（{row[2]}，{row[4]} 筆）" in told
    names = ("待審", "已更正", "維持原分類")
    assert _explained(_chart(page, "publishers")) == {
        f"{row[0]} {name} {value}"
        for row in _rows(page, "publishers")[1:]
        for name, value in zip(names, row[3:], strict=True)
        if value != "0"
    }
    assert _explained(_chart(page, "agreement")) == {
        f"{one.split()[0]}、{other.split()[0]} {count}" for one, other, count in _rows(page, "agreement")
    }
    assert _explained(_chart(page, "pace")) == {
        f"{name} {seconds} 秒" for name, seconds, _ in _rows(page, "pace")[1:]
    }
    assert _explained(_chart(page, "moved")) == {" ".join(row) for row in _rows(page, "campaign")}
    assert _explained(_chart(page, "categories")) == {
        f"{row[0]} {name} {value}"
        for row in _rows(page, "campaign", 1)[:-1]
        for name, value in zip(("審核前", "現在"), row[1:3], strict=True)
    }


def test_an_agencys_name_is_text_and_leads_to_its_queue(page: Node) -> None:
    [link] = [link for link in page.by_id("publishers").all("a") if "%3Cb" in link.attributes["href"]]
    assert link.one("bdi").raw_text == HOSTILE
    assert not page.by_id("publishers").all("b")


def test_bars_are_as_long_as_their_values_and_dots_lie_at_their_shares() -> None:
    chart = bars(CAPTION, [Bar("甲", (40.0, 20.0), "60"), Bar("乙", (0.0, 30.0), "30")], ("一", "二"))
    widths = [float(shape.attributes["width"][:-1]) for shape in chart.shapes if shape.tag == "rect"]
    assert widths == pytest.approx([52 * 40 / 60, 52 * 20 / 60, 52 * 30 / 60], abs=0.01)
    days = columns(CAPTION, [Bar("1", (3.0, 1.0), "4"), Bar("2", (8.0, 0.0), "8")], ("一", "二"), 1)
    heights = [float(shape.attributes["height"]) for shape in days.shapes if shape.tag == "rect"]
    assert heights == pytest.approx([150 * 3 / 8, 150 / 8, 150], abs=0.1)
    dots = intervals(CAPTION, [Dot("甲", 0.75, 0.5, 1.0, ""), Dot("乙", None, None, None, "")])
    assert next(shape.text for shape in dots.shapes if shape.attributes["class"] == "axis") == "100%"
    [middle] = [float(shape.attributes["cx"][:-1]) for shape in dots.shapes if shape.tag == "circle"]
    [line] = [shape.attributes for shape in dots.shapes if shape.attributes["class"] == "interval"]
    assert middle == pytest.approx((float(line["x1"][:-1]) + float(line["x2"][:-1])) / 2, abs=0.01)


def test_a_trend_is_not_drawn_through_weeks_without_decisions() -> None:
    known, unknown = Dot("1", 0.9, 0.8, 0.95, ""), Dot("2", None, None, None, "")
    shapes = trend(CAPTION, [known, known, unknown, known], 1).shapes
    kinds = [shape.attributes["class"] for shape in shapes]
    assert (kinds.count("dot"), kinds.count("join")) == (3, 1)


def test_an_empty_store_and_one_without_decisions_say_what_to_do(
    app: Flask, services: Services, reviewer: Person
) -> None:
    client = signed_in_client(app, reviewer)
    empty = _page(client).one("div", class_="empty")
    assert "tagger import" in empty.text
    put(services, {"identifier": "N-1", "title": "公車動態路線", "categoryCode": "A00"})
    services.statistics = Kept(0)
    undecided = _page(client)
    for section in ("days", "precision", "agreement", "pace"):
        assert not undecided.by_id(section).all("svg")
        assert undecided.by_id(section).one("p", class_="empty").text
    assert undecided.by_id("days").one("a").attributes["href"] == "/review"
    assert [named("A00"), "1", "1", "+0"] in _rows(undecided, "campaign")


def test_only_those_who_read_reviews_see_it(app: Flask, client: FlaskClient, services: Services) -> None:
    assert client.get(ADDRESS).status_code == 303
    uploader = make_person(services, "u", "uploader")
    assert signed_in_client(app, uploader).get(ADDRESS).status_code == 403
    auditor = make_person(services, "a", "auditor")
    links = _page(signed_in_client(app, auditor)).one("nav", **{"aria-label": "審核"})
    assert links.one("a", **{"aria-current": "page"}).attributes["href"] == ADDRESS
