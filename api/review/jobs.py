"""Jobs on pages: what was asked, how far it is, what failed; asked for after a look at how much it is about."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from api import cursor
from api.access import may
from api.current import services
from api.identity import signed_in
from api.problems import ProblemException
from api.reading import query
from api.review.wording import category_name
from api.services.accounts import Person
from api.services.jobs.control import SHOWN, Preview, job_failures
from api.services.jobs.watching import JobState
from api.v1.job_schemas import JobIn, JobsQuery
from api.v1.job_shapes import parameters_of
from api.v1.jobs import cancelled, found_job, listed, previewed, retried, started
from api.validation import input_errors, messages_by_field
from models.base import now
from models.idempotency import RequestKey
from models.job import CANCELLED, DONE, FAILED, RUNNING, WAITING
from tagger.categories import categories

PAGE = 20
"""Jobs on a page."""
STATE_NAMES = {
    WAITING: "等待中",
    RUNNING: "進行中",
    DONE: "完成",
    FAILED: "未全部完成",
    CANCELLED: "已取消",
}
CHUNK_NAMES = {WAITING: "等待", RUNNING: "進行中", DONE: "完成", FAILED: "放棄", CANCELLED: "取消"}
COUNT_NAMES = {
    "tagged": "標註",
    "changedCategory": "其中分類改變",
    "newMismatches": "其中新增疑似不符",
    "unchanged": "已標註過",
    "failed": "失敗",
}
TABS = {None: "全部", "open": "尚未結束", DONE: "完成", FAILED: "未全部完成", CANCELLED: "已取消"}
MODES = {
    "changed": ("有變動的", "內容或模型改變，尚未以目前的模型標註"),
    "all": ("全部，已標註的略過", "已標註的只計數"),
    "again": ("全部，已標註的也重做", "並更新搜尋索引"),
}
_PATIENCE = timedelta(minutes=1)
_LONGEST_KEY = 100
_NARROWING = ("publisher", "categoryCode", "query")

blueprint = Blueprint("jobs", __name__)


@blueprint.get("/review/jobs")
def show() -> str:
    """A page of jobs."""
    person = signed_in()
    asked = query(JobsQuery)
    found, following = listed(asked.model_copy(update={"limit": PAGE}))
    return render_template(
        "review/jobs.html",
        states=found,
        chosen=asked.state,
        tabs=TABS,
        following=following,
        first_page=asked.cursor is None,
        live=url_for("jobs.list_", limit=PAGE, state=asked.state, cursor=asked.cursor),
        **_words(person),
    )


@blueprint.get("/review/jobs/<int(max=9223372036854775807):job_id>")
def one(job_id: int) -> str:
    """One job, with a page of what failed."""
    person = signed_in()
    return _one(person, job_id)


@blueprint.post("/review/jobs/<int(max=9223372036854775807):job_id>/cancel")
def cancel(job_id: int) -> ResponseReturnValue:
    """Cancel a job."""
    cancelled(signed_in(), job_id)
    return redirect(url_for("review.jobs.one", job_id=job_id), 303)


@blueprint.post("/review/jobs/<int(max=9223372036854775807):job_id>/retry")
def retry(job_id: int) -> ResponseReturnValue:
    """Try again what of a job failed or was left out."""
    person = signed_in()
    try:
        retried(person, job_id)
    except ProblemException as error:
        if error.kind != "job-model-changed":
            raise
        return _one(person, job_id, error.document["detail"]), 409
    return redirect(url_for("review.jobs.one", job_id=job_id), 303)


@blueprint.get("/review/jobs/new")
def ask() -> ResponseReturnValue:
    """The form, and how many datasets what is in it would be about."""
    person = signed_in()
    if "mode" not in request.args:
        return _form(person)
    try:
        wanted = _wanted()
        return _form(person, wanted, previewed(person, wanted))
    except ProblemException as error:
        return _refused(person, error)
    except ValidationError as error:
        return _form(person, errors=messages_by_field(input_errors(error))), 422


@blueprint.post("/review/jobs/new")
def start() -> ResponseReturnValue:
    """Ask for the job that was looked at."""
    person = signed_in()
    try:
        wanted = _wanted()
        job_id = started(person, wanted, _key(wanted))
    except ProblemException as error:
        return _refused(person, error)
    except ValidationError as error:
        return _form(person, errors=messages_by_field(input_errors(error))), 422
    return redirect(url_for("review.jobs.one", job_id=job_id), 303)


def _wanted() -> JobIn:
    """What the form asks for. Raises ValidationError or ProblemException where it cannot be."""
    mode = request.values.get("mode", "")
    if mode not in MODES:
        raise ProblemException("invalid-parameter", "沒有這種範圍，請從表單選擇。")
    given = {name: request.values.get(name, "").strip() for name in _NARROWING}
    narrowed = {name: value for name, value in given.items() if value}
    whole = mode != "changed" and not narrowed
    return JobIn.model_validate(
        {"kind": "retag", "all": whole, "changed": mode == "changed", "again": mode == "again", **narrowed}
    )


def _key(wanted: JobIn) -> RequestKey | None:
    """The form's own key: however often it is sent, it asks for one job."""
    key = request.form.get("key", "")
    if not key.isascii() or not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        return None
    said = f"job form\n{wanted.model_dump_json(by_alias=True)}"
    return RequestKey(key, hashlib.sha256(said.encode()).hexdigest())


