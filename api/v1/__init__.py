"""The REST interface, version 1. One module a resource."""

from flask import Flask

from api.v1 import (
    badge_readiness,
    catalog,
    categories,
    cleanup,
    correction_notes,
    datasets,
    decision_batches,
    decisions,
    jobs,
    relevance,
    report_statistics,
    review_statistics,
    reviews,
    search,
    search_export,
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
        correction_notes,
        badge_readiness,
        search,
        search_export,
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
        report_statistics,
        cleanup,
        vocabulary_desk,
        jobs,
        webhooks,
    ):
        app.register_blueprint(module.blueprint)
