"""A portal's statistics of views and downloads, given back with category and labels (附件1)."""

from collections.abc import Sequence
from itertools import islice

from api.readers.tables import Cell, Table, TableError
from api.services import Progress, Services
from api.services.accounts import Person
from api.services.portal_statistics.joining import Join, Named, join_rows
from api.services.portal_statistics.known import (
    Catalogue,
    Known,
    Tagged,
    read_catalogue,
    tag_untagged,
    tagged,
)
from api.services.portal_statistics.numbers import NEEDED, Columns, find_columns, number_of, text_of
from api.services.portal_statistics.report import Report, ReportRow, Used
from api.services.portal_statistics.wording import (
    NO_TITLE,
    NOT_TAGGED,
    suggested_of,
    why_alone,
    why_joined,
)
from api.services.review.blindness import blind_datasets
from api.services.suggesting import suggest_each
from models.base import now
from tagger import DatasetMetadata, Tagger
from tagger.metadata import TITLE_LENGTH

MOST_ROWS = 200_000
"""Rows of a file; national statistics have 36 thousand."""
MOST_CELLS = 5_000_000
"""Rows times columns: all are held at once, and a row may be much shorter in the file than its header."""
_BATCH = 500
_LONGEST_AGENCY = 1_000
_Title = tuple[str, str]
"""Agency and title, as they are tagged."""

__all__ = ["MOST_ROWS", "NEEDED", "Report", "make_report"]


def make_report(
    services: Services,
    table: Table,
    source: str,
    *,
    person: Person | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Report:
    """Join a table with the stored catalogue and tag what is not in it; nothing is stored.

    Args:
        table: with the columns `NEEDED`.
        source: what its file is called.
        person: who is not told what was decided on datasets of which they are asked a blind second opinion.
        progress: told of the titles that are tagged.

    Raises:
        TableError: the table has no rows, too many, or not the columns.
    """
    columns = _columns(table)
    rows = _rows(table)
    tagger = _without_terms(services.tagger)
    named = [_named(row, columns) for row in rows]
    catalogue = read_catalogue(services, _hidden(services, person))
    joins = join_rows(catalogue, named)
    tag_untagged(services, tagger, catalogue, {join.place for join in joins if join.place is not None})
    alone = tag_titles(tagger, _alone(named, joins), progress)
    made = [
        _row(cells, columns, one, join, catalogue, alone)
        for cells, one, join in zip(rows, named, joins, strict=True)
    ]
    failed = sum(_is_failed(one, join, catalogue, alone) for one, join in zip(named, joins, strict=True))
    return Report(
        source,
        table.sheet,
        table.columns,
        columns,
        made,
        catalogue.datasets,
        failed,
        tagger.model_version,
        now(),
    )


def tag_titles(
    tagger: Tagger, titles: Sequence[_Title], progress: Progress = lambda _done, _total: None
) -> dict[_Title, Tagged]:
    """What a model says of datasets of which only agency and title are known; those that it cannot tag are left out."""
    found: dict[_Title, Tagged] = {}
    for start in range(0, len(titles), _BATCH):
        part = titles[start : start + _BATCH]
        suggestions = suggest_each(tagger, [_metadata(*one) for one in part])
        found.update(
            (one, tagged(suggestion))
            for one, suggestion in zip(part, suggestions, strict=True)
            if not isinstance(suggestion, str)
        )
        progress(min(start + _BATCH, len(titles)), len(titles))
    return found


def _hidden(services: Services, person: Person | None) -> set[int]:
    if person is None:
        return set()
    with services.database.reading() as session:
        return blind_datasets(session, person)


def _columns(table: Table) -> Columns:
    columns = find_columns(table.columns)
    if columns is None:
        needed = "」與「".join(names[0] for names in NEEDED)
        raise TableError(f"沒有「{needed}」兩欄。請使用平臺下載的統計檔，或將欄名改為這兩個名稱。")
    return columns


def _rows(table: Table) -> list[list[Cell]]:
    most = MOST_CELLS // len(table.columns)
    rows = list(islice(table.rows, min(MOST_ROWS, most) + 1))
    if not rows:
        raise TableError(f"第 {table.line} 列的欄名之下沒有資料。請確認檔案含有統計的各列，再試一次。")
    if len(rows) > MOST_ROWS:
        raise TableError(f"檔案超過 {MOST_ROWS:,} 列的上限。請依機關或年度分成數個檔案，再分別產生。")
    if len(rows) > most:
        raise TableError(
            f"檔案有 {len(table.columns):,} 欄，最多 {most:,} 列。請刪去不需要的欄，或依機關分成數個檔案。"
        )
    return rows


def _without_terms(tagger: Tagger) -> Tagger:
    """The same model that looks for no new terms, which the report does not show and which take a third of the time."""
    return Tagger(tagger.categories, tagger.labels, tagger.mismatches, tagger.model_version)


def _named(row: Sequence[Cell], columns: Columns) -> Named:
    identifier = "" if columns.identifier is None else text_of(row[columns.identifier]).strip()
    return Named(identifier, text_of(row[columns.agency]), text_of(row[columns.title]))


def _alone(named: Sequence[Named], joins: Sequence[Join]) -> list[_Title]:
    """Agencies and titles to be tagged, each once."""
    pairs = zip(named, joins, strict=True)
    return list(dict.fromkeys(_title(one) for one, join in pairs if join.place is None and one.title.strip()))


def _title(named: Named) -> _Title:
    return named.agency, named.title


def _metadata(agency: str, title: str) -> DatasetMetadata:
    """Agency and title as metadata; what no metadata may be is cut off, so that each row has a suggestion."""
    name, publisher = _storable(title).strip()[:TITLE_LENGTH], _storable(agency)[:_LONGEST_AGENCY]
    return DatasetMetadata(title=name or "？", publisher=publisher or None)


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _is_failed(named: Named, join: Join, catalogue: Catalogue, alone: dict[_Title, Tagged]) -> bool:
    if join.place is not None:
        return catalogue.datasets[join.place].tagged is None
    return bool(named.title.strip()) and _title(named) not in alone


def _row(
    cells: list[Cell],
    columns: Columns,
    named: Named,
    join: Join,
    catalogue: Catalogue,
    alone: dict[_Title, Tagged],
) -> ReportRow:
    used = Used(
        *(
            None if place is None else number_of(cells[place])
            for place in (columns.views, columns.downloads, columns.score)
        )
    )
    if join.place is not None:
        return _joined(cells, named, used, join, catalogue.datasets[join.place])
    found = alone.get(_title(named))
    if found is None:
        why = NOT_TAGGED if named.title.strip() else NO_TITLE
        return ReportRow(cells, named.agency, named.title, used, join, None, None, (), why, None)
    why = why_alone(join, found)
    return ReportRow(
        cells, named.agency, named.title, used, join, None, found.category_code, found.labels, why, None
    )


def _joined(cells: list[Cell], named: Named, used: Used, join: Join, known: Known) -> ReportRow:
    labels = known.approved or (known.tagged.labels if known.tagged else ())
    return ReportRow(
        cells,
        named.agency,
        named.title,
        used,
        join,
        known.decided or known.declared,
        suggested_of(known),
        labels,
        why_joined(join, known),
        known,
    )
