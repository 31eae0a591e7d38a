"""A client of CKAN's Action API.

Source: https://docs.ckan.org/en/2.11/api/ and the code of CKAN 2.10 to 2.12; docs/ckan.md has what matters.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError as TransferError

from api.interchange.ckan_address import Address, portal_address, same_origin
from api.interchange.ckan_answer import Answer, CkanError, CkanUnavailable, NotCkan, quote, result_of
from api.interchange.ckan_paging import Page, walk
from tagger.version import __version__

_CHUNK = 64 * 1024
_REDIRECTS = 3
_BACKOFF = 0.5
_TOKEN_LENGTH = 4_096
_DIGITS = 12
_ASKS_TO_WAIT = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Limits(NamedTuple):
    """How long and how much.

    Attributes:
        connect, read: seconds until a connection stands, and between two pieces of an answer.
        whole: seconds for an answer as a whole.
        size: bytes of an answer, unpacked.
        attempts: how often a request is sent at most.
        longest_wait: seconds; a portal that asks for more (Retry-After) is not waited for.
    """

    connect: float = 5
    read: float = 30
    whole: float = 300
    size: int = 64 * 1024 * 1024
    attempts: int = 4
    longest_wait: float = 60


class _Token(AuthBase):
    """Puts the API token where CKAN looks for it. Without a token it keeps .netrc from being used."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = self._token
        return request


