"""A dataset as the search index holds it, and how it gets there."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, bindparam, column, delete, func, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key
from models.search.expression import is_lexeme

U = TypeVar("U", postgresql.Insert, sqlite.Insert)
SAMPLES = 16
"""Half of the datasets are in sample 1, half of those in sample 2, and so on to sample 16."""
_CATEGORY, _STATUS, _PUBLISHER, _SAMPLE, _TITLE = "x", "z", "p", "b", "e"
UNTAGGED, SUGGESTED, MISMATCHED, APPROVED = "untagged", "suggested", "mismatched", "approved"
STATUSES = (UNTAGGED, SUGGESTED, MISMATCHED, APPROVED)
"""未標註, 已有建議, 疑似分類不符, 已核可."""


class SearchDocument(Base):
    """What is known of a dataset for finding it. Made anew whenever the dataset, its tags or the model change.

    Columns are what results are ranked, counted and shown by; `concepts` and `spatial` hold several values
    with blanks between. The lexemes, which are searched, stand apart from what is read of a result: on SQLite
    in the FTS5 table `search_lexeme`, on PostgreSQL in a column that is stored out of line.
    """

    __tablename__ = "search_document"

    dataset_id: Mapped[int] = mapped_column(
        Key, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    title_words: Mapped[str] = mapped_column(Text)
    category_code: Mapped[str | None] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(16))
    publisher: Mapped[str | None] = mapped_column(Text)
    concepts: Mapped[str] = mapped_column(Text)
    spatial: Mapped[str] = mapped_column(Text)
    covers_from: Mapped[str | None] = mapped_column(String(10))
    covers_to: Mapped[str | None] = mapped_column(String(10))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    scheme: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index(None, "category_code", "dataset_id"),
        Index(None, "publisher", "dataset_id"),
        Index(None, "status", "dataset_id"),
        Index(None, "scheme"),
    )


class Document(NamedTuple):
    """A dataset on its way into the index.

    Attributes:
        dataset_id: the store's key.
        title_words: the words of the title as titles are compared, with blanks between.
        category_code: the one that holds: approved, declared or suggested; None where nobody knows.
        status: one of `STATUSES`.
        publisher: as it is written.
        concepts: identifiers of its labels' concepts, best first.
        spatial: names of places.
        covers_from, covers_to: the period it covers, ISO 8601 days.
        vector: its meaning, one signed byte a dimension.
        scheme: names how the lexemes and the vector were made; another scheme makes them outdated.
        lexemes: what it is found by.
    """

    dataset_id: int
    title_words: str
    category_code: str | None
    status: str
    publisher: str | None
    concepts: Sequence[str]
    spatial: Sequence[str]
    covers_from: str | None
    covers_to: str | None
    vector: bytes
    scheme: str
    lexemes: frozenset[str]


def category_lexeme(code: str) -> str:
    """What documents of a category have in common."""
    return _CATEGORY + code


def status_lexeme(status: str) -> str:
    """What documents of a status have in common."""
    return _STATUS + status


def publisher_lexeme(publisher: str) -> str:
    """What documents of a publisher have in common; 48 bits, since a name may hold any character."""
    return _PUBLISHER + hashlib.blake2b(publisher.encode(), digest_size=6).hexdigest()


def sample_lexeme(sample: int) -> str:
    """What documents of a sample, 1 to `SAMPLES`, have in common: one in 2 ** sample, evenly."""
    return f"{_SAMPLE}{sample}"


def title_lexeme(title_words: str) -> str:
    """What documents of one whole title have in common; 48 bits."""
    title = title_words.replace(" ", "")
    return _TITLE + hashlib.blake2b(title.encode(), digest_size=6).hexdigest()


def store_documents(session: Session, documents: Sequence[Document]) -> None:
    """Put documents into the index, each in place of what stood there for its dataset; in three statements.

    Args:
        documents: no dataset twice.

    Raises:
        ValueError: a lexeme is none.
    """
    if not documents:
        return
    rows = [_row(document) for document in documents]
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_upsert(_POSTGRESQL.values(lexemes=_AS_TSVECTOR)), rows)
        return
    lexemes = [(row["dataset_id"], " ".join(row.pop("lexemes"))) for row in rows]
    session.execute(_upsert(sqlite.insert(_TABLE)), rows)
    connection = session.connection()
    connection.exec_driver_sql("DELETE FROM search_lexeme WHERE rowid = ?", [(key,) for key, _ in lexemes])
    connection.exec_driver_sql("INSERT INTO search_lexeme(rowid, lexemes) VALUES (?, ?)", lexemes)


def remove_documents(session: Session, dataset_ids: Sequence[int]) -> None:
    """Take datasets out of the index; those that are not in it are passed over. In one statement."""
    if dataset_ids:
        # On SQLite a trigger takes the lexemes along.
        session.execute(delete(SearchDocument).where(SearchDocument.dataset_id.in_(dataset_ids)))


_TABLE = SearchDocument.metadata.tables[SearchDocument.__tablename__]
_STORED = table(
    "search_document", *(column(one.name, one.type) for one in SearchDocument.__table__.c), column("lexemes")
)
_POSTGRESQL = postgresql.insert(_STORED).values(
    {one.name: bindparam(one.name) for one in SearchDocument.__table__.c}
)
_AS_TSVECTOR = func.array_to_tsvector(bindparam("lexemes", type_=ARRAY(Text)))


def _upsert(statement: U) -> U:
    """The same statement, but a row takes the place of the one with its key."""
    updated = {
        one.name: statement.excluded[one.name] for one in statement.table.c if one.name != "dataset_id"
    }
    return statement.on_conflict_do_update(index_elements=["dataset_id"], set_=updated)


def _row(document: Document) -> dict[str, Any]:
    lexemes = [
        *document.lexemes,
        *map(sample_lexeme, range(1, _samples(document.dataset_id) + 1)),
        status_lexeme(document.status),
        title_lexeme(document.title_words),
    ]
    if document.category_code:
        lexemes.append(category_lexeme(document.category_code))
    if document.publisher:
        lexemes.append(publisher_lexeme(document.publisher))
    wrong = [lexeme for lexeme in lexemes if not is_lexeme(lexeme)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no lexeme")
    return {
        **document._asdict(),
        "concepts": " ".join(document.concepts),
        "spatial": " ".join(document.spatial),
        "lexemes": lexemes,
    }


def _samples(dataset_id: int) -> int:
    """How many samples a dataset is in."""
    # Neighbouring keys are alike, a publisher's series often; a multiplicative hash parts them (Knuth, TAOCP 3).
    spread = dataset_id * 2_654_435_761 % 2**32
    return min(SAMPLES, 32 - spread.bit_length())
