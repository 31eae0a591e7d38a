"""Who sends the present request, and whether they may."""

from typing import Literal
from urllib.parse import urlsplit

from flask import Response, abort, g, redirect, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from api.current import services
from api.problems import ProblemException
from api.services.accounts import Person, person_of_session, person_of_token

REVIEWERS = ("reviewer", "administrator")
READERS_OF_REVIEWS = (*REVIEWERS, "auditor")
_ROLE_NAMES = {"uploader": "上傳者", "reviewer": "審核者", "administrator": "管理者", "auditor": "稽核"}
_SAFE = ("GET", "HEAD", "OPTIONS")
_Way = Literal["token", "cookie", None]


def is_secure() -> bool:
    """Whether people reach the service by https, here or at the proxy in front of it."""
    return request.is_secure or (_public_url() or "").startswith("https://")


def cookie_name() -> str:
    """What the cookie is called; the prefix makes browsers refuse it from elsewhere (RFC 6265bis)."""
    return "__Host-session" if is_secure() else "session"


def _public_url() -> str | None:
    return services().settings.public_url


def current_person() -> Person | None:
    """Who sends the request, or None where nobody says who they are.

    Raises:
        ProblemException: 401 for a token that is none, 403 for a write that another site sent.
    """
    person, by = _known()
    if by == "cookie":
        require_same_site()
    return person


def shown_person() -> Person | None:
    """Who is signed in, for the head of a page, which is shown while the store is away, too."""
    try:
        return _known()[0]
    except (ProblemException, SQLAlchemyError):
        return None


def signed_in(*roles: str) -> Person:
    """Who sends the request, who must have one of the roles.

    Raises:
        HTTPException: sends a browser that asks for a page to the sign-in page, and from there back.
        ProblemException: 401 where nobody is signed in, 403 where the role is another.
    """
    person = current_person()
    if person is None:
        if "HX-Request" in request.headers:
            # The page is left for the sign-in, and from there one comes back to it.
            here = urlsplit(request.headers.get("HX-Current-URL", ""))
            following = f"{here.path}?{here.query}" if here.query else here.path
            where = url_for("review.sign_in.show", next=following)
            abort(Response(status=401, headers={"HX-Redirect": where}))
        if request.method in _SAFE and not request.path.startswith("/v1/"):
            abort(redirect(url_for("review.sign_in.show", next=request.full_path.rstrip("?")), 303))
        raise ProblemException("unauthorized")
    if person.role not in roles:
        needed = "或".join(_ROLE_NAMES[role] for role in roles)
        own = _ROLE_NAMES[person.role]
        raise ProblemException("forbidden", f"這項作業需要{needed}的角色，您的角色是{own}。請洽管理者。")
    return person


def _known() -> tuple[Person | None, _Way]:
    if "identity" not in g:
        g.identity = _identified()
    found: tuple[Person | None, _Way] = g.identity
    return found


def _identified() -> tuple[Person | None, _Way]:
    given = request.authorization
    if given is not None and given.type == "bearer":
        person = person_of_token(services(), given.token or "")
        if person is None:
            raise ProblemException("unauthorized", "這個權杖無效、過期或已撤銷，請洽管理者另發一個。")
        return person, "token"
    key = request.cookies.get(cookie_name())
    person = person_of_session(services(), key) if key else None
    return person, "cookie" if person else None


def require_same_site() -> None:
    """Refuse a write that another site's page sent.

    A browser sends the cookie along whichever page made the form; only our own may write with it.

    Raises:
        ProblemException: neither `Origin` nor `Sec-Fetch-Site` says that the request comes from here.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin")
    if origin is not None:
        own = (request.host_url, _public_url() or request.host_url)
        same = origin in ["{0.scheme}://{0.netloc}".format(urlsplit(address)) for address in own]
    else:
        same = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not same:
        raise ProblemException("cross-site")
