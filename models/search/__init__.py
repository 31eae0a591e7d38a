"""The search index: what was found in each dataset, and which datasets match.

One interface over two engines. A dataset is a set of lexemes (`models.search.document`); a query is an
expression over them (`models.search.expression`). SQLite keeps the lexemes in an FTS5 table, PostgreSQL in a
tsvector column with a GIN index. Neither ranks: they find candidates, and who asked ranks them, so that both
engines answer alike.
"""

from models.search.document import Document, SearchDocument, store_documents
from models.search.expression import AllOf, AnyOf, Expression, Match
from models.search.find import (
    Candidate,
    Filters,
    browse,
    candidates,
    documents_of,
    found_keys,
    matching_keys,
)
from models.search.tally import Tally, tally

__all__ = [
    "AllOf",
    "AnyOf",
    "Candidate",
    "Document",
    "Expression",
    "Filters",
    "Match",
    "SearchDocument",
    "Tally",
    "browse",
    "candidates",
    "documents_of",
    "found_keys",
    "matching_keys",
    "store_documents",
    "tally",
]
