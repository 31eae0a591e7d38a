"""The monthly report as a page: charts, each with the table of its numbers, for the screen and for paper."""

from typing import NamedTuple

from flask import Blueprint, Response, render_template, request

from api.current import services
from api.identity import signed_in
from api.problems import ProblemException
from api.reports.monthly_tables import (
    FLOW_NAMES,
    NO_PUBLISHER,
    NOTES,
    SHARE_NAMES,
    STOCK_NAMES,
    write_monthly,
)
from api.review.charts import Bar, Caption, Chart, Dot, bars, columns, trend
from api.review.dashboard import OUTCOME_NAMES, percentage
from api.review.table_file import table_response
from api.services.accounts import Person
from api.services.monthly import MONTHS, Figures, Month, Monthly, kept_monthly, read_month

SHOWN = 20
"""Ministries and agencies that the page lists; the file has all of them."""
_CHARTED = 12
_SHARES = (
    ("public_share", "public", "公共資訊比率"),
    ("labelled_share", "labelled", "建議標籤涵蓋率"),
    ("approved_share", "approved", "核可標籤涵蓋率"),
)
_OPEN_NAMES = ("待審", "已有決定")

blueprint = Blueprint("monthly", __name__)
Row = tuple[str | None, list[Figures]]


class _Asked(NamedTuple):
    """What the page is asked for."""

    report: Monthly
    publisher: str | None
    choices: list[Month]


@blueprint.get("/review/monthly")
def show() -> str:
    """A month with the eleven before it, of all agencies or of one."""
    asked = _asked(signed_in())
    report, total = asked.report, asked.report.total()
    ministries = report.ministries().ordered() if asked.publisher is None else []
    agencies = report.ordered() if asked.publisher is None else []
    return render_template(
        "review/monthly.html",
        report=report,
        total=total,
        publisher=asked.publisher,
        choices=asked.choices,
        ministries=ministries[:SHOWN],
        number_of_ministries=len(ministries),
        agencies=agencies[:SHOWN],
        number_of_agencies=len(agencies),
        charts=_charts(report, total, ministries),
        names={**STOCK_NAMES, **FLOW_NAMES},
        shares=SHARE_NAMES,
        nobody=NO_PUBLISHER,
        withheld=sorted(name or NO_PUBLISHER for name in report.withheld),
        notes=NOTES,
        percentage=percentage,
    )


@blueprint.get("/review/monthly/file")
def save() -> Response:
    """The same report as a file."""
    report, publisher, _ = _asked(signed_in())
    name = f"月報-{report.months[-1]}" + (f"-{publisher}" if publisher else "")
    return table_response(
        request.args.get("format"),
        name,
        lambda stream, form: write_monthly(stream, form, report, publisher),
    )


def _asked(person: Person) -> _Asked:
    """What the address asks for.

    Raises:
        ProblemException: a month that the page does not have, or an agency that is none or is withheld.
    """
    kept = kept_monthly(services(), person)
    choices = kept.months[-MONTHS:][::-1]
    given = request.args.get("month")
    month = read_month(given) if given else choices[0]
    if month not in choices:
        raise ProblemException(
            "invalid-parameter",
            f"月份應為 {choices[-1]} 至 {choices[0]} 其中之一；更早的請用 tagger report monthly --month。",
        )
    report = kept.until(month)
    publisher = request.args.get("publisher", "").strip() or None
    if publisher is None:
        return _Asked(report, None, choices)
    if publisher in report.withheld:
        detail = (
            f"您正在審核「{publisher}」資料集的第二意見；送出前不顯示這個機關的月報，以免透露第一位的決定。"
        )
        raise ProblemException("forbidden", detail)
    if publisher not in report.agencies:
        raise ProblemException("agency-not-found", f"沒有提供機關「{publisher}」的資料集，名稱需完全相同。")
    return _Asked(report.of(publisher), publisher, choices)


def _charts(report: Monthly, total: list[Figures], ministries: list[Row]) -> dict[str, Chart | None]:
    """The charts by name; None where there is nothing to draw."""
    labels = [_short(month) for month in report.months]
    return {
        "mismatches": _mismatches(labels, total),
        "decisions": _decisions(labels, total),
        **{name: _share(labels, total, (field, name, says)) for field, name, says in _SHARES},
        "agencies": _agencies(ministries),
    }


def _short(month: Month) -> str:
    return f"{month.year % 100}/{month.number}"


def _mismatches(labels: list[str], total: list[Figures]) -> Chart | None:
    if not any(figures.flagged for figures in total):
        return None
    first, last = total[0], total[-1]
    rows = [
        Bar(label, (one.open, one.flagged - one.open), f"{one.flagged:,}")
        for label, one in zip(labels, total, strict=True)
    ]
    description = f"疑似不符待審由 {first.open:,} 筆到 {last.open:,} 筆；月底共 {last.flagged:,} 筆疑似不符。"
    return columns(Caption("mismatches", "月底的疑似分類不符", description), rows, _OPEN_NAMES, 3)


def _decisions(labels: list[str], total: list[Figures]) -> Chart | None:
    decided = sum(figures.decisions for figures in total)
    if not decided:
        return None
    rows = [
        Bar(label, (one.accepted, one.otherwise, one.kept, one.rejected), f"{one.decisions:,}")
        for label, one in zip(labels, total, strict=True)
    ]
    last = total[-1]
    same = "" if last.agreement is None else f"，{percentage(last.agreement)}與建議相同"
    description = f"{len(total)} 個月共 {decided:,} 個決定；最後一個月 {last.decisions:,} 個{same}。"
    return columns(Caption("decisions", "每月的決定", description), rows, OUTCOME_NAMES, 3)


def _share(labels: list[str], total: list[Figures], what: tuple[str, str, str]) -> Chart | None:
    field, name, says = what
    shares = [getattr(figures, field) for figures in total]
    known = [share for share in shares if share is not None]
    if not any(known):
        return None
    rows = [
        Dot(label, share, share, share, "沒有資料集" if share is None else percentage(share))
        for label, share in zip(labels, shares, strict=True)
    ]
    description = f"{says}由 {percentage(known[0])} 到 {percentage(known[-1])}。"
    return trend(Caption(name, says, description), rows, 3)


def _agencies(ministries: list[Row]) -> Chart | None:
    shown = [(name, figures[-1]) for name, figures in ministries if figures[-1].flagged][:_CHARTED]
    if not shown:
        return None
    rows = [
        Bar(name or NO_PUBLISHER, (one.open, one.flagged - one.open), f"{one.open:,}／{one.flagged:,}")
        for name, one in shown
    ]
    description = f"待審最多的是{shown[0][0] or NO_PUBLISHER}，{shown[0][1].open:,} 筆。"
    return bars(Caption("agencies", "待審最多的部會與地方政府", description), rows, _OPEN_NAMES, above=True)
