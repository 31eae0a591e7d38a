"""Many decisions in one request: listed one by one, or chosen by a filter."""

import hashlib
import uuid
from typing import Any

from flask import Blueprint, Response
from pydantic import ValidationError

from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.problems import Problem, ProblemException, invalid_input
from api.reading import json_body, parsed
from api.services.accounts import Person
from api.services.review.bulk import (
    SelectionChanged,
    Wanted,
    apply_bulk,
    batch_rows,
    preview_bulk,
    undo_batch,
)
from api.services.review.choosing import WrongChoice
from api.services.review.deciding import NotYours, OtherAgency
from api.services.review.viewing import one_decision
from api.v1.decisions import INPUT, KEY, SIGNED_IN, TAG, json_response, problem_of, request_key, taken
from api.v1.review_schemas import (
    ACTIONS,
    BatchOut,
    BatchShown,
    DecisionBatchIn,
    DecisionOut,
    FailedDecision,
    ListedDecisionIn,
    ListedDecisionsOut,
    PreviewOut,
    SelectionIn,
)
from api.v1.review_shapes import decision_out, filters_of, preview_out
from api.validation import InputError
from models.idempotency import KeyReused, RequestKey

blueprint = Blueprint("decision_batches", __name__)
_LISTS = uuid.UUID("5f0c2f6e-8f6b-4d43-9b0e-6b3f4c1f7a55")


@blueprint.post("/v1/decisions:batch")
@operation(
    Operation(
        name="createDecisionBatch",
        summary="一批決定：逐筆列出，一筆有誤不影響其他筆；或以條件選出，先預覽再送出",
        tag=TAG,
        body=DecisionBatchIn,
        headers=KEY,
        answers={
            200: Answer("條件的預覽，或逐筆的結果", PreviewOut | ListedDecisionsOut),
            201: Answer("條件選出的一批", BatchOut, {"Location": "這一批的網址"}),
        },
        problems=(
            *INPUT,
            *SIGNED_IN,
            "selection-changed",
            "idempotency-key-reused",
            "invalid-parameter",
        ),
    )
)
def create_batch() -> Response:
    """Decide on many datasets."""
    person = signed_in()
    wanted = parsed(DecisionBatchIn, json_body())
    if (wanted.decisions is None) == (wanted.selection is None):
        wrong = InputError("", "decisions 與 selection 應擇一填寫", "one_of")
        raise ProblemException("invalid-input", errors=[wrong])
    if wanted.decisions is not None:
        return json_response(_listed(person, wanted.decisions))
    selection = wanted.selection or SelectionIn()
    chosen = Wanted(filters_of(selection), ACTIONS[wanted.action], selection.excluded)
    if not wanted.preview and wanted.selection_tag is None:
        wrong = InputError("/selectionTag", "送出時必填；請先預覽，再附上預覽得到的值", "missing")
        raise ProblemException("invalid-input", errors=[wrong])
    try:
        if wanted.preview:
            return json_response(preview_out(preview_bulk(services(), chosen)))
        made = apply_bulk(
            services(),
            person,
            chosen,
            wanted.selection_tag or "",
            reason=wanted.reason,
            request_key=request_key(wanted.model_dump_json(by_alias=True)),
        )
    except WrongChoice as error:
        raise _wrong_selection(error) from error
    except (SelectionChanged, OtherAgency, KeyReused) as error:
        raise problem_of(person, error) from error
    response = json_response(BatchOut(batch=made.batch, datasets=made.datasets), 201)
    response.location = f"/v1/batches/{made.batch}"
    return response


def _wrong_selection(error: WrongChoice) -> ProblemException:
    places = {"reason": "/reason", "filter": "/selection"}
    place = places.get(error.field, f"/selection/{error.field}")
    return ProblemException("invalid-input", errors=[InputError(place, error.detail, "unfit")])


def _listed(person: Person, items: list[Any]) -> ListedDecisionsOut:
    key = request_key("")
    # Sent again with its key, the list is the same batch, and each of its decisions the same decision.
    batch = str(uuid.uuid5(_LISTS, f"{person.id} {key.key}") if key else uuid.uuid4())
    results: list[DecisionOut | FailedDecision] = []
    seen: set[object] = set()
    for item in items:
        identifier = item.get("identifier") if isinstance(item, dict) else None
        try:
            if isinstance(identifier, str) and identifier in seen:
                twice = InputError("/identifier", "這批裡已有同一筆資料集，請分批送出", "twice")
                raise ProblemException("invalid-input", errors=[twice])
            seen.add(identifier if isinstance(identifier, str) else None)
            asked = ListedDecisionIn.model_validate(item)
            expected = asked.if_match.removeprefix("W/").strip('"')
            own_key = _own_key(key, asked)
            decided = taken(person, asked.identifier, asked, expected, batch=batch, request_key=own_key)
        except ValidationError as error:
            results.append(_failed(identifier, invalid_input(error)))
        except ProblemException as error:
            results.append(_failed(identifier, error.document))
        else:
            row = one_decision(services(), person, decided.decision_id)
            assert row is not None  # noqa: S101 - it was written just now
            results.append(decision_out(row))
    failed = sum("problem" in result for result in results)
    return ListedDecisionsOut(batch=batch, results=results, failed=failed)


def _own_key(key: RequestKey | None, asked: ListedDecisionIn) -> RequestKey | None:
    """The key of one decision of a list that came with a key."""
    if key is None:
        return None
    own = hashlib.sha256(f"{key.key} {asked.identifier}".encode()).hexdigest()
    said = asked.model_dump_json(by_alias=True)
    return RequestKey(own, hashlib.sha256(said.encode()).hexdigest())


def _failed(identifier: object, problem: Problem) -> FailedDecision:
    return FailedDecision(identifier=identifier if isinstance(identifier, str) else None, problem=problem)


@blueprint.get("/v1/batches/<batch>")
@operation(
    Operation(
        name="getDecisionBatch",
        summary="一批決定及其內容",
        tag=TAG,
        answers={200: Answer("一批決定", BatchShown)},
        problems=(*SIGNED_IN, "decision-not-found"),
    )
)
def get_batch(batch: str) -> Response:
    """One batch."""
    rows = batch_rows(services(), signed_in(), batch)
    if not rows:
        raise ProblemException("decision-not-found")
    return json_response(BatchShown(batch=batch, decisions=[decision_out(row) for row in rows]))


@blueprint.post("/v1/batches/<batch>/undo")
@operation(
    Operation(
        name="undoDecisionBatch",
        summary="整批復原；其中已復原的不再動",
        tag=TAG,
        answers={201: Answer("復原了幾筆", BatchOut)},
        problems=(*SIGNED_IN, "decision-not-found"),
    )
)
def undo_all(batch: str) -> Response:
    """Take a batch back."""
    person = signed_in()
    try:
        undone = undo_batch(services(), person, batch)
    except (NotYours, OtherAgency) as error:
        raise problem_of(person, error) from error
    if undone is None:
        raise ProblemException("decision-not-found")
    return json_response(BatchOut(batch=batch, datasets=undone.datasets), 201)
