"""Where the next page begins, as an opaque text that only this service can make."""

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from api.problems import ProblemException

_SALT = "page"


def encode(after_id: int) -> str:
    """The cursor of the page after the dataset with this key."""
    return str(_signer().dumps(after_id))


def decode(text: str) -> int:
    """The key that a cursor was made of. Raises ProblemException where it was not made here."""
    try:
        after_id = _signer().loads(text)
    except BadSignature:
        raise ProblemException("invalid-cursor") from None
    if not isinstance(after_id, int):
        raise ProblemException("invalid-cursor")
    return after_id


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_SALT)
