"""Jobs: long work over what is stored, asked for here and done by workers."""

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from api import cursor
from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import json_body, parsed, query
from api.services.accounts import Person
from api.services.jobs.control import (
    MOST_OPEN,
    Details,
    Preview,
    TooManyJobs,
    UnknownDatasets,
    cancel,
    job_details,
    job_failures,
    jobs,
    looks,
    preview,
    retry,
    start_retag,
)
from api.services.jobs.retag import WrongModel
from api.services.jobs.watching import JobState, JobWatch
from api.services.review.deciding import OtherAgency
from api.v1.decisions import INPUT, SIGNED_IN, json_response, request_key
from api.v1.job_schemas import FailurePage, FailuresQuery, JobIn, JobOut, JobPage, JobsQuery
from api.v1.job_shapes import failure_out, job_out, job_summary, tag_of
from api.v1.job_stream import MEDIA_TYPE, NAME, Streams, stream
from api.validation import InputError
from models.idempotency import KeyReused, RequestKey
from models.job import RUNNING, WAITING
from tagger.retrieval.syntax import QueryError

blueprint = Blueprint("jobs", __name__)
_WATCH = "job_watch"
_TAG = "工作"
_READ = ("unauthorized", "forbidden", "unavailable")
_ETAG = {"ETag": "工作的現況；只有時間經過而數字未變時不變"}


@blueprint.record_once
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions[NAME] = Streams(state.app.extensions["settings"].threads)
    state.app.extensions[_WATCH] = JobWatch()


def watch() -> JobWatch:
    """What jobs came to, shared by all who look in this process."""
    found: JobWatch = current_app.extensions[_WATCH]
    return found


@blueprint.post("/v1/jobs")
@operation(
    Operation(
        name="createJob",
        summary="要求以目前的模型標註已儲存的資料集；由 worker 處理，在此只登記",
        tag=_TAG,
        body=JobIn,
        headers={"Idempotency-Key": "同一個值重送同樣的內容，只會有一項工作"},
        answers={202: Answer("登記的工作", JobOut, {**_ETAG, "Location": "工作的網址"})},
        problems=(*INPUT, *SIGNED_IN, "invalid-parameter", "idempotency-key-reused", "too-many-jobs"),
    )
)
def create() -> Response:
    """Ask for a job."""
    person = signed_in()
    wanted = parsed(JobIn, json_body())
    key = request_key(wanted.model_dump_json(by_alias=True), "job")
    return _respond(started(person, wanted, key), 202)


def started(person: Person, wanted: JobIn, key: RequestKey | None) -> int:
    """The key of a job of validated input; the page of the same name asks for jobs so too.

    Raises:
        ProblemException: it cannot be done.
    """
    try:
        return start_retag(services(), person, wanted.asked, key)
    except (UnknownDatasets, QueryError) as error:
        raise _unfit(error) from error
    except OtherAgency as error:
        raise _other_agency(person) from error
    except KeyReused as error:
        raise ProblemException("idempotency-key-reused") from error
    except TooManyJobs as error:
        detail = f"尚未結束的工作已有 {MOST_OPEN} 項，請待其中幾項結束，或先取消不需要的工作。"
        raise ProblemException("too-many-jobs", detail) from error


def previewed(person: Person, wanted: JobIn) -> Preview:
    """What a job of validated input would be about. Raises ProblemException where it cannot be done."""
    try:
        return preview(services(), person, wanted.asked)
    except (UnknownDatasets, QueryError) as error:
        raise _unfit(error) from error
    except OtherAgency as error:
        raise _other_agency(person) from error


def _other_agency(person: Person) -> ProblemException:
    detail = f"這個帳號只能處理「{person.publisher}」的資料集，請以該機關為條件。"
    return ProblemException("forbidden", detail)


def _unfit(error: UnknownDatasets | QueryError) -> ProblemException:
    if isinstance(error, QueryError):
        return ProblemException("invalid-input", errors=[InputError("/query", str(error), "query_syntax")])
    detail = "沒有這個識別碼的資料集，請確認或移除"
    wrong = [InputError(f"/identifiers/{place}", detail, "unknown_dataset") for place in error.places]
    return ProblemException("invalid-input", errors=wrong)


@blueprint.get("/v1/jobs")
@operation(
    Operation(
        name="listJobs",
        summary="列出工作，新的在前",
        tag=_TAG,
        query=JobsQuery,
        headers={"If-None-Match": "現況仍是這個 ETag 時回覆 304"},
        answers={200: Answer("一頁工作", JobPage, _ETAG), 304: Answer("沒有變動")},
        problems=(*_READ, "invalid-parameter", "invalid-cursor"),
    )
)
def list_() -> Response:
    """A page of jobs."""
    signed_in()
    found, following = listed(query(JobsQuery))
    response = json_response(JobPage(jobs=[job_summary(one) for one in found], next=following))
    return _tagged(response, *found)


def listed(asked: JobsQuery) -> tuple[list[JobState], str | None]:
    """A page of jobs and the cursor of the next one, None at the end."""
    before = cursor.decode(asked.cursor, int) if asked.cursor else None
    states = None
    if asked.state is not None:
        states = (WAITING, RUNNING) if asked.state == "open" else (asked.state,)
    found, last = jobs(services(), watch(), states, before, asked.limit)
    return found, None if last is None else cursor.encode(last)


