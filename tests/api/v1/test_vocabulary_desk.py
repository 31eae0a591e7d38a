"""The vocabulary desk: terms become concepts, synonyms, or nothing, and back."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import OWL, RDF, SKOS, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from api.services import Services
from api.services.accounts import Person
from api.services.retagging import retag_all
from api.services.thesaurus import StoredThesaurus
from tagger.retrieval.lexemes import compact
from tagger.vocabulary import CONCEPT_BASE
from tests.api.people import bearer, make_person, signed_in_client
from tests.api.review.page_reader import read
from tests.api.review.search_pages import HOSTILE, put


class Editor:
    """Somebody who edits the vocabulary by program."""

    def __init__(self, app: Flask, services: Services, person: Person) -> None:
        self.client = app.test_client()
        self.headers = bearer(services, person)
        self._services = services

    def terms(self, **asked: Any) -> list[dict[str, Any]]:
        """The candidates."""
        response = self.client.get("/v1/vocabulary/candidates", query_string=asked, headers=self.headers)
        assert response.status_code == 200, response.text
        return list(response.get_json()["terms"])

    def change(self, **body: Any) -> Any:
        """The answer to a change."""
        response = self.client.post("/v1/vocabulary/changes", json=body, headers=self.headers)
        # Others see it within five seconds; here at once.
        self._services.__dict__["_thesaurus"] = StoredThesaurus(self._services.database)
        return response

    def undo(self, change: int) -> Any:
        """The answer to taking a change back."""
        return self.client.post(f"/v1/vocabulary/changes/{change}/undo", headers=self.headers)

    def skos(self) -> Graph:
        """The exported vocabulary."""
        return Graph().parse(data=self.client.get("/v1/vocabulary?format=turtle").data, format="turtle")


TERM = "量子糾纏"


@pytest.fixture
def editor(app: Flask, services: Services, reviewer: Person) -> Editor:
    """An editor of a store whose datasets have a new term."""
    titles = {"A": "量子糾纏實驗場次", "B": "量子糾纏研究計畫", "C": "量子糾纏設備清冊"}
    put(
        services,
        *({"identifier": key, "title": title, "publisher": f"機關{key}"} for key, title in titles.items()),
    )
    return Editor(app, services, reviewer)


def _term(editor: Editor) -> dict[str, Any]:
    found = [one for one in editor.terms() if TERM.startswith(one["term"])]
    assert found, editor.terms(leastCount=1)
    return found[0]


def test_a_term_of_several_agencies_waits_with_examples_and_near_concepts(editor: Editor) -> None:
    term = _term(editor)
    assert (term["datasets"], term["agencies"]) == (3, 3)
    assert {one["identifier"] for one in term["examples"]} == {"A", "B", "C"}
    assert all(term["term"] in one["title"] for one in term["examples"])
    assert [one["score"] for one in term["near"]] == sorted(
        (one["score"] for one in term["near"]), reverse=True
    )
    assert editor.terms(leastCount=4) == []
    assert editor.terms(q="沒有這個") == []


def test_an_accepted_term_is_a_concept_in_skos_and_back(editor: Editor, client: FlaskClient) -> None:
    before, word = editor.skos(), _term(editor)["term"]
    made = editor.change(action="accept", term=word, categoryCode="300")
    assert made.status_code == 201, made.text
    concept = URIRef(CONCEPT_BASE + made.get_json()["concept"])
    after = editor.skos()
    assert (concept, SKOS.prefLabel, Literal(word, lang="zh-Hant")) in after
    assert (concept, RDF.type, SKOS.Concept) in after
    assert word not in [one["term"] for one in editor.terms()]
    assert word in [
        one["label"] for one in client.get("/v1/labels", query_string={"q": word}).get_json()["labels"]
    ]
    assert editor.undo(made.get_json()["id"]).status_code == 201
    assert isomorphic(editor.skos(), before)
    assert _term(editor)["term"] == word
    again = editor.change(action="accept", term=word)
    assert again.get_json()["concept"] == made.get_json()["concept"], "a URI keeps its meaning"


def test_a_merged_term_means_the_other_concept_and_back(editor: Editor, services: Services) -> None:
    before, word = editor.skos(), _term(editor)["term"]
    made = editor.change(action="merge", term=word, concept="火災").get_json()
    assert (made["action"], made["label"]) == ("merge", "火災")
    concept = URIRef(CONCEPT_BASE + made["concept"])
    assert (concept, SKOS.altLabel, Literal(word, lang="zh-Hant")) in editor.skos()
    assert services.thesaurus.find(compact(word)) == made["concept"]
    assert editor.undo(made["id"]).status_code == 201
    assert isomorphic(editor.skos(), before)
    assert editor.undo(made["id"]).status_code == 409


def test_a_blocked_term_never_comes_back_unless_it_is_undone(editor: Editor, services: Services) -> None:
    word = _term(editor)["term"]
    made = editor.change(action="block", term=word).get_json()
    put(services, {"identifier": "D", "title": "量子糾纏新聞", "publisher": "機關D"})
    retag_all(services, lambda done, total: None)
    assert word not in [one["term"] for one in editor.terms()]
    assert (URIRef(CONCEPT_BASE + made["concept"]), OWL.deprecated, None) in editor.skos()
    assert editor.undo(made["id"]).status_code == 201
    assert _term(editor)["datasets"] == 4


def test_the_slower_editor_is_told(editor: Editor) -> None:
    word = _term(editor)["term"]
    accepted = editor.change(action="accept", term=word).get_json()
    late = editor.change(action="block", term=word)
    assert (late.status_code, late.get_json()["type"]) == (409, "/problems/term-taken")
    assert editor.undo(accepted["id"]).status_code == 201
    merged = editor.change(action="merge", term=word, concept="火災").get_json()
    assert editor.undo(accepted["id"]).status_code == 409
    kinds = editor.client.get("/v1/vocabulary/changes", headers=editor.headers).get_json()["changes"]
    assert [(one["action"], one["undone"]) for one in kinds] == [
        ("merge", False),
        ("undo", False),
        ("accept", True),
    ]
    assert merged["changedBy"] == "wang小姐"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"action": "accept", "label": "火災"}, 422, "/label"),
        ({"action": "accept", "categoryCode": "Z"}, 422, "/categoryCode"),
        ({"action": "accept", "broader": ["c999999"]}, 422, "/broader"),
        ({"action": "merge"}, 422, "/concept"),
        ({"action": "merge", "concept": "沒有這個概念"}, 422, "/concept"),
        ({"action": "burn"}, 422, "/action"),
        ({"action": "accept", "label": "a\0b"}, 422, "/label"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_changes_nothing(
    editor: Editor, body: dict[str, Any], status: int, pointer: str
) -> None:
    before = editor.skos()
    response = editor.change(term=_term(editor)["term"], **body)
    assert response.status_code == status, response.text
    assert response.get_json()["errors"][0]["pointer"] == pointer
    assert isomorphic(editor.skos(), before)


def test_candidates_are_paged_without_gap(editor: Editor, services: Services) -> None:
    put(services, *({"identifier": f"P{n}", "title": f"超導磁浮{n}", "publisher": "機關A"} for n in range(3)))
    seen: list[str] = []
    cursor = None
    while True:
        asked = {"leastCount": 1, "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = editor.client.get(
            "/v1/vocabulary/candidates", query_string=asked, headers=editor.headers
        ).get_json()
        seen += [one["term"] for one in page["terms"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == len(editor.terms(leastCount=1, limit=100))


def test_the_page_changes_and_undoes_without_javascript(
    app: Flask, services: Services, editor: Editor, second_reviewer: Person
) -> None:
    browser = signed_in_client(app, second_reviewer)
    word = _term(editor)["term"]
    page = read(browser.get("/review/vocabulary").text)
    assert word in page.one("ol", class_="terms").text
    answer = browser.post(
        "/review/vocabulary", data={"action": "merge", "term": word, "typed": "火災"}, follow_redirects=True
    )
    assert f"已併入「{word}」" in read(answer.text).text
    late = browser.post("/review/vocabulary", data={"action": "block", "term": word})
    assert (late.status_code, "已由其他人處理" in late.text) == (409, True)
    [undo] = [
        form.attributes["action"]
        for form in read(answer.text).all("form")
        if form.attributes.get("action", "").endswith("/undo")
    ]
    assert f"已復原「{word}」" in read(browser.post(undo, follow_redirects=True).text).text
    assert browser.get("/review/vocabulary?least=0").status_code == 400


def test_a_hostile_title_is_text_at_the_desk(app: Flask, services: Services, editor: Editor) -> None:
    put(services, {"identifier": "H", "title": f"{TERM}{HOSTILE}", "publisher": HOSTILE})
    browser = signed_in_client(app, make_person(services, "lin"))
    text = browser.get("/review/vocabulary?least=1").text
    assert "<img src=x" not in text
    read(text)
