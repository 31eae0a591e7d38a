"""Datasets and the catalogue as DCAT over REST."""

import warnings

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, SKOS
from werkzeug.test import TestResponse

from api.config import Settings
from api.services import Services
from models.catalogue import find_dataset
from models.deciding import DecisionRecord, LabelChoice, record_decisions
from models.vocabulary import ConceptRecord, LabelRecord, read_concepts, store_concepts
from tagger.retrieval.lexemes import compact

BODY = {"title": "職業災害統計", "publisher": "勞動部", "categoryCode": "I00", "keyword": ["職災"]}
BASE = "http://localhost/"
HYDRA = "http://www.w3.org/ns/hydra/core#"


def graph_of(answer: TestResponse) -> Graph:
    """What a client understands of an answer."""
    assert answer.status_code == 200, answer.text
    form = "json-ld" if "ld+json" in answer.content_type else "turtle"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return Graph().parse(data=answer.data, format=form)


def decide(services: Services, identifier: str, code: str | None, *labels: LabelChoice) -> None:
    """Record what a reviewer decided."""
    with services.database.writing() as session:
        dataset = find_dataset(session, identifier)
        assert dataset is not None
        assert dataset.current_revision_id is not None
        record_decisions(
            session,
            [DecisionRecord(dataset.id, dataset.current_revision_id, category_code=code, accepted=labels)],
        )


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        ("", None, "application/json"),
        ("", "*/*", "application/json"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("", "text/turtle", "text/turtle; charset=utf-8"),
        ("", "application/ld+json", "application/ld+json"),
        ("", "application/json;q=0.5, text/turtle", "text/turtle; charset=utf-8"),
        ("?format=turtle", "application/json", "text/turtle; charset=utf-8"),
        ("?format=jsonld", None, "application/ld+json"),
        ("?format=json", "text/turtle", "application/json"),
    ],
)
def test_a_dataset_comes_in_the_form_that_is_asked_for(
    workflow: FlaskClient, query: str, accept: str | None, content_type: str
) -> None:
    workflow.put("/v1/datasets/A-1", json=BODY)
    answer = workflow.get(f"/v1/datasets/A-1{query}", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type) == (200, content_type)
    assert "Accept" in answer.headers["Vary"]
    again = workflow.get(
        f"/v1/datasets/A-1{query}",
        headers={"If-None-Match": answer.headers["ETag"], **({"Accept": accept} if accept else {})},
    )
    assert (again.status_code, again.data) == (304, b"")


def test_the_description_carries_what_reviewers_approved(workflow: FlaskClient, services: Services) -> None:
    workflow.put("/v1/datasets/A-1", json=BODY)
    with services.database.reading() as session:
        concept = read_concepts(session)[0]
    before = workflow.get("/v1/datasets/A-1?format=turtle")
    decide(services, "A-1", "500", LabelChoice(concept.label, concept.identifier), LabelChoice("尚未收錄"))
    after = workflow.get("/v1/datasets/A-1?format=turtle")
    graph = graph_of(after)
    dataset = URIRef(f"{BASE}v1/datasets/A-1")
    assert str(graph.value(dataset, DCAT.theme)).endswith("service-category/500")
    assert str(graph.value(dataset, DCTERMS.subject)).endswith(f"concept/{concept.identifier}")
    assert {str(word) for word in graph.objects(dataset, DCAT.keyword)} == {"職災", "尚未收錄"}
    assert before.headers["ETag"] != after.headers["ETag"]
    assert set(graph_of(workflow.get("/v1/datasets/A-1?format=jsonld"))) == set(graph)


