"""Reviewing by program: the queue, the next item, one item, and what is said about it."""

from datetime import datetime

from flask import Blueprint, Response

from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import json_body, parsed, query
from api.services.accounts import Person
from api.services.review.advancing import progress, queue_page, taken_next
from api.services.review.choosing import WrongChoice
from api.services.review.notes import assign, write_note
from api.services.review.viewing import hold, open_item, release
from api.v1.decisions import INPUT, SIGNED_IN, TAG, json_response, problem_of
from api.v1.review_schemas import (
    AssignmentIn,
    AssignmentOut,
    ItemOut,
    LeaseOut,
    NextIn,
    NoteIn,
    QueueCounts,
    QueuePage,
    QueueQuery,
)
from api.v1.review_shapes import filters_of, item_out, lease_out, position_in, position_out, queue_item
from models.base import now

blueprint = Blueprint("reviews", __name__)
_ETAG = {"ETag": "做決定時放進 If-Match"}


@blueprint.get("/v1/reviews/queue")
@operation(
    Operation(
        name="getReviewQueue",
        summary="審核佇列，依一個決定預期能修正多少排序",
        tag=TAG,
        query=QueueQuery,
        answers={200: Answer("佇列的一頁", QueuePage)},
        problems=(*SIGNED_IN, "invalid-parameter", "invalid-cursor"),
    )
)
def queue() -> Response:
    """A page of the queue."""
    person = signed_in()
    asked = query(QueueQuery)
    rows, last = queue_page(services(), person, filters_of(asked), position_in(asked.cursor), asked.limit)
    return json_response(
        QueuePage(
            items=[queue_item(row) for row in rows],
            counts=_counts(person, now()),
            next=position_out(last),
        )
    )


def _counts(person: Person, since: datetime) -> QueueCounts:
    counts = progress(services(), person, since).counts
    return QueueCounts(
        mismatch=counts.mismatch,
        uncertain=counts.uncertain,
        conflict=counts.conflict,
        mine=counts.mine,
        decided=counts.decided + counts.second,
    )


@blueprint.post("/v1/reviews/next")
@operation(
    Operation(
        name="takeNextItem",
        summary="取下一筆來審，並保留 10 分鐘",
        tag=TAG,
        body=NextIn,
        answers={200: Answer("下一筆", ItemOut, _ETAG), 204: Answer("佇列已清空")},
        problems=(*INPUT, *SIGNED_IN, "invalid-cursor"),
    )
)
def take_next() -> Response:
    """The next item."""
    person = signed_in()
    asked = parsed(NextIn, json_body())
    found = taken_next(services(), person, filters_of(asked), position_in(asked.after))
    if found is None:
        return Response(status=204)
    return _item(person, found.identifier, position_out(found.position))


@blueprint.get("/v1/reviews/items/<identifier>")
@operation(
    Operation(
        name="getReviewItem",
        summary="審核一筆所需的一切",
        tag=TAG,
        answers={200: Answer("一筆", ItemOut, _ETAG)},
        problems=(*SIGNED_IN, "dataset-not-found"),
    )
)
def get_item(identifier: str) -> Response:
    """One item."""
    return _item(signed_in(), identifier)


def _item(person: Person, identifier: str, position: str | None = None) -> Response:
    view = open_item(services(), person, identifier, lease=False)
    if view is None:
        raise ProblemException("dataset-not-found")
    shown = item_out(view, person.id)
    if position is not None:
        shown["position"] = position
    response = json_response(shown)
    response.set_etag(view.etag)
    return response


@blueprint.put("/v1/reviews/items/<identifier>/lease")
@operation(
    Operation(
        name="holdItem",
        summary="保留一筆 10 分鐘；別人正在審時回覆是誰",
        tag=TAG,
        answers={200: Answer("誰正在審", LeaseOut)},
        problems=(*SIGNED_IN, "dataset-not-found"),
    )
)
def hold_item(identifier: str) -> Response:
    """Hold an item."""
    person = signed_in()
    held = hold(services(), person, identifier)
    if held is None:
        raise ProblemException("dataset-not-found")
    return json_response(lease_out(held, person.id))


@blueprint.delete("/v1/reviews/items/<identifier>/lease")
@operation(
    Operation(
        name="releaseItem",
        summary="不再保留一筆",
        tag=TAG,
        answers={204: Answer("不再保留")},
        problems=(*SIGNED_IN, "dataset-not-found"),
    )
)
def release_item(identifier: str) -> Response:
    """Give an item back."""
    person = signed_in()
    if not release(services(), person, identifier):
        raise ProblemException("dataset-not-found")
    return Response(status=204)


@blueprint.post("/v1/reviews/items/<identifier>/notes")
@operation(
    Operation(
        name="createNote",
        summary="對一筆寫備註；以 @帳號 通知同事",
        tag=TAG,
        body=NoteIn,
        answers={201: Answer("寫好備註後的這一筆", ItemOut, _ETAG)},
        problems=(*INPUT, *SIGNED_IN, "dataset-not-found"),
    )
)
def create_note(identifier: str) -> Response:
    """Write a note."""
    person = signed_in()
    try:
        called = write_note(services(), person, identifier, parsed(NoteIn, json_body()).text)
    except WrongChoice as error:
        raise problem_of(person, error) from error
    if called is None:
        raise ProblemException("dataset-not-found")
    response = _item(person, identifier)
    response.status_code = 201
    return response


@blueprint.put("/v1/reviews/items/<identifier>/assignment")
@operation(
    Operation(
        name="putAssignment",
        summary="將一筆指派給審核者",
        tag=TAG,
        body=AssignmentIn,
        answers={200: Answer("指派", AssignmentOut)},
        problems=(*INPUT, *SIGNED_IN, "dataset-not-found"),
    )
)
def put_assignment(identifier: str) -> Response:
    """Assign an item."""
    person = signed_in()
    asked = parsed(AssignmentIn, json_body())
    _assign(person, identifier, asked.account, asked.due_on)
    return json_response(AssignmentOut(to=asked.account, dueOn=asked.due_on))


@blueprint.delete("/v1/reviews/items/<identifier>/assignment")
@operation(
    Operation(
        name="deleteAssignment",
        summary="取消指派",
        tag=TAG,
        answers={204: Answer("已取消")},
        problems=(*SIGNED_IN, "dataset-not-found"),
    )
)
def delete_assignment(identifier: str) -> Response:
    """Assign an item to nobody."""
    _assign(signed_in(), identifier, None, None)
    return Response(status=204)


def _assign(person: Person, identifier: str, account: str | None, due_on: str | None) -> None:
    try:
        known = assign(services(), person, identifier, account, due_on)
    except WrongChoice as error:
        raise problem_of(person, error) from error
    if not known:
        raise ProblemException("dataset-not-found")
