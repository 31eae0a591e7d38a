"""The REST interface, version 1. One module a resource."""

from flask import Flask

from api.v1 import (
    catalog,
    categories,
    datasets,
    decision_batches,
    decisions,
    relevance,
    reviews,
    search,
    service,
    suggestions,
    themes,
    vocabulary,
    webhooks,
)


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
        decisions,
        decision_batches,
        reviews,
        webhooks,
    ):
        app.register_blueprint(module.blueprint)
