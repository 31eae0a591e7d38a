"""The vocabulary and its concepts over REST."""

import warnings

import pytest
from flask.testing import FlaskClient
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SKOS

from api.services import Services
from api.services.vocabulary import apply_import, plan_import, read_vocabulary_file
from models.vocabulary import ConceptRecord, LabelRecord, store_concepts
from tagger.retrieval.lexemes import compact

C = "https://w3id.org/tw-dataset-labels/concept/"


def stored(identifier: str, label: str, *, broader: tuple[str, ...] = ()) -> ConceptRecord:
    """A concept as it is stored."""
    return ConceptRecord(identifier, (LabelRecord("preferred", label, compact(label)),), broader)


@pytest.fixture
def merged(services: Services) -> None:
    """Three concepts beside the shipped ones: n1 was merged into n2, and that into n3; n4 is narrower."""
    with services.database.writing() as session:
        store_concepts(
            session,
            [
                stored("n3", "丙詞"),
                stored("n4", "丁詞", broader=("n3",)),
                ConceptRecord("n2", (), status="merged", replaced_by="n3"),
                ConceptRecord("n1", (), status="merged", replaced_by="n2"),
                ConceptRecord("n5", (), status="blocked"),
            ],
        )


@pytest.mark.parametrize(("query", "parser"), [("", "turtle"), ("?format=jsonld", "json-ld")])
def test_the_whole_vocabulary(client: FlaskClient, query: str, parser: str) -> None:
    answer = client.get(f"/v1/vocabulary{query}")
    assert answer.status_code == 200
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        graph = Graph().parse(data=answer.data, format=parser)
    concepts = {node for node in graph.subjects(RDF.type, SKOS.Concept) if str(node).startswith(C)}
    assert len(concepts) >= 800
    again = client.get(f"/v1/vocabulary{query}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_etag_changes_with_the_vocabulary_and_with_the_form(
    client: FlaskClient, services: Services
) -> None:
    first = client.get("/v1/vocabulary")
    assert client.get("/v1/vocabulary?format=jsonld").headers["ETag"] != first.headers["ETag"]
    with services.database.writing() as session:
        store_concepts(session, [stored("n1", "新詞彙")])
    second = client.get("/v1/vocabulary", headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, "新詞彙" in second.text) == (200, True)


@pytest.mark.usefixtures("merged")
def test_a_concept_with_its_neighbours(client: FlaskClient) -> None:
    answer = client.get("/v1/concepts/n3")
    assert answer.get_json() == {
        "identifier": "n3",
        "uri": f"{C}n3",
        "label": "丙詞",
        "alternatives": [],
        "hidden": [],
        "broader": [],
        "narrower": [{"identifier": "n4", "label": "丁詞"}],
        "related": [],
        "categoryCode": None,
        "status": "accepted",
        "replacedBy": None,
    }
    turtle = client.get("/v1/concepts/n3", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=turtle.data, format="turtle")
    assert (URIRef(f"{C}n3"), SKOS.narrower, URIRef(f"{C}n4")) in graph
    assert client.get("/v1/concepts/n4").get_json()["broader"] == [{"identifier": "n3", "label": "丙詞"}]


@pytest.mark.usefixtures("merged")
def test_a_merged_concept_leads_to_the_one_that_replaced_it_in_the_end(client: FlaskClient) -> None:
    for identifier in ("n1", "n2"):
        answer = client.get(f"/v1/concepts/{identifier}?format=turtle")
        assert (answer.status_code, answer.location) == (308, "/v1/concepts/n3?format=turtle")
    assert client.get("/v1/concepts/n1", follow_redirects=True).get_json()["identifier"] == "n3"


@pytest.mark.usefixtures("merged")
def test_a_concept_out_of_use_still_answers(client: FlaskClient) -> None:
    answer = client.get("/v1/concepts/n5").get_json()
    assert (answer["status"], answer["label"]) == ("blocked", None)
    assert "owl:deprecated" in client.get("/v1/concepts/n5?format=turtle").text


@pytest.mark.parametrize("identifier", ["none", "c0001%22%3E", "' OR 1=1 --", "x" * 2_000])
def test_an_unknown_concept_is_a_404_that_says_so(client: FlaskClient, identifier: str) -> None:
    answer = client.get(f"/v1/concepts/{identifier}")
    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/concept-not-found")


def test_an_import_is_applied_whole_and_seen_at_once(client: FlaskClient, services: Services) -> None:
    head = f"@prefix c: <{C}> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
    new = 'c:n9 a skos:Concept ; skos:prefLabel "海嘯避難"@zh-Hant ; skos:broader c:c0001 .'
    file = read_vocabulary_file(f"{head} {new}".encode())
    plan = plan_import(services, file)
    assert [change.kind for change in plan.changes] == ["added"]
    assert client.get("/v1/concepts/n9").status_code == 404
    apply_import(services, file, plan)
    assert client.get("/v1/concepts/n9").get_json()["broader"][0]["identifier"] == "c0001"
    assert not plan_import(services, file).changes
