"""The numbers of reviewing as charts, each with a table of the same numbers."""

from flask import Blueprint, render_template

from api.current import services
from api.identity import signed_in
from api.review.charts import Bar, Caption, Chart, Dot, bars, columns, intervals, pairs, trend
from api.services.review.measures import Agreement, Share
from api.services.review.statistics import (
    DAYS,
    LEAST_CHECKED,
    PACE_DAYS,
    WEEKS,
    Campaign,
    Day,
    ReviewerPace,
    Statistics,
    statistics,
)
from models.review.statistics import PublisherCount
from tagger.categories import category_names

OUTCOME_NAMES = ("核可建議", "改選其他", "維持原分類", "退回")
"""How a decision answers the suggestion, in the order of `models.review.statistics.OUTCOMES`."""
_FLAGGED_NAMES = ("待審", "已更正", "維持原分類")
_WEEKLY_LABELS = 4

blueprint = Blueprint("dashboard", __name__)
Charts = dict[str, Chart | None]


@blueprint.get("/review/dashboard")
def show() -> str:
    """All numbers."""
    signed_in()
    found = statistics(services())
    return render_template(
        "review/dashboard.html",
        numbers=found,
        charts=_charts(found),
        outcomes=OUTCOME_NAMES,
        percentage=percentage,
        named=named,
        spans={"days": DAYS, "weeks": WEEKS, "pace": PACE_DAYS, "least": LEAST_CHECKED},
    )


def percentage(share: float) -> str:
    """A measured share with one decimal."""
    return f"{share:.1%}"


def named(code: str | None) -> str:
    """A category as it is written beside a chart; None where none was chosen."""
    return f"{code} {category_names()[code]}" if code else "退回"


def _charts(found: Statistics) -> Charts:
    """The charts by name; None where there is nothing to draw."""
    return {
        "days": _days(found.days),
        "precision": _precision(found),
        "weeks": _weeks(found),
        "agreement": _differences(found.agreement),
        "pace": _pace(found.pace, found.overall_pace),
        "publishers": _publishers(found.publishers, found.all_publishers),
        "moved": _moved(found.campaign),
        "categories": _changes(found),
    }


def _days(days: list[Day]) -> Chart | None:
    total, most = sum(day.total for day in days), max(days, key=lambda day: day.total)
    if not total:
        return None
    description = f"最近 {len(days)} 天共 {total:,} 個決定；最多的一天是 {most.day}，{most.total:,} 個。"
    rows = [Bar(_short_day(day.day), day[1:], f"{day.total:,}") for day in days]
    return columns(Caption("days", "每日決定", description), rows, OUTCOME_NAMES, 7)


def _short_day(day: str) -> str:
    _, month, number = day.split("-")
    return f"{int(month)}/{int(number)}"


def _dot(label: str, share: Share) -> Dot:
    return Dot(label, share.share, share.low, share.high, _share_in_words(share))


def _share_in_words(share: Share) -> str:
    if share.share is None or share.low is None or share.high is None:
        return "沒有抽查"
    interval = f"{percentage(share.low)} 至 {percentage(share.high)}"
    return f"{percentage(share.share)}（{interval}，{share.decisions:,} 筆）"


def _precision(found: Statistics) -> Chart | None:
    overall = found.precision.overall
    if not overall.decisions:
        return None
    rows = [_dot("全部", overall), *(_dot(named(code), one) for code, one in found.precision.categories)]
    description = f"隨機抽查的精確率為 {_share_in_words(overall)}。點為比例，線為 95% 信賴區間。"
    return intervals(Caption("precision", "各分類的精確率", description), rows)


def _weeks(found: Statistics) -> Chart | None:
    weeks = found.precision.weeks
    measured = [(day, share) for day, share in weeks if share.decisions]
    if not measured:
        return None
    day, last = measured[-1]
    description = f"最近有抽查的一週（{day} 起）為 {_share_in_words(last)}。點為比例，線為 95% 信賴區間。"
    rows = [_dot(_short_day(day), share) for day, share in weeks]
    return trend(Caption("weeks", "每週的精確率", description), rows, _WEEKLY_LABELS)


def _differences(found: Agreement) -> Chart | None:
    if not found.differences:
        return None
    rows = [
        Bar(f"{one.one or '退回'}、{one.other or '退回'}", (one.datasets,), f"{one.datasets:,}")
        for one in found.differences
    ]
    most = found.differences[0]
    description = f"最常不同的是 {named(most.one)} 與 {named(most.other)}，{most.datasets:,} 筆。"
    return bars(Caption("agreement", "意見最常不同的分類", description), rows)


def _pace(reviewers: list[ReviewerPace], overall: ReviewerPace) -> Chart | None:
    if overall.median_seconds is None:
        return None
    rows = [
        Bar(one.name or "系統", (one.median_seconds or 0.0,), f"{one.median_seconds or 0.0:.1f} 秒")
        for one in reviewers
    ]
    description = f"全部 {overall.decisions:,} 個計時的決定，中位數 {overall.median_seconds:.1f} 秒。"
    return bars(Caption("pace", "每個決定的時間", description), rows, above=True)


def _publishers(publishers: list[PublisherCount], overall: PublisherCount) -> Chart | None:
    if not publishers:
        return None
    rows = [
        Bar(one.publisher or "未填", (one.open, one.corrected, one.kept), f"{one.flagged:,}")
        for one in publishers
    ]
    description = (
        f"全部 {overall.flagged:,} 筆疑似不符，{overall.open:,} 筆待審，"
        f"{overall.corrected:,} 筆已更正，{overall.kept:,} 筆維持原分類。"
    )
    caption = Caption("publishers", "疑似分類不符最多的機關", description)
    return bars(caption, rows, _FLAGGED_NAMES, above=True)


def _moved(found: Campaign) -> Chart | None:
    if not found.moved:
        return None
    rows = [Bar(named(code), (count,), f"{count:,}") for code, count in found.moved]
    code, count = found.moved[0]
    total = sum(count for _, count in found.moved)
    description = f"共 {total:,} 筆由公共資訊改到其他分類，最多的是 {named(code)}，{count:,} 筆。"
    return bars(Caption("moved", "公共資訊改到的分類", description), rows)


def _changes(found: Statistics) -> Chart | None:
    if not found.datasets:
        return None
    known = [one for one in found.changes if one.category_code]
    rows = [
        Bar(named(one.category_code), (one.before, one.now), f"{one.now - one.before:+,}") for one in known
    ]
    most = max(known, key=lambda one: abs(one.now - one.before))
    description = (
        f"變動最大的是 {named(most.category_code)}：審核前 {most.before:,} 筆，現在 {most.now:,} 筆。"
    )
    return pairs(Caption("categories", "審核前後各分類的筆數", description), rows, ("審核前", "現在"))
