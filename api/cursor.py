"""Where the next page begins, as an opaque text that only this service can make."""

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import TypeAdapter, ValidationError

from api.problems import ProblemException

_SALT = "page"


def encode(key: object) -> str:
    """The cursor of the page after a key: numbers, texts, or a list of them."""
    return str(_signer().dumps(key))


def decode(text: str, kind: Any) -> Any:
    """The key that a cursor was made of.

    Args:
        text: the cursor.
        kind: the type that the key must have.

    Raises:
        ProblemException: it was not made here, or for another list.
    """
    try:
        return TypeAdapter(kind).validate_python(_signer().loads(text))
    except (BadSignature, ValidationError):
        raise ProblemException("invalid-cursor") from None


def keys() -> list[str]:
    """What is signed with, as itsdangerous takes it: the last one signs, the others still hold."""
    return [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(keys(), salt=_SALT)
