"""Where a portal is: the addresses that are taken, and which ones a token may go to."""

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

from api.interchange.ckan_answer import CkanError

_PORTS = {"http": 80, "https": 443}
# People copy the address from wherever they stand in the portal's documentation.
_API_PATHS = ("/api/3/action", "/api/action", "/api/3", "/api")


class Address(NamedTuple):
    """A portal's address.

    Attributes:
        origin: scheme, host and port: two addresses with the same one are the same server.
        base: where the portal's paths begin, without a slash at the end. Names the portal.
    """

    origin: tuple[str, str, int]
    base: str

    @property
    def keeps_secrets(self) -> bool:
        """Whether what is sent there cannot be read on the way: https, or this machine."""
        scheme, host, _ = self.origin
        if scheme == "https" or host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def action(self, name: str) -> str:
        """The URL of an action of the Action API."""
        return f"{self.base}/api/3/action/{name}"


def portal_address(url: str) -> Address:
    """The address that a user wrote, with or without a path, a slash at the end, or the API's own path.

    Raises:
        CkanError: not http or https, no host, or a name, password, query or fragment in it.
    """
    try:
        parts = urlsplit(url.strip())
        origin = _origin(parts.scheme, parts.hostname, parts.port)
    except ValueError as error:
        raise CkanError("平臺網址無法辨識，應為 https://主機/ 的形式。") from error
    if origin is None:
        raise CkanError("平臺網址應以 http:// 或 https:// 開頭，並有主機名稱。")
    if parts.username is not None or parts.password is not None:
        raise CkanError("平臺網址不可含帳號密碼，請改用權杖檔。")
    if parts.query or parts.fragment:
        raise CkanError("平臺網址不可含「?」或「#」之後的部分，請只填首頁的網址。")
    scheme, host, port = origin
    path = parts.path.rstrip("/")
    for tail in _API_PATHS:
        if path.endswith(tail):
            path = path.removesuffix(tail)
            break
    name = f"[{host}]" if ":" in host else host
    place = name if port == _PORTS[scheme] else f"{name}:{port}"
    return Address(origin, f"{scheme}://{place}{path}")


def same_origin(address: Address, url: str) -> bool:
    """Whether a URL leads to the same server by the same scheme."""
    try:
        parts = urlsplit(url)
        return _origin(parts.scheme, parts.hostname, parts.port) == address.origin
    except ValueError:
        return False


def _origin(scheme: str, host: str | None, port: int | None) -> tuple[str, str, int] | None:
    if scheme not in _PORTS or not host:
        return None
    return scheme, host, _PORTS[scheme] if port is None else port
