"""The pages that people see: server-rendered, in 繁體中文, usable without JavaScript. One module a page."""

from flask import Blueprint

from api.review import datasets, docs, relevance, search, suggest, themes
from api.review.wording import add_filters

blueprint = Blueprint("review", __name__)
add_filters(blueprint)
for _page in (search, suggest, datasets, docs, themes, relevance):
    blueprint.register_blueprint(_page.blueprint)
