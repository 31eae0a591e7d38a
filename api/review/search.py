"""The search page: a box, filters as links that add or take away one, and results. All of it is in the address."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from api.problems import KINDS, ProblemException
from api.reports.search_table import COLUMNS, DEFAULT_COLUMNS, MEDIA_TYPES, STATUS_NAMES
from api.review.marking import Segment, Span, segments
from api.services.search import Found, Hit
from api.services.search.exporting import MOST
from api.v1.search import next_cursor, search_stored
from api.v1.search_schemas import SearchQuery
from api.validation import input_errors
from tagger.categories import category_names
from tagger.retrieval.syntax import QueryError

PAGE = 20
"""Results on a page."""
FILTERS = {
    "categoryCode": "服務分類",
    "status": "狀態",
    "label": "語意標籤",
    "publisher": "提供機關",
    "spatial": "空間範圍",
    "from": "收錄期間自",
    "to": "收錄期間至",
}
"""What results are narrowed by: the parameter's name, and what it is called, in the order of the page."""
STATUSES = STATUS_NAMES
"""How a dataset's status reads."""
MANY = 200
"""With more results than this, perhaps only the best of them are on the pages."""
_IN_SIGHT = 8
_EXTRACT, _BEFORE = 130, 30
_AROUND = 16
_WORD = re.compile(r"\S{1,16}")
_WHOLE_YEARS = re.compile(r"(\d{4})-01-01 (\d{4})-12-31")

blueprint = Blueprint("search", __name__)


class Choice(NamedTuple):
    """A value that results can be narrowed to.

    Attributes:
        code: of a service category; empty for all else.
        text: what it is called.
        number: how many results have it, in words.
        address: the page with this filter, or, where it is chosen, without it.
        chosen: whether results are narrowed to it now.
    """

    code: str
    text: str
    number: str
    address: str
    chosen: bool


class Group(NamedTuple):
    """The values of one filter: those in sight, and those that one unfolds."""

    name: str
    heading: str
    choices: list[Choice]
    more: list[Choice]


class Chip(NamedTuple):
    """An active filter, the address of the page without it, and what is wrong with it, if anything."""

    name: str
    heading: str
    text: str
    address: str
    error: str


class Result(NamedTuple):
    """A hit as it is read.

    Attributes:
        hit: the hit.
        title, publisher: with the query's words marked.
        extract: of the description, around the first word of the query.
        period: what it covers, in words, empty where nobody knows.
        divided: whether results that only come near begin here.
    """

    hit: Hit
    title: list[Segment]
    publisher: list[Segment]
    extract: list[Segment]
    period: str
    divided: bool


class Wrong(NamedTuple):
    """What is wrong with the address.

    Attributes:
        messages: parameter → what is wrong with it.
        place: the piece of the query where it goes wrong, that marked; empty where nowhere in particular.
    """

    messages: dict[str, str]
    place: list[Segment]


@blueprint.get("/search")
def show() -> ResponseReturnValue:
    """What the address asks for, or what is wrong with it."""
    names = ("q", *FILTERS)
    given = {name: text for name in names if (text := request.args.get(name, "").strip())}
    cursor = request.args.get("cursor") or None
    found, wrong = _ask(given, cursor)
    page = render_template(
        "search.html",
        given=given,
        found=found,
        wrong=wrong,
        chips=[_chip(given, name, wrong.messages.get(name, "")) for name in FILTERS if name in given],
        groups=_groups(given, found) if found else [],
        results=_results(found.hits) if found else [],
        count=about(found.total, found.exact) if found else "",
        statuses=STATUSES,
        mended=address(given, "q", found.suggestion) if found and found.suggestion else None,
        next_page=_next_page(given, found),
        first_page=cursor is None,
        many=found is not None and found.total > MANY and "q" in given,
        export_formats=list(MEDIA_TYPES),
        export_columns=COLUMNS,
        export_default=DEFAULT_COLUMNS,
        export_most=MOST,
    )
    return page, 400 if wrong.messages else 200


def _ask(given: Mapping[str, str], cursor: str | None) -> tuple[Found | None, Wrong]:
    """Search; None where the address cannot be read."""
    try:
        asked = SearchQuery.model_validate({**given, "cursor": cursor, "limit": PAGE})
        return search_stored(asked), Wrong({}, [])
    except ValidationError as error:
        messages = {item.pointer.split("/")[1]: item.detail for item in reversed(input_errors(error))}
        return None, Wrong(messages, [])
    except ProblemException as problem:
        if problem.kind == "invalid-cursor":
            return None, Wrong({"cursor": KINDS[problem.kind]["meaning"]}, [])
        messages = {item.pointer.split("/")[1]: item.detail for item in problem.errors}
        reason = problem.__cause__
        place = pinpointed(given["q"], reason.position) if isinstance(reason, QueryError) else []
        return None, Wrong(messages, place)


