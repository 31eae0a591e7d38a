"""The portal's daily changes: 新增, 修改, 刪除, and back again."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.services import Services
from api.services.accounts import Person
from api.services.datasets import get_dataset
from api.services.importing import withdraw
from api.services.retagging import retag_all
from models.catalogue import CurrentDataset, current_datasets, find_dataset
from models.dataset import DatasetRevision
from models.deciding import DecisionRecord, record_decisions
from models.event import Event, first_broken_event
from models.review.tables import NewTerm, ReviewItem
from models.search.document import SearchDocument
from tests.api.people import signed_in_client
from tests.api.updating.conftest import Bring
from tests.api.updating.files import FORMATS, IDENTIFIER, STATE, TITLE, catalogue, row

ADDRESS = "https://example.gov.tw/a;https://example.gov.tw/b"


def _metadata(services: Services, identifier: str) -> dict[str, object]:
    dataset = get_dataset(services, identifier)
    assert dataset is not None
    return dataset.metadata


@pytest.mark.parametrize("form", FORMATS)
def test_a_day_adds_changes_and_removes(services: Services, bring: Bring, form: str) -> None:
    whole = [
        row("1", 檔案格式="CSV;JSON", 資料下載網址=ADDRESS, 備註="舊"),
        row("2"),
        row("3"),
    ]
    bring(whole, form)
    day = [
        row("1", "新名稱", "修改", 檔案格式=None, 資料下載網址=ADDRESS, 備註=None),
        row("4", state="新增", 檔案格式=None),
        {IDENTIFIER: "2", TITLE: "", "提供機關": None, "服務分類": "沒有這一類", STATE: "刪除"},
        {IDENTIFIER: "9", TITLE: "從未收錄", STATE: "刪除"},
    ]
    report = bring(day, form)
    assert report.kind == "changes"
    assert report.done._asdict() == {
        "rows": 4,
        "created": 1,
        "changed": 1,
        "unchanged": 0,
        "restored": 0,
        "withdrawn": 1,
        "absent": 1,
        "failed": 0,
        "fields": {"title": 1},
    }
    formats = [
        {"format": name, "downloadURL": url}
        for name, url in zip(("CSV", "JSON"), ADDRESS.split(";"), strict=True)
    ]
    changed = _metadata(services, "1")
    assert (changed["title"], changed["distribution"], changed["notes"]) == ("新名稱", formats, "舊")
    assert get_dataset(services, "2") is None
    assert get_dataset(services, "3") is not None
    again = bring(day, form).done
    assert (again.unchanged, again.absent, again.rows) == (3, 1, 4)


@pytest.mark.parametrize("form", FORMATS)
def test_an_unknown_state_costs_its_row_only(services: Services, bring: Bring, form: str) -> None:
    report = bring([row("1", state="新增"), row("2", state="改名"), row("3", state=" 新增 ")], form)
    assert (report.kind, report.done.created, report.done.failed) == ("changes", 2, 1)
    [(number, identifier, sentence)] = report.journal.problems()
    assert (number, identifier) == (2, "2")
    assert "資料集變動狀態：應為新增、修改、刪除之一" in sentence
    assert get_dataset(services, "2") is None


def test_a_removal_that_names_nothing_is_a_problem_of_its_row(bring: Bring) -> None:
    rows = [
        {IDENTIFIER: "", TITLE: "甲", STATE: "刪除"},
        {IDENTIFIER: "a b", TITLE: "甲", STATE: "刪除"},
        row("1", state="新增"),
    ]
    done = bring(rows).done
    assert (done.failed, done.created) == (2, 1)


def test_a_small_day_is_no_small_catalogue(bring: Bring) -> None:
    bring(catalogue(30))
    assert bring([row("1", "新名稱", "修改")]).done.changed == 1


def test_within_one_file_the_last_row_counts_and_the_file_again_changes_nothing(
    services: Services, bring: Bring
) -> None:
    rows = [
        row("1", state="新增"),
        row("1", state="刪除"),
        row("1", "又來了", "新增"),
        row("2", state="新增"),
        row("2", state="刪除"),
        row("3", "甲", "新增", 備註="只說一次"),
        row("3", "乙", "修改"),
    ]
    done = bring(rows).done
    assert (done.created, done.absent, done.unchanged) == (2, 1, 4)
    assert _metadata(services, "1")["title"] == "又來了"
    assert get_dataset(services, "2") is None
    assert (_metadata(services, "3")["title"], _metadata(services, "3")["notes"]) == ("乙", "只說一次")
    again = bring(rows)
    assert (again.done.unchanged, again.done.absent, list(again.journal.changes())) == (6, 1, [])
    dataset = get_dataset(services, "3")
    assert dataset is not None
    assert dataset.revision == 1


def _decided(services: Services, person: Person, identifier: str) -> None:
    with services.database.writing() as session:
        dataset = find_dataset(session, identifier)
        assert dataset is not None
        record_decisions(
            session,
            [
                DecisionRecord(
                    dataset.id, dataset.current_revision_id or 0, category_code="500", account_id=person.id
                )
            ],
        )


def _traces(services: Services) -> list[int]:
    """Rows of the tables that show a dataset to people."""
    with services.database.reading() as session:
        return [
            session.scalars(select(func.count()).select_from(table)).one()
            for table in (SearchDocument, ReviewItem, NewTerm)
        ]


def test_a_withdrawn_dataset_is_seen_nowhere_and_comes_back_with_its_decisions(
    app: Flask, services: Services, client: FlaskClient, bring: Bring, reviewer: Person
) -> None:
    bring([row("1", "職業災害統計", 服務分類="公共資訊")])
    retag_all(services, lambda done, total: None)
    _decided(services, reviewer, "1")
    assert client.get("/v1/search?q=職業災害").get_json()["results"]
    bring([row("1", state="刪除")])

    assert client.get("/v1/datasets").get_json()["datasets"] == []
    assert client.get("/v1/search?q=職業災害").get_json()["results"] == []
    assert "職業災害統計" not in client.get("/datasets").text
    assert retag_all(services, lambda done, total: None).tagged == 0
    assert _traces(services) == [0, 0, 0]
    for address in ("/v1/datasets/1", "/v1/datasets/1?format=turtle"):
        gone = client.get(address)
        assert (gone.status_code, gone.get_json()["type"]) == (410, "/problems/dataset-withdrawn")
    page = client.get("/datasets/1", headers={"Accept": "text/html"})
    assert page.status_code == 410
    assert "撤回" in page.text
    assert client.get("/v1/datasets/1/related").status_code == 404
    signed_in = signed_in_client(app, reviewer)
    assert signed_in.get("/review/1", headers={"Accept": "text/html"}).status_code == 404
    answer = signed_in.post(
        "/v1/datasets/1/decisions", json={"categoryCode": "500"}, headers={"If-Match": '"x"'}
    )
    assert answer.status_code == 404
    with services.database.reading() as session:
        assert session.scalars(select(func.count()).select_from(Event)).one() > 0
        assert first_broken_event(session) is None

    assert bring([row("1", state="新增")]).done.restored == 1
    back = client.get("/v1/datasets/1").get_json()
    assert (back["revision"], back["tags"]["categoryCode"]) == (2, "500")
    assert back["metadata"]["title"] == "資料集1"
    # What the day leaves empty is as it was when the dataset went.
    assert back["metadata"]["categoryCode"] == "I00"
    assert client.get("/v1/search?q=資料集1").get_json()["results"]
    with services.database.reading() as session:
        assert list(session.scalars(select(DatasetRevision.number).order_by(DatasetRevision.number))) == [
            1,
            2,
        ]


def test_storing_a_withdrawn_dataset_over_rest_makes_it_anew(
    workflow: FlaskClient, client: FlaskClient, bring: Bring
) -> None:
    bring([row("1")])
    bring([row("1", state="刪除")])
    answer = workflow.put("/v1/datasets/1", json={"title": "資料集1"}, headers={"If-Match": '"1-untagged"'})
    assert answer.status_code == 412
    answer = workflow.put("/v1/datasets/1", json={"title": "資料集1"})
    assert (answer.status_code, answer.get_json()["revision"]) == (201, 2)
    assert client.get("/v1/datasets/1").status_code == 200


def test_a_withdrawn_dataset_counts_no_more(
    services: Services, bring: Bring, client: FlaskClient, tmp_path: Path
) -> None:
    bring(catalogue(3))
    bring([row("1", state="刪除"), row("2", state="刪除")])
    page = client.get("/v1/datasets").get_json()
    assert [dataset["identifier"] for dataset in page["datasets"]] == ["0"]


@pytest.mark.parametrize(
    "address", ["/v1/search?q=資料集", "/v1/search?status=untagged", "/v1/datasets/0/related"]
)
def test_one_that_is_withdrawn_while_others_search_costs_them_nothing(
    services: Services, bring: Bring, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    bring(catalogue(5))

    def meanwhile(session: Session, keys: Sequence[int]) -> list[CurrentDataset]:
        withdraw(services, ["3"])
        return current_datasets(session, keys)

    for module in ("searching", "related"):
        monkeypatch.setattr(f"api.services.search.{module}.current_datasets", meanwhile)
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200


def test_an_entry_that_names_a_withdrawn_dataset_is_told_so(client: FlaskClient, bring: Bring) -> None:
    bring(catalogue(3))
    bring([row("1", state="刪除")])
    asked = {"topic": "職業安全", "datasets": ["1", "資料集2"]}
    answer = client.post("/v1/relevance", json=asked)
    assert answer.status_code == 200, answer.text
    assert "資料集2" in answer.text
    assert [one["name"] for one in answer.get_json()["unmatched"]] == ["1"]
