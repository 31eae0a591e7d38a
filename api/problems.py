"""Errors as RFC 9457 problem documents: English titles for programs, 繁體中文 details for people."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple, NotRequired

import orjson
import structlog
from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import ParseException
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from typing_extensions import TypedDict
from werkzeug.exceptions import HTTPException

from api.validation import InputError, input_errors

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = 5

log = structlog.get_logger(__name__)


class ProblemKind(TypedDict):
    """A kind of problem: its status, its English title, and what it means in 繁體中文."""

    status: int
    title: str
    meaning: str


KINDS: dict[str, ProblemKind] = {
    "malformed-json": ProblemKind(status=400, title="Malformed JSON", meaning="請求內容不是有效的 JSON。"),
    "invalid-input": ProblemKind(
        status=422, title="Invalid input", meaning="內容有不符規定的欄位，見 errors。"
    ),
    "invalid-parameter": ProblemKind(
        status=400, title="Invalid parameter", meaning="查詢參數不符規定，見 errors。"
    ),
    "invalid-cursor": ProblemKind(
        status=400, title="Invalid cursor", meaning="分頁游標無效，請從第一頁重新開始。"
    ),
    "dataset-not-found": ProblemKind(
        status=404, title="Dataset not found", meaning="沒有這個識別碼的資料集，請確認識別碼是否正確。"
    ),
    "dataset-withdrawn": ProblemKind(
        status=410,
        title="Dataset withdrawn",
        meaning="這個資料集已由提供機關撤回，不再列出也找不到；日後再次匯入即恢復，原有的決定都還在。",
    ),
    "agency-not-found": ProblemKind(
        status=404,
        title="Agency not found",
        meaning="沒有這個提供機關的資料集；名稱須與資料集所填的完全相同，請由資料集清單確認。",
    ),
    "no-correction-note": ProblemKind(
        status=404,
        title="No correction note",
        meaning="這個資料集沒有修正建議單：現行分類無疑義，或還沒有可以提出的建議。",
    ),
    "theme-not-found": ProblemKind(
        status=404, title="Theme not found", meaning="沒有這個主題或這個版本，請從 /themes 的清單確認網址。"
    ),
    "precondition-required": ProblemKind(
        status=428,
        title="Precondition required",
        meaning="請在 If-Match 標頭放入讀取時得到的 ETag，以免蓋掉別人的變更。",
    ),
    "idempotency-key-reused": ProblemKind(
        status=422,
        title="Idempotency-Key reused",
        meaning="這個 Idempotency-Key 已用於另一個內容不同的請求，請換一個新的值。",
    ),
    "concept-not-found": ProblemKind(
        status=404,
        title="Concept not found",
        meaning="沒有這個識別碼的概念，請由 /v1/vocabulary 確認識別碼。",
    ),
    "precondition-failed": ProblemKind(
        status=412, title="Precondition failed", meaning="資料集在讀取之後已有變更，請重新讀取再送出。"
    ),
    "unauthorized": ProblemKind(
        status=401,
        title="Unauthorized",
        meaning="需要登入：頁面請由 /sign-in 登入，程式請在 Authorization 標頭附上 Bearer 權杖。",
    ),
    "forbidden": ProblemKind(
        status=403, title="Forbidden", meaning="您的角色或機關不能做這項作業，請洽管理者。"
    ),
    "cross-site": ProblemKind(
        status=403,
        title="Cross-site request",
        meaning="這個請求不是從本服務的頁面送出的，為安全起見不予處理；請回到本服務的頁面再送出。",
    ),
    "unknown-host": ProblemKind(
        status=400,
        title="Unknown host",
        meaning="本服務不使用這個主機名稱，請由公告的網址連線；管理者可在 TAGGER_TRUSTED_HOSTS 增列名稱。",
    ),
    "third-reviewer-needed": ProblemKind(
        status=409,
        title="Third reviewer needed",
        meaning="這筆資料集的兩個意見不同，須由兩人以外的審核者決定。",
    ),
    "selection-changed": ProblemKind(
        status=409,
        title="Selection changed",
        meaning="符合條件的資料集在預覽之後已有變更，請重新預覽，再以新的 selectionTag 送出。",
    ),
    "term-taken": ProblemKind(
        status=409,
        title="Term taken",
        meaning="這個詞已不在待收錄的清單，可能已由其他人處理，請重新讀取清單。",
    ),
    "changed-since": ProblemKind(
        status=409,
        title="Changed since",
        meaning="這項變更之後，相關的概念又有其他變更，或已經復原，因此不能再復原。",
    ),
    "change-not-found": ProblemKind(
        status=404, title="Change not found", meaning="沒有這項詞彙變更，請由 /v1/vocabulary/changes 確認。"
    ),
    "decision-not-found": ProblemKind(
        status=404, title="Decision not found", meaning="沒有這個決定或這一批決定，或已經復原。"
    ),
    "webhook-not-found": ProblemKind(
        status=404, title="Webhook not found", meaning="沒有這個 webhook 或這則訊息，請由 /v1/webhooks 確認。"
    ),
    "job-not-found": ProblemKind(
        status=404, title="Job not found", meaning="沒有這個編號的工作，請由 /v1/jobs 確認。"
    ),
    "job-model-changed": ProblemKind(
        status=409,
        title="Job of another model",
        meaning="這項工作是為另一個模型建立的，不能以目前的模型接續；請另外要求一項新的工作。",
    ),
    "too-many-jobs": ProblemKind(
        status=429,
        title="Too many jobs",
        meaning="尚未結束的工作太多，請待其中幾項結束，或先取消不需要的工作。",
    ),
    "too-many-requests": ProblemKind(
        status=429,
        title="Too many requests",
        meaning="這一分鐘內的請求太多，請依 Retry-After 標頭的秒數稍候再送；大量資料請改用批次或另洽管理者。",
    ),
    "too-many-streams": ProblemKind(
        status=503,
        title="Too many streams",
        meaning="同時觀看進度的連線太多，請改為定時讀取，或稍後再連線。",
    ),
    "unreadable-table": ProblemKind(
        status=422,
        title="Unreadable table",
        meaning="送來的試算表無法讀取或缺少需要的欄；請依說明修正檔案後再試。",
    ),
    "too-many-reports": ProblemKind(
        status=503,
        title="Too many reports",
        meaning="另一份報表正在製作，請待它完成，約半分鐘後再試。",
    ),
    "too-many-exports": ProblemKind(
        status=503,
        title="Too many exports",
        meaning="同時下載搜尋結果的人太多，請稍後再試。",
    ),
    "unavailable": ProblemKind(
        status=503, title="Temporarily unavailable", meaning="資料庫暫時無法使用，請稍後再試。"
    ),
    "not-found": ProblemKind(status=404, title="Not found", meaning="沒有這個網址，請參考 /docs。"),
    "method-not-allowed": ProblemKind(
        status=405, title="Method not allowed", meaning="這個網址不接受此方法，可用的方法見 Allow 標頭。"
    ),
    "body-too-large": ProblemKind(
        status=413, title="Content too large", meaning="請求內容超過大小上限，請分批送出。"
    ),
    "unsupported-media-type": ProblemKind(
        status=415, title="Unsupported media type", meaning="請以 Content-Type: application/json 送出 JSON。"
    ),
    "bad-request": ProblemKind(
        status=400, title="Bad request", meaning="請求無法處理，請確認內容與標頭後再試。"
    ),
    "internal-error": ProblemKind(
        status=500, title="Internal server error", meaning="服務發生未預期的錯誤，請將 requestId 告知管理者。"
    ),
}
_BY_STATUS = {
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media-type",
}
_HEADERS = {
    "unauthorized": {"WWW-Authenticate": "Bearer"},
    "too-many-jobs": {"Retry-After": "60"},
    "too-many-streams": {"Retry-After": str(_RETRY_SECONDS)},
    "too-many-exports": {"Retry-After": str(_RETRY_SECONDS)},
    "too-many-reports": {"Retry-After": "30"},
}


class ProblemError(TypedDict):
    """One thing that is wrong with the input."""

    pointer: str
    detail: str
    code: str


class DecisionShown(TypedDict):
    """What was decided, as a conflict shows it: the tags, and where known by whom and when."""

    categoryCode: str | None
    labels: list[str]
    decidedBy: NotRequired[str | None]
    decidedAt: NotRequired[str | None]


class Problem(TypedDict):
    """A problem document (RFC 9457); `current` and `submitted` are there where two decisions collide."""

    type: str
    title: str
    status: int
    detail: str
    requestId: NotRequired[str]
    errors: NotRequired[list[ProblemError]]
    current: NotRequired[DecisionShown]
    submitted: NotRequired[DecisionShown]


class Collision(NamedTuple):
    """Two decisions that collide: the one that stands and the one that came too late."""

    current: DecisionShown
    submitted: DecisionShown


class ProblemException(Exception):
    """Raised to answer with a problem of a kind in `KINDS`.

    Args:
        kind: a key of `KINDS`.
        detail: 繁體中文; by default the kind's meaning.
        errors: what is wrong, each with its place.
        collision: the two decisions, where that is what is wrong.
        headers: of the answer, beside those of the kind.
    """

    def __init__(
        self,
        kind: str,
        detail: str | None = None,
        errors: Sequence[InputError] = (),
        collision: Collision | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.collision = collision
        self.headers = headers

    @property
    def document(self) -> Problem:
        """The problem document."""
        made = problem(self.kind, self.detail, self.errors)
        if self.collision:
            made["current"], made["submitted"] = self.collision
        return made


def problem(
    kind: str, detail: str | None = None, errors: Sequence[InputError] = (), status: int | None = None
) -> Problem:
    """A problem document; its status is the kind's own unless another is given."""
    known = KINDS[kind]
    document = Problem(
        type=f"/problems/{kind}",
        title=known["title"],
        status=status or known["status"],
        detail=detail or known["meaning"],
    )
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        document["requestId"] = request_id
    if errors:
        document["errors"] = [
            ProblemError(pointer=error.pointer, detail=error.detail, code=error.code) for error in errors
        ]
    return document


