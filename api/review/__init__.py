"""The pages that people see: server-rendered, in 繁體中文, usable without JavaScript. One module a page."""

from flask import Blueprint

from api.access import may
from api.identity import shown_person
from api.review import (
    badge_readiness,
    correction_notes,
    dashboard,
    datasets,
    desk,
    docs,
    jobs,
    monthly,
    relevance,
    report_statistics,
    search,
    sign_in,
    suggest,
    themes,
)
from api.review.reviewing import PAGES as REVIEWING
from api.review.wording import add_filters

blueprint = Blueprint("review", __name__)
add_filters(blueprint)
blueprint.add_app_template_global(shown_person)
blueprint.add_app_template_global(may)
for _page in (
    search,
    suggest,
    datasets,
    correction_notes,
    docs,
    themes,
    relevance,
    sign_in,
    desk,
    dashboard,
    monthly,
    badge_readiness,
    jobs,
    report_statistics,
):
    blueprint.register_blueprint(_page.blueprint)
for _blueprint in REVIEWING:
    blueprint.register_blueprint(_blueprint)
