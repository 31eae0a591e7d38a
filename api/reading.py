"""What a request carries, parsed and validated."""

from typing import Any, TypeVar

import orjson
from flask import request
from pydantic import BaseModel, ValidationError

from api.problems import ProblemException
from api.validation import InputError, input_errors

M = TypeVar("M", bound=BaseModel)
_LONGEST_KEY = 255


def json_body() -> Any:
    """The request's JSON.

    Raises:
        ProblemException: 415 for another media type, 400 for what is not JSON, naming the place.
    """
    if not request.is_json:
        raise ProblemException("unsupported-media-type")
    body = request.get_data(cache=False)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        place = f"第 {error.lineno} 行第 {error.colno} 字不符 JSON 語法，或不是 UTF-8 編碼"
        raise ProblemException("malformed-json", errors=[InputError("", place, "json_invalid")]) from error


def parsed(model: type[M], value: Any) -> M:
    """A value as a model. Raises ProblemException 422 with what is wrong and where."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise ProblemException("invalid-input", errors=input_errors(error)) from error


def query(model: type[M]) -> M:
    """The query string as a model. Raises ProblemException 400 with what is wrong."""
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise ProblemException("invalid-parameter", errors=input_errors(error)) from error


def idempotency_key() -> str | None:
    """The request's Idempotency-Key, as it was sent; None without one. Raises ProblemException 400 where it is none."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key.strip()) <= _LONGEST_KEY:
        wrong = InputError("/Idempotency-Key", f"長度應為 1 至 {_LONGEST_KEY} 字", "key_length")
        raise ProblemException("invalid-parameter", errors=[wrong])
    return key
