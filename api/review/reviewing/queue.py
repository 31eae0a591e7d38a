"""The queue: what waits for a decision, what of it one wants to see, and how far one is."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from api.access import may
from api.current import services
from api.identity import signed_in
from api.review.reviewing.asking import (
    LEVEL_NAMES,
    QUEUE_NAMES,
    address_of,
    addressed,
    asked_filters,
    midnight,
)
from api.review.reviewing.showing import DID, done_answer, next_answer
from api.services.desk import count_terms
from api.services.review.advancing import (
    Next,
    next_item,
    previous_item,
    progress,
    queue_filters,
    queue_page,
    taken_next,
)
from api.v1.review_shapes import position_in, position_out
from models.review.queue import QueueFilters

PAGE = 50
"""Items on a page."""

blueprint = Blueprint("queue", __name__)


@blueprint.get("/review")
def show() -> str:
    """A page of a queue."""
    person = signed_in()
    filters = asked_filters(request.args)
    after = position_in(request.args.get("after"))
    rows, last = queue_page(services(), person, filters, after, PAGE)
    total, choices = queue_filters(services(), person, filters)
    return render_template(
        "review/queue.html",
        rows=rows,
        total=total,
        terms=services().waiting_terms.get(lambda: count_terms(services())),
        choices=choices,
        progress=progress(services(), person, midnight()),
        queues=QUEUE_NAMES,
        levels=LEVEL_NAMES,
        filters=filters,
        asked=addressed(filters),
        after=position_out(last),
        first_page=after is None,
        may_decide=may("review.items.decide_item"),
    )


@blueprint.get("/review/next")
def follow() -> ResponseReturnValue:
    """The next item, or that there is none left."""
    person = signed_in()
    filters = asked_filters(request.args)
    after = position_in(request.args.get("after"))
    if "HX-Request" in request.headers:
        return next_answer(person, filters, after)
    found = taken_next(services(), person, filters, after)
    did = request.args.get("did")
    return _sent(filters, found, did) if found else done_answer(person, filters, DID.get(did or "", ""))


@blueprint.get("/review/previous")
def back() -> ResponseReturnValue:
    """The item before; at the start of the queue the first one."""
    person = signed_in()
    filters = asked_filters(request.args)
    before = position_in(request.args.get("before"))
    found = previous_item(services(), person, filters, before) if before else None
    found = found or next_item(services(), person, filters)
    if found is None:
        return done_answer(person, filters)
    # For htmx, too: it follows and shows what is there.
    return _sent(filters, found)


def _sent(filters: QueueFilters, found: Next, did: str | None = None) -> ResponseReturnValue:
    at = position_out(found.position)
    address = address_of("review.items.show", filters, identifier=found.identifier, at=at, did=did)
    return redirect(address, 303)
