"""By which names the service may be called, and which proxies are believed."""

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from api.config import Settings
from api.problems import ProblemException

_FOR_WATCHERS = frozenset({"/livez", "/readyz", "/metrics"})
"""They are asked from inside, by number; what they answer names no address."""


def register(app: Flask, settings: Settings) -> None:
    """Believe as many proxies as the settings say, and in production answer only to the service's own names.

    Without trusted proxies `X-Forwarded-*` is ignored: anybody can write it.
    """
    if count := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    if settings.environment != "production":
        return
    names = [*settings.trusted_hosts]
    if settings.public_url:
        names.append(urlsplit(settings.public_url).netloc)

    def refuse_other_hosts() -> None:
        # Not Flask's TRUSTED_HOSTS: with it there is no address to make an error page's links of, and no exception.
        host = request.environ.get("HTTP_HOST", "")
        if host_is_trusted(host, names) or (request.path in _FOR_WATCHERS and _is_inside(host)):
            return
        raise ProblemException("unknown-host")

    app.before_request(refuse_other_hosts)


def _is_inside(host: str) -> bool:
    """Whether a host is a number or this machine: no name that somebody could point here."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        ipaddress.ip_address(name)
    except ValueError:
        return host.partition(":")[0] == "localhost"
    return True
