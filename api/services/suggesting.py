"""Suggesting without storing: works while the database is away."""

from collections.abc import Sequence

from api.metrics import MISMATCHES, SUGGESTIONS
from api.services import Services
from tagger import DatasetMetadata, Suggestion


def suggest(services: Services, metadata: DatasetMetadata) -> Suggestion:
    """The suggestion for one dataset."""
    return suggest_batch(services, [metadata])[0]


def suggest_batch(services: Services, batch: Sequence[DatasetMetadata]) -> list[Suggestion]:
    """The suggestions for several datasets, counted for the metrics."""
    suggestions = services.tagger.suggest_batch(batch)
    for suggestion in suggestions:
        SUGGESTIONS.labels(suggestion["categories"][0]["categoryCode"]).inc()
        mismatch = suggestion["mismatch"]
        if mismatch and mismatch["flagged"]:
            MISMATCHES.labels(mismatch["declared"]).inc()
    return suggestions
