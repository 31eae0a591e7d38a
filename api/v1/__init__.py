"""The REST interface, version 1. One module a resource."""

from flask import Flask

from api.v1 import catalog, categories, datasets, relevance, search, service, suggestions, themes, vocabulary


def register(app: Flask) -> None:
    """Add every resource to the application."""
    for module in (
        suggestions,
        datasets,
        search,
        categories,
        service,
        themes,
        relevance,
        catalog,
        vocabulary,
    ):
        app.register_blueprint(module.blueprint)
