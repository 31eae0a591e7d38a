"""Deciding on many look-alikes at once, and taking a batch back."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from api.access import may
from api.current import services
from api.identity import signed_in
from api.problems import ProblemException
from api.review.reviewing.asking import QUEUE_NAMES, addressed, asked_filters
from api.services.accounts import Person
from api.services.review.bulk import (
    ACCEPT,
    KEEP_DECLARED,
    MOST,
    Bulk,
    SelectionChanged,
    Wanted,
    apply_bulk,
    last_batches,
    preview_bulk,
    undo_batch,
)
from api.services.review.choosing import WrongChoice
from api.services.review.deciding import NotYours, OtherAgency
from models.review.queue import MINE, QueueFilters
from models.review.tables import CONFIDENT, MISMATCH, UNCERTAIN
from tagger.categories import categories

ACTION_NAMES = {ACCEPT: "核可建議的分類與標籤", KEEP_DECLARED: "維持所填的分類"}
_LEAST = "0.9"

blueprint = Blueprint("batches", __name__)


@blueprint.get("/review/bulk")
def show() -> str:
    """The filter, and what it would decide."""
    person = signed_in()
    filters, action = _asked()
    if not _is_asked():
        return _page(person, filters, action, None)
    try:
        return _page(person, filters, action, preview_bulk(services(), Wanted(filters, action)))
    except WrongChoice as error:
        return _page(person, filters, action, None, error.detail)


@blueprint.post("/review/bulk")
def apply() -> ResponseReturnValue:
    """Take the batch that was looked at."""
    person = signed_in()
    filters, action = _asked()
    selection = request.form.get("selection", "")
    reason = request.form.get("reason", "").strip() or None
    try:
        batch = apply_bulk(services(), person, Wanted(filters, action), selection, reason=reason)
    except SelectionChanged:
        found = preview_bulk(services(), Wanted(filters, action))
        message = "在您閱讀時，符合條件的資料集已有變更。請再看一次下面的內容後送出。"
        return _page(person, filters, action, found, message), 409
    except WrongChoice as error:
        return _page(person, filters, action, None, error.detail), 422
    except OtherAgency:
        detail = f"您的帳號只能審核「{person.publisher}」的資料集，請在條件中指定該機關。"
        return _page(person, filters, action, None, detail), 403
    return redirect(url_for("review.batches.show", done=batch.batch), 303)


@blueprint.post("/review/bulk/<batch>/undo")
def take_back(batch: str) -> ResponseReturnValue:
    """Take a whole batch back."""
    person = signed_in()
    undo(person, batch)
    return redirect(url_for("review.batches.show", undone=batch), 303)


def undo(person: Person, batch: str) -> None:
    """Take a batch back.

    Raises:
        ProblemException: there is no such batch, or it is not the person's to take back.
    """
    try:
        undone = undo_batch(services(), person, batch)
    except NotYours:
        raise ProblemException("forbidden", "這一批是別人決定的，請由本人或管理者復原。") from None
    except OtherAgency:
        detail = f"您的帳號只能審核「{person.publisher}」的資料集。"
        raise ProblemException("forbidden", detail) from None
    if undone is None:
        raise ProblemException("not-found", "沒有這一批決定，請從整批處理的清單選擇。")


def _is_asked() -> bool:
    return any(
        request.values.get(name) for name in ("publisher", "titlePattern", "categoryCode", "suggestedCode")
    )


def _asked() -> tuple[QueueFilters, str]:
    """The filter and what is to be done; without another word suggestions are accepted from 0.9 on."""
    values = request.values.to_dict()
    action = values.get("action") or ACCEPT
    if action not in ACTION_NAMES:
        raise ProblemException("invalid-parameter", "沒有這種整批處理，請從整批處理的頁面選擇。")
    # The random check must stay random: who clears the confident ones at once leaves them to it.
    confident = values.get("queue") == CONFIDENT
    if confident:
        values["queue"] = UNCERTAIN
    if values.get("confidenceFrom") is None and action == ACCEPT:
        values["confidenceFrom"] = _LEAST
    filters = asked_filters(values)
    if filters.queue == MINE:
        filters = filters._replace(queue=MISMATCH)
    return filters._replace(queue=CONFIDENT) if confident else filters, action


def _page(person: Person, filters: QueueFilters, action: str, found: Bulk | None, error: str = "") -> str:
    return render_template(
        "review/bulk.html",
        filters=filters,
        asked=addressed(filters),
        action=action,
        actions=ACTION_NAMES,
        queues={MISMATCH: QUEUE_NAMES[MISMATCH], UNCERTAIN: QUEUE_NAMES[UNCERTAIN], CONFIDENT: "高信心"},
        found=found,
        most=MOST,
        error=error,
        categories=categories(),
        batches=last_batches(services(), person),
        done=request.args.get("done"),
        undone=request.args.get("undone"),
        may_decide=may("review.batches.apply"),
    )
