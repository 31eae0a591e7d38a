"""One item on a page, or alone where the page has it in place of the one before."""

from typing import NamedTuple

from flask import Response, render_template, request

from api.current import services
from api.review.marking import marked_fields
from api.review.reviewing.asking import QUEUE_NAMES, address_of, addressed, midnight
from api.services.accounts import Person, reviewers
from api.services.review.advancing import opened_next, progress
from api.services.review.viewing import ItemView
from api.v1.review_shapes import position_out
from models.review.queue import Position, QueueFilters
from tagger.categories import categories

DECISION_NAMES = {
    "decide": "核可",
    "keep": "維持原分類",
    "reject": "退回",
    "skip": "略過",
    "flag": "標記",
    "undo": "復原",
}
DID = {
    "decide": "上一筆已核可",
    "keep": "上一筆已維持原分類",
    "reject": "上一筆已退回",
    "skip": "上一筆已略過",
    "flag": "已標記",
    "unflag": "已取消標記",
    "undo": "已復原，請重新決定",
    "note": "已加上備註",
    "assign": "已指派",
    "unassign": "已取消指派",
    "forget": "已移除常用理由",
}
"""What was just done, by the name that an address carries after a form was sent."""
_FIRST_SHOWN = ("title", "description", "fieldDescription", "keyword")


class Typed(NamedTuple):
    """What somebody typed that could not be taken.

    Attributes:
        error: why, in 繁體中文.
        reason: the text of the reason.
        note: the text of the note.
        category, other: the category that was marked, and the one chosen from the list.
        accepted: the labels that were ticked; None where none were asked for.
    """

    error: str
    reason: str = ""
    note: str = ""
    category: str | None = None
    other: str | None = None
    accepted: tuple[str, ...] | None = None


def next_answer(person: Person, filters: QueueFilters, after: Position | None, said: str = "") -> Response:
    """The item that comes next, or that none is left; alone for htmx, else with its page.

    Args:
        said: what was just done, in 繁體中文.
    """
    opened = opened_next(services(), person, filters, after)
    if opened is None:
        return done_answer(person, filters, said)
    found, view = opened
    return shown_item(person, filters, found.position, view, said)


def done_answer(person: Person, filters: QueueFilters, said: str = "") -> Response:
    """That nothing is left in a queue."""
    page = _rendered("review/done.html", person, filters, said)
    return _response(page, address_of("review.queue.follow", filters), 200)


def shown_item(
    person: Person,
    filters: QueueFilters,
    position: Position | None,
    view: ItemView,
    said: str = "",
    status: int = 200,
    typed: Typed | None = None,
) -> Response:
    """An item that was opened.

    Args:
        position: the place in the queue at which it stands.
        typed: what could not be taken, to be mended.
    """
    dataset = view.dataset
    fields = marked_fields(dataset.metadata, dataset.suggestion)
    page = _rendered(
        "review/item.html",
        person,
        filters,
        said,
        view=view,
        dataset=dataset,
        suggestion=dataset.suggestion,
        first_fields=[field for field in fields if field.name in _FIRST_SHOWN],
        other_fields=[field for field in fields if field.name not in _FIRST_SHOWN],
        choices=_offered(view),
        all_categories=categories(),
        decision_names=DECISION_NAMES,
        at=position_out(position) or "",
        colleagues=reviewers(services()),
        held=view.held if view.held and view.held.account_id != person.id else None,
        typed=typed or Typed(""),
    )
    address = address_of(
        "review.items.show", filters, identifier=dataset.identifier, at=position_out(position)
    )
    return _response(page, address, status)


def _offered(view: ItemView) -> list[tuple[str, float | None]]:
    """The categories to choose from with their confidence: suggested ones, and what stands or is declared."""
    suggestion = view.dataset.suggestion
    found: dict[str, float | None] = {}
    for category in suggestion["categories"] if suggestion else ():
        found[category["categoryCode"]] = category["confidence"]
    for code in (view.dataset.metadata.get("categoryCode"), view.dataset.standing.category_code):
        if code:
            found.setdefault(code, None)
    return list(found.items())


def _rendered(template: str, person: Person, filters: QueueFilters, said: str, **more: object) -> str:
    return render_template(
        template,
        fragment="HX-Request" in request.headers,
        person=person,
        progress=progress(services(), person, midnight()),
        queues=QUEUE_NAMES,
        filters=filters,
        asked=addressed(filters),
        said=said,
        **more,
    )


def _response(page: str, address: str, status: int) -> Response:
    # The address in the bar is the item's, whatever the request's was.
    headers = {"HX-Push-Url": address, "Cache-Control": "no-store"}
    response = Response(page, status, headers, content_type="text/html; charset=utf-8")
    response.vary.add("HX-Request")
    return response
