"""One item: shown, decided, talked about, and taken back."""

import re

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from api.access import may
from api.current import services
from api.identity import signed_in
from api.problems import ProblemException
from api.review.reviewing.asking import (
    QUEUE_NAMES,
    address_of,
    addressed,
    asked_filters,
)
from api.review.reviewing.showing import DECISION_NAMES, DID, Typed, next_answer, shown_item
from api.services.accounts import Person
from api.services.review.advancing import position
from api.services.review.choosing import Choice, WrongChoice
from api.services.review.deciding import (
    NotYours,
    OtherAgency,
    StaleDecision,
    ThirdNeeded,
    decide,
    undo,
    unflag,
)
from api.services.review.notes import assign, remove_reply, save_reply, write_note
from api.services.review.viewing import open_item
from api.v1.review_shapes import position_in, position_out
from models.decision import DECIDE, FLAG, REJECT, SETTLING, SKIP
from models.review.queue import Position
from tagger.categories import category_names

blueprint = Blueprint("items", __name__)
_SETTLING_OR_NOT = (*SETTLING, SKIP, FLAG)
_BETWEEN = re.compile("[、,，;；\n]")


@blueprint.get("/review/items/<identifier>")
def show(identifier: str) -> ResponseReturnValue:
    """One item."""
    person = signed_in()
    return _item(person, identifier, DID.get(request.args.get("did", ""), ""))


@blueprint.post("/review/items/<identifier>/decision")
def decide_item(identifier: str) -> ResponseReturnValue:
    """Take the form's decision and go on to the next item."""
    person = signed_in()
    kind = request.form.get("kind", DECIDE)
    if kind == "unflag":
        unflag(services(), person, identifier)
        return _done(person, identifier, "unflag")
    try:
        choice = _choice(kind)
        return _decided(person, identifier, choice)
    except WrongChoice as error:
        typed = Typed(
            error.detail,
            request.form.get("reason", ""),
            category=request.form.get("category"),
            other=request.form.get("otherCategory"),
            accepted=tuple(request.form.getlist("accepted")),
        )
        return _item(person, identifier, status=422, typed=typed)


def _decided(person: Person, identifier: str, choice: Choice) -> ResponseReturnValue:
    try:
        decided = decide(services(), person, identifier, choice, request.form.get("etag", ""))
    except StaleDecision as error:
        return _conflict(identifier, choice, error), 412
    except ThirdNeeded:
        return _onward(person, "這筆的兩個意見不同，其中一個是您的，須由第三人決定")
    except OtherAgency:
        typed = Typed(f"您的帳號只能審核「{person.publisher}」的資料集。")
        return _item(person, identifier, status=422, typed=typed)
    if decided is None:
        raise ProblemException("dataset-not-found")
    if request.form.get("saveReason") and choice.reason:
        save_reply(services(), person, choice.reason)
    said = _said(choice, request.form.get("title", ""))
    if choice.kind == FLAG:
        return _done(person, identifier, FLAG)
    return _onward(person, said, choice.kind)


def _done(person: Person, identifier: str, did: str, said: str = "") -> ResponseReturnValue:
    """The item again after something was done with it; by an address of its own, so that reloading repeats nothing."""
    if "HX-Request" in request.headers:
        return _item(person, identifier, said or DID[did])
    at = request.form.get("at") or None
    filters = asked_filters(request.form)
    return redirect(address_of("review.items.show", filters, identifier=identifier, at=at, did=did), 303)


def _onward(person: Person, said: str, did: str | None = None) -> ResponseReturnValue:
    filters = asked_filters(request.form)
    if "HX-Request" in request.headers:
        return next_answer(person, filters, _at(), said)
    return redirect(address_of("review.queue.follow", filters, after=position_out(_at()), did=did), 303)


@blueprint.post("/review/undo")
def take_back() -> ResponseReturnValue:
    """Take the person's last decision back and show what it was about."""
    person = signed_in()
    filters = asked_filters(request.form)
    try:
        undone = undo(services(), person)
    except (NotYours, OtherAgency):
        undone = None
    if undone is None:
        said = "沒有可以復原的決定"
        return next_answer(person, filters, _at(), said)
    at = position(services(), undone.identifier)
    if "HX-Request" in request.headers:
        said = f"已復原「{DECISION_NAMES[undone.kind]}」，請重新決定"
        return _item(person, undone.identifier, said, at=at)
    place = position_out(at)
    address = address_of("review.items.show", filters, identifier=undone.identifier, at=place, did="undo")
    return redirect(address, 303)


