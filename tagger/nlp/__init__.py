"""Words, parts of speech and entities of Chinese texts, by exchangeable spaCy pipelines.

Nothing else in `tagger` imports this package when it starts: spaCy takes a second to load.
"""

from tagger.nlp.engines import engines, load_engine, tokens
from tagger.nlp.errors import DataDirectoryError, EngineError, MissingPackageError, UnknownEngineError
from tagger.nlp.terms import Candidate, Token, new_terms, tokens_of

__all__ = [
    "Candidate",
    "DataDirectoryError",
    "EngineError",
    "MissingPackageError",
    "Token",
    "UnknownEngineError",
    "engines",
    "load_engine",
    "new_terms",
    "tokens",
    "tokens_of",
]
