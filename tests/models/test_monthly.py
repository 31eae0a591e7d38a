"""What stood at the end of a month and what was decided in it, on both engines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from models.catalogue import model_version_id
from models.database import Database
from models.dataset import Dataset, DatasetRevision
from models.decision import Decision
from models.patience import allow_long
from models.review.monthly import (
    Labelled,
    Stock,
    Suggested,
    Taken,
    catalogue_stock,
    decisions_taken,
    label_stock,
    suggestion_stock,
)
from models.suggestion import StoredSuggestion

ENDS = [datetime(2026, month, 28, 16, tzinfo=UTC) for month in (1, 2, 3, 4)]
"""Four ends; what happens before the first one has place 0."""
BEFORE, FIRST, SECOND, THIRD, AFTER = (datetime(2026, month, 10, tzinfo=UTC) for month in (1, 2, 3, 4, 5))
LABEL = {"label": "火災", "concept": None}


class _History:
    """Rows with the moments at which they were written."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.version = model_version_id(session, "m1")
        self._number = 0

    def dataset(self, *revisions: tuple[datetime, str | None, str | None]) -> int:
        """A dataset with revisions: when, agency, declared category; its key."""
        self._number += 1
        [key] = self.session.scalars(
            insert(Dataset).returning(Dataset.id), [{"identifier": f"D-{self._number}", "version": 1}]
        )
        for number, (at, publisher, code) in enumerate(revisions, 1):
            row = {"number": number, "publisher": publisher, "category_code": code, "created_at": at}
            fixed = {"dataset_id": key, "content_hash": "", "title": "名稱", "content": {}}
            self.session.execute(insert(DatasetRevision), [{**row, **fixed}])
        return key

    def withdraw(self, key: int, at: datetime) -> None:
        """Withdraw a dataset."""
        self.session.execute(update(Dataset).where(Dataset.id == key).values(withdrawn_at=at))

    def suggest(self, key: int, number: int, at: datetime, *, flagged: bool, labels: int = 0) -> int:
        """A suggestion for a revision; its key. Each is another model's."""
        revision = self.revision(key, number)
        version = model_version_id(self.session, f"m{at}")
        row = {"revision_id": revision, "model_version_id": version, "category_code": "500"}
        content = {"labels": [{"label": "火災"}] * labels}
        more = {"confidence": 0.9, "mismatched": flagged, "content": content, "created_at": at}
        [found] = self.session.scalars(
            insert(StoredSuggestion).returning(StoredSuggestion.id), [{**row, **more}]
        )
        return found

    def revision(self, key: int, number: int) -> int:
        """The key of a dataset's revision."""
        rows = self.session.query(DatasetRevision).filter_by(dataset_id=key, number=number)
        return rows.one().id

    def decide(self, key: int, at: datetime, number: int = 1, **values: Any) -> int:
        """A decision on a revision; its key."""
        row = {"dataset_id": key, "revision_id": self.revision(key, number), "created_at": at}
        rest = {"category_code": "500", "accepted_labels": [], "rejected_labels": []}
        [found] = self.session.scalars(insert(Decision).returning(Decision.id), [{**row, **rest, **values}])
        return found

    def undo(self, decision_id: int, key: int, at: datetime) -> None:
        """Take a decision back."""
        self.decide(key, at, kind="undo", undoes_id=decision_id, category_code=None)


@pytest.fixture
def history(database: Database) -> Any:
    """An empty history, in one transaction."""
    with database.writing() as session:
        allow_long(session)
        yield _History(session)


def test_a_revision_holds_until_the_next_one_or_the_withdrawal(history: _History) -> None:
    history.dataset((BEFORE, "甲", "I00"))
    history.dataset((BEFORE, "甲", "I00"), (SECOND, "乙", "500"))
    history.dataset((FIRST, "甲", "I00"), (FIRST + timedelta(hours=1), "甲", "500"))
    history.withdraw(history.dataset((BEFORE, "甲", None)), SECOND)
    history.withdraw(history.dataset((FIRST, "甲", None)), FIRST + timedelta(days=1))
    history.dataset((AFTER, "甲", None))
    assert sorted(catalogue_stock(history.session, ENDS), key=str) == [
        Stock("乙", "500", 2, 4, 1),
        Stock("甲", "500", 1, 4, 1),
        Stock("甲", "I00", 0, 2, 1),
        Stock("甲", "I00", 0, 4, 1),
        Stock("甲", None, 0, 2, 1),
    ]


