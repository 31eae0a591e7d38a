"""Decisions: taken, read, taken back; one at a time or many at once."""

import hashlib
from typing import Any

import orjson
from flask import Blueprint, Response, request

from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.problems import Collision, DecisionShown, ProblemException
from api.reading import idempotency_key, json_body, parsed
from api.services.accounts import Person
from api.services.review.bulk import SelectionChanged
from api.services.review.choosing import Choice, WrongChoice
from api.services.review.deciding import (
    Decided,
    NotYours,
    OtherAgency,
    StaleDecision,
    ThirdNeeded,
    decide,
    undo,
)
from api.services.review.viewing import history, one_decision
from api.v1.review_schemas import (
    DecisionIn,
    DecisionList,
    DecisionOut,
)
from api.v1.review_shapes import decision_out
from api.validation import InputError
from models.idempotency import KeyReused, RequestKey

blueprint = Blueprint("decisions", __name__)
_ETAG = {"ETag": "資料集的新版本；重送的請求沒有，因為之後可能又有變更"}
TAG = "審核"
SIGNED_IN = ("unauthorized", "forbidden", "cross-site", "unavailable")
INPUT = ("malformed-json", "unsupported-media-type", "invalid-input", "body-too-large")
KEY = {"Idempotency-Key": "同一個值重送同樣的內容，只會有一個決定"}


@blueprint.post("/v1/datasets/<identifier>/decisions")
@operation(
    Operation(
        name="createDecision",
        summary="對一個資料集做決定：核可、維持原分類、退回、略過或標記",
        tag=TAG,
        body=DecisionIn,
        headers={"If-Match": "必填；讀取資料集時得到的 ETag", **KEY},
        answers={201: Answer("決定", DecisionOut, {**_ETAG, "Location": "決定的網址"})},
        problems=(
            *INPUT,
            *SIGNED_IN,
            "dataset-not-found",
            "precondition-required",
            "precondition-failed",
            "third-reviewer-needed",
            "idempotency-key-reused",
            "invalid-parameter",
        ),
    )
)
def create(identifier: str) -> Response:
    """Decide on a dataset."""
    person = signed_in()
    wanted = parsed(DecisionIn, json_body())
    if "If-Match" not in request.headers:
        raise ProblemException("precondition-required")
    expected = next(iter(request.if_match.as_set()), "")
    key = request_key(wanted.model_dump_json(by_alias=True), identifier)
    decided = taken(person, identifier, wanted, expected, request_key=key)
    return _respond(person, decided, 201)


def request_key(body: str, *more: str) -> RequestKey | None:
    """The request's Idempotency-Key with the hash of what it says; None without one."""
    key = idempotency_key()
    if key is None:
        return None
    return RequestKey(key.strip(), hashlib.sha256("\n".join((*more, body)).encode()).hexdigest())


def taken(
    person: Person,
    identifier: str,
    wanted: DecisionIn,
    expected: str,
    *,
    batch: str | None = None,
    request_key: RequestKey | None = None,
) -> Decided:
    """A decision of validated input.

    Raises:
        ProblemException: it cannot be taken.
    """
    choice = Choice(
        wanted.kind,
        wanted.category_code,
        tuple(wanted.accepted_labels),
        tuple(wanted.rejected_labels),
        wanted.reason,
    )
    try:
        decided = decide(
            services(), person, identifier, choice, expected, batch=batch, request_key=request_key
        )
    except StaleDecision as error:
        raise _collision(choice, error) from error
    except (WrongChoice, ThirdNeeded, OtherAgency, KeyReused) as error:
        raise problem_of(person, error) from error
    if decided is None:
        raise ProblemException("dataset-not-found")
    return decided


