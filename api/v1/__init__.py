"""The REST interface, version 1. One module a resource."""

from flask import Flask

from api.v1 import (
    catalog,
    categories,
    datasets,
    decision_batches,
    decisions,
    jobs,
    relevance,
    review_statistics,
    reviews,
    search,
    service,
    suggestions,
    themes,
    vocabulary,
    vocabulary_desk,
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
        review_statistics,
        vocabulary_desk,
        jobs,
        webhooks,
    ):
        app.register_blueprint(module.blueprint)