def _refused(person: Person, error: ProblemException) -> ResponseReturnValue:
    if error.kind not in ("invalid-input", "too-many-jobs", "idempotency-key-reused", "forbidden"):
        raise error
    errors = messages_by_field(error.errors) or {"": error.document["detail"]}
    return _form(person, errors=errors), error.document["status"]


def _form(
    person: Person,
    wanted: JobIn | None = None,
    found: Preview | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    return render_template(
        "review/job_new.html",
        given=request.values,
        mode=request.values.get("mode", "changed"),
        modes=MODES,
        wanted=wanted,
        about=in_words(wanted.model_dump(by_alias=True)) if wanted else "",
        found=found,
        errors=errors or {},
        key=secrets.token_urlsafe(16),
        categories=categories(),
        **_words(person),
    )


def _one(person: Person, job_id: int, error: str = "") -> str:
    details = found_job(job_id)
    failures, last = details.failures, details.last
    given = request.args.get("after")
    if given:
        page = job_failures(services(), job_id, cursor.decode(given, int), SHOWN)
        failures, last = page or ([], None)
    return render_template(
        "review/job.html",
        details=details,
        state=details.state,
        failures=failures,
        after=None if last is None else cursor.encode(last),
        first_page=not given,
        unattended=_unattended(details.state),
        error=error,
        **_words(person),
    )


def _unattended(state: JobState) -> bool:
    """Whether a job has waited so long that perhaps no worker runs."""
    job = state.job
    return job.state == WAITING and job.started_at is None and now() - job.created_at > _PATIENCE


def _words(person: Person) -> dict[str, Any]:
    return {
        "may_change": may("review.jobs.start"),
        "state_names": STATE_NAMES,
        "chunk_names": CHUNK_NAMES,
        "count_names": COUNT_NAMES,
        "about_job": lambda job: in_words(dict(parameters_of(job))),
        "duration": duration,
    }


def in_words(asked: dict[str, Any]) -> str:
    """What a job is about: `有變動的資料集：機關「勞動部」，查詢「職災」`."""
    narrowed = []
    if asked.get("publisher"):
        narrowed.append(f"機關「{asked['publisher']}」")
    if asked.get("categoryCode"):
        narrowed.append(f"所填分類 {asked['categoryCode']} {category_name(asked['categoryCode'])}")
    if asked.get("query"):
        narrowed.append(f"查詢「{asked['query']}」")
    if asked.get("listed"):
        narrowed.append(f"指定的 {asked['listed']:,} 筆")
    which = "有變動的資料集" if asked.get("changed") else "資料集" if narrowed else "全部資料集"
    again = "，已標註的也重做" if asked.get("again") else ""
    return f"標註{which}{'：' if narrowed else ''}{'，'.join(narrowed)}{again}"


def duration(seconds: float) -> str:
    """How long something takes: `8 秒`, `3 分 20 秒`, `2 小時 5 分`."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} 秒"
    if whole < 3600:
        return f"{whole // 60} 分 {whole % 60} 秒"
    return f"{whole // 3600:,} 小時 {whole % 3600 // 60} 分"
