"""The report on a portal's statistics: what each row gets, and what the rows add up to."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.readers.tables import Cell, Table, TableError, open_table
from api.reports.statistics_workbook import rows_sheet, statistics_sheets
from api.reports.tables import TableFormat, write_tables
from api.services import Services, portal_statistics
from api.services.accounts import Person
from api.services.portal_statistics import MOST_ROWS, Report, make_report
from api.services.portal_statistics.numbers import number_of
from api.services.portal_statistics.report import UNCATEGORISED, by_category
from models.base import now
from models.catalogue import find_dataset
from models.deciding import DecisionRecord, LabelChoice, record_decisions
from models.review.leases import take_lease
from models.review.tables import FOR_SECOND
from tagger import Tagger
from tagger.labels import LabelModel
from tests.api.portal_statistics.conftest import HEADER, ROWS, read_back

_ON_SQLITE = pytest.mark.parametrize("prepared_store", ["sqlite"], indirect=True)


def _report(services: Services, rows: list[list[Any]] | None = None, person: Person | None = None) -> Report:
    table = Table(None, HEADER, iter(rows if rows is not None else [list(row) for row in ROWS]), 1)
    return make_report(services, table, "統計.csv", person=person)


def _decide(services: Services, identifier: str, category: str, *labels: str) -> None:
    with services.database.writing() as session:
        dataset = find_dataset(session, identifier)
        assert dataset is not None
        assert dataset.current_revision_id is not None
        record_decisions(
            session,
            [
                DecisionRecord(
                    dataset.id,
                    dataset.current_revision_id,
                    dataset.current_suggestion_id,
                    category_code=category,
                    accepted=tuple(LabelChoice(label) for label in labels),
                )
            ],
        )


def test_each_row_gets_what_is_known_and_why(services: Services, stored: None) -> None:
    _decide(services, "B-1", "200", "農產品價格")
    report = _report(services)
    assert [row.cells for row in report.rows] == ROWS
    assert [row.join.how for row in report.rows] == [
        *("exact", "renamed", "renamed", "ambiguous", "none", "none", "none")
    ]
    accident, farm, bus, arts, mountain, again, nameless = report.rows
    assert (accident.category, bool(accident.suggested), accident.suggested != "公共資訊") == (
        "公共資訊",
        True,
        True,
    )
    assert "「" in accident.why
    assert accident.suggested in accident.why
    assert accident.labels
    assert (farm.category_code, farm.suggested, farm.labels) == ("200", "", ("農產品價格",))
    assert farm.why.startswith("機關已改為農業部；審核核可為")
    assert "原填「公共資訊」" in farm.why
    assert (bus.category_code, bus.suggested) == ("A00", "")
    assert (arts.category, bool(arts.suggested), "待確認" in arts.why) == ("", True, True)
    assert (mountain.category, bool(mountain.suggested), "依名稱推定" in mountain.why) == ("", True, True)
    assert again[5:] == mountain[5:], "the same title is answered alike"
    assert (nameless.best, nameless.why) == ("", "沒有資料集名稱，無法推定分類。")
    assert [row.used for row in report.rows[:4]] == [
        *((7472, 1099, 100), (5080, 667, 40), (609, 29, None), (90, None, None))
    ]
    assert report.failed == 0
    document = report.document()
    assert (
        document["rows"],
        document["joined"]["renamed"],
        document["ambiguous"],
        document["unmatched"],
    ) == (*(7, 2, 1, 3),)


@_ON_SQLITE
def test_what_is_stored_but_not_tagged_is_tagged_for_the_report_only(
    services: Services, stored: None
) -> None:
    with services.database.writing() as session:
        dataset = find_dataset(session, "A-1")
        assert dataset is not None
        dataset.current_suggestion_id = None
    [row, *_] = _report(services, [ROWS[0]]).rows
    assert row.category == "公共資訊"
    assert row.suggested not in {"", "公共資訊"}
    with services.database.reading() as session:
        found = find_dataset(session, "A-1")
        assert found is not None
        assert found.current_suggestion_id is None


class _Choking:
    """A label model that cannot read one title."""

    def __init__(self, labels: LabelModel, title: str) -> None:
        self._labels = labels
        self._title = title

    def suggest(self, fields: Any) -> Any:
        if self._title in str(fields):
            raise ValueError
        return self._labels.suggest(fields)


@_ON_SQLITE
def test_a_stored_dataset_that_cannot_be_tagged_costs_no_other(services: Services, stored: None) -> None:
    with services.database.writing() as session:
        for identifier in ("A-1", "C-1"):
            dataset = find_dataset(session, identifier)
            assert dataset is not None
            dataset.current_suggestion_id = None
    whole = services.tagger
    labels: Any = _Choking(whole.labels, "職業災害統計")
    services.tagger = Tagger(whole.categories, labels, whole.mismatches, whole.model_version)
    report = _report(services, [ROWS[0], ROWS[2]])
    assert (report.failed, report.rows[0].category, report.rows[0].suggested) == (1, "公共資訊", "")
    assert report.rows[0].why == "尚未標註，無法建議。"
    assert report.rows[1].labels


@_ON_SQLITE
def test_the_pivot_is_what_the_rows_add_up_to(services: Services, stored: None) -> None:
    report = _report(services)
    sheets = {sheet.name: (sheet, list(sheet.rows)) for sheet in statistics_sheets(report)}
    assert list(sheets) == [*("附件1", "依分類", "依機關", "高使用低品質", "未對應", "待確認", "說明")]
    rows = sheets["附件1"][1]
    headings = [name for name, _ in sheets["附件1"][0].columns]
    assert headings == [*HEADER, "服務分類", "建議分類", "語意標籤", "分類說明"]
    *categories, total = sheets["依分類"][1]
    for place, pick in ((1, lambda row: row[7]), (5, lambda row: row[7] or row[8])):
        for line in categories:
            mine = [row for row in rows if (pick(row) or UNCATEGORISED) == line[0]]
            scores = [number_of(row[4]) for row in mine if number_of(row[4]) is not None]
            assert line[place : place + 4] == [
                len(mine),
                sum(number_of(row[2]) or 0 for row in mine),
                sum(number_of(row[3]) or 0 for row in mine),
                round(sum(scores) / len(scores), 2) if scores else None,  # type: ignore[arg-type]
            ]
        assert total[place : place + 3] == [
            sum(line[column] for line in categories)  # type: ignore[misc]
            for column in range(place, place + 3)
        ]
    assert total[1:4] == [7, 7472 + 5080 + 609 + 90 + 1000 + 1, 1099 + 667 + 29 + 12 + 3 + 1]
    *agencies, whole = sheets["依機關"][1]
    assert agencies[0][0] == "國家公園警察大隊"
    assert [sum(line[place] for line in agencies) for place in (1, 2, 3, 5, 6, 7)] == [  # type: ignore[misc]
        whole[place] for place in (1, 2, 3, 5, 6, 7)
    ]


@_ON_SQLITE
def test_means_are_rounded_as_the_notes_say(services: Services) -> None:
    rows = [["文化部", "", "", "", score, "", ""] for score in ("62.12", "62.13")]
    [sheet] = [sheet for sheet in statistics_sheets(_report(services, rows)) if sheet.name == "依機關"]
    assert [line[4] for line in sheet.rows] == [62.13, 62.13]


@_ON_SQLITE
def test_what_is_uncertain_is_shown_with_its_candidates(services: Services, stored: None) -> None:
    sheets = {sheet.name: list(sheet.rows) for sheet in statistics_sheets(_report(services))}
    assert [(row[0], row[2], row[3], row[4]) for row in sheets["待確認"]] == [
        (5, "藝文活動資訊", "1/2", "D-1"),
        (5, "藝文活動資訊", "2/2", "D-2"),
    ]
    assert [row[0] for row in sheets["未對應"]] == [6, 7, 8]
    notes = dict(sheets["說明"])  # type: ignore[arg-type]
    assert notes["列數"] == 7
    assert notes["對應：名稱相同，機關已改名或改隸"] == 2
    assert notes["模型版本"] == services.tagger.model_version


@_ON_SQLITE
def test_much_used_and_poorly_described_come_first(services: Services, stored: None) -> None:
    rows = [["文化部", f"歷年統計表第{number}號", str(number), "0", "100", "", ""] for number in range(30)]
    rows[29][4] = "20"
    rows[28][4] = "40"
    rows[27][4] = ""
    rows[3][4] = "0"
    [sheet] = [sheet for sheet in statistics_sheets(_report(services, rows)) if sheet.name == "高使用低品質"]
    assert [(row[0], row[-1]) for row in sheet.rows] == [(31, "評分 20"), (30, "評分 40")]


@_ON_SQLITE
def test_a_person_who_is_asked_for_a_blind_opinion_is_not_told_the_first(
    services: Services, stored: None, reviewer: Person, second_reviewer: Person
) -> None:
    _decide(services, "A-1", "600")
    with services.database.writing() as session:
        dataset = find_dataset(session, "A-1")
        assert dataset is not None
        take_lease(session, dataset.id, second_reviewer.id, FOR_SECOND, now())
    told = _report(services, [ROWS[0]], reviewer).rows[0]
    hidden = _report(services, [ROWS[0]], second_reviewer).rows[0]
    assert (told.category_code, hidden.category_code) == ("600", "I00")
    assert "審核" in told.why
    assert "審核" not in hidden.why


@_ON_SQLITE
@pytest.mark.parametrize("form", ["xlsx", "ods", "csv"])
def test_every_format_comes_back_equal(
    services: Services, stored: None, tmp_path: Path, form: TableFormat
) -> None:
    report = _report(services)
    path = tmp_path / f"report.{form}"
    with path.open("wb") as stream:
        write_tables(stream, form, statistics_sheets(report), report.at)
    columns, rows = read_back(path)
    assert columns[: len(HEADER)] == HEADER
    assert [_comparable(row[: len(HEADER)]) for row in rows] == [_comparable(row) for row in ROWS]
    assert [row[len(HEADER) + 3] for row in rows] == [row.why for row in report.rows]
    if form != "csv":
        columns, rows = read_back(path, "服務分類", "含推定的筆數")
        assert rows[-1][:2] == ["合計", len(ROWS)]


@_ON_SQLITE
@given(
    cells=st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(-(2**53), 2**53),
                st.floats(allow_nan=False, allow_infinity=False),
                st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8),
                st.sampled_from(["=1+1", "+1", "-1", "@x", "＝1", "\tx", "'=1", "7,472", "007"]),
            ),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cells_and_their_order_stay_whatever_they_are(
    services: Services, tmp_path: Path, cells: list[list[Cell]]
) -> None:
    table = Table(None, [*HEADER[:2], "甲", "乙"], iter([["勞動部", "職業災害", *row] for row in cells]), 1)
    report = make_report(services, table, "x")
    path = tmp_path / "report.xlsx"
    with path.open("wb") as stream:
        write_tables(stream, "xlsx", [rows_sheet(report)], report.at)
    _, rows = read_back(path)
    assert [_comparable(row[2:4]) for row in rows] == [_comparable(row) for row in cells]


def _comparable(row: list[Any]) -> list[Any]:
    """Cells with their kinds; one without content is one thing in every format."""
    return [None if cell in (None, "") else (isinstance(cell, bool), cell) for cell in row]


@_ON_SQLITE
def test_columns_of_ours_that_a_file_has_already_stay_theirs(services: Services) -> None:
    table = Table(None, [*HEADER[:2], "服務分類"], iter([["勞動部", "職業災害", "甲"]]), 1)
    sheet = rows_sheet(make_report(services, table, "x"))
    assert [name for name, _ in sheet.columns][2:5] == ["服務分類", "服務分類（本次）", "建議分類"]
    assert next(iter(sheet.rows))[2] == "甲"


@_ON_SQLITE
def test_titles_that_no_metadata_may_have_cost_no_other(services: Services) -> None:
    rows: list[list[Any]] = [
        ["勞動部", title, None, None, None, None, None]
        for title in ("題" * 3_000, "職\x00災", "\ud800職災", None, 20130318, True, "職業災害")
    ]
    report = _report(services, rows)
    assert report.failed == 0
    assert [bool(row.suggested) for row in report.rows] == [True, True, True, False, True, True, True]


@_ON_SQLITE
@pytest.mark.parametrize(
    ("columns", "rows", "says"),
    [
        (["提供機關名稱", "名稱"], [["a", "b"]], "資料集名稱"),
        (HEADER[:2], [], "沒有資料"),
        (HEADER[:2], [["a", "b"]] * (MOST_ROWS + 1), "200,000 列"),
    ],
)
def test_a_table_that_is_none_says_what_to_do(
    services: Services, columns: list[str], rows: list[list[Cell]], says: str
) -> None:
    with pytest.raises(TableError, match=says):
        make_report(services, Table(None, columns, iter(rows), 1), "x")


@_ON_SQLITE
def test_short_rows_below_a_wide_header_are_counted_as_wide(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_statistics, "MOST_CELLS", 3 * len(HEADER))
    blank: list[Cell] = [""] * len(HEADER)
    assert len(_report(services, [blank] * 3).rows) == 3
    with pytest.raises(TableError, match="檔案有 7 欄，最多 3 列"):
        _report(services, [blank] * 4)


def test_numbers_are_read_as_people_write_them() -> None:
    for text, value in (
        *(
            ("7,472", 7472),
            (" 12 ", 12),
            ("１,０００", 1000),
            ("-5", -5),
            ("87.5", 87.5),
            ("0.12345678", 0.12345678),
            (3, 3),
            (2.0, 2),
        ),
        *(
            ("", None),
            ("不詳", None),
            ("1,2", None),
            ("1e9", None),
            ("NaN", None),
            (True, None),
            (None, None),
        ),
        *((float("nan"), None), (float("inf"), None), ("9" * 400, None), (10**400, None)),
    ):
        assert number_of(text) == value, text


def test_categories_are_all_there_in_the_official_order() -> None:
    names = [name for name, _ in by_category([])]
    assert len(names) == 19
    assert names[-1] == UNCATEGORISED


@pytest.mark.shared
@_ON_SQLITE
def test_a_tenth_of_the_real_statistics(services: Services, shared_data: Path, tmp_path: Path) -> None:
    with open_table(
        shared_data / "statistics-2018.csv.gz", required=(("提供機關名稱",), ("資料集名稱",))
    ) as table:
        rows = [row for place, row in enumerate(table.rows) if place % 12 == 0]
        columns = table.columns
    report = make_report(services, Table(None, columns, iter(rows), 1), "statistics-2018")
    assert [row.cells for row in report.rows] == rows
    assert len(rows) > 2_900
    assert all(row.suggested and row.why for row in report.rows if row.title.strip())
    path = tmp_path / "report.xlsx"
    with path.open("wb") as stream:
        write_tables(stream, "xlsx", statistics_sheets(report), report.at)
    _, back = read_back(path)
    assert [_comparable(row[: len(columns)]) for row in back] == [_comparable(row) for row in rows]
