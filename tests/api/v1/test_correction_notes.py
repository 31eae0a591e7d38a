"""Correction notes over REST: of a stored dataset, before upload, of an agency; who sees what."""

import io
from datetime import date
from typing import Any

import docx
import pytest
from docx.document import Document
from flask.testing import FlaskClient

from api.reports.correction.documents import document
from api.reports.correction.words import Issue
from api.services import Services
from api.services.accounts import Person
from api.services.correcting.making import correction_notes
from api.services.datasets import get_dataset
from api.services.review.choosing import Choice
from api.services.review.deciding import decide
from api.services.review.viewing import open_item
from models.decision import DECIDE, KEEP, REJECT
from models.review.tables import FOR_SECOND
from tests.api.people import bearer, make_person
from tests.api.reports.pdf_text import pdf_text
from tests.api.review.search_pages import put

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
INJURIES = {"title": "職業災害統計", "publisher": "勞動部", "categoryCode": "I00"}
OTHERS = {
    "B-1": {"title": "勞工職業災害保險給付人數", "publisher": "勞保局", "categoryCode": "500"},
    "B-2": {"title": "重大職業災害一覽", "publisher": "職安署", "categoryCode": "500"},
    "B-3": {"title": "公車動態路線", "publisher": "公路局", "categoryCode": "A00"},
}


@pytest.fixture
def injuries(client: FlaskClient, workflow: FlaskClient) -> FlaskClient:
    """A client of a store with a dataset that is flagged, two alike and one of another kind."""
    for identifier, body in {"A-1": INJURIES, **OTHERS}.items():
        assert workflow.put(f"/v1/datasets/{identifier}", json=body).status_code == 201
    return client


def _paper(file: bytes) -> Document:
    return docx.Document(io.BytesIO(file))


def _decide(services: Services, person: Person, identifier: str, choice: Choice) -> None:
    dataset = get_dataset(services, identifier)
    assert dataset is not None
    assert decide(services, person, identifier, choice, dataset.etag)


