"""Comparing models: what would change if one took the other's place."""

from api.services.comparing.crew import CrewLost
from api.services.comparing.findings import Agreement, Example, Findings
from api.services.comparing.running import EXAMPLES, Candidate, Comparison, compare, prepared
from api.services.comparing.sources import FileSource, Source, StoreSource

__all__ = [
    "EXAMPLES",
    "Agreement",
    "Candidate",
    "Comparison",
    "CrewLost",
    "Example",
    "FileSource",
    "Findings",
    "Source",
    "StoreSource",
    "compare",
    "prepared",
]
