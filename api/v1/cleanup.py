"""Clearing a category by program: the groups of look-alikes; the decision is taken by /v1/decisions:batch."""

from flask import Blueprint, Response

from api import cursor
from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.reading import query
from api.services.review.advancing import own_filters
from api.services.review.bulk import ACCEPT, KEEP_DECLARED, Bulk
from api.services.review.cleanup import (
    CleanupCounts,
    Group,
    GroupDataset,
    cleanup_counts,
    cleanup_groups,
    group_choice,
    open_group,
)
from api.v1.cleanup_schemas import (
    AlikeOut,
    CleanupCategory,
    CleanupCountsOut,
    CleanupGroupOut,
    CleanupGroupShown,
    CleanupMove,
    CleanupPage,
    CleanupQuery,
    GroupChoice,
    GroupDatasetOut,
    GroupQuery,
    GroupSelection,
)
from api.v1.decisions import SIGNED_IN, TAG, json_response
from models.review.cleanup import GroupPosition
from models.review.queue import QueueFilters

blueprint = Blueprint("cleanup", __name__)


@blueprint.get("/v1/cleanup")
@operation(
    Operation(
        name="getCleanup",
        summary="清理一個分類：所填的資料集有多少、會移到哪裡，與名稱相似的群；預設公共資訊（I00）",
        tag=TAG,
        query=CleanupQuery,
        answers={200: Answer("一頁的群", CleanupPage)},
        problems=(*SIGNED_IN, "invalid-parameter", "invalid-cursor"),
    )
)
def show() -> Response:
    """A page of groups."""
    person = signed_in()
    asked = query(CleanupQuery)
    filters = own_filters(person, QueueFilters(publisher=asked.publisher, declared_code=asked.category_code))
    after = GroupPosition(*cursor.decode(asked.cursor, tuple[int, str, str])) if asked.cursor else None
    groups, total, following = cleanup_groups(services(), filters, after, asked.limit)
    counts = cleanup_counts(services(), filters, person)
    return json_response(
        CleanupPage(
            categoryCode=asked.category_code,
            counts=_counts(counts),
            moves=[CleanupMove(categoryCode=code, datasets=count) for code, count in counts.moves],
            categories=[
                CleanupCategory(
                    categoryCode=one.category_code, before=one.before, now=one.now, expected=one.expected
                )
                for one in counts.categories
            ],
            groups=[_group(group) for group in groups],
            total=total.groups,
            alike=AlikeOut(groups=total.alike, datasets=total.alike_datasets),
            next=cursor.encode(list(following)) if following else None,
        )
    )


@blueprint.get("/v1/cleanup/group")
@operation(
    Operation(
        name="getCleanupGroup",
        summary="一群的全部資料集與依據；以 selection 與 selectionTag 向 /v1/decisions:batch 送出決定",
        tag=TAG,
        query=GroupQuery,
        answers={200: Answer("一群", CleanupGroupShown)},
        problems=(*SIGNED_IN, "invalid-parameter"),
    )
)
def one() -> Response:
    """One group."""
    person = signed_in()
    asked = query(GroupQuery)
    filters = own_filters(
        person,
        QueueFilters(
            publisher=asked.publisher,
            declared_code=asked.category_code,
            suggested_code=asked.suggested_code,
            title_pattern=asked.title_pattern,
        ),
    )
    found = open_group(services(), filters)
    return json_response(
        CleanupGroupShown(
            datasets=[_dataset(one) for one in found.datasets],
            more=found.keep.more,
            accept=_choice(filters, ACCEPT, found.accept),
            keep=_choice(filters, KEEP_DECLARED, found.keep),
        )
    )


def _counts(found: CleanupCounts) -> CleanupCountsOut:
    return CleanupCountsOut(
        declared=found.declared,
        moved=found.moved,
        kept=found.kept,
        undetermined=found.undetermined,
        doubtful=found.doubtful,
        unflagged=found.unflagged,
    )


def _group(found: Group) -> CleanupGroupOut:
    row = found.row
    return CleanupGroupOut(
        titlePattern=row.title_pattern,
        suggestedCode=row.suggested_code,
        datasets=row.datasets,
        sure=row.sure,
        publishers=row.publishers,
        confidence=round(row.confidence, 4),
        titles=found.titles,
    )


def _choice(filters: QueueFilters, action: str, found: Bulk) -> GroupChoice:
    decided = group_choice(filters, action).filters
    return GroupChoice(
        datasets=len(found.rows),
        selection=GroupSelection(
            queue="mismatch",
            categoryCode=decided.declared_code or "",
            suggestedCode=decided.suggested_code or "",
            titlePattern=decided.title_pattern or "",
            publisher=decided.publisher,
            confidenceFrom=decided.confidence_from,
        ),
        selectionTag=found.selection,
    )


def _dataset(found: GroupDataset) -> GroupDatasetOut:
    row = found.row
    return GroupDatasetOut(
        identifier=row.identifier,
        title=row.title,
        publisher=row.publisher,
        confidence=row.confidence,
        sure=found.sure,
        kept=found.kept,
        words=found.words,
        labels=[label["label"] for label in row.labels],
    )