class CkanClient:
    """One portal. Not shared between threads.

    Args:
        url: the portal's address; a path, a slash at the end or `/api/3/action` do no harm.
        token: an API token, sent only to the portal's own origin; needed to write.
        plain: whether the token may go over http to another machine.
        limits: see `Limits`.
        sleep: waits, in seconds.

    Raises:
        CkanError: an address or a token that cannot be used.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        plain: bool = False,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address: Address = portal_address(url)
        if token is not None:
            _check_token(token)
            if not plain and not self._address.keeps_secrets:
                raise CkanError("權杖不可經由未加密的 http 傳送，請改用 https:// 的網址。")
        self._limits = limits or Limits()
        self._sleep = sleep
        self._session = requests.Session()
        self._session.auth = _Token(token)
        self._session.headers["User-Agent"] = f"taiwan-dataset-tagger/{__version__}"
        self._session.headers["Accept"] = "application/json"

    @property
    def portal(self) -> str:
        """The portal's address in one spelling; names it in reports and in the store."""
        return self._address.base

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def package_show(self, name_or_id: str) -> dict[str, Any]:
        """One dataset. Raises CkanNotFound where there is none, and any other CkanError."""
        return _object(self._read("package_show", {"id": name_or_id}), "package_show")

    def tag_list(self) -> list[str]:
        """The names of all free tags, those of no vocabulary."""
        tags = self._read("tag_list", {})
        if not isinstance(tags, list):
            raise _strange("tag_list")
        return [tag for tag in tags if isinstance(tag, str)]

    def package_patch(self, name_or_id: str, tags: list[dict[str, str]]) -> None:
        """Replace a dataset's tags; everything else stays.

        Sent once. Only where the portal says that it did nothing (429, or 503 with Retry-After) it is sent
        again; after any other failure only reading the dataset tells what happened (`CkanUnavailable.unknown`).

        Args:
            name_or_id: names the dataset.
            tags: the whole new list, each with `name` and, where it has one, `vocabulary_id`.
        """
        self._call("package_patch", {}, {"id": name_or_id, "tags": tags})

    def package_search(self, fq: str | None = None, rows: int = 100) -> Iterator[object]:
        """All datasets that a filter finds, in the order of their ids; each once.

        Datasets added or removed meanwhile make none skipped and none given twice (`ckan_paging.walk`).

        Args:
            fq: a filter query of Solr, passed on as it is.
            rows: datasets a page; a portal may give fewer (`ckan.search.rows_max`).

        Raises:
            CkanError: a page cannot be read, or the pages do not end. What came before it was given.
        """

        def page(start: int, size: int) -> Page:
            asked = {"sort": "id asc", "rows": size, "start": start, "facet": "false"}
            return _page(self._read("package_search", asked | ({"fq": fq} if fq else {})))

        return walk(page, rows)

    def _read(self, action: str, params: dict[str, Any]) -> Any:
        return self._call(action, params, None)

    def _call(self, action: str, params: dict[str, Any], content: dict[str, Any] | None) -> Any:
        """The result of an action; content makes it one that writes."""
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return result_of(self._once(action, params, content))
            except CkanUnavailable as error:
                pause = self._pause(error, attempt, writes=content is not None)
                if pause is None:
                    raise
            self._sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _pause(self, error: CkanUnavailable, attempt: int, *, writes: bool) -> float | None:
        """Seconds to wait before asking again; None where asking again is no use or not safe."""
        if attempt >= self._limits.attempts:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self._limits.longest_wait else None
        return None if writes else _BACKOFF * 2 ** (attempt - 1)

    def _once(self, action: str, params: dict[str, Any], content: dict[str, Any] | None) -> Answer:
        url, asked = self._address.action(action), params
        for _ in range(_REDIRECTS + 1):
            try:
                with closing(self._send(url, asked, content)) as response:
                    target = self._redirect(response, writes=content is not None)
                    if target is None:
                        body = self._body(response)
                        return Answer(action, response.status_code, body, _retry_after(response))
            except (requests.RequestException, TransferError) as error:
                # `from None`: the causes quote headers in some cases.
                raise self._transfer_error(error, writes=content is not None) from None
            # Where a redirect leads has its own query already.
            url, asked = target, {}
        raise NotCkan("平臺一再轉址，無法讀取。請確認平臺網址。")

    def _send(self, url: str, params: dict[str, Any], content: dict[str, Any] | None) -> requests.Response:
        return self._session.request(
            "GET" if content is None else "POST",
            url,
            params=params,
            json=content,
            timeout=(self._limits.connect, self._limits.read),
            allow_redirects=False,
            stream=True,
        )

    def _redirect(self, response: requests.Response, *, writes: bool) -> str | None:
        if not response.is_redirect:
            return None
        target = urljoin(response.url, response.headers["Location"])
        shown = quote(target.partition("?")[0])
        if not same_origin(self._address, target):
            raise NotCkan(f"平臺轉址到另一個位置 {shown}，為安全起見不跟隨。若那才是平臺，請改用它的網址。")
        if writes:
            raise NotCkan(f"平臺將寫入要求轉址到 {shown}，未寫入。請改用轉址後的平臺網址。")
        return target

    def _body(self, response: requests.Response) -> bytes:
        """The body, counted while it comes in; a length that the header claims is not trusted."""
        end = time.monotonic() + self._limits.whole
        parts: list[bytes] = []
        size = 0
        # read1 gives what has come in, so a server that sends a byte now and then is noticed.
        while part := response.raw.read1(_CHUNK, decode_content=True):
            size += len(part)
            if size > self._limits.size:
                megabytes = self._limits.size / 1024 / 1024
                raise CkanError(f"平臺的回應超過 {megabytes:,.1f} MB 的上限，已中止。請以 --fq 縮小範圍。")
            if time.monotonic() > end:
                raise CkanUnavailable("平臺的回應太慢，已中止。請稍後再試。", unknown=True)
            parts.append(part)
        return b"".join(parts)

    def _transfer_error(self, error: Exception, *, writes: bool) -> CkanError:
        host = self._address.base
        if isinstance(error, requests.exceptions.SSLError):
            return CkanError(f"無法確認 {host} 的憑證，未連線。請確認網址，或洽平臺管理者。")
        if isinstance(error, requests.ConnectTimeout | requests.ConnectionError) and not writes:
            return CkanUnavailable(f"無法連線到 {host}，或連線中斷。請確認網址與網路後再試。")
        if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
            return CkanError("平臺網址無法辨識，應為 https://主機/ 的形式。")
        return CkanUnavailable(f"{host} 的回應逾時或中斷。請稍後再試。", unknown=writes)


def _page(result: Any) -> Page:
    found = _object(result, "package_search")
    count, items = found.get("count"), found.get("results")
    if not isinstance(count, str) or not count.isdecimal() or not isinstance(items, list):
        raise _strange("package_search")
    return Page(int(count[:_DIGITS]), items)


def _object(result: Any, action: str) -> dict[str, Any]:
    if not isinstance(result, dict):
        raise _strange(action)
    return result


def _strange(action: str) -> NotCkan:
    return NotCkan(f"平臺對 {action} 的回應不是 CKAN 的格式。請確認它是 CKAN 2.10 以上。")


def _check_token(token: str) -> None:
    # requests would quote a bad header value in its message.
    if not 0 < len(token) <= _TOKEN_LENGTH or not token.isascii() or not token.isprintable() or " " in token:
        raise CkanError("權杖的內容不像 CKAN 的 API 權杖：應為一行英數字，不含空格。請重新產生並存檔。")


def _retry_after(response: requests.Response) -> float | None:
    """Seconds that a 429 or 503 asks to wait: a number or a date (RFC 9110, 10.2.3)."""
    value = response.headers.get("Retry-After", "").strip()
    if not value or response.status_code not in _ASKS_TO_WAIT:
        return None
    if value.isdecimal():
        return float(value[:_DIGITS])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
