"""Who sends the present request, and whether they may."""

from typing import NamedTuple, NoReturn
from urllib.parse import urlsplit

from flask import Response, abort, g, redirect, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from api.current import services
from api.problems import ProblemException
from api.services.accounts import Person, owner_of_token, person_of_session

_ROLE_NAMES = {"uploader": "上傳者", "reviewer": "審核者", "administrator": "管理者", "auditor": "稽核"}
_SAFE = ("GET", "HEAD", "OPTIONS")


class Identity(NamedTuple):
    """Who sends a request, and how they show it.

    Attributes:
        person: None for nobody.
        by_cookie: whether the browser's cookie says so, which it sends along whoever made the form.
        key: names token or account; None for nobody.
        scopes: what the token is for; None where no token limits the person.
    """

    person: Person | None
    by_cookie: bool
    key: str | None
    scopes: tuple[str, ...] | None


_NOBODY = Identity(None, False, None, None)


def is_secure() -> bool:
    """Whether people reach the service by https, here or at the proxy in front of it."""
    return request.is_secure or (_public_url() or "").startswith("https://")


def cookie_name() -> str:
    """What the cookie is called; the prefix makes browsers refuse it from elsewhere (RFC 6265bis)."""
    return "__Host-session" if is_secure() else "session"


def _public_url() -> str | None:
    return services().settings.public_url


def identify() -> None:
    """Find out who sends the request, once.

    Raises:
        ProblemException: 401 for a token that is none.
        SQLAlchemyError: the store, which knows, is away.
    """
    if "identity" not in g:
        g.identity = _identified()


def _known_person() -> Person | None:
    """Who sends the request; what is answered may depend on it from here on."""
    g.identity_used = True
    identify()
    person: Person | None = g.identity.person
    return person


def forget() -> None:
    """Take the request for one of nobody's."""
    g.identity = _NOBODY


def current_person() -> Person | None:
    """Who sends the request, or None where nobody says who they are.

    Raises:
        ProblemException: 401 for a token that is none, 403 for a write that another site sent.
    """
    person = _known_person()
    if g.identity.by_cookie:
        require_same_site()
    return person


def shown_person() -> Person | None:
    """Who is signed in, for the head of a page, which is shown while the store is away, too."""
    try:
        return _known_person()
    except (ProblemException, SQLAlchemyError):
        return None


def caller() -> str | None:
    """What a limit counts the request under: its token or its account; None for nobody's."""
    key: str | None = g.identity.key if "identity" in g else None
    return key


def signed_in() -> Person:
    """Who sends the request, where the route's rule (`api.access`) lets only people pass who have signed in."""
    person = current_person()
    if person is None:
        raise ProblemException("unauthorized")
    return person


def require(roles: tuple[str, ...], scope: str | None) -> None:
    """Refuse the request unless somebody signed in sends it who has one of the roles, and a token the scope.

    Raises:
        HTTPException: sends a browser that asks for a page to the sign-in page, and from there back.
        ProblemException: 401 where nobody is signed in, 403 where the role or the scope is another.
    """
    person = current_person()
    if person is None:
        _ask_to_sign_in()
    elif person.role not in roles:
        needed = "或".join(_ROLE_NAMES[role] for role in roles)
        own = _ROLE_NAMES[person.role]
        raise ProblemException("forbidden", f"這項作業需要{needed}的角色，您的角色是{own}。請洽管理者。")
    scopes = g.identity.scopes
    if scopes is not None and scope is not None and scope not in scopes:
        raise ProblemException("forbidden", f"這個權杖不含範圍 {scope}，請洽管理者另發一個含此範圍的權杖。")


def _ask_to_sign_in() -> NoReturn:
    for_programs = request.path.startswith("/v1/") or request.path == "/metrics"
    if "HX-Request" in request.headers and not for_programs:
        # The page is left for the sign-in, and from there one comes back to it.
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
        following = f"{here.path}?{here.query}" if here.query else here.path
        where = url_for("review.sign_in.show", next=following)
        abort(Response(status=401, headers={"HX-Redirect": where}))
    if request.method in _SAFE and not for_programs:
        abort(redirect(url_for("review.sign_in.show", next=request.full_path.rstrip("?")), 303))
    raise ProblemException("unauthorized")


def _identified() -> Identity:
    given = request.authorization
    if given is not None and given.type == "bearer":
        found = owner_of_token(services(), given.token or "")
        if found is None:
            raise ProblemException("unauthorized", "這個權杖無效、過期或已撤銷，請洽管理者另發一個。")
        return Identity(found.person, False, f"token/{found.prefix}", found.scopes)
    key = request.cookies.get(cookie_name())
    person = person_of_session(services(), key) if key else None
    return Identity(person, True, f"account/{person.id}", None) if person else _NOBODY


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
