"""Who may do what, and what it costs: one rule a route. A route without a rule answers nobody.

The table is the only place where roles and routes meet; views ask `api.identity.signed_in` who is there, not whether
they may. docs/accounts.md shows it as a matrix, and a test holds the two together.
"""

from typing import NamedTuple

import structlog
from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError

from api.identity import forget, identify, require, shown_person
from api.limits import count_guess, refuse_guessing, spend
from api.problems import ProblemException
from models.account import ROLES

PUBLIC: tuple[str, ...] = ()
"""For everybody, signed in or not."""
SIGNED_IN = ROLES
REVIEWERS = ("reviewer", "administrator")
READERS = ("reviewer", "administrator", "auditor")
WRITERS = ("uploader", "reviewer", "administrator")
ADMINISTRATOR = ("administrator",)
OVERSEERS = ("administrator", "auditor")

log = structlog.get_logger(__name__)


class Rule(NamedTuple):
    """Who may ask for a route.

    Attributes:
        roles: who may; `PUBLIC` for everybody.
        scope: what a token must be made for; None where everybody may.
        points: what a request takes from the caller's minute (api/limits.py); 0 for what costs next to nothing.
    """

    roles: tuple[str, ...]
    scope: str | None = None
    points: int = 1


_FREE = Rule(PUBLIC, points=0)
_READ = Rule(PUBLIC)
_SEARCH = Rule(PUBLIC, points=2)
_REVIEWED = Rule(READERS, "read")
_DECIDE = Rule(REVIEWERS, "review")
_MANAGE = Rule(ADMINISTRATOR, "manage")