def _note(client: FlaskClient, identifier: str = "A-1", headers: Any = None) -> dict[str, Any]:
    answer = client.get(f"/v1/datasets/{identifier}/correction-note?issuedOn=2026-11-24", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def _none(client: FlaskClient, identifier: str, headers: Any = None) -> str:
    answer = client.get(f"/v1/datasets/{identifier}/correction-note", headers=headers)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.get_json()["type"] == "/problems/no-correction-note"
    detail: str = answer.get_json()["detail"]
    return detail


def test_a_note_quotes_the_metadata_and_tells_reviewed_examples_from_others(
    injuries: FlaskClient, services: Services, reviewer: Person
) -> None:
    note = _note(injuries)
    assert (note["declared"], note["suggested"], note["issuedOn"]) == ("I00", "500", "2026-11-24")
    assert note["level"] in {"建議確認", "建議修正"}
    assert note["quotes"]
    for quote in note["quotes"]:
        text = INJURIES[quote["field"]]
        assert text[quote["start"] : quote["end"]] == quote["text"]
    assert note["replies"][-1] == "維持原分類「I00 公共資訊」，理由："
    assert {one["identifier"]: one["reviewed"] for one in note["comparables"]} == {"B-1": False, "B-2": False}
    _decide(services, reviewer, "B-2", Choice(DECIDE, "500"))
    again = _note(injuries)
    assert [(one["identifier"], one["reviewed"]) for one in again["comparables"]] == [
        ("B-2", True),
        ("B-1", False),
    ]
    assert again["number"] == note["number"]


def test_a_note_comes_as_docx_and_pdf_by_accept_or_by_format(injuries: FlaskClient) -> None:
    address = "/v1/datasets/A-1/correction-note"
    asked = {"issuedOn": "2026-11-24", "documentNumber": "勞字第1號"}
    by_header = injuries.get(address, query_string=asked, headers={"Accept": DOCX})
    assert by_header.content_type == DOCX
    assert by_header.data == injuries.get(address, query_string={**asked, "format": "docx"}).data
    lines = [block.text for block in _paper(by_header.data).paragraphs]
    assert "發文字號：勞字第1號" in lines
    pdf = injuries.get(address, query_string=asked, headers={"Accept": "application/pdf"})
    assert "職業災害統計" in pdf_text(pdf.data)
    assert "attachment" in pdf.headers["Content-Disposition"]
    assert injuries.get(f"{address}?issuedOn=2026-13-01").status_code == 400
    assert injuries.get(f"{address}?issuedOn=1911-12-31").status_code == 400, "there is no year before 1912"
    assert injuries.get(f"{address}?format=odt").status_code == 400


def test_before_upload_the_note_is_the_same_and_nothing_is_stored(injuries: FlaskClient) -> None:
    stored = _note(injuries)
    asked = "/v1/correction-notes?issuedOn=2026-11-24"
    answer = injuries.post(asked, json={**INJURIES, "identifier": "A-1"}).get_json()
    assert answer == {"verdict": stored["level"], "note": stored}
    fresh = injuries.post(asked, json=INJURIES).get_json()["note"]
    assert fresh["identifier"] is None
    assert "A-1" not in [one["identifier"] for one in fresh["comparables"]]
    file = injuries.post(asked, json=INJURIES, headers={"Accept": DOCX})
    assert "（尚未上架，未填識別碼）" in [
        cell.text for row in _paper(file.data).tables[0].rows for cell in row.cells
    ]
    assert len(injuries.get("/v1/datasets").get_json()["datasets"]) == 4
    fine = injuries.post(asked, json=OTHERS["B-3"])
    assert (fine.status_code, fine.get_json()) == (200, {"verdict": "現行分類無疑義。", "note": None})
    assert injuries.post(asked, json=OTHERS["B-3"], headers={"Accept": DOCX}).status_code == 204
    assert injuries.post(asked, json={"title": ""}).status_code == 422


def test_what_reviewers_decided_comes_before_what_the_model_says(
    injuries: FlaskClient, services: Services, reviewer: Person, second_reviewer: Person
) -> None:
    services.settings = services.settings.model_copy(update={"second_share": 0.0})
    assert _none(injuries, "B-3") == "現行分類無疑義。"
    _decide(services, reviewer, "B-3", Choice(DECIDE, "600"))
    changed = _note(injuries, "B-3")
    assert (changed["declared"], changed["suggested"], changed["reviewed"]) == ("A00", "600", True)
    assert changed["confidence"] is None
    _decide(services, reviewer, "A-1", Choice(REJECT))
    assert "退回" in _none(injuries, "A-1")
    _decide(services, second_reviewer, "A-1", Choice(KEEP, reason="彙編統計"))
    assert "維持原分類" in _none(injuries, "A-1")
    asked, own = {"publisher": "公路局"}, bearer(services, reviewer)
    whole = injuries.get("/v1/correction-notes", query_string=asked, headers=own).get_json()
    assert [note["identifier"] for note in whole["notes"]] == ["B-3"]
    assert (
        injuries.get("/v1/datasets/none/correction-note").get_json()["type"] == "/problems/dataset-not-found"
    )


def test_reviewers_said_nothing_of_what_was_declared_after_they_decided(
    injuries: FlaskClient, services: Services, reviewer: Person
) -> None:
    def noted(publisher: str) -> list[str | None]:
        found = correction_notes(services, publisher)
        return [note.identifier for note in found.notes] if found else []

    services.settings = services.settings.model_copy(update={"second_share": 0.0})
    _decide(services, reviewer, "A-1", Choice(KEEP, reason="彙編統計"))
    put(services, {**INJURIES, "identifier": "A-1", "categoryCode": "500"})
    assert (_none(injuries, "A-1"), noted("勞動部")) == ("現行分類無疑義。", [])
    put(services, {**INJURIES, "identifier": "A-1", "description": "依行業分列。"})
    assert "維持原分類" in _none(injuries, "A-1")
    _decide(services, reviewer, "B-3", Choice(DECIDE, "600"))
    assert noted("公路局") == ["B-3"]
    put(services, {**OTHERS["B-3"], "identifier": "B-3", "categoryCode": "600"})
    assert (_none(injuries, "B-3"), noted("公路局")) == ("現行分類無疑義：已依審核結果修正。", [])
    put(services, {**INJURIES, "identifier": "B-3", "publisher": "公路局"})
    note = _note(injuries, "B-3")
    assert (note["declared"], note["suggested"], note["reviewed"]) == ("I00", "500", False)
    assert noted("公路局") == ["B-3"]


def test_who_is_asked_for_a_blind_opinion_sees_a_note_as_if_nobody_had_decided(
    injuries: FlaskClient, services: Services, reviewer: Person, second_reviewer: Person
) -> None:
    services.settings = services.settings.model_copy(update={"second_share": 1.0})
    _decide(services, reviewer, "A-1", Choice(KEEP, reason="彙編統計"))
    _decide(services, reviewer, "B-2", Choice(DECIDE, "500"))
    assert "維持原分類" in _none(injuries, "A-1")
    for identifier in ("A-1", "B-2"):
        view = open_item(services, second_reviewer, identifier, FOR_SECOND)
        assert view is not None
        assert view.blind
    blind = bearer(services, second_reviewer)
    note = _note(injuries, headers=blind)
    assert (note["suggested"], note["reviewed"]) == ("500", False)
    assert [one["identifier"] for one in note["comparables"]] == ["B-1"]
    whole = injuries.get("/v1/correction-notes", query_string={"publisher": "勞動部"}, headers=blind)
    assert [one["number"] for one in whole.get_json()["notes"]] == [note["number"]]
    own = bearer(services, reviewer)
    whole = injuries.get("/v1/correction-notes", query_string={"publisher": "勞動部"}, headers=own)
    assert whole.get_json()["total"] == 0


def test_an_agency_gets_a_list_and_its_notes_and_is_told_of_the_rest(
    injuries: FlaskClient, workflow: FlaskClient, services: Services
) -> None:
    own = bearer(services, make_person(services, "u", "uploader"))
    workflow.put("/v1/datasets/A-2", json={**INJURIES, "title": "職業災害死亡人數"})
    asked = {"publisher": "勞動部"}
    assert injuries.get("/v1/correction-notes", query_string=asked).status_code == 401
    whole = injuries.get("/v1/correction-notes", query_string=asked, headers=own).get_json()
    assert (whole["total"], [note["identifier"] for note in whole["notes"]]) == (2, ["A-1", "A-2"])
    wanted = {**own, "Accept": DOCX}
    paper = _paper(injuries.get("/v1/correction-notes", query_string=asked, headers=wanted).data)
    assert [cell.text for cell in paper.tables[0].rows[1].cells][1:3] == ["A-1", "職業災害統計"]
    unknown = injuries.get("/v1/correction-notes", query_string={"publisher": "無此機關"}, headers=own)
    assert (unknown.status_code, unknown.get_json()["type"]) == (404, "/problems/agency-not-found")
    assert injuries.get("/v1/correction-notes", headers=own).status_code == 400
    assert injuries.get("/v1/correction-notes?publisher=%00", headers=own).status_code == 400
    first = correction_notes(services, "勞動部", most=1)
    assert first is not None
    said = [block.text for block in _paper(document(first, Issue(date(2026, 11, 24)), "docx")).paragraphs]
    assert any("共 2 筆" in line and "前 1 筆" in line for line in said)


def test_the_description_has_every_form(client: FlaskClient) -> None:
    paths = client.get("/v1/openapi.json").get_json()["paths"]
    for path, method in (
        ("/v1/datasets/{identifier}/correction-note", "get"),
        ("/v1/correction-notes", "get"),
        ("/v1/correction-notes", "post"),
    ):
        content = paths[path][method]["responses"]["200"]["content"]
        assert set(content) == {"application/json", DOCX, "application/pdf"}
