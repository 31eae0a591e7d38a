"""What tests of jobs share: datasets to tag, and asking for a job."""

import itertools
from typing import Any

from flask.testing import FlaskClient

from api.services import Services
from models.catalogue import Record, store_records

NUMBERS = itertools.count(1)


def nobody(_done: int, _total: int) -> None:
    """Nobody watches."""


def put(services: Services, count: int, publisher: str = "勞動部", code: str = "I00") -> list[str]:
    """So many datasets; their identifiers."""
    names = [f"D-{next(NUMBERS)}" for _ in range(count)]
    records = [
        Record(
            name,
            f"職業災害統計{name}",
            publisher,
            code,
            {
                "identifier": name,
                "title": f"職業災害統計{name}",
                "publisher": publisher,
                "categoryCode": code,
            },
        )
        for name in names
    ]
    with services.database.writing() as session:
        store_records(session, records)
    return names


def put_broken(services: Services, count: int) -> None:
    """Datasets that cannot be tagged."""
    records = [Record(f"BAD-{n}", f"壞{n}", None, None, {"identifier": f"BAD-{n}"}) for n in range(count)]
    with services.database.writing() as session:
        store_records(session, records)


def made(client: FlaskClient, headers: dict[str, str], **asked: Any) -> Any:
    """A job that was asked for, as it was answered."""
    answer = client.post("/v1/jobs", json={"kind": "retag", **asked}, headers=headers)
    assert answer.status_code == 202, answer.text
    job = answer.get_json()
    assert answer.location == f"/v1/jobs/{job['id']}"
    return job
