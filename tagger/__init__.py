"""Metadata of an open dataset in, category and labels out. Knows no HTTP and no database."""

from tagger.metadata import DatasetMetadata, Distribution
from tagger.suggestion import Suggestion
from tagger.tagger import Tagger
from tagger.version import __version__

__all__ = ["DatasetMetadata", "Distribution", "Suggestion", "Tagger", "__version__"]