_SERVICE = {
    "static": _FREE,
    "service.livez": _FREE,
    "service.readyz": _FREE,
    "service.show_metrics": Rule(OVERSEERS, "read"),
    "service.show_openapi": _READ,
    "review.docs.show": _READ,
    "review.docs.problem": _READ,
}
_SIGN_IN = {
    "review.sign_in.show": _READ,
    # Each costs a tenth of a second of argon2.
    "review.sign_in.enter": Rule(PUBLIC, points=20),
    "review.sign_in.leave": _READ,
}
_SUGGESTING = {
    # A batch pays for each of its datasets once it is read.
    "suggestions.create_suggestions": _READ,
    "review.suggest.show": _READ,
    "review.suggest.answer": Rule(PUBLIC, points=2),
    "correction_notes.check": Rule(PUBLIC, points=5),
    "badge_readiness.assess_inline": _SEARCH,
    "relevance.show": Rule(PUBLIC, points=10),
    "review.relevance.show": _READ,
    "review.relevance.answer": Rule(PUBLIC, points=10),
}
_READING = {
    "categories.list_": _READ,
    "catalog.get": _SEARCH,
    "datasets.get": _READ,
    "datasets.list_": _SEARCH,
    "search.find": _SEARCH,
    "search.complete": _READ,
    "search.list_related": _SEARCH,
    "search_export.export": Rule(PUBLIC, points=60),
    "vocabulary.get_vocabulary": Rule(PUBLIC, points=10),
    "vocabulary.get_concept": _READ,
    "themes.list_": _READ,
    "themes.get": _READ,
    "themes.get_workbook": Rule(PUBLIC, points=20),
    "badge_readiness.show": _READ,
    "correction_notes.get": _READ,
    "review.search.show": _SEARCH,
    "review.datasets.list_": _SEARCH,
    "review.datasets.show": _SEARCH,
    "review.correction_notes.show": _READ,
    "review.themes.list_": _READ,
    "review.themes.show": _READ,
    "review.themes.show_version": _READ,
}
_WRITING = {
    "datasets.put": Rule(WRITERS, "write", 2),
    "themes.create": Rule(WRITERS, "write", 30),
    "themes.create_version": Rule(WRITERS, "write", 5),
    "review.themes.create": Rule(WRITERS, "write", 30),
    "review.themes.create_version": Rule(WRITERS, "write", 5),
}
_AGENCIES = {
    "badge_readiness.show_agency": Rule(SIGNED_IN, "read", 20),
    "correction_notes.list_": Rule(SIGNED_IN, "read", 10),
    "review.badge_readiness.show": Rule(SIGNED_IN, "read", 20),
    "review.badge_readiness.save": Rule(SIGNED_IN, "read", 40),
    "review.correction_notes.list_": Rule(SIGNED_IN, "read", 10),
}
_REPORTS = {
    "report_statistics.make": Rule(READERS, "read", 100),
    "review_statistics.show": Rule(READERS, "read", 5),
    "review.report_statistics.show": _REVIEWED,
    "review.report_statistics.make": Rule(READERS, "read", 100),
    "review.monthly.show": Rule(READERS, "read", 20),
    "review.monthly.save": Rule(READERS, "read", 40),
    "review.dashboard.show": Rule(READERS, "read", 5),
}
_REVIEWING = {
    "reviews.queue": _REVIEWED,
    "reviews.get_item": _REVIEWED,
    "reviews.take_next": _DECIDE,
    "reviews.put_assignment": _DECIDE,
    "reviews.delete_assignment": _DECIDE,
    "reviews.hold_item": _DECIDE,
    "reviews.release_item": _DECIDE,
    "reviews.create_note": _DECIDE,
    "decisions.create": _DECIDE,
    "decisions.list_": _REVIEWED,
    "decisions.get": _REVIEWED,
    "decisions.undo_one": _DECIDE,
    "decisions.undo_last": _DECIDE,
    "decision_batches.create_batch": Rule(REVIEWERS, "review", 20),
    "decision_batches.get_batch": _REVIEWED,
    "decision_batches.undo_all": Rule(REVIEWERS, "review", 20),
    "cleanup.show": Rule(READERS, "read", 10),
    "cleanup.one": Rule(READERS, "read", 5),
    "review.queue.show": _REVIEWED,
    "review.queue.follow": _DECIDE,
    "review.queue.back": _DECIDE,
    "review.items.show": _REVIEWED,
    "review.items.decide_item": _DECIDE,
    "review.items.assignment": _DECIDE,
    "review.items.note": _DECIDE,
    "review.items.forget_reply": _DECIDE,
    "review.items.take_back": _DECIDE,
    "review.batches.show": Rule(READERS, "read", 5),
    "review.batches.apply": Rule(REVIEWERS, "review", 20),
    "review.batches.take_back": Rule(REVIEWERS, "review", 20),
    "review.cleanup.show": Rule(READERS, "read", 10),
    "review.cleanup.one": Rule(READERS, "read", 5),
    "review.cleanup.apply": Rule(REVIEWERS, "review", 20),
    "review.cleanup.take_back": Rule(REVIEWERS, "review", 20),
}
_VOCABULARY = {
    "vocabulary_desk.candidates": Rule(READERS, "read", 5),
    "vocabulary_desk.change": _DECIDE,
    "vocabulary_desk.list_changes": _REVIEWED,
    "vocabulary_desk.undo": _DECIDE,
    "review.desk.show": Rule(READERS, "read", 5),
    "review.desk.change": _DECIDE,
    "review.desk.take_back": _DECIDE,
}
_MANAGING = {
    "jobs.create": Rule(ADMINISTRATOR, "manage", 20),
    "jobs.list_": _REVIEWED,
    "jobs.get": _REVIEWED,
    "jobs.list_failures": _REVIEWED,
    "jobs.cancel_one": _MANAGE,
    "jobs.retry_one": _MANAGE,
    "review.jobs.show": _REVIEWED,
    "review.jobs.one": _REVIEWED,
    "review.jobs.ask": Rule(ADMINISTRATOR, "manage", 10),
    "review.jobs.start": Rule(ADMINISTRATOR, "manage", 20),
    "review.jobs.cancel": _MANAGE,
    "review.jobs.retry": _MANAGE,
    "webhooks.create": _MANAGE,
    "webhooks.list_": _MANAGE,
    "webhooks.get": _MANAGE,
    "webhooks.delete": _MANAGE,
    "webhooks.list_deliveries": _MANAGE,
    "webhooks.retry": _MANAGE,
    "webhooks.enable": _MANAGE,
}
RULES: dict[str, Rule] = {
    **_SERVICE,
    **_SIGN_IN,
    **_SUGGESTING,
    **_READING,
    **_WRITING,
    **_AGENCIES,
    **_REPORTS,
    **_REVIEWING,
    **_VOCABULARY,
    **_MANAGING,
}
"""Endpoint → rule."""


def may(endpoint: str) -> bool:
    """Whether who sends the present request has a role that may ask for a route; for what a page offers."""
    person = shown_person()
    roles = RULES[endpoint].roles
    return not roles or (person is not None and person.role in roles)


def register(app: Flask) -> None:
    """Hold every request of an application to the rule of its route."""
    app.before_request(_enforce)


def _enforce() -> None:
    """Let the present request pass, or not.

    Raises:
        HTTPException: sends a browser that asks for a page to the sign-in page.
        ProblemException: 401, 403 or 429.
    """
    # What is answered to OPTIONS, Flask makes of the routes: it runs no view of ours.
    rule = _rule() if request.method != "OPTIONS" else _FREE
    if rule.points == 0:
        return
    refuse_guessing()
    try:
        identify()
    except ProblemException:
        count_guess()
        raise
    except SQLAlchemyError:
        # What needs no store goes on while it is away, and then nobody is more than anybody.
        if rule.roles:
            raise
        forget()
    spend(rule.points)
    if rule.roles:
        require(rule.roles, rule.scope)


def _rule() -> Rule:
    if request.url_rule is None:
        # Nothing is here, as the router says next. Asking for many such addresses is limited like reading.
        return _READ
    rule = RULES.get(request.endpoint or "")
    if rule is None:
        log.error("route_without_rule", route=request.url_rule.rule)
        raise ProblemException("forbidden")
    return rule
