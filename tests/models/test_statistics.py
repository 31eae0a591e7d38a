"""What decisions are counted, on which day, and how."""

import random
import statistics as arithmetic
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.account import Account
from models.catalogue import Record, Stored, model_version_id, store_records
from models.database import Database
from models.decision import Decision
from models.review.statistics import (
    Checked,
    DayCount,
    Move,
    Pair,
    PublisherCount,
    category_moves,
    checked_decisions,
    daily_decisions,
    opinion_pairs,
    paces,
    publisher_counts,
)
from models.review.tables import ReviewItem
from models.suggestion import StoredSuggestion
from models.tag import Tag

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
"""Noon in Taiwan."""


class _Store:
    """Datasets that are declared I00 and for which 500 is suggested, and decisions on them as they are written."""

    def __init__(self, session: Session, count: int) -> None:
        self.session = session
        records = [Record(f"D-{n}", "名稱", "勞動部", "I00", {"title": "名稱"}) for n in range(count)]
        self.datasets: list[Stored] = store_records(session, records)
        version = model_version_id(session, "m1")
        for one in self.datasets:
            self.add(
                StoredSuggestion,
                id=one.revision_id,
                revision_id=one.revision_id,
                model_version_id=version,
                category_code="500",
                confidence=0.9,
                mismatched=False,
                content={},
            )
        self.version = version

    def add(self, table: type[Any], **values: object) -> None:
        """Write one row."""
        self.session.execute(insert(table), [values])

    def decide(self, number: int, code: str | None, at: datetime = NOON, **values: object) -> int:
        """Write a decision on a dataset; its key."""
        dataset = self.datasets[number]
        columns = {
            "dataset_id": dataset.dataset_id,
            "revision_id": dataset.revision_id,
            "suggestion_id": dataset.revision_id,
            "category_code": code,
            "accepted_labels": [],
            "rejected_labels": [],
            "created_at": at,
        }
        [key] = self.session.scalars(insert(Decision).returning(Decision.id), [{**columns, **values}])
        return key

    def undo(self, decision_id: int) -> None:
        """Take a decision back."""
        self.decide(0, None, kind="undo", undoes_id=decision_id, suggestion_id=None)


@pytest.fixture
def store(database: Database) -> Any:
    """A store of 12 datasets, in one transaction."""
    with database.writing() as session:
        yield _Store(session, 12)


def test_a_day_is_one_of_taiwan_and_its_decisions_are_told_apart(store: _Store) -> None:
    midnight = datetime(2026, 3, 1, 16, tzinfo=UTC)
    store.decide(0, "500", midnight - timedelta(seconds=1))
    store.decide(1, "500", midnight)
    store.decide(2, "E00", midnight)
    store.decide(3, "E00", midnight, suggestion_id=None)
    store.decide(4, "500", midnight, kind="keep")
    store.decide(5, None, midnight, kind="reject")
    store.decide(6, None, midnight, kind="skip")
    store.decide(6, None, midnight, kind="flag")
    store.decide(7, "500", midnight - timedelta(days=3))
    store.undo(store.decide(8, "500", midnight))
    assert sorted(daily_decisions(store.session, NOON - timedelta(days=1))) == [
        DayCount("2026-03-01", "accepted", 1),
        DayCount("2026-03-02", "accepted", 1),
        DayCount("2026-03-02", "kept", 1),
        DayCount("2026-03-02", "otherwise", 2),
        DayCount("2026-03-02", "rejected", 1),
    ]


def test_only_first_opinions_of_the_random_check_measure_precision(store: _Store) -> None:
    store.decide(0, "500", sampled=True)
    store.decide(1, "E00", sampled=True)
    store.decide(2, None, sampled=True, kind="reject")
    store.decide(3, "500", sampled=True, kind="keep")
    store.decide(4, "500")
    first = store.decide(5, "500", sampled=True)
    store.decide(5, "E00", sampled=True, doubles_id=first)
    store.undo(store.decide(6, "E00", sampled=True))
    store.decide(7, None, sampled=True, kind="skip")
    assert checked_decisions(store.session) == [Checked("2026-03-01", "m1", "500", 5, 3)]


def test_pairs_of_opinions_count_while_neither_is_taken_back(store: _Store) -> None:
    firsts = [store.decide(n, "500") for n in range(5)]
    seconds = [
        store.decide(n, code, doubles_id=firsts[n], kind="decide" if code else "reject")
        for n, code in enumerate(("500", "500", None, "E00", "E00"))
    ]
    store.undo(firsts[0])
    store.undo(seconds[4])
    assert set(opinion_pairs(store.session)) == {
        Pair("500", "500", 1),
        Pair("500", None, 1),
        Pair("500", "E00", 1),
    }


@pytest.mark.parametrize("counts", [(1, 0), (2, 1), (5, 4), (6, 6)])
def test_medians_are_those_of_arithmetic(store: _Store, counts: tuple[int, int]) -> None:
    draw = random.Random(sum(counts))  # noqa: S311
    store.add(Account, id=1, name="a", display_name="王小姐", role="reviewer")
    times: dict[str | None, list[int]] = {"王小姐": [], None: []}
    for (name, spent), account, count in zip(times.items(), (1, None), counts, strict=True):
        for number in range(count):
            spent.append(draw.randrange(1, 9) * 500)
            store.decide(number, "500", account_id=account, milliseconds=spent[-1])
        assert name is None or spent
    store.decide(7, "500", account_id=1, milliseconds=None)
    store.decide(8, "500", NOON - timedelta(days=9), account_id=1, milliseconds=99_999)
    store.undo(store.decide(9, "500", account_id=1, milliseconds=99_999))
    found = paces(store.session, NOON - timedelta(days=7))
    assert {pace.name: (pace.decisions, pace.median_milliseconds) for pace in found} == {
        name: (len(spent), arithmetic.median(spent)) for name, spent in times.items() if spent
    }
    spent, number = (sum(pace.middle[place] for pace in found) for place in (0, 1))
    assert spent / number == arithmetic.median([*times["王小姐"], *times[None]])


def test_flags_are_counted_by_publisher_and_by_what_became_of_them(store: _Store) -> None:
    decided = {0: "I00", 1: "500", 2: "500", 9: "500"}
    queues = {3: "mismatch", 4: "uncertain", 5: "confident"}
    for number, one in enumerate(store.datasets):
        if number == 11:
            continue  # not tagged
        store.add(
            ReviewItem,
            dataset_id=one.dataset_id,
            queue=queues.get(number, "decided"),
            gain=0.5,
            level="correct" if number < 4 else None,
            confidence=0.9,
            declared_code="I00",
            suggested_code="500",
            publisher=None if number == 10 else "勞動部",
            model_version_id=store.version,
            title_pattern="名稱",
        )
        if number in decided:
            key = store.decide(number, decided[number])
            for kind, value in (("category", decided[number]), ("label", "火災")):
                store.add(
                    Tag, dataset_id=one.dataset_id, kind=kind, value=value, approved=True, decision_id=key
                )
    assert publisher_counts(store.session) == [
        PublisherCount("勞動部", 10, 4, 1, 2, 1),
        PublisherCount(None, 1, 0, 0, 0, 0),
    ]
    assert set(category_moves(store.session)) == {
        Move("I00", "I00", "decided", 1),
        Move("I00", "500", "decided", 3),
        Move("I00", None, "decided", 4),
        Move("I00", None, "mismatch", 1),
        Move("I00", None, "uncertain", 1),
        Move("I00", None, "confident", 1),
        Move("I00", None, None, 1),
    }
