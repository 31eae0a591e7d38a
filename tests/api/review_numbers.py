"""Decisions whose numbers are known, for tests of the statistics and of the page that shows them."""

from typing import NamedTuple

from api.services import Services
from api.services.accounts import Person
from api.services.datasets import put_dataset
from api.services.review.deciding import undo, write_decisions
from models.catalogue import find_dataset
from models.deciding import DecisionRecord
from tagger import DatasetMetadata

OTHER = "A00"
"""A category that is neither declared nor suggested."""
HOSTILE = "<b>勞動部</b>\u202e\"'"
"""The agency of the last dataset."""


class Filled(NamedTuple):
    """What was decided: the category suggested for all, and the model's name."""

    suggested: str
    model_version: str


def fill(services: Services, first: Person, second: Person) -> Filled:
    """14 datasets, declared 公共資訊 and flagged, and decisions on most of them.

    On 0 to 10 the suggestion was accepted and on 11 the declaration kept, all of them in the random check; the
    decision on 0 was taken back. 12 was refused, 13 not decided. A blind second opinion on 1 agreed, on 2 chose
    another category, on 3 refused. The decision on dataset n took n seconds, the second opinions 20 each.
    """
    for number in range(14):
        metadata = {
            "identifier": f"N-{number}",
            "title": "職業災害統計",
            "publisher": HOSTILE if number == 13 else "勞動部",
            "categoryCode": "I00",
        }
        put_dataset(services, DatasetMetadata.model_validate(metadata))
    keys: list[int] = []
    for number in range(13):
        kind, code = {11: ("keep", "I00"), 12: ("reject", None)}.get(number, ("decide", _suggested(services)))
        record = DecisionRecord(0, 0, category_code=code, kind=kind, sampled=number < 12)
        keys.append(_write(services, number, first, record, number))
    for number, code in enumerate((_suggested(services), OTHER, None), 1):
        kind = "decide" if code else "reject"
        record = DecisionRecord(0, 0, category_code=code, kind=kind, doubles_id=keys[number])
        _write(services, number, second, record, 20)
    assert undo(services, first._replace(role="administrator"), keys[0])
    return Filled(_suggested(services), services.tagger.model_version)


def _suggested(services: Services) -> str:
    with services.database.reading() as session:
        dataset = find_dataset(session, "N-0")
        assert dataset is not None
        assert dataset.suggestion is not None
        return dataset.suggestion.category_code


def _write(services: Services, number: int, person: Person, record: DecisionRecord, seconds: int) -> int:
    with services.database.writing() as session:
        dataset = find_dataset(session, f"N-{number}")
        assert dataset is not None
        whole = record._replace(
            dataset_id=dataset.id,
            revision_id=dataset.current_revision_id or 0,
            suggestion_id=dataset.current_suggestion_id,
            account_id=person.id,
            milliseconds=seconds * 1000,
        )
        return write_decisions(services, session, [whole])[0].decision_id