def invalid_input(error: ValidationError) -> Problem:
    """The problem document of a record that does not validate."""
    return problem("invalid-input", errors=input_errors(error))


def respond(document: Problem, headers: dict[str, str] | None = None) -> Response:
    """A problem as a response: a page for a browser that is not calling the REST interface."""
    wants_page = request.accept_mimetypes.best_match([MEDIA_TYPE, "text/html"]) == "text/html"
    if wants_page and not request.path.startswith("/v1/"):
        page = render_template(
            "error.html",
            status=document["status"],
            title=_heading(document["status"]),
            detail=document["detail"],
        )
        return Response(page, document["status"], headers, content_type="text/html; charset=utf-8")
    return Response(orjson.dumps(document), document["status"], headers, content_type=MEDIA_TYPE)


def _heading(status: int) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "找不到這個頁面"
    if status == HTTPStatus.GONE:
        return "已不再提供"
    return "無法處理這個請求" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "服務暫時有問題"


def register_errors(app: Flask) -> None:
    """Turn every exception into a problem document."""
    app.register_error_handler(ProblemException, _problem)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(InterfaceError, _database_error)
    app.register_error_handler(ParseException, _broken_body)
    app.register_error_handler(Exception, _unexpected)


def _problem(error: ProblemException) -> Response:
    return respond(error.document, {**_HEADERS.get(error.kind, {}), **(error.headers or {})})


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if error.response is not None or status < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    # Allow, Retry-After and their like say more than the problem does.
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return respond(problem(_BY_STATUS.get(status, "bad-request"), status=status), headers)


def _database_error(error: Exception) -> Response:
    log.error("database_unavailable", path=request.path, error=type(error).__name__)
    return respond(problem("unavailable"), {"Retry-After": str(_RETRY_SECONDS)})


def _broken_body(_error: Exception) -> Response:
    # A body in chunks is parsed while it is read, long after gunicorn took the request for a good one.
    return respond(problem("bad-request", "請求的內容未依 HTTP 的分塊格式傳送，請修正後重送。"))


def _unexpected(_error: Exception) -> Response:
    log.exception("unexpected_error", path=request.path)
    return respond(problem("internal-error"))
