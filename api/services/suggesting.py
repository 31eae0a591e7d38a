"""Suggesting without storing: works while the database is away."""

from collections.abc import Sequence

import structlog

from api.metrics import MISMATCHES, SUGGESTIONS
from api.services import Services
from tagger import DatasetMetadata, Suggestion, Tagger

log = structlog.get_logger(__name__)


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


def suggest_each(tagger: Tagger, batch: Sequence[DatasetMetadata]) -> list[Suggestion | str]:
    """A suggestion for each, or why there is none: one that cannot be tagged costs no other."""
    try:
        return list(tagger.suggest_batch(batch))
    except Exception:
        log.exception("batch_failed", size=len(batch))
    found: list[Suggestion | str] = []
    for metadata in batch:
        try:
            found.append(tagger.suggest(metadata))
        except Exception as error:  # one dataset must not cost the others
            found.append(f"無法標註：{type(error).__name__}")
    return found
