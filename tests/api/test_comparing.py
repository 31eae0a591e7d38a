"""Comparing models over the store and over files: what is counted, and that nothing is written."""

import multiprocessing
import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from api.services import Services
from api.services.comparing import Candidate, Comparison, CrewLost, FileSource, StoreSource, compare, sources
from api.services.comparing import findings as counting
from api.services.comparing.crew import crew
from api.services.comparing.findings import About, Findings, Seen
from api.services.comparing.views import agencies, categories, document, labels, pairs
from api.services.datasets import to_suggestion_record
from models.base import Base
from models.catalogue import Record, Stored, store_records
from models.deciding import DecisionRecord, record_decisions
from models.job_items import Wanted
from models.tagging import store_suggestions
from tagger import DatasetMetadata, Tagger
from tests.api.other_model import RENAMED, save_other_model

TITLES = ("職業災害統計", "公車路線時刻表", "火災統計", "醫療院所名冊", "犯罪統計", "公車站牌位置")
AGENCIES = ("勞動部", "交通部", None)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    """The second model."""
    directory = tmp_path_factory.mktemp("other") / "model"
    save_other_model(directory)
    return Tagger.load(directory)


def _contents(count: int) -> list[dict[str, Any]]:
    return [
        {
            "identifier": f"D{number}",
            "title": f"{TITLES[number % 6]}{number}",
            "categoryCode": ("I00", "E00")[number // 6 % 2],
            **({"publisher": AGENCIES[number % 3]} if AGENCIES[number % 3] else {}),
        }
        for number in range(count)
    ]


def _stored(services: Services, contents: list[dict[str, Any]]) -> list[Stored]:
    records = [
        Record(one["identifier"], one.get("title", "壞"), one.get("publisher"), one.get("categoryCode"), one)
        for one in contents
    ]
    with services.database.writing() as session:
        return store_records(session, records)


def _unwatched(_done: int, _total: int | None) -> None:
    """Nobody watches."""


def _rows(services: Services) -> dict[str, int]:
    with services.database.reading() as session:
        return {
            table.name: session.scalars(select(func.count()).select_from(table)).one()
            for table in Base.metadata.sorted_tables
        }


def _compared(
    services: Services, other: Tagger, *, workers: int = 1, wanted: Wanted = sources.EVERYTHING, **more: int
) -> Comparison:
    source = StoreSource(services.database, wanted, more.pop("limit", None))
    a, b = Candidate("shipped", services.tagger), Candidate("other", other)
    return compare(a, b, source, _unwatched, workers=workers, **more)


def test_what_is_counted_is_what_the_two_models_say(services: Services, other: Tagger) -> None:
    contents = _contents(30)
    _stored(services, contents)
    before = _rows(services)
    found = _compared(services, other).findings
    assert _rows(services) == before, "nothing is written"
    a = [services.tagger.suggest(DatasetMetadata.model_validate(one)) for one in contents]
    b = [other.suggest(DatasetMetadata.model_validate(one)) for one in contents]
    expected = Counter(
        (x["categories"][0]["categoryCode"], y["categories"][0]["categoryCode"])
        for x, y in zip(a, b, strict=True)
    )
    assert found.pairs == expected
    assert {(one.before, one.after): one.datasets for one in pairs(found)} == {
        ("A00", "E00"): 10,
        ("E00", "A00"): 10,
    }
    flags = [
        (bool(x["mismatch"] and x["mismatch"]["flagged"]), bool(y["mismatch"] and y["mismatch"]["flagged"]))
        for x, y in zip(a, b, strict=True)
    ]
    assert (found.gained, found.lost) == (flags.count((False, True)), flags.count((True, False)))
    assert found.gained > 0
    words = [
        ({one["label"] for one in x["labels"]}, {one["label"] for one in y["labels"]})
        for x, y in zip(a, b, strict=True)
    ]
    assert found.removed == Counter(label for x, y in words for label in x - y)
    assert found.added == Counter(label for x, y in words for label in y - x)
    assert found.removed[RENAMED[0]] > 0
    assert found.added[RENAMED[1]] > 0
    shift = sum(
        y["categories"][0]["confidence"] - x["categories"][0]["confidence"] for x, y in zip(a, b, strict=True)
    )
    assert (found.confidence_b - found.confidence_a) / counting.UNIT == pytest.approx(shift)


def test_parts_are_the_whole_and_examples_say_what_changed(services: Services, other: Tagger) -> None:
    _stored(services, _contents(30))
    comparison = _compared(services, other, examples=2)
    found = comparison.findings
    assert (comparison.same, found.datasets, found.compared, found.failed) == (False, 30, 30, 0)
    listed = agencies(found)
    assert sum(one.compared for one in listed) == found.compared
    assert sum(one.changed for one in listed) == found.changed == sum(one.datasets for one in pairs(found))
    assert {one.publisher for one in listed} == {"勞動部", "交通部", ""}
    table = categories(found)
    assert sum(one.a for one in table) == sum(one.b for one in table) == 30
    assert sum(one.left for one in table) == sum(one.entered for one in table) == found.changed
    for pair in pairs(found):
        assert len(pair.examples) == 2
        for example in pair.examples:
            assert (example.before, example.after) == (pair.before, pair.after)
            assert 0 < example.before_confidence < 1
    first = pairs(found)[0].examples[0]
    assert (first.identifier, first.title, first.publisher) == ("D1", "公車路線時刻表1", "交通部")
    assert first.declared == "I00"


@pytest.mark.parametrize("workers", [2, 3])
def test_the_number_of_workers_changes_nothing(
    services: Services, other: Tagger, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr(sources, "CHUNK", 4)
    monkeypatch.setattr(sources, "_KEYS", 10)
    _stored(services, [*_contents(33), {"identifier": "BAD"}])
    alone, together = (_compared(services, other, workers=number) for number in (1, workers))
    assert together.findings == alone.findings
    times = {"startedAt", "finishedAt"}
    assert {name: value for name, value in document(together).items() if name not in times} == {
        name: value for name, value in document(alone).items() if name not in times
    }


def test_one_that_cannot_be_read_is_named_and_costs_no_other(services: Services, other: Tagger) -> None:
    _stored(services, [*_contents(3), {"identifier": "BAD"}, *_contents(6)[3:]])
    found = _compared(services, other).findings
    assert (found.datasets, found.compared, found.failed) == (7, 6, 1)
    [(identifier, reason)] = found.failures
    assert identifier == "BAD"
    assert "詮釋資料不符規定" in reason


def test_filters_and_limit(services: Services, other: Tagger) -> None:
    _stored(services, _contents(30))
    told: list[tuple[int, int | None]] = []
    source = StoreSource(services.database, Wanted("交通部"), 7)
    shipped, second = Candidate("a", services.tagger), Candidate("b", other)
    found = compare(shipped, second, source, lambda *one: told.append(one)).findings
    assert (found.datasets, set(found.agencies)) == (7, {"交通部"})
    assert told == [(7, 7)]
    assert _compared(services, other, wanted=Wanted(category_code="E00")).findings.datasets == 12
    assert _compared(services, other, wanted=Wanted("內政部")).findings.datasets == 0


def test_the_same_model_twice_differs_in_nothing(services: Services) -> None:
    _stored(services, _contents(6))
    comparison = _compared(services, services.tagger)
    found = comparison.findings
    assert (comparison.same, found.compared, found.changed, found.relabelled) == (True, 6, 0, 0)
    assert (found.gained, found.lost, found.added, found.removed) == (0, 0, Counter(), Counter())


def test_what_is_stored_is_held_against_a_model_and_both_against_decisions(
    services: Services, other: Tagger
) -> None:
    contents = _contents(12)
    kept = _stored(services, contents)
    tagged = [services.tagger.suggest(DatasetMetadata.model_validate(one)) for one in contents[:10]]
    with services.database.writing() as session:
        revisions = [one.revision_id for one in kept[:10]]
        records = [to_suggestion_record(key, one) for key, one in zip(revisions, tagged, strict=True)]
        store_suggestions(session, services.model_version_id, records, revisions)
    # A bus is A00 for the first model and E00 for the second; an accident at work is 500 for both.
    decided = {0: "500", 1: "A00", 5: "E00", 7: "A00", 3: "900"}
    with services.database.writing() as session:
        record_decisions(
            session,
            [
                DecisionRecord(*kept[place][:2], category_code=code, sampled=place == 5)
                for place, code in decided.items()
            ],
        )
    source = StoreSource(services.database)
    comparison = compare(Candidate("stored", None), Candidate("other", other), source, _unwatched)
    found = comparison.findings
    assert (found.datasets, found.compared, found.untagged, found.failed) == (12, 10, 2, 0)
    assert comparison.versions_a == (services.tagger.model_version,)
    agreement = found.decided
    assert (agreement.both, agreement.only_a, agreement.only_b, agreement.neither) == (1, 2, 1, 1)
    assert (agreement.a, agreement.b, agreement.decided) == (3, 2, 5)
    assert (found.sampled.decided, found.sampled.only_b) == (1, 1)
    decisions = {one.identifier: one.decided for pair in pairs(found) for one in pair.examples}
    assert decisions["D1"] == "A00"


def test_a_stored_suggestion_that_nobody_can_read_is_named(services: Services, other: Tagger) -> None:
    [kept] = _stored(services, _contents(1))
    record = to_suggestion_record(
        kept.revision_id, services.tagger.suggest(DatasetMetadata(title="火災統計"))
    )
    with services.database.writing() as session:
        broken = record._replace(content={"categories": []})
        store_suggestions(session, services.model_version_id, [broken], [kept.revision_id])
    found = compare(
        Candidate("stored", None), Candidate("other", other), StoreSource(services.database), _unwatched
    ).findings
    assert (found.failed, found.failures[0][0]) == (1, "D0")
    assert "模型 A" in found.failures[0][1]


def test_a_file_needs_no_store_and_what_it_lacks_is_told(
    tagger: Tagger, other: Tagger, tmp_path: Path
) -> None:
    path = tmp_path / "catalogue.jsonl"
    lines = [orjson.dumps(one) for one in _contents(8)]
    path.write_bytes(b"\n".join([*lines[:4], b'{"identifier": "X", "title": ""}', b"{", *lines[4:]]))
    found = compare(Candidate("a", tagger), Candidate("b", other), FileSource(path), _unwatched).findings
    assert (found.datasets, found.compared, found.failed) == (10, 8, 2)
    assert [name for name, _ in found.failures] == ["X", "第 6 筆"]
    chosen = FileSource(path, Wanted("交通部", "E00"), 3)
    few = compare(Candidate("a", tagger), Candidate("b", other), chosen, _unwatched).findings
    assert (few.datasets, few.compared, few.failed) == (3, 1, 2), (
        "nobody knows whether a bad record is wanted"
    )


def test_a_file_that_breaks_off_gives_what_came_before_and_why(
    tagger: Tagger, other: Tagger, tmp_path: Path
) -> None:
    path = tmp_path / "catalogue.json"
    whole = orjson.dumps(_contents(20))
    path.write_bytes(whole[: len(whole) // 2])
    comparison = compare(Candidate("a", tagger), Candidate("b", other), FileSource(path), _unwatched)
    assert 0 < comparison.findings.compared < 20
    assert comparison.broken


SEEN = st.builds(
    Seen,
    st.sampled_from(["A00", "B00", "E00"]),
    st.integers(1, 9_999),
    st.booleans(),
    st.dictionaries(st.sampled_from("甲乙丙"), st.sampled_from("子丑寅"), max_size=3),
    st.sampled_from(["v1", "v2"]),
)
ABOUT = st.builds(
    About,
    st.text("abc", min_size=1, max_size=3),
    st.just("統計"),
    st.sampled_from([None, "勞動部", "交通部"]),
    st.none(),
    st.sampled_from([None, "A00", "B00"]),
    st.booleans(),
)


def _findings(rows: list[tuple[About, Seen, Seen]]) -> Findings:
    found = Findings(2)
    for row in rows:
        found.compare(*row)
    return found


@given(st.lists(st.tuples(ABOUT, SEEN, SEEN), max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_findings_of_parts_add_up_wherever_they_are_cut(
    rows: list[tuple[About, Seen, Seen]], one: int, two: int
) -> None:
    first, last = sorted((one, two))
    whole = Findings(2)
    for part in (rows[:first], rows[first:last], rows[last:]):
        whole.add(_findings(part))
    assert whole == _findings(rows)
    assert whole.agencies.total() == whole.compared == whole.pairs.total() == len(rows)
    assert whole.decided.decided == sum(about.decided is not None for about, _, _ in rows)


def test_a_label_is_the_same_where_its_concept_or_its_words_are() -> None:
    found = Findings()
    a = Seen("A00", 1, False, {"c1": "大眾運輸", "c2": "公車", "c3": "時刻表"}, "v")
    b = Seen("A00", 1, False, {"c1": "公共運輸", "c9": "公車", "c4": "班次"}, "v")
    found.compare(About("1", "公車"), a, b)
    assert (found.relabelled, labels(found.added), labels(found.removed)) == (
        1,
        [("班次", 1)],
        [("時刻表", 1)],
    )


def test_names_without_end_take_no_memory_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST_NAMES", 3)
    whole = Findings()
    for number in range(10):
        whole.add(
            _findings(
                [
                    (
                        About(str(number), "統計", f"機關{number}"),
                        Seen("A00", 1, False, {}, "v"),
                        Seen("B00", 1, False, {f"c{number}": f"標籤{number}"}, "v"),
                    )
                ]
            )
        )
    assert whole.agencies == {"機關0": 1, "機關1": 1, "機關2": 1, counting.OTHERS: 7}
    assert whole.agencies_changed == whole.agencies
    assert whole.added.total() == 10
    assert len(whole.added) == 4


def test_a_crew_keeps_the_order_and_draws_few_tasks_ahead() -> None:
    drawn = 0

    def tasks() -> Any:
        nonlocal drawn
        for number in range(60):
            drawn += 1
            yield number

    def slow(number: int) -> int:
        time.sleep(0.02 if number % 7 == 0 else 0)
        return number * number

    with crew(slow, 3, lambda: None) as in_order:
        for place, result in enumerate(in_order(tasks())):
            assert result == place * place
            assert drawn <= place + 6


def test_a_crew_that_loses_somebody_says_so() -> None:
    def die(_task: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(CrewLost), crew(die, 2, lambda: None) as in_order:
        list(in_order(range(4)))


def _main(sender: Any) -> None:
    with crew(lambda _task: time.sleep(60), 2, lambda: sender.send(os.getpid())) as in_order:
        list(in_order(range(4)))


def test_a_crew_does_not_outlive_a_process_that_is_killed() -> None:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    main = context.Process(target=_main, args=(sender,))
    main.start()
    members = [receiver.recv(), receiver.recv()]
    main.kill()
    main.join()
    deadline = time.monotonic() + 20
    while any(_is_running(pid) for pid in members):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
