"""Jobs over REST: asked for, watched, cancelled and tried again."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import TypeAdapter

from api.services import Services
from api.services.accounts import Person
from api.services.jobs import control, retag
from api.services.jobs.local import work
from api.services.jobs.retag import KIND, RetagAsked, make_retag
from api.services.retagging import known_datasets
from api.v1.job_schemas import JobOut, JobPage
from models.catalogue import Record, store_records
from models.job_dispatch import open_jobs
from models.withdrawing import withdraw_datasets
from tests.api.job_requests import NUMBERS, made, nobody, put, put_broken
from tests.api.people import bearer, make_person, signed_in_client


@pytest.fixture
def headers(services: Services, administrator: Person) -> dict[str, str]:
    """Those of a program of an administrator."""
    return bearer(services, administrator)


def test_a_job_is_asked_for_done_by_a_worker_and_reported(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    put(services, 7)
    put_broken(services, 1)
    job = made(client, headers, all=True)
    TypeAdapter(JobOut).validate_python(job)
    assert (job["state"], job["total"], job["done"], job["rate"]) == ("waiting", 8, 0, None)
    assert (job["requestedBy"], job["startedAt"]) == ("root小姐", None)
    assert job["chunks"] == {"waiting": 1, "running": 0, "done": 0, "failed": 0, "cancelled": 0}
    assert job["parameters"]["modelVersion"] == services.tagger.model_version
    work(services, job["id"], 1, nobody)
    done = client.get(f"/v1/jobs/{job['id']}", headers=headers).get_json()
    assert (done["state"], done["done"], done["failed"], done["leftOut"]) == ("done", 7, 1, 0)
    assert done["counts"] == {
        "tagged": 7,
        "unchanged": 0,
        "changedCategory": 0,
        "newMismatches": 7,
        "failed": 1,
    }
    assert done["rate"] > 0
    assert done["secondsLeft"] is None
    [failure] = done["failures"]
    assert (failure["identifier"], failure["title"]) == ("BAD-0", "壞0")
    assert "詮釋資料不符規定" in failure["reason"]
    assert done["failedChunks"] == []


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({"all": True}, 5),
        ({"changed": True}, 5),
        ({"publisher": "內政部"}, 2),
        ({"categoryCode": "A00"}, 2),
        ({"publisher": "勞動部", "categoryCode": "A00"}, 0),
        ({"query": "職業災害"}, 0),
    ],
)
def test_a_job_is_about_what_was_asked_for(
    client: FlaskClient, services: Services, headers: dict[str, str], asked: dict[str, Any], total: int
) -> None:
    put(services, 3)
    put(services, 2, "內政部", "A00")
    job = made(client, headers, **asked)
    assert job["total"] == total
    assert asked.items() <= {**job["parameters"], "all": True}.items()
    assert job["state"] == ("waiting" if total else "done")


def test_a_list_and_a_search_are_narrowed_by_the_filters(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    ours, theirs = put(services, 3), put(services, 2, "內政部", "A00")
    listed = made(client, headers, identifiers=[ours[0], theirs[0], ours[0]])
    assert (listed["total"], listed["parameters"]["listed"]) == (2, 2)
    assert made(client, headers, identifiers=[ours[0], theirs[0]], publisher="內政部")["total"] == 1
    work(services, made(client, headers, all=True)["id"], 1, nobody)
    assert made(client, headers, query="職業災害")["total"] == 5
    assert made(client, headers, query="職業災害", categoryCode="A00")["total"] == 2
    assert made(client, headers, query="職業災害", identifiers=ours[:2])["total"] == 2
    assert made(client, headers, changed=True)["total"] == 0


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        ({}, "/kind", "缺少"),
        ({"kind": "retag"}, "", "要標註全部時填 all"),
        ({"kind": "retag", "again": True}, "", "要標註全部時填 all"),
        ({"kind": "retag", "all": True, "publisher": "勞動部"}, "", "擇一"),
        ({"kind": "burn", "all": True}, "/kind", "應為"),
        ({"kind": "retag", "identifiers": []}, "/identifiers", "至少"),
        ({"kind": "retag", "identifiers": ["D 1"]}, "/identifiers/0", "識別碼"),
        ({"kind": "retag", "identifiers": ["NOPE"]}, "/identifiers/0", "沒有這個識別碼"),
        ({"kind": "retag", "categoryCode": "Z99"}, "/categoryCode", ""),
        ({"kind": "retag", "publisher": "勞\0動部"}, "/publisher", "控制字元"),
        ({"kind": "retag", "query": '"職業災害'}, "/query", ""),
        ({"kind": "retag", "all": "yes please"}, "/all", "true"),
        ({"kind": "retag", "all": True, "force": True}, "/force", "欄位"),
    ],
)
def test_what_is_wrong_with_a_request_is_told_and_nothing_ismade(
    client: FlaskClient, headers: dict[str, str], body: dict[str, Any], pointer: str, says: str
) -> None:
    answer = client.post("/v1/jobs", json=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]
    assert says in answer.get_json()["errors"][0]["detail"]
    assert client.get("/v1/jobs", headers=headers).get_json() == {"jobs": [], "next": None}


def test_a_job_of_the_command_line_says_what_it_is_about_and_is_handed_to_workers_when_tried_again(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    put(services, 3)
    keys, _ = known_datasets(services, [f"D-{next(NUMBERS) - 1}"])
    whole = make_retag(services, RetagAsked(), for_workers=False)
    listed = make_retag(services, RetagAsked(dataset_ids=tuple(keys)), for_workers=False)
    shown = client.get("/v1/jobs", headers=headers).get_json()["jobs"]
    assert [(one["id"], one["parameters"]["listed"], one["requestedBy"]) for one in shown] == [
        (listed, 1, None),
        (whole, None, None),
    ]
    with services.database.reading() as session:
        assert open_jobs(session, KIND, services.tagger.model_version) == []
    for action in ("cancel", "retry"):
        assert client.post(f"/v1/jobs/{whole}/{action}", headers=headers).status_code == 200
    with services.database.reading() as session:
        assert open_jobs(session, KIND, services.tagger.model_version) == [whole]


def test_each_unknown_identifier_is_named(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    [known] = put(services, 1)
    body = {"kind": "retag", "identifiers": ["NO-1", known, "NO-2"]}
    answer = client.post("/v1/jobs", json=body, headers=headers)
    assert [one["pointer"] for one in answer.get_json()["errors"]] == ["/identifiers/0", "/identifiers/2"]


def test_sent_again_with_its_key_a_request_makes_one_job(
    app: Flask, client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    put(services, 2)
    keyed = {**headers, "Idempotency-Key": "night-1"}
    first = made(client, keyed, all=True)
    assert made(client, keyed, all=True)["id"] == first["id"]
    other = client.post("/v1/jobs", json={"kind": "retag", "changed": True}, headers=keyed)
    assert (other.status_code, other.get_json()["type"]) == (422, "/problems/idempotency-key-reused")
    keyed["Idempotency-Key"] = "night-2"
    answered: list[int] = []
    threads = [
        threading.Thread(target=lambda: answered.append(made(app.test_client(), keyed, all=True)["id"]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answered) == 4
    assert len(set(answered)) == 1
    assert len(client.get("/v1/jobs", headers=headers).get_json()["jobs"]) == 2


def test_sent_again_when_what_it_named_is_gone_a_request_is_still_its_job(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    names = put(services, 1)
    keyed = {**headers, "Idempotency-Key": "night-1"}
    first = made(client, keyed, identifiers=names)
    with services.database.writing() as session:
        withdraw_datasets(session, names)
    assert made(client, keyed, identifiers=names)["id"] == first["id"]


def test_only_administrators_ask_and_only_readers_of_reviews_look(
    app: Flask, client: FlaskClient, services: Services, administrator: Person, reviewer: Person
) -> None:
    put(services, 1)
    job = made(client, bearer(services, administrator), all=True)
    for address in ("/v1/jobs", f"/v1/jobs/{job['id']}", f"/v1/jobs/{job['id']}/failures"):
        assert client.get(address).status_code == 401
        uploader = make_person(services, f"up{next(NUMBERS)}", "uploader")
        assert client.get(address, headers=bearer(services, uploader)).status_code == 403
        auditor = make_person(services, f"au{next(NUMBERS)}", "auditor")
        assert client.get(address, headers=bearer(services, auditor)).status_code == 200
        assert client.get(address, headers=bearer(services, reviewer)).status_code == 200
    for address in ("/v1/jobs", f"/v1/jobs/{job['id']}/cancel", f"/v1/jobs/{job['id']}/retry"):
        body = {"kind": "retag", "all": True}
        assert client.post(address, json=body).status_code == 401
        assert client.post(address, json=body, headers=bearer(services, reviewer)).status_code == 403
        foreign = signed_in_client(app, administrator).post(
            address, json=body, headers={"Origin": "https://evil.example"}
        )
        assert (foreign.status_code, foreign.get_json()["type"]) == (403, "/problems/cross-site")


def test_an_administrator_of_one_agency_retags_that_agency_alone(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    put(services, 2)
    put(services, 1, "內政部")
    limited = bearer(services, make_person(services, "moi", "administrator", "內政部"))
    assert made(client, limited, publisher="內政部", all=False)["total"] == 1
    whole = made(client, headers, all=True)
    for address, body in (
        ("/v1/jobs", {"kind": "retag", "all": True}),
        ("/v1/jobs", {"kind": "retag", "publisher": "勞動部"}),
        (f"/v1/jobs/{whole['id']}/cancel", None),
        (f"/v1/jobs/{whole['id']}/retry", None),
    ):
        refused = client.post(address, json=body, headers=limited)
        assert (refused.status_code, refused.get_json()["type"]) == (403, "/problems/forbidden")
        assert "內政部" in refused.get_json()["detail"]
    assert client.get(f"/v1/jobs/{whole['id']}", headers=limited).get_json()["state"] == "waiting"


def test_no_more_jobs_are_taken_than_anybody_can_oversee(
    client: FlaskClient, services: Services, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "MOST_OPEN", 2)
    put(services, 1)
    for _ in range(2):
        make_retag(services, RetagAsked(), for_workers=False)
    first = made(client, headers, all=True)
    made(client, headers, all=True)
    refused = client.post("/v1/jobs", json={"kind": "retag", "all": True}, headers=headers)
    assert (refused.status_code, refused.get_json()["type"]) == (429, "/problems/too-many-jobs")
    assert refused.headers["Retry-After"] == "60"
    client.post(f"/v1/jobs/{first['id']}/cancel", headers=headers)
    made(client, headers, all=True)


def test_jobs_are_listed_newest_first_by_state_and_page(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    put(services, 1)
    keys = [made(client, headers, all=True)["id"] for _ in range(5)]
    work(services, keys[0], 1, nobody)
    client.post(f"/v1/jobs/{keys[1]}/cancel", headers=headers)

    def pages(**asked: Any) -> Iterator[list[int]]:
        following = None
        while True:
            given = {**asked, **({"cursor": following} if following else {})}
            page = client.get("/v1/jobs", query_string=given, headers=headers).get_json()
            TypeAdapter(JobPage).validate_python(page)
            yield [job["id"] for job in page["jobs"]]
            following = page["next"]
            if following is None:
                return

    assert list(pages(limit=2)) == [keys[:2:-1], keys[2:0:-1], keys[:1]]
    assert list(pages(state="open")) == [keys[:1:-1]]
    assert list(pages(state="cancelled")) == [[keys[1]]]
    assert list(pages(state="done")) == [[keys[0]]]
    for wrong in ({"state": "lost"}, {"limit": 0}, {"cursor": "forged"}):
        assert client.get("/v1/jobs", query_string=wrong, headers=headers).status_code == 400


def test_what_has_not_changed_is_not_sent_again(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    put(services, 2)
    job = made(client, headers, all=True)
    for address in (f"/v1/jobs/{job['id']}", "/v1/jobs"):
        first = client.get(address, headers=headers)
        again = client.get(address, headers={**headers, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    work(services, job["id"], 1, nobody)
    changed = client.get("/v1/jobs", headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_cancelling_leaves_out_what_has_not_begun_and_can_be_gone_on_with(
    client: FlaskClient, services: Services, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retag, "CHUNK", 2)
    put(services, 5)
    job = made(client, headers, all=True)
    address = f"/v1/jobs/{job['id']}"
    for _ in range(2):
        cancelled = client.post(f"{address}/cancel", headers=headers)
        assert cancelled.status_code == 200
        assert cancelled.get_json()["state"] == "cancelled"
        assert (cancelled.get_json()["leftOut"], cancelled.get_json()["done"]) == (5, 0)
    again = client.post(f"{address}/retry", headers=headers).get_json()
    assert (again["state"], again["leftOut"], again["chunks"]["waiting"]) == ("waiting", 0, 3)
    work(services, job["id"], 1, nobody)
    done = client.get(address, headers=headers).get_json()
    assert (done["state"], done["done"]) == ("done", 5)
    for action in ("cancel", "retry"):
        assert client.post(f"{address}/{action}", headers=headers).get_json() == done
        assert client.post(f"/v1/jobs/999999/{action}", headers=headers).status_code == 404


def test_what_failed_is_tried_again_and_the_rest_counts_for_no_second_run(
    client: FlaskClient, services: Services, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retag, "CHUNK", 2)
    put(services, 6)
    put_broken(services, 1)
    job = made(client, headers, all=True)
    address = f"/v1/jobs/{job['id']}"
    work(services, job["id"], 1, nobody)
    with services.database.writing() as session:
        mended = {"identifier": "BAD-0", "title": "火災統計"}
        store_records(session, [Record("BAD-0", "火災統計", None, None, mended)])
    waiting = client.post(f"{address}/retry", headers=headers).get_json()
    assert (waiting["state"], waiting["failed"], waiting["failures"]) == ("waiting", 0, [])
    assert waiting["chunks"] == {"waiting": 1, "running": 0, "done": 3, "failed": 0, "cancelled": 0}
    work(services, job["id"], 1, nobody)
    done = client.get(address, headers=headers).get_json()
    assert (done["state"], done["done"], done["failed"]) == ("done", 7, 0)
    seconds = TypeAdapter(JobOut).validate_python(done)
    assert seconds["startedAt"] is not None
    assert seconds["finishedAt"] is not None
    took = (seconds["finishedAt"] - seconds["startedAt"]).total_seconds()
    assert done["rate"] == pytest.approx(1 / took, rel=0.1)


def test_a_job_that_goes_on_is_not_tried_again(
    client: FlaskClient, services: Services, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retag, "CHUNK", 1)
    put_broken(services, 2)
    job = made(client, headers, all=True)
    retag.run_next(services, job["id"])
    went_on = client.post(f"/v1/jobs/{job['id']}/retry", headers=headers).get_json()
    assert (went_on["state"], went_on["failed"], len(went_on["failures"])) == ("running", 1, 1)
    assert (went_on["chunks"]["done"], went_on["chunks"]["waiting"]) == (1, 1)


def test_a_job_of_another_model_is_not_gone_on_with(
    client: FlaskClient, services: Services, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(services, 1)
    job = made(client, headers, all=True)
    client.post(f"/v1/jobs/{job['id']}/cancel", headers=headers)
    monkeypatch.setattr(services.tagger, "model_version", "another")
    refused = client.post(f"/v1/jobs/{job['id']}/retry", headers=headers)
    assert (refused.status_code, refused.get_json()["type"]) == (409, "/problems/job-model-changed")
    assert client.get(f"/v1/jobs/{job['id']}", headers=headers).get_json()["state"] == "cancelled"


def test_all_failures_can_be_paged_through(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    put_broken(services, 103)
    job = made(client, headers, all=True)
    work(services, job["id"], 1, nobody)
    shown = client.get(f"/v1/jobs/{job['id']}", headers=headers).get_json()
    names = [one["identifier"] for one in shown["failures"]]
    assert len(names) == 100
    page = client.get(
        f"/v1/jobs/{job['id']}/failures", query_string={"cursor": shown["failuresNext"]}, headers=headers
    ).get_json()
    names += [one["identifier"] for one in page["failures"]]
    assert page["next"] is None
    assert sorted(names) == sorted(f"BAD-{n}" for n in range(103))
    assert client.get("/v1/jobs/999/failures", headers=headers).status_code == 404