def test_a_label_merged_since_is_named_by_what_replaced_it(workflow: FlaskClient, services: Services) -> None:
    workflow.put("/v1/datasets/A-1", json=BODY)
    decided = ConceptRecord("n1", (LabelRecord("preferred", "甲詞", compact("甲詞")),))
    heir = ConceptRecord("n2", (LabelRecord("preferred", "乙詞", compact("乙詞")),))
    with services.database.writing() as session:
        store_concepts(session, [decided, heir])
    decide(services, "A-1", None, LabelChoice("甲詞", "n1"))
    with services.database.writing() as session:
        store_concepts(session, [ConceptRecord("n1", (), status="merged", replaced_by="n2")])
    graph = graph_of(workflow.get("/v1/datasets/A-1?format=turtle"))
    subject = graph.value(URIRef(f"{BASE}v1/datasets/A-1"), DCTERMS.subject)
    assert str(subject).endswith("concept/n2")
    assert str(graph.value(subject, SKOS.prefLabel)) == "乙詞"


@pytest.mark.parametrize("form", ["turtle", "jsonld"])
def test_an_unknown_dataset_is_not_found_in_any_form(workflow: FlaskClient, form: str) -> None:
    answer = workflow.get(f"/v1/datasets/none?format={form}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "address",
    [
        "/v1/datasets/A-1?format=xml",
        "/v1/datasets/A-1?colour=red",
        "/v1/catalog?format=json",
        "/v1/catalog?limit=0",
        "/v1/catalog?limit=501",
        "/v1/catalog?cursor=forged",
        "/v1/vocabulary?format=rdf",
        "/v1/concepts/c0001?format=xml",
    ],
)
def test_a_bad_query_is_a_400_with_a_reason(workflow: FlaskClient, address: str) -> None:
    workflow.put("/v1/datasets/A-1", json=BODY)
    answer = workflow.get(address)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize("form", ["turtle", "jsonld"])
def test_following_the_pages_reaches_every_dataset_once(workflow: FlaskClient, form: str) -> None:
    for number in range(5):
        workflow.put(f"/v1/datasets/A-{number}", json=BODY)
    address: str | None = f"/v1/catalog?limit=2&format={form}"
    listed: list[str] = []
    pages = 0
    while address:
        answer = workflow.get(address)
        graph = graph_of(answer)
        catalogue = URIRef(f"{BASE}v1/catalog")
        assert (catalogue, RDF.type, DCAT.Catalog) in graph
        listed += sorted(str(dataset) for dataset in graph.objects(catalogue, DCAT.dataset))
        following = graph.value(None, URIRef(f"{HYDRA}next"), None) or next(
            graph.objects(None, URIRef(f"{HYDRA}next")), None
        )
        assert answer.headers.get("Link") == (f'<{following}>; rel="next"' if following else None)
        address = str(following).removeprefix(BASE.rstrip("/")) if following else None
        pages += 1
    assert listed == [f"{BASE}v1/datasets/A-{number}" for number in range(5)]
    assert pages == 3


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/turtle; charset=utf-8"),
        ("text/html,*/*;q=0.8", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("image/png", "text/turtle; charset=utf-8"),
    ],
)
def test_the_catalogue_is_turtle_unless_json_is_preferred(
    workflow: FlaskClient, accept: str | None, content_type: str
) -> None:
    answer = workflow.get("/v1/catalog", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type) == (200, content_type)
    assert "Link" not in answer.headers


def test_the_public_address_and_publisher_are_those_that_are_set(app: Flask, workflow: FlaskClient) -> None:
    settings: Settings = app.extensions["settings"]
    app.extensions["settings"] = settings.model_copy(
        update={"public_url": "https://tags.example.gov.tw/open", "catalog_publisher": "勞動部"}
    )
    workflow.put("/v1/datasets/A-1", json=BODY)
    graph = graph_of(workflow.get("/v1/catalog"))
    catalogue = URIRef("https://tags.example.gov.tw/open/v1/catalog")
    assert list(graph.objects(catalogue, DCAT.dataset)) == [
        URIRef("https://tags.example.gov.tw/open/v1/datasets/A-1")
    ]
    assert "勞動部" in workflow.get("/v1/catalog").text


@pytest.mark.parametrize("host", ['a"><script>', "a b", "", "example.com:x", "[::1"])
def test_a_strange_host_is_never_an_error_of_ours(workflow: FlaskClient, host: str) -> None:
    answer = workflow.get("/v1/catalog", headers={"Host": host})
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert not list(graph_of(answer).subjects(URIRef("urn:x")))
