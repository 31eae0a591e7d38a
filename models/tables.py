"""Every table, for what has to know them all: migrations and the mapper."""

from models.account import Account, Token, WebSession
from models.base import Base
from models.catalogue_import import CatalogueImport, CatalogueSighting
from models.concept import ConceptLabel, ConceptRelation, StoredConcept
from models.dataset import Dataset, DatasetRevision
from models.decision import Decision
from models.event import Event
from models.idempotency import IdempotencyKey
from models.job import Job, JobChunk, JobFailure
from models.review.tables import Assignment, Lease, Mention, NewTerm, Note, ReviewItem, SavedReply
from models.search.document import SearchDocument
from models.suggestion import ModelVersion, StoredSuggestion
from models.tag import Tag
from models.theme import Theme, ThemeVersion
from models.webhook import Delivery, Webhook

TABLES: tuple[type[Base], ...] = (
    Account,
    Assignment,
    CatalogueImport,
    CatalogueSighting,
    ConceptLabel,
    ConceptRelation,
    Dataset,
    DatasetRevision,
    Decision,
    Delivery,
    Event,
    IdempotencyKey,
    Job,
    JobChunk,
    JobFailure,
    Lease,
    Mention,
    ModelVersion,
    NewTerm,
    Note,
    ReviewItem,
    SavedReply,
    SearchDocument,
    StoredConcept,
    StoredSuggestion,
    Tag,
    Theme,
    ThemeVersion,
    Token,
    WebSession,
    Webhook,
)
"""The mapped classes."""

_OF_ONE_ENGINE = ("search_lexeme", "lexemes", "ix_search_document_lexemes", "ix_concept_label_form_part")


def is_mapped(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a table, a column or an index is made for both engines: Alembic's `include_name`.

    SQLite keeps the lexemes of the search index in a virtual table and its shadows, PostgreSQL in a column
    with an index; migration 0002 makes both.
    """
    return not (name or "").startswith(_OF_ONE_ENGINE)
