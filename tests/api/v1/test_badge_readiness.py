"""Readiness over REST: of stored datasets, of what is sent along, of an agency."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import TypeAdapter

from api.readers import CatalogueError, CatalogueRow, read_catalogue
from api.readers.quality_flags import read_quality_flags
from api.services import Services
from api.services.accounts import Person
from api.services.badge_readiness import agency_readiness
from api.services.datasets import totals
from api.v1.badge_readiness import AgencyReadinessOut, DatasetReadinessOut
from tagger.readiness import QualityFlags, Readiness, assess
from tests.api.papers import AGENCY, GOOD, LACKING, store
from tests.api.people import bearer, make_person

ON = {"on": "2026-11-24"}


def _states(found: Any) -> dict[str, str]:
    return {one["indicator"]: one["state"] for one in found["indicators"]}


def test_a_stored_dataset_and_the_same_metadata_sent_along_are_told_alike(
    client: FlaskClient, services: Services
) -> None:
    store(services)
    for record in LACKING:
        stored = client.get(f"/v1/datasets/{record['identifier']}/readiness", query_string=ON).get_json()
        TypeAdapter(DatasetReadinessOut).validate_python(stored)
        sent = client.post("/v1/readiness", json={"dataset": record, **ON})
        assert sent.status_code == 200
        assert stored == {
            "identifier": record["identifier"],
            "title": record["title"],
            "publisher": record["publisher"],
            **sent.get_json(),
        }
    assert client.get("/v1/datasets/P-3/readiness").status_code == 200
    missing = client.get("/v1/datasets/NOPE/readiness")
    assert (missing.status_code, missing.get_json()["type"]) == (404, "/problems/dataset-not-found")
    assert client.get("/v1/datasets/P-3/readiness?on=2026-02-30").status_code == 400


def test_columns_and_flags_are_taken_before_upload_and_nothing_is_stored(
    client: FlaskClient, services: Services
) -> None:
    asked = {"dataset": {**GOOD, "identifier": "NEW"}, "columns": ["行業別", "縣市"], **ON}
    found = client.post("/v1/readiness", json=asked).get_json()
    TypeAdapter(Readiness).validate_python(found)
    assert _states(found)["fieldMatch"] == "unmet"
    flags = {"qualityFlags": {"linkable": "1", "desc_match": "0", "created": "2026-01-01"}}
    flagged = client.post("/v1/readiness", json={**asked, **flags}).get_json()
    assert (_states(flagged)["linkValidity"], _states(flagged)["structured"]) == ("met", "met")
    assert [gap["rule"] for gap in flagged["gaps"]] == ["field-description-lacks-columns", "flag-fields"]
    wrong = client.post(
        "/v1/readiness", json={"dataset": {"title": ""}, "qualityFlags": {"linkable": "maybe"}}
    )
    assert wrong.status_code == 422
    assert {one["pointer"] for one in wrong.get_json()["errors"]} == {
        "/dataset/title",
        "/qualityFlags/linkable",
    }
    assert totals(services).datasets == 0


def test_an_agency_s_sums_are_those_of_its_datasets(
    client: FlaskClient, services: Services, reviewer: Person
) -> None:
    store(services)
    address, asked = "/v1/agencies/readiness", {"publisher": AGENCY, **ON}
    assert client.get(address, query_string=asked).status_code == 401
    found = client.get(address, query_string=asked, headers=bearer(services, reviewer)).get_json()
    TypeAdapter(AgencyReadinessOut).validate_python(found)
    each = [client.get(f"/v1/datasets/P-{n}/readiness", query_string=ON).get_json() for n in (1, 2, 3)]
    assert (found["datasets"], found["complete"], found["more"]) == (3, 1, False)
    gaps = Counter(gap["rule"] for one in each for gap in one["gaps"])
    assert {one["rule"]: one["gaps"] for one in found["rules"]} == gaps
    assert sum(one["gaps"] for one in found["efforts"]) == gaps.total()
    assert found["rules"][0] | {"examples": []} == {
        "rule": "license-missing",
        "number": "Q03",
        "effort": "fill",
        "what": "沒有授權方式",
        "datasets": 2,
        "gaps": 2,
        "examples": [],
    }
    assert [one["identifier"] for one in found["rules"][0]["examples"]] == ["P-2", "P-3"]
    # What is left is done when the dearest effort is; filling in a licence completes the second dataset.
    assert [one["complete"] for one in found["efforts"]][-1] == 3
    for one, (key, _) in zip(found["indicators"], _states(each[0]).items(), strict=True):
        states = Counter(_states(dataset)[key] for dataset in each)
        assert (one["met"], one["unmet"], one["unknown"]) == tuple(
            states[state] for state in ("met", "unmet", "unknown")
        )
    assert found["badges"] == [{"badge": "金", "datasets": 2}, {"badge": None, "datasets": 1}]
    uploader = make_person(services, "u", "uploader")
    assert client.get(address, query_string=asked, headers=bearer(services, uploader)).status_code == 200
    none = client.get(address, query_string={"publisher": "無此機關"}, headers=bearer(services, reviewer))
    assert (none.status_code, none.get_json()["type"]) == (404, "/problems/agency-not-found")
    nul = client.get(address, query_string={"publisher": "\0"}, headers=bearer(services, reviewer))
    assert nul.status_code == 400
    cut = agency_readiness(services, AGENCY, date(2026, 11, 24), most=2)
    assert cut is not None
    assert (cut.summary.datasets, cut.more) == (2, True)


@pytest.mark.parametrize(
    "content",
    [
        '[{"datasetId": 1, "linkable": "1"}, {"datasetId": "2", "desc_match": "0"}]',
        '{"success": true, "result": [{"datasetId": "1", "linkable": 1}, {"identifier": "2", "desc_match": false}]}',
        '\ufeff{"datasetId": "1", "linkable": "1", "structure": ""}\n\n{"datasetId": "2", "desc_match": "0"}\n',
    ],
)
def test_the_portal_s_quality_results_are_read_as_they_come(tmp_path: Path, content: str) -> None:
    path = tmp_path / "qc.json"
    path.write_text(content, encoding="utf-8")
    assert read_quality_flags(path) == {
        "1": QualityFlags(linkable=True),
        "2": QualityFlags(desc_match=False),
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"datasetId,linkable\n1,1\n", "第 1 行不是 JSON"),
        (b"[1]", "第 1 筆不是一個物件"),
        (b'[{"linkable": "1"}]', "第 1 筆沒有 datasetId"),
        (b'[{"datasetId": "1"}, {"datasetId": "2", "structure": "yes?"}]', "第 2 筆的 structure"),
    ],
)
def test_quality_results_that_cannot_be_used_are_refused_with_their_place(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "qc.json"
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=says):
        read_quality_flags(path)


@pytest.mark.shared
def test_the_portal_s_own_export_is_assessed_and_its_badges_follow_no_rule_of_ours(shared_data: Path) -> None:
    path = shared_data / "portal-export-sample.csv"
    rows = [row.metadata for row in read_catalogue(path) if isinstance(row, CatalogueRow)]
    found = [assess(row, date(2026, 9, 30)) for row in rows]
    with path.open(encoding="utf-8-sig", newline="") as file:
        badges = [row["品質檢測"] for row in csv.DictReader(file)]
    assert [one["badge"] for one in found] == badges
    by_badge = Counter((one["badge"], _states(one)["structured"]) for one in found)
    # Two files of PDF have the highest badge, so no badge can be told from a state.
    assert (by_badge["白金", "unmet"], by_badge["銅", "unmet"]) == (2, 22)
    assert Counter(_states(one)["timeliness"] for one in found)["unknown"] == 88
