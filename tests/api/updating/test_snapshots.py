"""A snapshot lists all there is: what shrank is refused, what it does not name is told."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from click import ClickException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from api.cli.updating import update
from api.readers import CatalogueError, CatalogueRow
from api.services import Services
from api.services.datasets import get_dataset, put_dataset
from api.services.importing import import_catalogue, withdraw
from api.services.updating.catalogue import Asked, Look, Origin, UpdateRefused, check
from models.base import now
from models.catalogue import count_datasets
from models.catalogue_import import CatalogueImport, CatalogueSighting
from models.dataset import Dataset, DatasetRevision
from tagger import DatasetMetadata, Distribution
from tests.api.updating.conftest import Bring, bring_file
from tests.api.updating.files import FORMATS, IDENTIFIER, TITLE, catalogue, row, write

ON_SQLITE = pytest.mark.parametrize("prepared_store", ["sqlite"], indirect=True)


def _stored(services: Services) -> int:
    with services.database.reading() as session:
        return count_datasets(session).datasets


def test_the_same_file_again_changes_nothing(services: Services, bring: Bring) -> None:
    rows = catalogue(25)
    assert bring(rows).done.created == 25
    again = bring(rows)
    assert (again.done.unchanged, again.unnamed, list(again.journal.changes())) == (25, 0, [])


def test_what_shrank_by_a_fifth_is_refused_with_both_numbers(services: Services, bring: Bring) -> None:
    bring(catalogue(100))
    with pytest.raises(UpdateRefused) as refused:
        bring([row("new"), *catalogue(79)])
    for part in ("80 筆", "100 筆", "20%", "--partial", "--force"):
        assert part in str(refused.value)
    assert get_dataset(services, "new") is None
    assert bring(catalogue(81)).done.unchanged == 81


def test_records_that_cannot_be_used_do_not_count(bring: Bring) -> None:
    bring(catalogue(100))
    with pytest.raises(UpdateRefused, match="另有 30 筆有誤"):
        bring([*catalogue(70), *(row(str(number), " ") for number in range(70, 100))])


def test_a_forced_snapshot_is_what_the_next_is_held_to(bring: Bring) -> None:
    bring(catalogue(100))
    assert bring(catalogue(40), force=True).unnamed == 60
    assert bring(catalogue(33)).unnamed == 67
    with pytest.raises(UpdateRefused, match="33 筆"):
        bring(catalogue(26))


def test_what_is_stored_otherwise_is_the_measure_of_the_first_snapshot(
    services: Services, bring: Bring
) -> None:
    bring(catalogue(30), part=True)
    with pytest.raises(UpdateRefused, match="已儲存的資料集 30 筆"):
        bring(catalogue(20))


def test_a_part_is_taken_however_small_and_names_nothing_as_gone(bring: Bring) -> None:
    bring(catalogue(100))
    report = bring(catalogue(3, 100), part=True)
    assert (report.kind, report.done.created, report.unnamed) == ("part", 3, 0)
    assert bring(catalogue(103)).done.unchanged == 103


def test_a_file_without_records_is_no_snapshot_and_no_measure(bring: Bring) -> None:
    bring(catalogue(30))
    for form in ("csv", "json", "xml"):
        for force in (False, True):
            assert bring([], form, force=force).kind == "part"
        with pytest.raises(UpdateRefused, match="沒有任何可用"):
            bring([], form, withdraw_unnamed=True)
    assert bring([row("1", " ")], force=True).kind == "snapshot"
    with pytest.raises(UpdateRefused, match="完整目錄 30 筆"):
        bring(catalogue(3))


def test_a_small_catalogue_is_no_nuisance(bring: Bring) -> None:
    bring(catalogue(19))
    assert bring(catalogue(1)).unnamed == 18


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_file_that_breaks_off_is_refused_as_a_whole(
    services: Services, bring: Bring, tmp_path: Path, form: str
) -> None:
    path = write(tmp_path / f"half.{form}", catalogue(3_000))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(CatalogueError, match="下載不完整"):
        bring_file(services, path)
    assert _stored(services) == 0


def test_what_a_snapshot_no_longer_names_is_told_and_withdrawn_only_when_asked(
    services: Services, bring: Bring
) -> None:
    bring(catalogue(100))
    report = bring(catalogue(90))
    assert (report.unnamed, report.journal.first_unnamed, report.unnamed_withdrawn) == (
        10,
        [str(number) for number in range(90, 100)],
        False,
    )
    assert _stored(services) == 100
    report = bring(catalogue(90), withdraw_unnamed=True)
    assert (report.unnamed, report.unnamed_withdrawn, _stored(services)) == (10, True, 90)
    assert bring(catalogue(90), withdraw_unnamed=True).unnamed == 0
    assert bring(catalogue(100)).done.restored == 10


def test_a_record_that_cannot_be_used_still_names_its_dataset(services: Services, bring: Bring) -> None:
    bring(catalogue(30))
    report = bring([*catalogue(28), row("28", 服務分類="沒有這一類")], withdraw_unnamed=True)
    assert (report.done.failed, list(report.journal.unnamed_datasets())) == (1, ["29"])


def test_nothing_is_withdrawn_where_it_is_not_certain_what_is_named(services: Services, bring: Bring) -> None:
    bring(catalogue(30))
    with pytest.raises(UpdateRefused, match="讀不出識別碼"):
        bring([*catalogue(29), {IDENTIFIER: "", TITLE: "甲"}], withdraw_unnamed=True)
    with pytest.raises(UpdateRefused, match="沒有任何可用"):
        bring([row("1", " ")], withdraw_unnamed=True, force=True)
    for rows, more in ((catalogue(3), {"part": True}), ([row("1", state="修改")], {})):
        with pytest.raises(UpdateRefused, match="--withdraw-missing"):
            bring(rows, withdraw_unnamed=True, **more)
    assert _stored(services) == 30


def test_what_is_stored_while_a_snapshot_comes_in_is_not_missing(
    services: Services, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(catalogue(30))
    taken = "api.services.updating.catalogue.import_catalogue"

    def meanwhile(*arguments: object) -> object:
        put_dataset(services, DatasetMetadata(identifier="rest", title="剛上架"))
        return import_catalogue(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(taken, meanwhile)
    assert bring(catalogue(29), withdraw_unnamed=True).journal.first_unnamed == ["29"]
    assert get_dataset(services, "rest") is not None


def test_what_changes_before_its_turn_to_be_withdrawn_is_not_missing(
    services: Services, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(catalogue(30))

    def meanwhile(*arguments: object) -> object:
        put_dataset(services, DatasetMetadata(identifier="29", title="改了"))
        return withdraw(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("api.services.updating.catalogue.withdraw", meanwhile)
    report = bring(catalogue(28), withdraw_unnamed=True)
    assert (report.unnamed, list(report.journal.unnamed_datasets())) == (1, ["28"])
    assert get_dataset(services, "29") is not None


def test_silence_keeps_and_replacing_clears(services: Services, bring: Bring) -> None:
    bring([row("1", 備註="舊", 檔案格式="CSV")])
    assert bring([row("1", 備註=None)]).done.unchanged == 1
    report = bring([row("1", 備註=None)], replace=True)
    assert report.done.fields == {"distribution": 1, "notes": 1}
    dataset = get_dataset(services, "1")
    assert dataset is not None
    assert dataset.metadata == {"identifier": "1", "title": "資料集1", "publisher": "勞動部"}
    with pytest.raises(UpdateRefused, match="--replace"):
        bring([row("1", state="修改")], replace=True)


@pytest.mark.parametrize("form", FORMATS)
def test_counts_and_fields_are_told(bring: Bring, form: str) -> None:
    bring(catalogue(30), form)
    rows = [row("0", "甲"), row("1", "乙", 備註="新"), *catalogue(28, 2), row("x"), row("y", " ")]
    report = bring(rows, form)
    assert report.done[:4] == (32, 1, 2, 28)
    assert (report.done.failed, report.done.fields) == (1, {"title": 2, "notes": 1})
    assert [(one.identifier, one.kind, one.fields) for one in report.journal.changes()] == [
        ("0", "changed", ("title",)),
        ("1", "changed", ("notes", "title")),
        ("x", "created", ()),
    ]


def test_an_import_is_written_down(services: Services, bring: Bring) -> None:
    bring(catalogue(30))
    with pytest.raises(UpdateRefused):
        bring(catalogue(3))
    with services.database.reading() as session:
        [one] = session.scalars(select(CatalogueImport))
        assert (one.source, one.kind, one.rows, one.counts["created"]) == (
            "catalogue.csv",
            "snapshot",
            30,
            30,
        )
        assert one.finished_at is not None
        assert one.finished_at >= one.started_at
        assert session.scalars(select(func.count()).select_from(CatalogueSighting)).one() == 0


@ON_SQLITE
def test_an_import_that_finds_the_store_locked_waits(services: Services, bring: Bring) -> None:
    engine = services.database.engine
    # Without it the test would have to hold the lock for more than ten seconds.
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 0"))
    engine.dispose()
    other = sqlite3.connect(str(engine.url.database), isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.2, other.rollback).start()
        assert bring(catalogue(3)).done.created == 3


@ON_SQLITE
def test_heavy_records_are_held_few_at_a_time(services: Services) -> None:
    text = "字" * 20_000
    heavy = Distribution(
        resource_description=text, access_url=text, download_url=text, metadata_source_of_data=text
    )
    rows = [
        CatalogueRow(number, DatasetMetadata(identifier=str(number), title="甲", distribution=[heavy] * 9))
        for number in range(1, 9)
    ]
    steps: list[int] = []
    import_catalogue(services, rows, lambda problem: None, steps.append)
    assert steps == [6, 8]


@ON_SQLITE
def test_a_file_that_spoils_while_it_is_taken_is_not_said_to_be_left_out(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "catalogue.json", catalogue(30))

    def meanwhile(services: Services, look: Look, asked: Asked) -> None:
        check(services, look, asked)
        path.write_bytes(path.read_bytes()[:-20])

    monkeypatch.setattr("api.cli.updating.check", meanwhile)
    with pytest.raises(ClickException, match="在此之前讀到的已經匯入"):
        update(services, path, Asked(), Origin(path.name, now()), None, as_json=False)
    assert _stored(services) == 29


@pytest.mark.parametrize("seed", range(3))
def test_two_imports_at_once_wait_for_each_other_and_double_nothing(
    services: Services, tmp_path: Path, seed: int
) -> None:
    rows = catalogue(2_500)
    # The one comes from the front, the other from the back; both name some datasets twice.
    files = [
        write(tmp_path / "a.jsonl", [*rows, *rows[:: seed + 2]]),
        write(tmp_path / "b.jsonl", [*reversed(rows), *rows[:: seed + 3]]),
    ]
    reports, errors = [], []

    def run(path: Path) -> None:
        try:
            reports.append(bring_file(services, path).done)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(path,)) for path in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(report.created for report in reports) == 2_500
    assert sum(report.changed for report in reports) == 0
    with services.database.reading() as session:
        assert session.scalars(select(func.count()).select_from(Dataset)).one() == 2_500
        assert session.scalars(select(func.count()).select_from(DatasetRevision)).one() == 2_500


_ONE = st.tuples(st.sampled_from("abc"), st.sampled_from(["新增", "修改", "刪除"]), st.sampled_from("甲乙"))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(days=st.lists(st.lists(_ONE, max_size=6), min_size=1, max_size=3))
def test_whatever_the_days_say_the_store_is_as_the_last_row_says(
    services: Services, bring: Bring, days: list[list[tuple[str, str, str]]]
) -> None:
    last: dict[str, tuple[str, str]] = {}
    for day in days:
        report = bring([row(name, title, state) for name, state, title in day], "jsonl") if day else None
        assert report is None or report.done.rows == len(day) == sum(report.done[1:8])
        last |= {name: (state, title) for name, state, title in day}
    for name, (state, title) in last.items():
        dataset = get_dataset(services, name)
        assert (dataset is None) == (state == "刪除")
        assert dataset is None or dataset.metadata["title"] == title
