"""What holds for every page."""

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import api
from api.problems import KINDS
from api.services import Services
from api.services.accounts import Person
from api.services.datasets import put_dataset
from tagger import DatasetMetadata
from tests.api.people import signed_in_client
from tests.api.review.page_reader import Node, read

STATIC = Path(api.__file__).parent / "static"
REVIEW = (
    "/review",
    "/review?queue=mine",
    "/review/items/A-1",
    "/review/bulk?publisher=勞動部",
    "/review/cleanup",
    "/review/cleanup/group?suggestedCode=500&titlePattern=職業災害統計",
    "/review/vocabulary?least=1",
    "/review/dashboard",
    "/review/monthly",
    "/review/readiness",
    "/review/readiness?publisher=勞動部",
    "/review/jobs",
    "/review/jobs?state=open",
    "/review/statistics",
)
"""Pages that only reviewers see."""
ADMINISTRATION = ("/review/jobs/new", "/review/jobs/new?mode=all", "/review/jobs/new?mode=all&query=%22x")
"""Pages that only administrators see, the last of them with a fault to tell."""
ADDRESSES = {
    "/sign-in": 200,
    "/": 200,
    "/?example=1": 200,
    "/datasets": 200,
    "/datasets?mismatched=true": 200,
    "/datasets/A-1": 200,
    "/datasets/A-1/correction-note": 200,
    "/datasets/NOPE": 404,
    "/themes": 200,
    "/themes/NOPE": 404,
    "/relevance": 200,
    "/docs": 200,
    "/nowhere": 404,
    "/problems/nowhere": 404,
    **{f"/problems/{kind}": 200 for kind in KINDS},
}


@pytest.fixture
def pages(
    app: Flask, client: FlaskClient, services: Services, reviewer: Person, administrator: Person
) -> dict[str, Node]:
    """Every page under its address, with a dataset and a job in the store."""
    metadata = {"identifier": "A-1", "title": "職業災害統計", "categoryCode": "I00"}
    put_dataset(services, DatasetMetadata.model_validate(metadata))
    read_pages: dict[str, Node] = {}
    for address, status in ADDRESSES.items():
        response = client.get(address, headers={"Accept": "text/html"})
        assert (response.status_code, response.content_type) == (status, "text/html; charset=utf-8"), address
        read_pages[address] = read(response.text)
    signed_in = signed_in_client(app, reviewer)
    for address in REVIEW:
        response = signed_in.get(address)
        assert response.status_code == 200, address
        read_pages[address] = read(response.text)
    signed_in = signed_in_client(app, administrator)
    started = signed_in.post("/review/jobs/new", data={"mode": "all"}).location
    for address in (*ADMINISTRATION, "/review/jobs", started):
        response = signed_in.get(address)
        assert response.status_code in {200, 422}, address
        read_pages[f"{address} (administrator)"] = read(response.text)
    return read_pages


def _text_of(client: FlaskClient, address: str) -> str:
    with client.get(address) as response:
        assert response.status_code == 200, address
        return response.text


def test_pages_keep_to_the_security_policy(pages: dict[str, Node]) -> None:
    for address, page in pages.items():
        for node in page:
            assert node.tag != "style", address
            assert not [name for name in node.attributes if name == "style" or name.startswith("on")], address
            if node.tag == "script":
                assert "src" in node.attributes, address
                assert not node.raw_text.strip(), address


def test_pages_refer_to_no_other_host_and_every_file_is_there(
    pages: dict[str, Node], client: FlaskClient
) -> None:
    files: set[str] = set()
    for page in pages.values():
        for node in page:
            for name in ("href", "src", "action", "hx-post", "hx-get", "data-description"):
                address = node.attributes.get(name, "#")
                assert re.match(r"#|/(?!/)", address), address
                if node.tag in {"link", "script", "img"} and address != "#":
                    files.add(address)
    assert len(files) > 5
    for address in files:
        assert _text_of(client, address)


def test_pages_have_the_landmarks_that_readers_use(pages: dict[str, Node]) -> None:
    for address, page in pages.items():
        assert page.one("html").attributes["lang"] == "zh-Hant-TW", address
        assert page.one("h1").text, address
        assert page.one("head").one("title").text.endswith("｜資料集分類建議"), address
        assert [len(page.all(tag)) for tag in ("main", "header", "footer")] == [1, 1, 1], address
        skip = next(node for node in page.one("body") if node.tag == "a")
        assert skip.attributes["href"] == f"#{page.one('main').attributes['id']}", address


def test_ids_are_unique_and_fields_are_labelled(pages: dict[str, Node]) -> None:
    for address, page in pages.items():
        ids = [node.attributes["id"] for node in page if "id" in node.attributes]
        assert len(ids) == len(set(ids)), address
        pointed = [node.attributes.get("aria-describedby", "") for node in page]
        assert set(" ".join(pointed).split()) <= set(ids), address
        labelled = {label.attributes.get("for") for label in page.all("label")}
        wrapped = [field for label in page.all("label") for field in label.all("input")]
        shown = [field for field in page.all("input") if field.attributes.get("type") != "hidden"]
        for field in [*shown, *page.all("textarea"), *page.all("select")]:
            assert field.attributes.get("id") in labelled or field in wrapped, address


def test_user_text_is_never_marked_safe() -> None:
    for template in (STATIC.parent / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup", text), template.name


def test_navigation_says_where_one_is(client: FlaskClient) -> None:
    for address, name in {"/": "建議", "/datasets": "資料集", "/docs": "API 文件"}.items():
        page = read(client.get(address).text)
        assert page.one("header").one("a", **{"aria-current": "page"}).text == name


def test_docs_page_starts_swagger_ui_from_own_files(client: FlaskClient) -> None:
    page = read(client.get("/docs").text)
    description = page.by_id("swagger-ui").attributes["data-description"]
    assert client.get(description).get_json()["openapi"].startswith("3.1")
    sources = [script.attributes["src"] for script in page.all("script")]
    assert sources[0].endswith("swagger-ui-bundle.js")
    assert sources[1].endswith("docs.js")
    assert "validatorUrl: null" in _text_of(client, sources[1])


def test_problem_pages_explain_their_kind(pages: dict[str, Node]) -> None:
    for kind, known in KINDS.items():
        page = pages[f"/problems/{kind}"]
        assert kind in page.one("h1").text
        assert known["meaning"] in page.one("p", class_="lead").text
        assert page.one("dl").described()["HTTP 狀態"].text == str(known["status"])


def test_htmx_runs_without_eval_and_inline_styles(client: FlaskClient) -> None:
    config = read(client.get("/").text).one("meta", name="htmx-config").attributes["content"]
    for setting in (
        '"includeIndicatorStyles": false',
        '"allowEval": false',
        '"selfRequestsOnly": true',
        '"historyCacheSize": 0',
    ):
        assert setting in config


def test_vendored_files_are_the_ones_described() -> None:
    described = dict(
        re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (STATIC / "vendor/README.md").read_text())
    )
    files = {
        str(path.relative_to(STATIC / "vendor")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").glob("*/*")
    }
    assert files == described


def test_stylesheet_fits_the_head_and_loads_nothing() -> None:
    css = (STATIC / "app.css").read_text(encoding="utf-8")
    assert len(css.splitlines()) < 400
    assert "url(" not in css
    assert "@import" not in css