def address(given: Mapping[str, str], name: str, value: str | None) -> str:
    """The page with one parameter set, or without it where the value is None; always the first page."""
    parameters: dict[str, Any] = {**given, name: value}
    return url_for("review.search.show", **parameters)


def about(number: int, exact: bool) -> str:
    """A count as people read it: `1,234`, or where it is estimated two digits of it, `約 15,000`."""
    return f"{number:,}" if exact else f"約 {round(number, 2 - len(str(number))):,}"


def pinpointed(query: str, position: int) -> list[Segment]:
    """The word of a query that begins at a position, marked, with a little around it."""
    word = _WORD.match(query, position)
    start, end = max(position - _AROUND, 0), word.end() if word else position
    piece = query[start : end + _AROUND]
    return _cut(piece, [(position - start, end - start)], start > 0, end + _AROUND < len(query))


def _chip(given: Mapping[str, str], name: str, error: str) -> Chip:
    return Chip(name, FILTERS[name], _named(name, given[name]), address(given, name, None), error)


def _named(name: str, value: str) -> str:
    """A filter's value in words, also one that does not exist."""
    if name == "categoryCode":
        return f"{value} {category_names().get(value, '')}".rstrip()
    return STATUSES.get(value, value) if name == "status" else value


def _groups(given: Mapping[str, str], found: Found) -> list[Group]:
    """The filters that have values to choose from."""
    groups = []
    for name, heading in FILTERS.items():
        choices = [
            _choice(given, name, facet.value, about(facet.number, found.exact))
            for facet in found.facets.get(name, ())
        ]
        if choices:
            # Nobody unfolds a list for a single value.
            most = len(choices) if len(choices) == _IN_SIGHT + 1 else _IN_SIGHT
            groups.append(Group(name, heading, choices[:most], choices[most:]))
    return groups


def _choice(given: Mapping[str, str], name: str, value: str, number: str) -> Choice:
    chosen = given.get(name) == value
    return Choice(
        value if name == "categoryCode" else "",
        category_names()[value] if name == "categoryCode" else _named(name, value),
        number.removeprefix("約 "),
        address(given, name, None if chosen else value),
        chosen,
    )


def _results(hits: Sequence[Hit]) -> list[Result]:
    first_near = next((place for place, hit in enumerate(hits) if not hit.exact), None)
    return [_result(hit, place == first_near) for place, hit in enumerate(hits)]


def _result(hit: Hit, divided: bool) -> Result:
    content = hit.dataset.content
    spans: dict[str, list[Span]] = {}
    for mark in hit.marks:
        spans.setdefault(mark.field, []).append((mark.start, mark.end))
    published = content.get("publisher")
    return Result(
        hit,
        segments(content["title"], spans.get("title", ())),
        segments(hit.document.publisher or "", spans.get("publisher", ()) if published else ()),
        extract(content.get("description") or "", spans.get("description", [])),
        _period(hit),
        divided,
    )


def extract(text: str, spans: Sequence[Span]) -> list[Segment]:
    """A piece of a text around its first mark, `…` where something is left out.

    Args:
        text: the whole.
        spans: the marks, ascending.
    """
    first = spans[0][0] if spans else 0
    # From the beginning where the mark is in sight there: a sentence reads best from its start.
    start = 0 if first < _EXTRACT // 2 else first - _BEFORE
    moved = [(begin - start, end - start) for begin, end in spans]
    return _cut(text[start : start + _EXTRACT], moved, start > 0, start + _EXTRACT < len(text))


def _cut(piece: str, spans: Iterable[Span], before: bool, after: bool) -> list[Segment]:
    left_out = Segment("…", marked=False)
    return [left_out] * before + segments(piece, spans) + [left_out] * after


def _period(hit: Hit) -> str:
    """What a dataset covers: as its publisher says, else as its text says."""
    content, read = hit.dataset.content, (hit.dataset.suggestion or {}).get("facets", {})
    begins, ends = (
        content.get(name) or read.get(name) or "" for name in ("temporalCoverageFrom", "temporalCoverageTo")
    )
    years = _WHOLE_YEARS.fullmatch(f"{begins} {ends}")
    if years:
        first, last = years.groups()
        return f"{first} 年" if first == last else f"{first} 至 {last} 年"
    return f"{begins or '未載明'} 至 {ends or '未載明'}" if begins or ends else ""


def _next_page(given: Mapping[str, str], found: Found | None) -> str | None:
    following = next_cursor(found) if found else None
    return address(given, "cursor", following) if following else None
