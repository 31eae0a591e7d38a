"""Clearing a category that holds what belongs elsewhere: groups of look-alikes, one decision a group."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from api.services import Services
from api.services.accounts import Person
from api.services.review.blindness import blind_datasets
from api.services.review.bulk import ACCEPT, KEEP_DECLARED, Bulk, Wanted, preview_in
from api.services.review.queueing import SURE
from models.review.bulk import BulkRow
from models.review.cleanup import (
    SETTLED,
    CleanupRow,
    GroupCounts,
    GroupPosition,
    GroupRow,
    QueueCount,
    cleanup_rows,
    count_groups,
    decided_moves,
    declared_counts,
    evidence_of,
    group_rows,
    queue_counts,
    sample_titles,
)
from models.review.queue import QueueFilters
from models.review.tables import MISMATCH
from tagger.categories import category_names
from tagger.mismatch import quoted_words

TITLES = 3
"""Titles that are shown of each group."""
_CHUNK = 2_000


class CategoryCount(NamedTuple):
    """How many datasets are of a category; None: of none.

    Attributes:
        before: declared.
        now: approved, or else declared.
        expected: as now, with all that the groups suggest.
    """

    category_code: str | None
    before: int
    now: int
    expected: int


class CleanupCounts(NamedTuple):
    """What becomes of the datasets that are declared for one category.

    Attributes:
        declared: all of them that are tagged: moved, kept, undetermined, doubtful and unflagged together.
        moved: decided for other categories.
        kept: decided to stay.
        undetermined: decided without a category (退回).
        doubtful: not decided, and a model speaks against the declaration.
        unflagged: not decided, and none does.
        moves: of the doubtful ones, how many would move to which category, the most first.
        categories: every category, in the order of the official list, then None.
    """

    declared: int
    moved: int
    kept: int
    undetermined: int
    doubtful: int
    unflagged: int
    moves: list[tuple[str, int]]
    categories: list[CategoryCount]

    @property
    def decided(self) -> int:
        """Moved, kept or undetermined."""
        return self.moved + self.kept + self.undetermined


class Group(NamedTuple):
    """A group with the first titles of it."""

    row: GroupRow
    titles: list[str]


class GroupDataset(NamedTuple):
    """A dataset of a group.

    Attributes:
        words: what speaks for the suggested category, strongest first.
        evidence: as the tagger gave it.
        sure: whether accepting the suggestions would decide it.
        kept: whether keeping the declared category would decide it.
    """

    row: BulkRow
    words: list[str]
    evidence: Mapping[str, Any]
    sure: bool
    kept: bool


class OpenedGroup(NamedTuple):
    """A group as one decision is about it.

    Attributes:
        datasets: all that either decision would decide, and nothing else.
        accept: what accepting the suggestions would decide: those of enough confidence.
        keep: what keeping the declared category would decide: all of them, or as many as fit one batch.
    """

    datasets: list[GroupDataset]
    accept: Bulk
    keep: Bulk


def cleanup_counts(services: Services, filters: QueueFilters, person: Person | None = None) -> CleanupCounts:
    """What the filter's declared category holds and would lose; of one agency, if the filter has one.

    Args:
        person: who reads it. What they are asked for a blind second opinion on counts as if nobody had decided.
    """
    code, publisher = filters.declared_code or "", filters.publisher
    with services.database.reading() as session:
        blind = blind_datasets(session, person) if person else set()
        before = declared_counts(session, publisher)
        decided = decided_moves(session, publisher, blind)
        queues = queue_counts(session, code, publisher, blind)
    moves = Counter[str]()
    for one in queues:
        if one.queue == MISMATCH and one.suggested_code != code:
            moves[one.suggested_code] += one.datasets
    settled = _sum(queues, lambda one: one.queue in SETTLED)
    doubtful = _sum(queues, lambda one: one.queue == MISMATCH)
    kept = decided.get((code, code), 0)
    moved = sum(count for (one, _), count in decided.items() if one == code) - kept
    declared = before.get(code, 0)
    return CleanupCounts(
        declared,
        moved,
        kept,
        settled - moved - kept,
        doubtful,
        declared - settled - doubtful,
        moves.most_common(),
        _categories(code, before, decided, moves),
    )


def _sum(queues: list[QueueCount], wanted: Callable[[QueueCount], bool]) -> int:
    return sum(one.datasets for one in queues if wanted(one))


def _categories(
    code: str,
    before: Mapping[str | None, int],
    decided: Mapping[tuple[str | None, str], int],
    moves: Mapping[str, int],
) -> list[CategoryCount]:
    change, further = Counter[str | None](), Counter[str | None]()
    for (declared, chosen), count in decided.items():
        change[declared] -= count
        change[chosen] += count
    for suggested, count in moves.items():
        further[code] -= count
        further[suggested] += count
    found = []
    for one in (*category_names(), None):
        now = before.get(one, 0) + change[one]
        found.append(CategoryCount(one, before.get(one, 0), now, now + further[one]))
    return found


def cleanup_groups(
    services: Services, filters: QueueFilters, after: GroupPosition | None, limit: int
) -> tuple[list[Group], GroupCounts, GroupPosition | None]:
    """A page of groups, the largest first; how many there are; and where the next page goes on, if there is one."""
    with services.database.reading() as session:
        rows = group_rows(session, filters, SURE, after, limit + 1)
        shown = rows[:limit]
        titles = sample_titles(session, filters, shown, TITLES)
        total = count_groups(session, filters)
    groups = [Group(row, titles.get((row.title_pattern, row.suggested_code), [])) for row in shown]
    return groups, total, shown[-1].position if len(rows) > limit else None


def open_group(services: Services, filters: QueueFilters) -> OpenedGroup:
    """The datasets of the group that a filter names, with the words that speak for the move."""
    # In one state of the store, so that a dataset that both decide on is shown as either would decide it.
    with services.database.reading() as session:
        keep = preview_in(session, group_choice(filters, KEEP_DECLARED))
        accept = preview_in(session, group_choice(filters, ACCEPT))
        kept, sure = ({row.dataset_id for row in bulk.rows} for bulk in (keep, accept))
        # Of a group that is more than one batch the two take different parts.
        rows = [*keep.rows, *(row for row in accept.rows if row.dataset_id not in kept)]
        evidence = evidence_of(session, [row.suggestion_id for row in rows])
    datasets = [
        _dataset(row, evidence[row.suggestion_id], row.dataset_id in sure, row.dataset_id in kept)
        for row in rows
    ]
    return OpenedGroup(datasets, accept, keep)


def group_choice(filters: QueueFilters, action: str, excluded: Collection[str] = ()) -> Wanted:
    """What a decision on the group that a filter names is about: only what is sure is accepted together."""
    return Wanted(filters._replace(confidence_from=SURE if action == ACCEPT else None), action, excluded)


def _dataset(row: BulkRow, found: Mapping[str, Any], sure: bool, kept: bool) -> GroupDataset:
    spans = [
        span
        for one in found["categories"]
        if one["categoryCode"] == row.suggested_code
        for span in one["spans"]
    ]
    return GroupDataset(row, quoted_words(spans, found["labels"]), found, sure, kept)


def all_groups(services: Services, filters: QueueFilters) -> list[GroupRow]:
    """Every group, the largest first."""
    with services.database.reading() as session:
        return group_rows(session, filters, SURE)


def all_datasets(services: Services, filters: QueueFilters) -> Iterator[CleanupRow]:
    """Every dataset that is declared for the filter's category, in order of key, a chunk a statement."""
    after = 0
    while True:
        with services.database.reading() as session:
            chunk = cleanup_rows(session, filters.declared_code or "", filters.publisher, after, _CHUNK)
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        after = chunk[-1].dataset_id
