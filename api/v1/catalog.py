"""The catalogue as DCAT, page by page."""

from urllib.parse import urlencode

from flask import Blueprint, Response
from pydantic import Field
from rdflib import URIRef
from rdflib.namespace import RDF

from api import cursor
from api.current import services
from api.interchange.dcat import Catalogue
from api.interchange.rdf import PREFIXES, Triple
from api.openapi import Answer, Operation, operation
from api.reading import query
from api.services.interchange import catalogue_document, catalogue_page
from api.v1.forms import FORMS, RDF_ACCEPT, RdfQuery, public_catalogue, respond, wanted_rdf

blueprint = Blueprint("catalog", __name__)
_HYDRA = PREFIXES["hydra"]


class CatalogQuery(RdfQuery):
    """Which page of the catalogue, in which form."""

    cursor: str | None = Field(None, max_length=200, description="下一頁網址中的游標")
    limit: int = Field(100, ge=1, le=500, description="一頁幾個資料集")


@blueprint.get("/v1/catalog")
@operation(
    Operation(
        name="getCatalog",
        summary="以 DCAT 3 讀取資料集目錄；下一頁的網址在 Link 標頭與 hydra:next",
        tag="資料交換",
        query=CatalogQuery,
        headers=RDF_ACCEPT,
        answers={
            200: Answer(
                "一頁目錄",
                headers={"Link": '下一頁的網址（rel="next"）；最後一頁沒有', "ETag": "這份內容的版本"},
                forms=FORMS,
            ),
            304: Answer("內容未變"),
        },
        problems=("invalid-parameter", "invalid-cursor", "unavailable"),
    )
)
def get() -> Response:
    """A page of the catalogue."""
    asked = query(CatalogQuery)
    about = public_catalogue()
    page = catalogue_page(services(), cursor.decode(asked.cursor, int) if asked.cursor else 0, asked.limit)
    following = None if page.last is None else _address(about, asked, cursor.encode(page.last))
    form = wanted_rdf(asked.format)
    view = _view(about, _address(about, asked, asked.cursor), following)
    response = respond(b"".join(catalogue_document(about, page, view, form)), form)
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _address(about: Catalogue, asked: CatalogQuery, at: str | None) -> URIRef:
    parts = {"format": asked.format, "limit": str(asked.limit), "cursor": at}
    return URIRef(f"{about.iri}?{urlencode({name: part for name, part in parts.items() if part})}")


def _view(about: Catalogue, here: URIRef, following: URIRef | None) -> list[Triple]:
    """Which part of the collection this page is: https://www.hydra-cg.com/spec/latest/core/#collections."""
    view: list[Triple] = [
        (about.iri, RDF.type, URIRef(f"{_HYDRA}Collection")),
        (about.iri, URIRef(f"{_HYDRA}view"), here),
        (here, RDF.type, URIRef(f"{_HYDRA}PartialCollectionView")),
        (here, URIRef(f"{_HYDRA}first"), about.iri),
    ]
    return [*view, (here, URIRef(f"{_HYDRA}next"), following)] if following else view
