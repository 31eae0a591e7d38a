"""Signing in and out."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from api.current import services
from api.identity import cookie_name, is_secure, require_same_site
from api.services.accounts import ABSOLUTE, sign_in, sign_out

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
def show() -> str:
    """The form."""
    return render_template("sign_in.html", name="", wrong=False, following=_following(request.args))


@blueprint.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Sign in and go where one wanted to."""
    require_same_site()
    name = request.form.get("name", "").strip()
    key = sign_in(services(), name, request.form.get("password", ""))
    following = _following(request.form)
    if key is None:
        page = render_template("sign_in.html", name=name, wrong=True, following=following)
        return page, 422
    _end_session()
    response = redirect(following or url_for("review.suggest.show"), 303)
    response.set_cookie(
        cookie_name(),
        key,
        max_age=ABSOLUTE,
        secure=is_secure(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


@blueprint.post("/sign-out")
def leave() -> ResponseReturnValue:
    """Sign out."""
    require_same_site()
    _end_session()
    response = redirect(url_for("review.sign_in.show"), 303)
    response.delete_cookie(cookie_name(), secure=is_secure(), httponly=True, samesite="Lax", path="/")
    return response


def _end_session() -> None:
    key = request.cookies.get(cookie_name())
    if key:
        sign_out(services(), key)


def _following(values: Mapping[str, str]) -> str:
    """Where to go after signing in: a path of this service, or nothing."""
    wanted = values.get("next", "")
    try:
        elsewhere = urlsplit(wanted).netloc
    except ValueError:
        return ""
    local = wanted.startswith("/") and not wanted.startswith("//") and not elsewhere
    return wanted if local and "\\" not in wanted and wanted.isprintable() else ""
