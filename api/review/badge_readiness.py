"""What an agency's datasets lack on their way to a badge, the cheapest to mend first."""

from flask import Blueprint, Response, render_template, request

from api.current import services
from api.identity import signed_in
from api.problems import ProblemException
from api.reports.readiness_tables import Written, write_readiness
from api.review.charts import Bar, Caption, Chart, bars
from api.review.table_file import asked_day, table_response
from api.services.badge_readiness import (
    MOST_DATASETS,
    AgencySummary,
    Summary,
    agency_readiness,
    each_readiness,
    today,
    up_to,
)
from models.base import now
from tagger.readiness import EFFORTS, STATES
from tagger.readiness.assess import what_is

_LONGEST_NAME = 1_000

blueprint = Blueprint("badge_readiness", __name__)


@blueprint.get("/review/readiness")
def show() -> str:
    """An agency's summary; without one, the form to choose it."""
    person = signed_in()
    publisher = _publisher() or (person.publisher or "" if "publisher" not in request.args else "")
    on = asked_day(request.args.get("on")) or today()
    found = agency_readiness(services(), publisher, on) if publisher else None
    return render_template(
        "review/readiness.html",
        publisher=publisher,
        on=on,
        found=found,
        chart=_chart(found) if found else None,
        states=STATES,
        efforts=EFFORTS,
        what_is=what_is,
        most=MOST_DATASETS,
    )


@blueprint.get("/review/readiness/file")
def save() -> Response:
    """The same agency's list of what is to be done, as a file."""
    signed_in()
    publisher, on = _publisher(), asked_day(request.args.get("on")) or today()
    summary = Summary()
    return table_response(
        request.args.get("format"),
        f"白金準備度-{publisher}-{on}",
        lambda stream, form: write_readiness(
            stream,
            form,
            up_to(each_readiness(services(), on, publisher), summary, MOST_DATASETS),
            summary,
            Written(on, now()),
        ),
    )


def _publisher() -> str:
    publisher = request.args.get("publisher", "").strip()[:_LONGEST_NAME]
    if "\0" in publisher:
        raise ProblemException(
            "invalid-parameter", "提供機關的名稱含有無法儲存的字元（NUL），請去掉後再送出。"
        )
    return publisher


def _chart(found: AgencySummary) -> Chart:
    counts = found.summary.indicator_counts()
    rows = [Bar(name, tuple(values), f"{values[1]:,}") for name, *values in counts]
    worst = max(counts, key=lambda one: one[2])
    description = (
        f"{found.summary.datasets:,} 筆資料集的七項指標；不符最多的是{worst[0]}，{worst[2]:,} 筆。線尾為不符的筆數。"
        if worst[2]
        else f"{found.summary.datasets:,} 筆資料集的七項指標，沒有不符的；未知的要由平臺檢測。"
    )
    return bars(Caption("indicators", "七項品質指標", description), rows, tuple(STATES.values()))
