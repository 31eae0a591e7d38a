"""What the tests of the search page share: reading its results, filters and links."""

from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient

from api.services import Services
from api.services.datasets import put_dataset
from tagger import DatasetMetadata
from tests.api.review.page_reader import Node, read

HOSTILE = "<img src=x onerror=alert(1)></script>\"'\u202e火災"


def put(services: Services, *records: dict[str, object]) -> None:
    """Store datasets."""
    for record in records:
        put_dataset(services, DatasetMetadata.model_validate(record))


def search_page(client: FlaskClient, status: int = 200, /, **asked: str) -> Node:
    """The page of a search, answered with this status."""
    response = client.get("/search", query_string=asked)
    assert response.status_code == status, (asked, response.text)
    return read(response.text)


def hits(page: Node) -> list[str]:
    """The identifiers on a page, from the links of the titles."""
    return [
        hit.one("h3").one("a").attributes["href"].rpartition("/")[2] for hit in page.all("li", class_="hit")
    ]


def nearness(page: Node) -> list[bool]:
    """Of each result whether it only comes near."""
    return ["near" in hit.attributes["class"].split() for hit in page.all("li", class_="hit")]


def asked_by(link: Node) -> dict[str, str]:
    """What a link to the search page asks for."""
    address = urlsplit(link.attributes["href"])
    assert address.path == "/search"
    return dict(parse_qsl(address.query))


def facets(page: Node, name: str | None = None) -> list[Node]:
    """The links that narrow a result, by default of all filters."""
    groups = page.one("section", class_="narrow").all("nav")
    return [
        link
        for group in groups
        if name is None or group.attributes["aria-labelledby"] == f"by-{name}"
        for link in group.all("a")
    ]


def marked(node: Node) -> list[str]:
    """The marked pieces of text in an element."""
    return [mark.raw_text for mark in node.all("mark")]