def problem_of(person: Person, error: Exception) -> ProblemException:
    """The problem that an exception of the use cases is."""
    if isinstance(error, WrongChoice):
        wrong = InputError(f"/{error.field}", error.detail, "unfit")
        return ProblemException("invalid-input", errors=[wrong])
    if isinstance(error, OtherAgency):
        return ProblemException("forbidden", f"這個帳號只能審核「{person.publisher}」的資料集。")
    if isinstance(error, NotYours):
        return ProblemException("forbidden", "這個決定是別人的，或不在您最近的 10 個決定之內，請洽管理者。")
    kinds = {
        ThirdNeeded: "third-reviewer-needed",
        KeyReused: "idempotency-key-reused",
        SelectionChanged: "selection-changed",
    }
    return ProblemException(kinds[type(error)])


def _collision(choice: Choice, error: StaleDecision) -> ProblemException:
    standing, last = error.current.standing, error.last
    current = DecisionShown(
        categoryCode=standing.category_code,
        labels=[one.label for one in standing.approved],
        decidedBy=last.name if last else None,
        decidedAt=last.created_at.isoformat() if last else None,
    )
    submitted = DecisionShown(categoryCode=choice.category_code, labels=list(choice.accepted))
    return ProblemException("precondition-failed", collision=Collision(current, submitted))


@blueprint.get("/v1/datasets/<identifier>/decisions")
@operation(
    Operation(
        name="listDecisions",
        summary="一個資料集的決定，新的在前",
        tag=TAG,
        answers={200: Answer("決定", DecisionList)},
        problems=(*SIGNED_IN, "dataset-not-found"),
    )
)
def list_(identifier: str) -> Response:
    """The decisions on a dataset."""
    person = signed_in()
    rows = history(services(), person, identifier)
    if rows is None:
        raise ProblemException("dataset-not-found")
    return json_response(DecisionList(decisions=[decision_out(row) for row in rows]))


@blueprint.get("/v1/decisions/<int(max=9223372036854775807):decision_id>")
@operation(
    Operation(
        name="getDecision",
        summary="讀取一個決定",
        tag=TAG,
        answers={200: Answer("決定", DecisionOut)},
        problems=(*SIGNED_IN, "decision-not-found"),
    )
)
def get(decision_id: int) -> Response:
    """One decision."""
    row = one_decision(services(), signed_in(), decision_id)
    if row is None:
        raise ProblemException("decision-not-found")
    return json_response(decision_out(row))


@blueprint.post("/v1/decisions/<int(max=9223372036854775807):decision_id>/undo")
@operation(
    Operation(
        name="undoDecision",
        summary="復原一個決定；只能復原自己最近的 10 個，管理者不限",
        tag=TAG,
        answers={201: Answer("復原的紀錄", DecisionOut, _ETAG)},
        problems=(*SIGNED_IN, "decision-not-found"),
    )
)
def undo_one(decision_id: int) -> Response:
    """Take a decision back."""
    return _undone(signed_in(), decision_id)


@blueprint.post("/v1/decisions/undo")
@operation(
    Operation(
        name="undoLastDecision",
        summary="復原自己的上一個決定",
        tag=TAG,
        answers={201: Answer("復原的紀錄", DecisionOut, _ETAG)},
        problems=(*SIGNED_IN, "decision-not-found"),
    )
)
def undo_last() -> Response:
    """Take the last decision back."""
    return _undone(signed_in(), None)


def _undone(person: Person, decision_id: int | None) -> Response:
    try:
        undone = undo(services(), person, decision_id)
    except (NotYours, OtherAgency) as error:
        raise problem_of(person, error) from error
    if undone is None:
        raise ProblemException("decision-not-found")
    return _respond(person, undone, 201)


def _respond(person: Person, decided: Decided, status: int) -> Response:
    row = one_decision(services(), person, decided.decision_id)
    if row is None:
        raise LookupError(decided.decision_id)
    response = json_response(decision_out(row), status)
    response.location = f"/v1/decisions/{decided.decision_id}"
    if decided.etag is not None:
        response.set_etag(decided.etag)
    return response


def json_response(content: Any, status: int = 200) -> Response:
    """Content as JSON."""
    return Response(orjson.dumps(content), status, content_type="application/json")