@blueprint.get("/v1/jobs/<int(max=9223372036854775807):job_id>")
@operation(
    Operation(
        name="getJob",
        summary="讀取一項工作；Accept 為 text/event-stream 時持續告知進度，直到結束",
        tag=_TAG,
        headers={
            "Accept": f"application/json 或 {MEDIA_TYPE}",
            "If-None-Match": "現況仍是這個 ETag 時回覆 304",
            "Last-Event-ID": "重新連線時，最後收到的事件編號",
        },
        answers={
            200: Answer("工作；事件為 progress（同樣的 JSON）與 end", JobOut, _ETAG, (MEDIA_TYPE,)),
            204: Answer("工作已結束，沒有新的事件"),
            304: Answer("沒有變動"),
        },
        problems=(*_READ, "job-not-found", "too-many-streams"),
    )
)
def get(job_id: int) -> Response:
    """One job."""
    signed_in()
    details = found_job(job_id)
    accepted = request.accept_mimetypes.best_match(["application/json", MEDIA_TYPE])
    # A HEAD has no body that could go on.
    if accepted != MEDIA_TYPE or request.method != "GET":
        return _tagged(json_response(job_out(details)), details.state)
    if details.state.ended and request.headers.get("Last-Event-ID") == tag_of(details.state):
        # It has been told all there is; this keeps it from asking again.
        return Response(status=204)
    response = stream(looks(services(), watch(), job_id))
    response.vary.add("Accept")
    return response


def found_job(job_id: int) -> Details:
    """A job as it stands. Raises ProblemException 404 where there is none."""
    details = job_details(services(), watch(), job_id)
    if details is None:
        raise ProblemException("job-not-found")
    return details


@blueprint.get("/v1/jobs/<int(max=9223372036854775807):job_id>/failures")
@operation(
    Operation(
        name="listJobFailures",
        summary="列出一項工作中無法標註的資料集與原因",
        tag=_TAG,
        query=FailuresQuery,
        answers={200: Answer("一頁資料集", FailurePage)},
        problems=(*_READ, "job-not-found", "invalid-parameter", "invalid-cursor"),
    )
)
def list_failures(job_id: int) -> Response:
    """A page of what failed."""
    signed_in()
    asked = query(FailuresQuery)
    after = cursor.decode(asked.cursor, int) if asked.cursor else 0
    found = job_failures(services(), job_id, after, asked.limit)
    if found is None:
        raise ProblemException("job-not-found")
    failures, last = found
    following = None if last is None else cursor.encode(last)
    return json_response(FailurePage(failures=[failure_out(one) for one in failures], next=following))


@blueprint.post("/v1/jobs/<int(max=9223372036854775807):job_id>/cancel")
@operation(
    Operation(
        name="cancelJob",
        summary="取消一項工作；已標註的保留，尚未開始的不做。已結束的工作不變",
        tag=_TAG,
        answers={200: Answer("工作", JobOut, _ETAG)},
        problems=(*SIGNED_IN, "job-not-found"),
    )
)
def cancel_one(job_id: int) -> Response:
    """Cancel a job."""
    cancelled(signed_in(), job_id)
    return _respond(job_id, 200)


def cancelled(person: Person, job_id: int) -> None:
    """Cancel a job that has not ended.

    Raises:
        ProblemException: 404 where there is no such job, 403 where it is not for this person to cancel.
    """
    try:
        found = cancel(services(), person, job_id)
    except OtherAgency as error:
        raise _other_agency(person) from error
    if not found:
        raise ProblemException("job-not-found")


@blueprint.post("/v1/jobs/<int(max=9223372036854775807):job_id>/retry")
@operation(
    Operation(
        name="retryJob",
        summary="重做一項已結束的工作中失敗與取消的部分；尚未結束或都完成的工作不變",
        tag=_TAG,
        answers={200: Answer("工作", JobOut, _ETAG)},
        problems=(*SIGNED_IN, "job-not-found", "job-model-changed"),
    )
)
def retry_one(job_id: int) -> Response:
    """Try again what failed."""
    retried(signed_in(), job_id)
    return _respond(job_id, 200)


def retried(person: Person, job_id: int) -> None:
    """Let what of a job failed or was left out be done again.

    Raises:
        ProblemException: 404 where there is no such job, 409 where it was made for another model, 403 where it is
            not for this person to do again.
    """
    try:
        found = retry(services(), person, job_id)
    except WrongModel as error:
        detail = f"這項工作是為模型 {error} 建立的，目前的模型不同；請另外要求一項新的工作。"
        raise ProblemException("job-model-changed", detail) from error
    except OtherAgency as error:
        raise _other_agency(person) from error
    if not found:
        raise ProblemException("job-not-found")


def _respond(job_id: int, status: int) -> Response:
    details = found_job(job_id)
    response = json_response(job_out(details), status)
    response.set_etag(tag_of(details.state), weak=True)
    if status == 202:
        response.location = f"/v1/jobs/{job_id}"
    return response


def _tagged(response: Response, *states: JobState) -> Response:
    # Weak: rate and time left change with the clock while nothing else does.
    response.set_etag(tag_of(*states), weak=True)
    response.vary.add("Accept")
    response.make_conditional(request)
    return response
