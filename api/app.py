"""The application: wires configuration, services, doors and errors together."""

import re
import secrets
import time
import uuid

import structlog
from flask import Flask, Response, g, request

from api import access, hosts, limits, v1
from api.config import Settings
from api.logs import configure_logs
from api.metrics import REQUESTS, SECONDS
from api.problems import ProblemException, register_errors
from api.production import require_fit
from api.review import blueprint as review
from api.services import Services

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

log = structlog.get_logger(__name__)


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Make the application.

    Args:
        settings: by default those of the environment.
        services: the use cases, where they exist already; by default made of the settings.

    Raises:
        ModelError: the model cannot be loaded; better no service than one that cannot answer.
        UnfitForProduction: a setting is missing or unsafe.
    """
    settings = settings or Settings()
    require_fit(settings)
    configure_logs(settings.log_level)
    app = Flask(__name__)
    app.config.update(
        # A random one is shared by the workers of one start: they are forked after it is made.
        SECRET_KEY=settings.secret_key or secrets.token_urlsafe(32),
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_body_bytes,
    )
    services = services or Services(settings)
    # Before the server forks, so that the workers share one copy.
    log.info(
        "model_loaded",
        model_version=services.tagger.model_version,
        meaning_version=services.meaning.version,
    )
    app.extensions["services"] = services
    app.extensions["settings"] = settings
    register_errors(app)
    v1.register(app)
    app.register_blueprint(review)
    app.before_request(_begin)
    hosts.register(app, settings)
    limits.register(app, settings)
    access.register(app)
    app.after_request(_finish)
    return app


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.started = time.perf_counter()
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    if "\0" in request.path:
        # Nothing is stored under such a name, and PostgreSQL refuses to look for it.
        raise ProblemException("not-found")


def _finish(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.request_id
    if "identity_used" in g:
        # What somebody saw who was signed in must not be kept for whoever comes next.
        response.vary.add("Cookie")
        response.headers.setdefault("Cache-Control", "private, no-store" if g.identity.person else "no-cache")
    route = request.url_rule.rule if request.url_rule else "unknown"
    seconds = time.perf_counter() - g.started
    REQUESTS.labels(request.method, route, response.status_code).inc()
    SECONDS.labels(request.method, route).observe(seconds)
    # The route, not the address: what people asked for is theirs.
    log.info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 2),
    )
    return response