def test_the_very_end_of_a_month_belongs_to_the_next_one(history: _History) -> None:
    history.dataset((ENDS[1] - timedelta(microseconds=1), "甲", None))
    history.dataset((ENDS[1], "甲", None))
    found = catalogue_stock(history.session, ENDS)
    assert sorted(found) == [Stock("甲", None, 1, 4, 1), Stock("甲", None, 2, 4, 1)]
    key = history.dataset((BEFORE, "丙", None))
    history.decide(key, ENDS[1] - timedelta(microseconds=1), kind="keep")
    history.decide(key, ENDS[1], kind="reject", category_code=None)
    assert sorted(decisions_taken(history.session, ENDS)) == [
        Taken("丙", 1, "kept", 1),
        Taken("丙", 2, "rejected", 1),
    ]


def test_a_suggestion_holds_until_the_next_and_decisions_close_its_flag(history: _History) -> None:
    open_until_decided = history.dataset((BEFORE, "甲", "I00"))
    history.suggest(open_until_decided, 1, BEFORE, flagged=True, labels=2)
    taken_back = history.decide(open_until_decided, FIRST)
    history.undo(taken_back, open_until_decided, SECOND)
    history.decide(open_until_decided, THIRD)
    retagged = history.dataset((BEFORE, "乙", "I00"))
    history.suggest(retagged, 1, BEFORE, flagged=True)
    history.suggest(retagged, 1, SECOND, flagged=False, labels=1)
    edited = history.dataset((BEFORE, "丙", "I00"), (FIRST, "丙", "500"))
    history.suggest(edited, 1, BEFORE, flagged=True)
    history.suggest(edited, 2, SECOND, flagged=False)
    second = history.dataset((BEFORE, "丁", "I00"))
    history.suggest(second, 1, BEFORE, flagged=True)
    history.decide(second, FIRST, kind="skip", category_code=None)
    history.decide(second, FIRST, doubles_id=taken_back)
    assert sorted(suggestion_stock(history.session, ENDS)) == [
        Suggested("丁", True, False, 0, 4, 0b0000, 1),
        Suggested("丙", False, False, 2, 4, 0, 1),
        Suggested("丙", True, False, 0, 1, 0, 1),
        Suggested("乙", False, True, 2, 4, 0, 1),
        Suggested("乙", True, False, 0, 2, 0, 1),
        Suggested("甲", True, True, 0, 4, 0b1010, 1),
    ]


def test_a_label_is_approved_while_a_decision_that_approved_it_stands(history: _History) -> None:
    key = history.dataset((BEFORE, "甲", None))
    first = history.decide(key, FIRST, accepted_labels=[LABEL])
    history.undo(first, key, SECOND)
    history.decide(key, THIRD, accepted_labels=[LABEL])
    rejected = history.dataset((BEFORE, "甲", None))
    history.decide(rejected, FIRST, rejected_labels=[LABEL])
    assert label_stock(history.session, ENDS) == [Labelled("甲", 0, 4, 0b1010, 1)]


def test_decisions_are_told_apart_and_stay_in_their_month_when_they_are_taken_back_later(
    history: _History,
) -> None:
    key = history.dataset((BEFORE, "甲", "I00"), (SECOND, "乙", "I00"))
    suggestion = history.suggest(key, 1, BEFORE, flagged=True)
    history.decide(key, BEFORE)
    accepted = history.decide(key, FIRST, suggestion_id=suggestion)
    history.decide(key, FIRST, suggestion_id=suggestion, category_code="E00")
    history.decide(key, FIRST, doubles_id=accepted, suggestion_id=suggestion)
    for kind in ("skip", "flag"):
        history.decide(key, FIRST, kind=kind, category_code=None)
    at_once = history.decide(key, FIRST, kind="keep")
    history.undo(at_once, key, FIRST + timedelta(hours=1))
    history.undo(accepted, key, SECOND)
    history.decide(key, SECOND, 2, kind="keep")
    history.decide(key, AFTER, 2)
    assert sorted(decisions_taken(history.session, ENDS)) == [
        Taken("乙", 2, "kept", 1),
        Taken("甲", 1, "accepted", 1),
        Taken("甲", 1, "marked", 1),
        Taken("甲", 1, "otherwise", 1),
        Taken("甲", 1, "second", 1),
        Taken("甲", 1, "skipped", 1),
        Taken("甲", 1, "undone", 1),
        Taken("甲", 2, "undone", 1),
    ]
