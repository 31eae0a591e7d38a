"""Counters and timings for Prometheus.

With several worker processes `PROMETHEUS_MULTIPROC_DIR` names a directory that they share; the server's
configuration sets it.
"""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("tagger_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "tagger_request_seconds",
    "Time from request to answer",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SUGGESTIONS = Counter("tagger_suggestions_total", "Suggestions made", ["category"])
MISMATCHES = Counter("tagger_mismatches_total", "Declared categories that were flagged", ["declared"])

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """All metrics in Prometheus's text format, summed over the workers."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
