"""Clearing a category: what it holds, groups of look-alikes that belong elsewhere, one decision a group."""

from typing import NamedTuple

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from api import cursor
from api.access import may
from api.current import services
from api.identity import signed_in
from api.problems import ProblemException
from api.review.charts import Bar, Caption, Chart, pairs
from api.review.marking import Passage, passages
from api.review.reviewing.asking import address_of, addressed, asked_filters
from api.review.reviewing.batches import undo
from api.services.accounts import Person
from api.services.review.advancing import own_filters
from api.services.review.bulk import (
    ACCEPT,
    KEEP_DECLARED,
    MOST,
    SelectionChanged,
    apply_bulk,
)
from api.services.review.choosing import WrongChoice
from api.services.review.cleanup import (
    CleanupCounts,
    GroupDataset,
    cleanup_counts,
    cleanup_groups,
    group_choice,
    open_group,
)
from api.services.review.deciding import OtherAgency
from models.review.cleanup import GroupPosition
from models.review.queue import QueueFilters
from tagger.categories import PUBLIC_INFORMATION, categories, category_names

PAGE = 30
"""Groups on a page."""
SERIES = ("審核前", "現在", "全部採用後")
"""What the chart shows of each category, in the order of `CategoryCount`."""

blueprint = Blueprint("cleanup", __name__)


class Tried(NamedTuple):
    """What somebody sent that could not be taken: why, and what was in the form."""

    error: str = ""
    reason: str = ""
    excluded: frozenset[str] = frozenset()


@blueprint.get("/review/cleanup")
def show() -> str:
    """What a category holds, and a page of groups."""
    person = signed_in()
    filters = _asked(person)
    given = request.args.get("after")
    after = GroupPosition(*cursor.decode(given, tuple[int, str, str])) if given else None
    groups, total, following = cleanup_groups(services(), filters, after, PAGE)
    counts = cleanup_counts(services(), filters, person)
    return render_template(
        "review/cleanup.html",
        filters=filters,
        asked=addressed(filters),
        limited=person.publisher is not None,
        counts=counts,
        chart=_chart(counts) if counts.declared else None,
        series=SERIES,
        groups=groups,
        total=total,
        after=cursor.encode(list(following)) if following else None,
        first_page=after is None,
        categories=categories(),
        done=request.args.get("done"),
        undone=request.args.get("undone"),
        may_decide=may("review.cleanup.apply"),
    )


@blueprint.get("/review/cleanup/group")
def one() -> str:
    """All datasets of one group."""
    person = signed_in()
    return _group(person, _asked_group(person))


@blueprint.post("/review/cleanup/group")
def apply() -> ResponseReturnValue:
    """Take one decision on the group that was looked at."""
    person = signed_in()
    filters = _asked_group(person)
    action = request.form.get("action", "")
    if action not in (ACCEPT, KEEP_DECLARED):
        raise ProblemException("invalid-parameter", "沒有這種處理方式，請由清理的頁面選擇。")
    reason = request.form.get("reason", "").strip()
    excluded, unsure, sure = (
        frozenset(request.form.getlist(name)) for name in ("excluded", "excludedUnsure", "excludedSure")
    )
    tried = Tried("", reason, excluded | unsure | sure)
    if action == KEEP_DECLARED and not reason:
        error = "維持原分類時請寫理由，讓提供機關與之後的審核者知道。"
        return _group(person, filters, tried._replace(error=error)), 422
    try:
        # What only the other decision would decide is in no batch of this one, so it cannot be left out of it.
        left_out = excluded | (sure if action == ACCEPT else unsure)
        wanted = group_choice(filters, action, left_out)
        selection = request.form.get(f"{action}Selection", "")
        batch = apply_bulk(services(), person, wanted, selection, reason=reason or None)
    except SelectionChanged:
        error = "在您閱讀時，這一群的資料集已有變更。請再看一次下面的內容後送出。"
        return _group(person, filters, tried._replace(error=error)), 409
    except WrongChoice as error:
        return _group(person, filters, tried._replace(error=error.detail)), 422
    except OtherAgency:
        detail = f"您的帳號只能審核「{person.publisher}」的資料集。"
        raise ProblemException("forbidden", detail) from None
    return redirect(address_of("review.cleanup.show", _of_list(filters), done=batch.batch), 303)


@blueprint.post("/review/cleanup/<batch>/undo")
def take_back(batch: str) -> ResponseReturnValue:
    """Take the decision on a group back."""
    person = signed_in()
    filters = _asked(person)
    undo(person, batch)
    return redirect(address_of("review.cleanup.show", _of_list(filters), undone=batch), 303)


def _asked(person: Person) -> QueueFilters:
    """The category and the agency; without another word 公共資訊, and the agency that a person is limited to."""
    values = {name: request.values.get(name, "") for name in ("categoryCode", "publisher")}
    filters = own_filters(person, asked_filters(values))
    return filters._replace(declared_code=filters.declared_code or PUBLIC_INFORMATION)


def _asked_group(person: Person) -> QueueFilters:
    suggested = asked_filters({"suggestedCode": request.values.get("suggestedCode", "")}).suggested_code
    # As it is stored: characters of one's own (造字) are not printable, and a title has them.
    pattern = request.values.get("titlePattern")
    if suggested is None or pattern is None or "\0" in pattern:
        raise ProblemException("invalid-parameter", "網址缺少名稱樣式或建議分類，請由清理的頁面選一群。")
    return _asked(person)._replace(suggested_code=suggested, title_pattern=pattern)


def _of_list(filters: QueueFilters) -> QueueFilters:
    """The filters of the list that a group is of."""
    return filters._replace(suggested_code=None, title_pattern=None)


def _group(person: Person, filters: QueueFilters, tried: Tried = Tried()) -> str:  # noqa: B008 - a constant
    found = open_group(services(), filters)
    return render_template(
        "review/cleanup_group.html",
        filters=filters,
        asked=addressed(filters),
        listed=addressed(_of_list(filters)),
        found=found,
        datasets=[(one, _title(one)) for one in found.datasets],
        most=MOST,
        tried=tried,
        may_decide=may("review.cleanup.apply"),
    )


def _title(one: GroupDataset) -> tuple[Passage, ...]:
    """The title with what speaks for the suggested category marked."""
    strong = [span for found in one.evidence["categories"] for span in found["spans"]]
    labels = [span for found in one.evidence["labels"] for span in found["spans"]]
    return passages(
        one.row.title,
        [(span["start"], span["end"]) for span in strong if span["field"] == "title"],
        [(span["start"], span["end"]) for span in labels if span["field"] == "title"],
    )


def _chart(counts: CleanupCounts) -> Chart:
    names = category_names()
    rows = [
        Bar(
            f"{one.category_code} {names[one.category_code]}",
            (one.before, one.now, one.expected),
            f"{one.expected - one.before:+,}",
        )
        for one in counts.categories
        if one.category_code and any(one[1:])
    ]
    waiting = sum(count for _, count in counts.moves)
    description = (
        f"所填 {counts.declared:,} 筆，已決定 {counts.decided:,} 筆，其中 {counts.moved:,} 筆改到其他分類；"
        f"如果待審的建議全部採用，再移出 {waiting:,} 筆。線尾的數字是全部採用後與審核前的差。"
    )
    return pairs(Caption("cleanup", "清理前後各分類的筆數", description), rows, SERIES)
