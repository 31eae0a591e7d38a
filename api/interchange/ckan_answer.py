"""CKAN's answers: the envelope {"success", "result", "error"}, and errors that say what to do.

Source: `action` in `ckan/views/api.py` (CKAN 2.10 to 2.12); https://docs.ckan.org/en/2.11/api/.
"""

import json
from http import HTTPStatus
from typing import Any, NamedTuple, NoReturn

from api.readers.unreadable import ERROR_HANDLER

_QUOTED = 200
_FIELDS_SHOWN = 10


class CkanError(Exception):
    """The portal cannot be read or written. The message says in 繁體中文 what is wrong and what to do.

    No message holds the API token.
    """


class NotCkan(CkanError):
    """The address answers, but not as CKAN's Action API does."""


class CkanDenied(CkanError):
    """The portal does not allow it."""


class CkanNotFound(CkanError):
    """The portal has no such thing."""


class CkanInvalid(CkanError):
    """The portal refuses what was sent.

    Attributes:
        fields: what it says of each field.
    """

    def __init__(self, message: str, fields: dict[str, str]) -> None:
        super().__init__(message)
        self.fields = fields


class CkanUnavailable(CkanError):
    """No usable answer, perhaps only now.

    Attributes:
        retry_after: seconds that the portal asked to wait; None where it did not ask.
        unknown: whether a request that writes may have been carried out all the same.
    """

    def __init__(self, message: str, retry_after: float | None = None, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.unknown = unknown


class Answer(NamedTuple):
    """One HTTP answer. `action` is what was asked for, `retry_after` as in `CkanUnavailable`."""

    action: str
    status: int
    body: bytes
    retry_after: float | None = None


def result_of(answer: Answer) -> Any:
    """The `result` of an answer. Numbers come as text, as they are written.

    Raises:
        CkanError: the answer is an error, or no answer of CKAN.
    """
    content, readable = _decode(answer.body)
    if readable and isinstance(content, dict) and isinstance(content.get("success"), bool):
        if content["success"] and answer.status < HTTPStatus.BAD_REQUEST and "result" in content:
            return content["result"]
        if not content["success"]:
            _fail(answer, content.get("error"))
    if answer.status == HTTPStatus.BAD_REQUEST and isinstance(content, str):
        # CKAN answers so where it does not know the action, or cannot read what it was sent.
        raise NotCkan(
            f"平臺不接受 {answer.action}：{quote(content)}。請確認它是 CKAN 2.10 以上，且未停用這個功能。"
        )
    return _not_an_envelope(answer, readable)


def quote(text: object) -> str:
    """A portal's text as it can stand in a message: one line, printable, not too long."""
    shown = "".join(c if c.isprintable() else " " for c in str(text)[: _QUOTED + 1])
    return shown if len(shown) <= _QUOTED else shown[:_QUOTED] + "…"


def _decode(body: bytes) -> tuple[Any, bool]:
    try:
        # Bytes that are no UTF-8 cost the dataset that holds them, not the page.
        text = body.decode("utf-8", ERROR_HANDLER).removeprefix("\ufeff")
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str), True
    except (ValueError, RecursionError):
        return None, False


def _fail(answer: Answer, error: object) -> NoReturn:
    details = error if isinstance(error, dict) else {"message": error}
    kind = str(details.get("__type", ""))
    message = quote(details.get("message") or "（沒有說明）")
    if kind == "Authorization Error" or answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise CkanDenied(
            f"平臺拒絕 {answer.action}：{message}。請確認權杖有效、未過期，且帳號可編輯這個資料集所屬的機關。"
        )
    if kind == "Not Found Error" or answer.status == HTTPStatus.NOT_FOUND:
        raise CkanNotFound(f"平臺上找不到：{message}。請確認識別碼，或它是否已刪除或設為不公開。")
    if kind == "Validation Error":
        fields = _field_messages(details)
        listed = "；".join(f"{name}：{text}" for name, text in list(fields.items())[:_FIELDS_SHOWN])
        raise CkanInvalid(
            f"平臺不接受送出的內容：{listed or message}。請在平臺上修正這些欄位後再試。", fields
        )
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise _unavailable(answer, message)
    raise CkanError(f"平臺無法處理 {answer.action}（{quote(kind) or answer.status}）：{message}。")


def _field_messages(details: dict[str, Any]) -> dict[str, str]:
    """What a Validation Error says of each field, however deep it says it."""
    return {
        quote(name): quote("、".join(_texts(value)))
        for name, value in details.items()
        if not name.startswith("__")
    }


def _texts(value: object, levels: int = 6) -> list[str]:
    """The texts within a value. Errors of resources are lists of objects of lists; what is deeper is junk."""
    if isinstance(value, dict) and levels:
        return [f"{name} {text}" for name, inner in value.items() for text in _texts(inner, levels - 1)]
    if isinstance(value, list) and levels:
        return [text for inner in value for text in _texts(inner, levels - 1)]
    return [str(value)] if isinstance(value, str) and value else []


def _unavailable(answer: Answer, message: str = "") -> CkanUnavailable:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        text = "平臺表示要求太頻繁，請稍後再試"
    else:
        reason = f"：{message}" if message else ""
        text = f"平臺目前無法回應 {answer.action}（{answer.status}{reason}），請稍後再試"
    # 429 and a 503 with Retry-After say that nothing was done; of the others nobody can tell.
    return CkanUnavailable(text + "。", answer.retry_after, unknown=answer.retry_after is None)


def _not_an_envelope(answer: Answer, readable: bool) -> NoReturn:
    page = answer.body.lstrip()[:1] == b"<"
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise _unavailable(answer)
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise CkanDenied(
            f"平臺或其前方的防火牆拒絕 {answer.action}（{answer.status}）。請確認權杖與來源位址是否獲准。"
        )
    if not readable and not page and answer.body and answer.status < HTTPStatus.BAD_REQUEST:
        raise CkanUnavailable(
            f"平臺對 {answer.action} 的回應不完整，無法解讀。請稍後再試；若一再發生，請洽平臺管理者。",
            unknown=True,
        )
    seen = "網頁" if page else f"不是 CKAN 的內容（{answer.status}）"
    raise NotCkan(f"這個網址回傳的是{seen}，不是 CKAN 的 API。請填 CKAN 平臺首頁的網址。")