@blueprint.post("/review/items/<identifier>/notes")
def note(identifier: str) -> ResponseReturnValue:
    """Write a note."""
    person = signed_in()
    text = request.form.get("text", "")
    try:
        called = write_note(services(), person, identifier, text)
    except WrongChoice as error:
        return _item(person, identifier, status=422, typed=Typed(error.detail, note=text))
    names = "、".join(one.display_name for one in called or ())
    return _done(person, identifier, "note", f"已加上備註，並通知{names}" if names else "")


@blueprint.post("/review/items/<identifier>/assignment")
def assignment(identifier: str) -> ResponseReturnValue:
    """Assign an item to somebody, or to nobody."""
    person = signed_in()
    name = request.form.get("account") or None
    try:
        assign(services(), person, identifier, name, request.form.get("dueOn") or None)
    except WrongChoice as error:
        return _item(person, identifier, status=422, typed=Typed(error.detail))
    return _done(person, identifier, "assign" if name else "unassign")


@blueprint.post("/review/items/<identifier>/replies")
def forget_reply(identifier: str) -> ResponseReturnValue:
    """Forget a kept reason."""
    person = signed_in()
    remove_reply(services(), person, request.form.get("reply", 0, type=int))
    return _done(person, identifier, "forget")


def _item(
    person: Person,
    identifier: str,
    said: str = "",
    status: int = 200,
    typed: Typed | None = None,
    at: Position | None = None,
) -> ResponseReturnValue:
    view = open_item(services(), person, identifier, lease=may("review.items.decide_item"))
    if view is None:
        raise ProblemException(
            "dataset-not-found", f"沒有識別碼為「{identifier}」的資料集。請從審核佇列重新選擇。"
        )
    values = request.values
    at = at or position_in(values.get("at")) or position(services(), identifier)
    return shown_item(person, asked_filters(values), at, view, said, status, typed)


def _at() -> Position | None:
    return position_in(request.form.get("at"))


def _choice(kind: str) -> Choice:
    """The decision that the form carries.

    Raises:
        WrongChoice: it is no kind of decision, or a skip without a reason.
    """
    if kind not in _SETTLING_OR_NOT:
        raise WrongChoice("kind", "不是可以做的決定，請用頁面上的按鈕。")
    reason = request.form.get("reason", "").strip() or request.form.get("reply", "").strip() or None
    if kind in (SKIP, FLAG):
        return Choice(kind, reason=reason)
    shown = request.form.getlist("shown")
    # Who sends all back says that none of it is right; else the labels are as they were toggled.
    accepted = [] if kind == REJECT else request.form.getlist("accepted") + _added()
    return Choice(
        kind,
        _category() if kind == DECIDE else None,
        tuple(dict.fromkeys(accepted)),
        tuple(label for label in shown if label not in accepted),
        reason,
    )


def _category() -> str | None:
    return request.form.get("otherCategory") or request.form.get("category") or None


def _added() -> list[str]:
    """Labels that the reviewer typed."""
    return [label.strip() for label in _BETWEEN.split(request.form.get("added", "")) if label.strip()]


def _said(choice: Choice, title: str) -> str:
    name = DECISION_NAMES[choice.kind]
    chosen = (
        f" {choice.category_code} {category_names()[choice.category_code]}" if choice.category_code else ""
    )
    return f"已{name}{chosen if choice.kind == DECIDE else ''}：{title}"


def _conflict(identifier: str, mine: Choice, error: StaleDecision) -> str:
    return render_template(
        "review/conflict.html",
        identifier=identifier,
        mine=mine,
        current=error.current,
        last=error.last,
        fragment="HX-Request" in request.headers,
        form=[(name, value) for name, value in request.form.items(multi=True) if name != "etag"],
        filters=asked_filters(request.form),
        asked=addressed(asked_filters(request.form)),
        queues=QUEUE_NAMES,
        decision_names=DECISION_NAMES,
        title=error.current.metadata["title"],
    )
