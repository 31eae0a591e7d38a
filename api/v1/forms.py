"""The forms in which one resource is answered: JSON, Turtle or JSON-LD, by Accept or by `?format=`."""

from hashlib import sha256
from typing import Literal

from flask import Response, current_app, request
from pydantic import BaseModel, ConfigDict, Field

from api.config import Settings
from api.interchange.dcat import Catalogue, catalogue
from api.interchange.rdf import MEDIA_TYPES
from api.problems import ProblemException

Form = Literal["json", "turtle", "jsonld"]
FORMS: tuple[str, ...] = tuple(MEDIA_TYPES.values())
"""The media types beside JSON, for the description of an operation."""
ACCEPT = {"Accept": "application/json、text/turtle 或 application/ld+json；瀏覽器可改用 ?format="}
"""The request header, for the description of an operation."""
RDF_ACCEPT = {"Accept": "text/turtle 或 application/ld+json；瀏覽器可改用 ?format="}
_ALL: dict[str, Form] = {
    "application/json": "json",
    MEDIA_TYPES["turtle"]: "turtle",
    MEDIA_TYPES["jsonld"]: "jsonld",
}
# Who only asks for JSON can read JSON-LD.
_RDF: dict[str, Form] = {
    MEDIA_TYPES["turtle"]: "turtle",
    MEDIA_TYPES["jsonld"]: "jsonld",
    "application/json": "jsonld",
}


class FormQuery(BaseModel):
    """Which form is wanted, for those who cannot set a header."""

    model_config = ConfigDict(extra="forbid")

    format: Form | None = Field(None, description="回覆的格式；省略時依 Accept 標頭")


class RdfQuery(BaseModel):
    """The same where there is no plain JSON."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["turtle", "jsonld"] | None = Field(None, description="回覆的格式；省略時依 Accept 標頭")


def wanted_form(asked: Form | None) -> Form:
    """JSON, Turtle or JSON-LD: what was asked for, else the best that the client accepts, else JSON."""
    return asked or _best(_ALL)


def wanted_rdf(asked: Literal["turtle", "jsonld"] | None) -> Literal["turtle", "jsonld"]:
    """Turtle or JSON-LD; Turtle for a client that accepts anything or neither."""
    return "jsonld" if (asked or _best(_RDF)) == "jsonld" else "turtle"


def _best(offered: dict[str, Form]) -> Form:
    first = next(iter(offered))
    return offered[request.accept_mimetypes.best_match(list(offered), first)]


def public_catalogue() -> Catalogue:
    """The catalogue of this service under its public address.

    Raises:
        ProblemException: none is set and the request's own is no address.
    """
    settings: Settings = current_app.extensions["settings"]
    try:
        return catalogue(settings.public_url or request.url_root, publisher=settings.catalog_publisher)
    except ValueError:
        raise ProblemException("bad-request") from None


def respond(body: bytes, form: Form, etag: str | None = None) -> Response:
    """A body in its form, with an ETag; 304 where the client has it already.

    Args:
        etag: names the state of what is shown; by default of the body itself.
    """
    media_type = MEDIA_TYPES[form] if form != "json" else "application/json"
    response = Response(body, content_type=f"{media_type}; charset=utf-8" if form == "turtle" else media_type)
    response.set_etag(etag or sha256(body).hexdigest()[:32])
    response.vary.add("Accept")
    response.make_conditional(request)
    return response
