"""Which addresses the service may be sent to, so that nobody reaches the inner network through it (SSRF)."""

import ipaddress
import socket
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import quote, urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Not public, but the standard library of older Pythons does not say so.
_RESERVED = tuple(
    ipaddress.ip_network(network) for network in ("192.0.0.0/24", "fec0::/10", "3fff::/20", "5f00::/16")
)
_LONGEST = 2_000
_PLAIN = "!$%&'()*+,/:;=?@[]~"
"""What stays as it is in a path and a query: % too, for what is escaped already is not to be escaped again."""
WEBHOOK_HOSTS, SYNC_HOSTS = "TAGGER_WEBHOOK_HOSTS", "TAGGER_SYNC_HOSTS"
"""The settings that list hosts of the inner network."""


class AddressError(Exception):
    """An address that is not sent to; the message says why and what to do, in 繁體中文."""


class Target(NamedTuple):
    """Where to connect.

    Attributes:
        scheme: http or https.
        host: the name, in ASCII, for the certificate and the Host header.
        address: the IP address that the name led to when it was looked up, the only one that is connected to.
        path: with the query, in ASCII.
    """

    scheme: str
    host: str
    port: int
    address: str
    path: str


def check_url(
    url: str, allowed: Collection[str] = (), setting: str = WEBHOOK_HOSTS
) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of an address that may be sent to, before its name is looked up.

    Args:
        allowed: hosts, `name` or `name:port`, that may also be in the inner network and without https.
        setting: where the operator lists them.

    Raises:
        AddressError: it is no address, carries a password, or is not https.
    """
    try:
        parts = urlsplit(url.strip())
        # Names in Chinese travel as IDNA has them; `hostname` is in small letters.
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError as error:
        raise AddressError("網址無法辨識，應為 https://主機/路徑 的形式。") from error
    if parts.scheme not in _PORTS or not host or port == 0 or len(url) > _LONGEST or not url.isprintable():
        raise AddressError("網址應為 https://主機/路徑 的形式，且不超過 2,000 字。")
    if parts.username is not None or parts.password is not None:
        raise AddressError("網址不可含帳號密碼。")
    port = _PORTS[parts.scheme] if port is None else port
    if parts.scheme != "https" and not is_allowed(host, port, allowed):
        raise AddressError(f"網址必須是 https；內部網路的主機請由管理者列入 {setting}。")
    path = quote(parts.path or "/", safe=_PLAIN)
    return parts.scheme, host, port, f"{path}?{quote(parts.query, safe=_PLAIN)}" if parts.query else path


def is_allowed(host: str, port: int, allowed: Collection[str]) -> bool:
    """Whether a host is one of those that the operator listed."""
    listed = {one.lower() for one in allowed}
    return host in listed or f"{host}:{port}" in listed


def resolve(url: str, allowed: Collection[str] = (), setting: str = WEBHOOK_HOSTS) -> Target:
    """Look an address's name up, once, and say where to connect; arguments as for `check_url`.

    Raises:
        AddressError: as `check_url`; or the name is unknown, or any of its addresses is not public.
    """
    scheme, host, port, path = check_url(url, allowed, setting)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressError(f"找不到主機「{host}」，請確認網址。") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not is_allowed(host, port, allowed):
        for address in addresses:
            if not is_public(ipaddress.ip_address(address)):
                raise AddressError(f"主機「{host}」位於內部網路，不能連線；需要時請由管理者列入 {setting}。")
    return Target(scheme, host, port, addresses[0], path)


def is_public(address: IPAddress) -> bool:
    """Whether an address is in the public internet, and so is any address that is written inside it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in _RESERVED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
